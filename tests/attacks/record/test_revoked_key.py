"""A key that was replaced goes on signing."""

from __future__ import annotations

from tests.attacks.record.stage import EVIDENCE, GATE, Stage


def test_a_revoked_key_signs_no_more(stage: Stage) -> None:
    stage.done("keys", "make", "new.pem")
    stage.done("keys", "rotate", "--replace", "gate=new.pub")
    said = stage.refused("decide", "model:m", GATE, "--key", "record/keys/gate.pem")
    assert "no key that the trust document names signed this" in said
    stage.refused(*stage.passing())  # what it let pass is to be decided anew
    stage.sealed("evidence", EVIDENCE, "gate")
    stage.refused("ledger", "add", "forged.json")
    stage.done("decide", "model:m", GATE, "--key", "new.pem")
