"""A verifier that remembers the log reads less of it, decides the same, and is not taken back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scalegate.adapters.log_folder import LogFolder
from scalegate.adapters.memory_file import read_memory_file, write_memory_file
from scalegate.app.record.appending import LogWriter
from scalegate.app.record.memory import LogMemory, memory_to_bytes, parse_memory
from scalegate.app.record.passing import look, verify_in
from scalegate.base.errors import OutsideError, TrustError, UsageError
from scalegate.ledger.faults import MalformedRecord, Refused, RollbackRefused
from scalegate.ledger.permits import PermitRefused
from tests.attacks.test_bundles import Noon
from tests.attacks.test_permits import ASKED, CONTRARY, OTHER, OWN, ROOT, TRUST, WITHDRAWAL, content
from tests.unit.ledger.signers import LOG, Signer, said, sealed

KEYS: Any = [Signer("log")]
PERMIT = replace(OWN, log_size=300)
MANY = [sealed(said("evidence", {"note": str(at)}), "eval-1") for at in range(620)]


class Counting(LogFolder):
    """Counts what is read."""

    read_paths: list[str]

    def read(self, path: str) -> bytes | None:
        self.read_paths.append(path)
        return super().read(path)


def log_in(folder: Path, *envelopes: bytes) -> Counting:
    files = Counting(folder)
    files.read_paths = []
    writer = LogWriter(files, KEYS, origin=LOG, clock=Noon())
    if not (folder / "checkpoint").exists():
        writer.create()
    writer.append(envelopes)
    return files


def looked(files: LogFolder, memory: LogMemory | None) -> LogMemory:
    found = look(files, TRUST, content(PERMIT), memory)
    assert verify_in(found, content(PERMIT), ASKED) == PERMIT
    return found.memory


def refused(files: LogFolder, memory: LogMemory | None) -> str:
    with pytest.raises(TrustError) as fault:
        verify_in(look(files, TRUST, content(PERMIT), memory), content(PERMIT), ASKED)
    return str(fault.value)


def test_what_is_remembered_is_what_reading_the_whole_log_gives(tmp_path: Path) -> None:
    files, memory = log_in(tmp_path, ROOT, OTHER, *MANY[:298]), None
    for upto in (298, 299, 509, 510, 511, 620):  # within a bundle, at its end, and beyond
        log_in(tmp_path, *MANY[:upto])
        memory = looked(files, memory)
        assert memory == looked(files, None)
        assert parse_memory(memory_to_bytes(memory)) == memory
        assert looked(files, memory) == memory
    assert [index for index, _ in memory.kept] == [0, 1]  # type: ignore[union-attr]
    files.read_paths.clear()
    looked(files, memory)
    read = [path for path in files.read_paths if "entries" in path]
    assert read == ["tile/entries/001", "tile/entries/002.p/110"]  # the permit stands in 001


def test_a_withdrawal_that_was_seen_is_not_forgotten_and_a_new_one_is_seen(tmp_path: Path) -> None:
    early = log_in(tmp_path / "early", ROOT, WITHDRAWAL, *MANY[:400])
    memory = look(early, TRUST, content(PERMIT)).memory
    assert "withdrawn" in refused(early, memory) == refused(early, None)
    late = log_in(tmp_path / "late", ROOT, *MANY[:400])
    memory = looked(late, None)
    log_in(tmp_path / "late", *MANY[400:], CONTRARY)
    with pytest.raises(PermitRefused, match="rule 5"):
        verify_in(look(late, TRUST, content(PERMIT), memory), content(PERMIT), ASKED)


def test_an_older_copy_and_another_history_are_refused(tmp_path: Path) -> None:
    whole = log_in(tmp_path / "whole", ROOT, *MANY[:550])
    memory = looked(whole, None)
    older = log_in(tmp_path / "older", ROOT, *MANY[:540])
    assert "shorter than what was seen" in refused(older, memory)
    forked = log_in(tmp_path / "forked", ROOT, *MANY[1:551])
    assert "two histories of one size" in refused(forked, memory)
    longer = log_in(tmp_path / "longer", ROOT, *MANY[1:600])
    assert "were seen" in refused(longer, memory)  # a complete bundle differs
    swapped = [*MANY[:540], MANY[541], MANY[540], *MANY[542:600]]
    tail = log_in(tmp_path / "tail", ROOT, *swapped)
    assert "another history" in refused(tail, memory)  # the bundle that was not complete differs
    hidden = log_in(tmp_path / "hidden", ROOT, *MANY[:600])
    (tmp_path / "hidden" / "tile" / "entries" / "001").unlink()
    with pytest.raises(Refused, match="missing"):
        look(hidden, TRUST, content(PERMIT), memory)
    for change in ({"trust": "0" * 64}, {"head": replace(memory.head, origin="log.example/b")}):
        with pytest.raises(RollbackRefused, match="another log"):
            look(whole, TRUST, content(PERMIT), replace(memory, **change))


def test_a_damaged_memory_is_refused(tmp_path: Path) -> None:
    memory = looked(log_in(tmp_path, ROOT, *MANY[:300]), None)
    text = memory_to_bytes(memory).decode()
    whole = json.loads(text)
    for bad in (
        "",
        "[]",
        "{}",
        "[" * 20_000,
        text.replace('"301"', '"302"'),
        text.replace('"kept": [', '"kept": [["1", "x"], '),
        json.dumps({**whole, "bundles": ""}),
    ):
        with pytest.raises(MalformedRecord):
            parse_memory(bad.encode())


def test_the_file_is_its_owners_alone_and_never_goes_back(tmp_path: Path) -> None:
    path = tmp_path / "seen.json"
    assert read_memory_file(path) is None
    write_memory_file(path, b"2", is_newer=lambda there: int(there) < 2)
    assert path.stat().st_mode & 0o777 == 0o600
    write_memory_file(path, b"1", is_newer=lambda there: int(there) < 1)
    assert read_memory_file(path) == b"2"
    path.chmod(0o620)
    with pytest.raises(UsageError, match="owner alone"):
        read_memory_file(path)
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(OutsideError):
        read_memory_file(tmp_path / "link")
    with pytest.raises(UsageError, match="owner alone"):
        read_memory_file(tmp_path)
    with pytest.raises(OutsideError, match="cannot write"):
        write_memory_file(tmp_path / "none" / "seen.json", b"1", is_newer=bool)
