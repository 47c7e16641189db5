"""What was permitted on one surface is served on another."""

from __future__ import annotations

from tests.attacks.record.stage import Stage


def test_another_surface_does_not_pass(stage: Stage) -> None:
    assert "manifest" in stage.refused(*stage.passing(stage.manifest(surface="agents")))
