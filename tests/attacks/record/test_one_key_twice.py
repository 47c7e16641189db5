"""One key signs twice, under two ids, where two keys are needed."""

from __future__ import annotations

from typing import Any

from tests.attacks.record.stage import Stage, edited

ORDER = {
    "about": "model:m",
    "document": {"schema": "scalegate/order@1", "id": "o", "subject": "model:m"},
}


def test_one_key_never_counts_twice(stage: Stage) -> None:
    path = stage.folder / stage.sealed("order", ORDER, "approver-1")

    def twice(found: Any) -> None:
        (signature,) = found["signatures"]
        found["signatures"] = [signature, {**signature, "keyid": "f" * 64}]

    path.write_bytes(edited(path.read_bytes(), twice))
    assert "too few keys" in stage.refused("ledger", "add", "forged.json")
    stage.sealed("order", ORDER, "approver-1", "approver-2", file="both.json")
    stage.done("ledger", "add", "both.json")
