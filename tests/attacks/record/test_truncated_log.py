"""The newest entries are cut off, and the signed checkpoint stays."""

from __future__ import annotations

from scalegate.ledger.tiles import read_bundle, write_bundle
from tests.attacks.record.stage import Stage


def test_a_truncated_log_is_refused(stage: Stage) -> None:
    tile = stage.newest_entries()
    whole = read_bundle(tile.read_bytes(), width=int(tile.name))
    tile.unlink()
    (tile.parent / str(len(whole) - 1)).write_bytes(write_bundle(whole[:-1]))
    assert "missing" in stage.refused("ledger", "verify")
    assert "missing" in stage.refused(*stage.passing())
    tile.write_bytes(write_bundle(whole[:-1]))  # also under the name of the whole
    stage.refused("ledger", "verify")
    stage.refused(*stage.passing())
