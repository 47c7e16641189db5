"""The line is moved after the run, so that the result clears it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scalegate.cli.main import run
from tests.e2e.test_cli_plan import ASKED, committed, lab

__all__ = ["lab"]


def test_a_line_edited_after_the_run_is_told_and_holds(
    lab: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    committed(monkeypatch, datetime(2025, 9, 1, tzinfo=UTC))
    path = Path("policies/house@1.yaml")
    path.write_text(path.read_text().replace('"0.95"', '"0.96"'))
    assert run(["gate", *ASKED]) == 11
    capsys.readouterr()
    assert run(["plan", "check"]) == 11
    shown = " ".join(capsys.readouterr().out.split())
    assert "it was `proportion at least 0.95 share" in shown
    path.write_text(path.read_text().replace('"id": "share"', '"id": "other"'))
    assert run(["plan", "check"]) == 11
    assert "no policy used here has it" in " ".join(capsys.readouterr().out.split())
