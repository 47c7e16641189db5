"""A decision is dated before one that the log has already."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.attacks.record.stage import GATE, Stage


def test_a_clock_that_was_put_back_decides_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (stage.log / "checkpoint").read_bytes()

    class Earlier:
        def now(self) -> datetime:
            return datetime.now(UTC) - timedelta(days=30)

    monkeypatch.setattr("scalegate.wiring.system_clock", Earlier)
    said = stage.refused("decide", "model:m", GATE)
    assert "the clock is behind the newest decision in the log" in said
    assert (stage.log / "checkpoint").read_bytes() == before
