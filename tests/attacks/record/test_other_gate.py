"""A permit for one gate is shown at another."""

from __future__ import annotations

from tests.attacks.record.stage import Stage


def test_another_gate_is_not_passed(stage: Stage) -> None:
    for gate in ("internal", "train", "store"):
        assert "gate" in stage.refused(*stage.passing(gate=gate))
