"""The embedded database keeps the promises of `ports.EvidenceStore`, on disk and in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scalegate.adapters.store_sql.store import SqlEvidenceStore
from tests.contract.store_promises import StorePromises
from tests.contract.stores import MEMORY, SQLITE, Maker, day, make_store, offer


def maker_of(url: str) -> Iterator[Maker]:
    made: list[SqlEvidenceStore] = []

    def make(folder: Path) -> SqlEvidenceStore:
        folder.mkdir(exist_ok=True)
        made.append(make_store(url, folder))
        return made[-1]

    yield make
    for store in made:
        store.close()


class TestSqliteFile(StorePromises):
    @pytest.fixture(name="make_store")
    def _make_store(self) -> Iterator[Maker]:
        yield from maker_of(SQLITE)

    @pytest.fixture
    def store(self, make_store: Maker, tmp_path: Path) -> SqlEvidenceStore:
        return make_store(tmp_path / "store")

    def test_what_was_added_is_there_when_it_is_opened_again(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        store.add([offer(tmp_path / "in", "x")])
        store.close()
        again = make_store(SQLITE, tmp_path / "store", is_new=False)
        assert again.history() == store.history()
        again.close()

    def test_creating_over_a_store_keeps_what_is_in_it(
        self, store: SqlEvidenceStore, tmp_path: Path
    ) -> None:
        store.add([offer(tmp_path / "in", "x")])
        again = make_store(SQLITE, tmp_path / "store")
        assert len(again.items(true_at=day(9), known_at=day(9))) == 1
        again.close()


class TestSqliteInMemory(StorePromises):
    @pytest.fixture(name="make_store")
    def _make_store(self) -> Iterator[Maker]:
        yield from maker_of(MEMORY)

    @pytest.fixture
    def store(self, make_store: Maker, tmp_path: Path) -> SqlEvidenceStore:
        return make_store(tmp_path / "store")
