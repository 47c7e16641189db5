"""Appending: once each, by several writers, and after a writer was killed."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scalegate.adapters.log_folder import LogFolder
from scalegate.app.record import appending
from scalegate.app.record.appending import LogWriter, log_key, recover
from scalegate.base.errors import OutsideError, UsageError
from scalegate.ledger.checkpoints import verify_checkpoint
from scalegate.ledger.faults import MalformedRecord, Refused, SignatureRefused
from scalegate.ledger.signing import Algorithm
from tests.unit.ledger.signers import LOG, Signer, said, sealed

SIGNERS = [Signer("log"), Signer("log", Algorithm.ML_DSA_44)]


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, 12, tzinfo=UTC)


def writer(folder: Path, files: Any = None) -> LogWriter:
    return LogWriter(files or LogFolder(folder), SIGNERS, origin=LOG, clock=Noon())


def envelopes(count: int, word: str = "e") -> list[bytes]:
    return [sealed(said("act", {"note": f"{word}{at}"}), "a") for at in range(count)]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    writer(tmp_path).create()
    return tmp_path


def head(folder: Path) -> Any:
    keys = [log_key(signer, LOG) for signer in SIGNERS]
    return verify_checkpoint((folder / "checkpoint").read_bytes(), keys).head


def test_an_envelope_is_recorded_once_and_lies_beside_the_tiles(log: Path) -> None:
    first = writer(log)
    found = first.append(envelopes(3))
    assert [each.index for each in found] == [0, 1, 2]
    assert [each.index for each in writer(log).append(envelopes(4))] == [0, 1, 2, 3]
    again = first.append([*envelopes(4), *envelopes(2)])
    assert [(each.index, each.is_new) for each in again] == [
        (at, False) for at in (0, 1, 2, 3, 0, 1)
    ]
    assert head(log).size == 4
    digest = found[1].envelope
    assert (log / "statement" / digest[:2] / digest).read_bytes() == envelopes(2)[1]


def test_two_writers_do_not_lose_each_others_entries(log: Path) -> None:
    one, two = writer(log), writer(log)
    for at in range(20):
        one.append(envelopes(1, f"one{at}"))
        two.append(envelopes(2, f"two{at}"))
    assert head(log).size == 60
    assert writer(log).append(envelopes(1, "one7"))[0].is_new is False


class Overtaken(LogFolder):
    """A folder where another writer acts right after a journal was created."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.settled: set[str] = set()

    def create(self, path: str, content: bytes) -> bool:
        is_new = super().create(path, content)
        if path == "journal/1":
            recover(LogFolder(self._folder))
        return is_new

    def settle(self, paths: Sequence[str]) -> None:
        super().settle(paths)
        self.settled |= set(paths)

    def remove(self, path: str) -> None:
        assert "checkpoint" in self.settled, "the journal was the only copy on disk"
        super().remove(path)


def test_a_journal_that_another_writer_applied_is_on_disk_before_it_goes(log: Path) -> None:
    writer(log).append(envelopes(1))
    files = Overtaken(log)
    (found,) = writer(log, files).append(envelopes(1, "new"))
    digest = found.envelope
    assert found.index == 1
    assert {"tile/0/000.p/2", f"statement/{digest[:2]}/{digest}"} <= files.settled
    assert not (log / "journal" / "1").exists()
    assert head(log).size == 2


def test_old_journals_are_settled_and_removed(log: Path) -> None:
    one = writer(log)
    for at in range(40):
        one.append(envelopes(1, f"b{at}"))
    assert len(list((log / "journal").iterdir())) < appending.MOST_JOURNALS


class Killed(Exception):
    """The process ended here."""


class Fragile(LogFolder):
    """A folder whose process is killed at the n-th change."""

    def __init__(self, folder: Path, left: int) -> None:
        super().__init__(folder)
        self.left = left

    def _step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed

    def create(self, path: str, content: bytes) -> bool:
        self._step()
        return super().create(path, content)

    def write(self, path: str, content: bytes) -> None:
        self._step()
        super().write(path, content)


@pytest.mark.parametrize("left", range(9))
def test_a_writer_killed_at_any_step_leaves_a_log_that_goes_on(log: Path, left: int) -> None:
    writer(log).append(envelopes(255))
    batch = envelopes(3, "batch")
    with pytest.raises(Killed):
        writer(log, Fragile(log, left)).append(batch)
    is_committed = left > 0
    assert recover(LogFolder(log)) == is_committed
    assert head(log).size == (258 if is_committed else 255)
    assert {each.is_new for each in writer(log).append(batch)} == {not is_committed}
    assert head(log).size == 258
    assert [each.index for each in writer(log).append(batch)] == [255, 256, 257]


def test_a_stale_writer_cannot_put_an_old_checkpoint_back(log: Path) -> None:
    slow = writer(log)
    slow.append(envelopes(1, "a"))
    before = (log / "checkpoint").read_bytes()
    writer(log).append(envelopes(1, "b"))
    assert not LogFolder(log).swap("checkpoint", before, b"old")
    (log / "checkpoint").write_bytes(before)
    for path in (log / "journal").iterdir():
        path.unlink()
    two = writer(log)
    two.append(envelopes(2, "c"))
    (log / "checkpoint").write_bytes(before)
    (log / "journal" / "1").unlink()
    with pytest.raises(Refused, match="put back"):
        two.append(envelopes(1, "d"))


def test_a_log_is_begun_once(log: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="already"):
        writer(log).create()
    with pytest.raises(UsageError, match="no log"):
        writer(tmp_path / "else").append(envelopes(1))


def test_what_is_no_statement_is_not_recorded(log: Path) -> None:
    with pytest.raises(MalformedRecord):
        writer(log).append([*envelopes(1), b"{}"])
    assert head(log).size == 0


def test_changed_files_are_refused_before_anything_is_appended(log: Path) -> None:
    writer(log).append(envelopes(3))
    tile = log / "tile" / "0" / "000.p" / "3"
    whole = tile.read_bytes()
    tile.write_bytes(b"x" * 96)
    with pytest.raises(Refused, match="not the tree"):
        writer(log).append(envelopes(1, "new"))
    tile.unlink()
    with pytest.raises(Refused, match="missing"):
        writer(log).append(envelopes(1, "new"))
    tile.write_bytes(whole)
    other = LogWriter(LogFolder(log), [Signer("mallory")], origin=LOG, clock=Noon())
    with pytest.raises(SignatureRefused):
        other.append(envelopes(1, "new"))


def test_a_damaged_or_lying_journal_is_refused(log: Path) -> None:
    writer(log).append(envelopes(2))
    good = json.loads((log / "journal" / "0").read_bytes())
    place = log / "journal" / "2"
    for content in (b"{}", b"[]", json.dumps(good | {"entries": [1]}).encode()):
        place.write_bytes(content)
        with pytest.raises(MalformedRecord):
            recover(LogFolder(log))
    for lie in (good, good | {"entries": []}):
        place.write_bytes(json.dumps(lie).encode())
        with pytest.raises(Refused):
            recover(LogFolder(log))


def test_a_writer_that_always_comes_second_says_so(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = writer(log)
    monkeypatch.setattr(one, "_commit", lambda *_: False)
    with pytest.raises(OutsideError, match="try again"):
        one.append(envelopes(1))
