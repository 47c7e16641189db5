"""A permit is shown after its end."""

from __future__ import annotations

from tests.attacks.record.stage import Stage


def test_an_ended_permit_lets_nothing_pass(stage: Stage) -> None:
    end = stage.json(*stage.passing())["until"]
    assert "not in force" in stage.refused(*stage.passing(), "--as-of", end)
    stage.refused(*stage.passing(), "--as-of", "2020-01-01")
