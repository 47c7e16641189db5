"""A real PostgreSQL server keeps the promises of `ports.EvidenceStore`.

The server is started from the installed binaries in a temporary folder, reachable through a Unix
socket only, and stopped at the end. It refuses to run as root: there it runs as `nobody`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from scalegate.adapters.store_sql.store import SqlEvidenceStore
from scalegate.base.errors import OutsideError, TrustError
from scalegate.ports import Outcome
from tests.contract.index_promises import IndexPromises
from tests.contract.store_promises import StorePromises
from tests.contract.stores import Fresh, Maker, make_store, offer

pytestmark = pytest.mark.services


def binary(name: str) -> str | None:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or (str(installed[0]) if installed else None)


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[str]:
    """Start a server; give the query part of its URLs."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    initdb, pg_ctl = binary("initdb"), binary("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip("no PostgreSQL server is installed")
    user = "nobody" if os.geteuid() == 0 else None
    # A socket's path may have about 100 characters: too few for pytest's own folders.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    cluster = folder / "cluster"

    def run(*command: str) -> None:
        result = subprocess.run(
            command, user=user, cwd=folder, capture_output=True, text=True, timeout=60,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)},
        )  # fmt: skip
        assert result.returncode == 0, result.stdout + result.stderr

    try:
        run(initdb, "-D", str(cluster), "-U", "lab", "-A", "trust", "--no-sync", "-E", "UTF8")
        options = f"-k {folder} -c listen_addresses= -c max_connections=40"
        run(pg_ctl, "-D", str(cluster), "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            yield f"host={folder}&user=lab"
        finally:
            run(pg_ctl, "-D", str(cluster), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_numbers = count()


@pytest.fixture(name="fresh_url")
def _fresh_url(server: str) -> Fresh:
    """Give a function that makes an empty database and returns its URL."""
    import psycopg

    def make() -> str:
        name = f"lab{next(_numbers)}"
        with psycopg.connect(server.replace("&", " ") + " dbname=postgres", autocommit=True) as it:
            it.execute(f"CREATE DATABASE {name}")
        return f"postgresql:///{name}?{server}"

    return make


class TestPostgresql(StorePromises):
    @pytest.fixture(name="make_store")
    def _make_store(self, fresh_url: Fresh) -> Iterator[Maker]:
        made: list[SqlEvidenceStore] = []

        def make(folder: Path) -> SqlEvidenceStore:
            folder.mkdir(exist_ok=True)
            made.append(make_store(fresh_url(), folder))
            return made[-1]

        yield make
        for store in made:
            store.close()

    @pytest.fixture
    def store(self, make_store: Maker, tmp_path: Path) -> SqlEvidenceStore:
        return make_store(tmp_path / "store")

    def test_what_was_added_is_there_when_it_is_opened_again(
        self, fresh_url: Fresh, tmp_path: Path
    ) -> None:
        url = fresh_url()
        store = make_store(url, tmp_path)
        store.add([offer(tmp_path / "in", "x")])
        again = make_store(url, tmp_path, is_new=False)
        assert again.history() == store.history()

    def test_a_database_without_a_workspace_is_refused(
        self, fresh_url: Fresh, tmp_path: Path
    ) -> None:
        with pytest.raises(TrustError, match="not a workspace's"):
            make_store(fresh_url(), tmp_path, is_new=False)

    def test_two_that_create_at_once_make_one_store(self, fresh_url: Fresh, tmp_path: Path) -> None:
        url = fresh_url()
        faults: list[BaseException] = []

        def create() -> None:
            try:
                make_store(url, tmp_path).close()
            except BaseException as fault:  # noqa: BLE001 - shown by the assertion
                faults.append(fault)

        threads = [threading.Thread(target=create) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not faults
        assert make_store(url, tmp_path, is_new=False).head().count == 0

    def test_writers_take_turns_and_none_is_lost(self, fresh_url: Fresh, tmp_path: Path) -> None:
        url = fresh_url()
        make_store(url, tmp_path).close()
        outcomes: list[Outcome] = []

        def write(number: int) -> None:
            store = make_store(url, tmp_path, is_new=False, wait_seconds=30)
            given = offer(tmp_path / f"in{number}", f"n{number}", id=f"id{number}")
            outcomes.extend(each.outcome for each in store.add([given]))

        threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outcomes == [Outcome.IMPORTED] * 8
        assert make_store(url, tmp_path, is_new=False).head().count == 8

    def test_a_writer_that_waits_too_long_fails_in_words(
        self, fresh_url: Fresh, tmp_path: Path
    ) -> None:
        url = fresh_url()
        first = make_store(url, tmp_path)
        second = make_store(url, tmp_path, is_new=False, wait_seconds=0.2)
        with first._writing(), pytest.raises(OutsideError, match="another process is writing"):
            second.add([offer(tmp_path / "in", "x")])
        assert second.add([offer(tmp_path / "in", "x")])[0].outcome is Outcome.IMPORTED

    def test_a_server_that_is_not_there_is_an_outside_error(self, tmp_path: Path) -> None:
        with pytest.raises(OutsideError):
            make_store(f"postgresql:///x?host={tmp_path}&user=lab", tmp_path, is_new=False)


class TestIndexInPostgresql(IndexPromises):
    @pytest.fixture(name="url")
    def _url(self, fresh_url: Fresh, tmp_path: Path) -> str:
        url = fresh_url()
        make_store(url, tmp_path).close()
        return url
