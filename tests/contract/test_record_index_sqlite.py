"""The index of a record in an embedded database."""

from pathlib import Path

import pytest

from scalegate.adapters.store_sql.record_index import SqlRecordIndex
from scalegate.base.errors import TrustError
from tests.contract.index_promises import IndexPromises
from tests.contract.stores import SQLITE, make_store


class TestIndexInSqlite(IndexPromises):
    @pytest.fixture(name="url")
    def _url(self, tmp_path: Path) -> str:
        make_store(SQLITE, tmp_path).close()
        return SQLITE

    def test_a_database_without_a_workspace_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "x.sqlite").touch()
        with pytest.raises(TrustError, match="not a workspace's"):
            SqlRecordIndex.open("sqlite:///x.sqlite", folder=tmp_path)
