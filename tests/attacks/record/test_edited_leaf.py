"""A leaf of the log is edited: the entries are no longer the tree that was signed."""

from __future__ import annotations

from tests.attacks.record.stage import Stage


def test_an_edited_leaf_is_refused(stage: Stage) -> None:
    tile = stage.newest_entries()
    content = tile.read_bytes()
    assert b"house@1" in content or b"model:m" in content
    tile.write_bytes(content.replace(b"model:m", b"model:n"))
    assert "not the tree that was signed" in stage.refused(*stage.passing())
    stage.refused("ledger", "verify", "--root", "record/root.json")
    stage.done("bundle", "again.zip")  # whoever gets it sees the same
    stage.refused("verify", "again.zip", "--root", "record/root.json")
