"""A plan is recorded when the run and its result are known."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scalegate.cli.main import run
from tests.e2e.test_cli_plan import ASKED, committed, lab

__all__ = ["lab"]


def test_a_plan_recorded_after_its_run_is_told_and_holds(
    lab: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    committed(monkeypatch, datetime(2025, 10, 1, tzinfo=UTC))
    assert run(["gate", *ASKED]) == 11
    capsys.readouterr()
    assert run(["plan", "check"]) == 11
    shown = " ".join(capsys.readouterr().out.split())
    assert "before plan" in shown
    assert "expected a start at or after 2025-10-01" in shown
