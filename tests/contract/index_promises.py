"""An index answers from the log, and is made again from it the same; a false one is found out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scalegate.adapters.log_folder import LogFolder
from scalegate.adapters.store_sql.record_index import ENTRIES, SqlRecordIndex
from scalegate.app.record.appending import LogWriter
from scalegate.app.record.asking import Question, ask, bring_up_to_date
from scalegate.base.errors import TrustError
from scalegate.ledger.faults import Refused
from scalegate.ledger.statements import Predicate
from scalegate.ledger.trust import start_trust
from scalegate.ports import IndexedEntry
from tests.attacks.test_bundles import ROOT
from tests.unit.app.test_record_appending import Noon
from tests.unit.ledger.signers import LOG, Signer, said, sealed

TRUST = start_trust(ROOT)
DECISION = {"decidedAt": "2026-05-01T00:00:00Z", "framework": "lab-policy@1", "gate": "store"}
SAID = [
    sealed(said("evidence", {"about": "model:alpha", "note": "x"}), "eval-1"),
    sealed(said("gate-decision", DECISION), "gate-1"),
    sealed(said("evaluation-plan", {"about": "model:beta", "plan": {"at": "no date"}}), "eval-2"),
]


def begun(folder: Path) -> Path:
    signer: Any = Signer("log")
    log = LogWriter(LogFolder(folder), [signer], origin=LOG, clock=Noon())
    log.create()
    log.append([ROOT, *SAID])
    return folder


class IndexPromises:
    """Run over both databases; a subclass gives `url`, the URL of a workspace's database."""

    @pytest.fixture(name="url")
    def _url(self, tmp_path: Path) -> str:
        raise NotImplementedError

    @pytest.fixture(name="folder")
    def _folder(self, tmp_path: Path) -> Path:
        return begun(tmp_path / "log")

    @pytest.fixture(name="index")
    def _index(self, url: str, tmp_path: Path) -> Iterator[SqlRecordIndex]:
        made = SqlRecordIndex.open(url, folder=tmp_path)
        yield made
        made.close()

    def change(self, index: SqlRecordIndex, at: int, /, **values: Any) -> None:
        with index._writing() as connection:
            chosen = (ENTRIES.c.log == LOG) & (ENTRIES.c.seq == at)
            connection.execute(ENTRIES.update().where(chosen).values(**values))

    def find(self, index: SqlRecordIndex, folder: Path, **asked: Any) -> list[int]:
        found = ask(index, LogFolder(folder), TRUST, Question(**asked))
        return [each.index for each in found]

    def test_questions_are_answered_by_name_digest_kind_and_time(
        self, index: SqlRecordIndex, folder: Path
    ) -> None:
        assert self.find(index, folder) == [0, 1, 2, 3]
        assert self.find(index, folder, about="model:") == [1, 3]
        assert self.find(index, folder, about="lab-policy") == [2]
        assert self.find(index, folder, kind=Predicate.EVIDENCE) == [1]
        (found,) = ask(index, LogFolder(folder), TRUST, Question(about="model:beta"))
        assert self.find(index, folder, about=found.leaf.envelope[:12]) == [3]
        later = datetime(2026, 6, 1, tzinfo=UTC)
        assert self.find(index, folder, since=later, kind=Predicate.GATE_DECISION) == []
        assert self.find(index, folder, since=later, about="model:") == [1, 3]  # undated

    def test_dropped_and_made_again_it_has_the_same_rows(
        self, index: SqlRecordIndex, folder: Path, url: str, tmp_path: Path
    ) -> None:
        files = LogFolder(folder)
        assert bring_up_to_date(index, files, TRUST).added == 4
        assert bring_up_to_date(index, files, TRUST).added == 0
        before = index.entries(LOG)
        with index._writing() as connection:
            ENTRIES.drop(connection)
        again = SqlRecordIndex.open(url, folder=tmp_path)
        assert again.entries(LOG) == ()
        assert bring_up_to_date(again, files, TRUST).added == 4
        assert again.entries(LOG) == before
        assert bring_up_to_date(again, files, TRUST, rebuild=True).added == 4
        assert again.entries(LOG) == before
        again.close()

    @pytest.mark.parametrize(
        "values",
        [
            {"about": '["model:gamma"]'},
            {"about": "no list"},
            {"type": Predicate.ACT.uri},
            {"envelope": "0" * 64},
            {"content": SAID[1]},
            {"content": b"{}"},
            {"leaf": b"{}"},
            {"seq": 9},
        ],
        ids=str,
    )
    def test_a_changed_row_is_found_whatever_is_asked(
        self, index: SqlRecordIndex, folder: Path, values: dict[str, Any]
    ) -> None:
        assert self.find(index, folder, about="model:alpha") == [1]
        self.change(index, 1, **values)
        for asked in ({"about": "model:alpha"}, {"about": "lab-policy"}):
            with pytest.raises(TrustError, match="--rebuild"):
                self.find(index, folder, **asked)
        bring_up_to_date(index, LogFolder(folder), TRUST, rebuild=True)
        assert self.find(index, folder, about="model:alpha") == [1]

    def test_a_lost_or_an_added_row_is_found(self, index: SqlRecordIndex, folder: Path) -> None:
        files = LogFolder(folder)
        bring_up_to_date(index, files, TRUST)
        rows = index.entries(LOG)
        index.clear(LOG)
        index.add(LOG, [rows[0], rows[1], rows[3]])
        with pytest.raises(Refused):
            self.find(index, folder)
        index.clear(LOG)
        index.add(LOG, [*rows, replace(rows[1], seq=4)])
        with pytest.raises(Refused, match="5 rows"):
            self.find(index, folder)

    def test_an_envelope_that_the_index_was_robbed_of_is_asked_of_the_log(
        self, index: SqlRecordIndex, folder: Path
    ) -> None:
        files = LogFolder(folder)
        bring_up_to_date(index, files, TRUST)
        (row,) = (each for each in index.entries(LOG) if each.seq == 1)
        index.replace(LOG, [replace(row, content=None, about=("it",))])
        assert self.find(index, folder, about="model:alpha") == [1]

    def test_what_the_log_no_longer_shows_is_not_answered_and_swept(
        self, index: SqlRecordIndex, folder: Path
    ) -> None:
        files = LogFolder(folder)
        (row,) = (each for each in _indexed(index, files) if each.seq == 1)
        files.remove(f"statement/{row.envelope[:2]}/{row.envelope}")
        (found,) = ask(index, files, TRUST, Question(about="model:alpha"))
        assert found.statement is None
        assert bring_up_to_date(index, files, TRUST, sweep=True).hidden == 1
        (row,) = (each for each in index.entries(LOG) if each.seq == 1)
        assert (row.content, row.about) == (None, ("it",))
        assert self.find(index, folder, about="model:alpha") == []
        assert self.find(index, folder, kind=Predicate.EVIDENCE) == [1]

    def test_it_grows_with_the_log_and_is_no_index_of_another(
        self, index: SqlRecordIndex, folder: Path, tmp_path: Path
    ) -> None:
        bring_up_to_date(index, LogFolder(folder), TRUST)
        signer: Any = Signer("log")
        log = LogWriter(LogFolder(folder), [signer], origin=LOG, clock=Noon())
        log.append([sealed(said("evidence", {"about": "model:new"}), "eval-1")])
        assert self.find(index, folder, about="model:new") == [4]
        other = LogWriter(LogFolder(tmp_path / "other"), [signer], origin=LOG, clock=Noon())
        other.create()
        more = [sealed(said("evidence", {"n": f"{at}"}), "eval-1") for at in range(3)]
        other.append([ROOT, *reversed(SAID), *more])
        with pytest.raises(Refused, match="not the tree"):
            self.find(index, tmp_path / "other")


def _indexed(index: SqlRecordIndex, files: LogFolder) -> tuple[IndexedEntry, ...]:
    bring_up_to_date(index, files, TRUST)
    return index.entries(LOG)
