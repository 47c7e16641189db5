"""An envelope names the key id of a role whose key did not sign it."""

from __future__ import annotations

import json

from tests.attacks.record.stage import EVIDENCE, Stage, edited


def test_a_forged_key_id_signs_for_nobody(stage: Stage) -> None:
    path = stage.folder / stage.sealed("evidence", EVIDENCE, "gate")
    ours = stage.folder / stage.sealed("evidence", EVIDENCE, "evaluator", file="ours.json")
    key_id = json.loads(ours.read_bytes())["signatures"][0]["keyid"]
    path.write_bytes(
        edited(path.read_bytes(), lambda found: found["signatures"][0].update(keyid=key_id))
    )
    stage.refused("ledger", "add", "forged.json")
    stage.done("ledger", "add", "ours.json")
