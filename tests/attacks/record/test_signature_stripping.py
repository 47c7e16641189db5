"""One of the signatures that were needed is taken off, or all of them."""

from __future__ import annotations

from tests.attacks.record.stage import Stage, edited

ORDER = {
    "about": "model:m",
    "document": {"schema": "scalegate/order@1", "id": "o", "subject": "model:m"},
}


def test_a_stripped_signature_is_missed(stage: Stage) -> None:
    path = stage.folder / stage.sealed("order", ORDER, "approver-1", "approver-2")
    whole = path.read_bytes()
    path.write_bytes(edited(whole, lambda found: found["signatures"].pop()))
    assert "too few keys" in stage.refused("ledger", "add", "forged.json")
    path.write_bytes(edited(whole, lambda found: found["signatures"].clear()))
    stage.refused("ledger", "add", "forged.json")


def test_a_stripped_permit_lets_nothing_pass(stage: Stage) -> None:
    permit = stage.folder / "permit.json"
    permit.write_bytes(edited(permit.read_bytes(), lambda found: found["signatures"].clear()))
    stage.refused(*stage.passing())
