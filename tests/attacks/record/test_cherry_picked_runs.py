"""Two runs were planned, and only the one that went well is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scalegate.cli.main import run
from tests.e2e.test_cli_plan import ASKED, PLAN, committed, document, lab

__all__ = ["lab"]


def test_of_two_planned_runs_the_better_alone_does_not_count(
    lab: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    again = {**PLAN["runs"][0], "id": "run-2"}
    two = {**PLAN, "runs": [PLAN["runs"][0], again]}
    Path("plan.json").write_text(document("plan", "plan-1", two), encoding="utf-8")
    committed(monkeypatch, datetime(2025, 9, 1, tzinfo=UTC))
    assert run(["gate", *ASKED]) == 10  # the level stands as not shown, and nobody watches
    capsys.readouterr()
    assert run(["plan", "check"]) == 11
    shown = " ".join(capsys.readouterr().out.split())
    assert "run-2" in shown or "run-1" in shown
    assert "which meet other planned runs" in shown
