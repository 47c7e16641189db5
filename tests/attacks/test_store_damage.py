"""A damaged store answers with an error that says the next step, never with less evidence."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

import pytest

from scalegate.base.errors import OutsideError, ScalegateError, TrustError, UsageError
from scalegate.ports import Outcome
from tests.contract.stores import SQLITE, day, make_store, offer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with twelve records; its database takes several pages."""
    place = tmp_path / "store"
    place.mkdir()
    store = make_store(SQLITE, place)
    store.add([offer(tmp_path / "in", f"n{n}" * 50, id=f"id{n}") for n in range(12)])
    store.close()
    return place


def read(folder: Path) -> int:
    store = make_store(SQLITE, folder, is_new=False)
    return len(store.items(true_at=day(9), known_at=day(9)))


def change(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "workspace.sqlite")) as connection:
        connection.execute(statement)
        connection.commit()


def test_the_unharmed_store_reads(folder: Path) -> None:
    assert read(folder) == 12


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_cut_database_is_never_a_smaller_one(folder: Path, share: float) -> None:
    database = folder / "workspace.sqlite"
    os.truncate(database, int(database.stat().st_size * share))
    with pytest.raises(TrustError, match="restore the workspace from a copy"):
        read(folder)


def test_a_database_that_is_gone_is_not_made_anew(folder: Path) -> None:
    (folder / "workspace.sqlite").unlink()
    with pytest.raises(OutsideError, match="cannot be opened"):
        read(folder)
    assert not (folder / "workspace.sqlite").exists()


def test_a_file_that_is_no_database_is_refused(folder: Path) -> None:
    (folder / "workspace.sqlite").write_bytes(b"not a database at all" * 500)
    with pytest.raises(TrustError, match="damaged"):
        read(folder)


def test_no_flipped_byte_of_the_database_goes_unnoticed_or_changes_an_answer(folder: Path) -> None:
    database = folder / "workspace.sqlite"
    whole = database.read_bytes()
    expected = make_store(SQLITE, folder, is_new=False).history()
    noticed = 0
    for place in range(0, len(whole), 101):
        database.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            assert make_store(SQLITE, folder, is_new=False).history() == expected
        except ScalegateError:
            noticed += 1
    assert noticed > 40


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM evidence WHERE seq = 12",
        "DELETE FROM evidence WHERE seq = 5",
        "DELETE FROM evidence",
        "UPDATE evidence SET subject = 'model:other' WHERE seq = 3",
        "UPDATE evidence SET known_from = '2099-01-01T00:00:00.000000Z' WHERE seq = 3",
        "UPDATE evidence SET seq = 99 WHERE seq = 12",
        "UPDATE evidence SET digest = '" + "0" * 64 + "' WHERE seq = 3",
        "UPDATE workspace_state SET count = 11",
        "DELETE FROM workspace_state",
        "DROP TABLE workspace_state",
        "DROP TABLE evidence",
    ],
)
def test_a_record_that_is_lost_or_altered_stops_every_read(folder: Path, statement: str) -> None:
    change(folder, statement)
    with pytest.raises(ScalegateError) as caught:
        read(folder)
    assert caught.value.exit_code == 12


def test_a_store_of_another_format_is_named(folder: Path) -> None:
    change(folder, "UPDATE workspace_state SET format = 2")
    with pytest.raises(UsageError, match="storage format 2"):
        read(folder)


def test_a_damaged_store_is_not_swept(folder: Path) -> None:
    store = make_store(SQLITE, folder, is_new=False)
    change(folder, "DELETE FROM evidence WHERE seq = 12")
    with pytest.raises(TrustError):
        store.sweep()
    assert len(list((folder / "evidence").glob("??/*"))) == 12


def test_a_kept_file_that_became_a_link_is_refused(folder: Path, tmp_path: Path) -> None:
    store = make_store(SQLITE, folder, is_new=False)
    item = store.history()[0]
    path = store.locate(item)
    shutil.copy(path, tmp_path / "elsewhere")
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TrustError, match="was replaced"):
        store.locate(item)


def test_a_second_writer_waits_for_the_first_and_then_fails_in_words(
    folder: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(folder / "workspace.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        store = make_store(SQLITE, folder, is_new=False, wait_seconds=0.2)
        with pytest.raises(OutsideError, match="another process is writing"):
            store.add([offer(tmp_path / "in", "late", id="late")])
        assert len(store.history()) == 12
    assert store.add([offer(tmp_path / "in", "late", id="late")])[0].outcome is Outcome.IMPORTED


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/name", "sqlite+strange://x"])
def test_a_url_of_no_known_database_is_wrong_usage(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError, match="expected"):
        make_store(url, tmp_path)


FULL_DISK = """
    import resource, signal, sys
    from pathlib import Path
    from scalegate.base.errors import OutsideError
    from tests.contract.stores import SQLITE, make_store, offer

    folder = Path(sys.argv[1])
    given = [offer(folder / "in", c * 3_000_000, id=c) for c in "ab"]
    store = make_store(SQLITE, folder)
    # No file may grow beyond two megabytes: to the program it looks like a full disk.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))
    try:
        store.add(given)
    except OutsideError as fault:
        assert "nothing was recorded" in str(fault), fault
    else:
        raise SystemExit("was not refused")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert store.history() == () and store.check() == (), store.check()
    assert len(store.add(given)) == 2 and len(store.history()) == 2
"""
READ_ONLY = """
    import os, sys, tempfile
    from datetime import UTC, datetime
    from pathlib import Path
    from scalegate.base.errors import OutsideError
    import scalegate.adapters.documents, sqlalchemy.dialects.sqlite
    from tests.contract.stores import SQLITE, make_store, offer

    if os.geteuid() == 0:
        os.setuid(65534)  # root may write everywhere
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "store"
        folder.mkdir()
        store = make_store(SQLITE, folder)
        store.add([offer(Path(name) / "in", "x", id="x")])
        late = offer(Path(name) / "in", "late", id="late")
        everything = [folder, *folder.rglob("*")]
        for path in everything:
            path.chmod(0o555 if path.is_dir() else 0o444)
        try:
            make_store(SQLITE, folder, is_new=False).add([late])
        except OutsideError as fault:
            print(fault)
        else:
            raise SystemExit("was not refused")
        assert len(make_store(SQLITE, folder, is_new=False).history()) == 1
        for path in everything:
            path.chmod(0o755)
"""


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    result = run(FULL_DISK, str(tmp_path))
    assert result.returncode == 0, result.stderr


def test_a_read_only_workspace_can_be_read_and_says_why_it_cannot_be_written() -> None:
    result = run(READ_ONLY)
    assert result.returncode == 0, result.stderr
    assert "read-only" in result.stdout or "permission denied" in result.stdout


def test_a_large_file_is_taken_in_bounded_memory(tmp_path: Path) -> None:
    program = """
        import hashlib, resource, sys
        from pathlib import Path
        from scalegate.adapters.workspace_folder import ContentFolder, digest_of_file

        folder = Path(sys.argv[1])
        large = folder / "large"
        with large.open("wb") as file:
            file.truncate(300_000_000)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        digest, size = digest_of_file(large)
        files = ContentFolder(folder / "evidence")
        files.put(large, digest=digest, extension="eval")
        files.flush()
        files.verified(digest, extension="eval")
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert size == 300_000_000 and grown < 20_000, grown
    """
    result = run(program, str(tmp_path))
    assert result.returncode == 0, result.stderr
