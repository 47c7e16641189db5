"""Without an attack all is accepted: what the attacks beside this are refused for is the attack."""

from __future__ import annotations

from tests.attacks.record.stage import Stage


def test_the_lab_as_it_is_holds(stage: Stage) -> None:
    stage.done("ledger", "verify", "--root", "record/root.json")
    stage.done(*stage.passing(), "--root", "record/root.json")
    stage.done(*stage.passing(stage.manifest()))
    stage.done("verify", "sent.zip", "--root", "record/root.json")
