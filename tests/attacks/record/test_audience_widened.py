"""What was permitted for a vetted audience is served to everybody."""

from __future__ import annotations

from tests.attacks.record.stage import Stage


def test_a_wider_audience_does_not_pass(stage: Stage) -> None:
    assert "manifest" in stage.refused(*stage.passing(stage.manifest(audience="general")))
