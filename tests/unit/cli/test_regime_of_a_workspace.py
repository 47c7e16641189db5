"""In a workspace of one lab every member of its regime decides, and each is shown apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scalegate.cli.main import main

MODEL = """\
schema: scalegate/model@1
id: register-one
subject: model:one
true_from: 2025-05-01
known_from: 2025-05-01
source: {document: Register, mark: synthetic}
payload:
  series: series:one
  lab: lab:one
  checkpoints:
    - {id: "checkpoint:one/final", role: shipped, refuses: true}
  is_root: true
"""


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    (tmp_path / "model.yaml").write_text(MODEL, encoding="utf-8")
    folder = tmp_path / "lab"
    assert main(["init", str(folder), "--lab", "openai"]) == 0
    assert main(["evidence", "import", str(tmp_path / "model.yaml"), "-w", str(folder)]) == 0
    capsys.readouterr()
    return folder


def decided(place: Path, day: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    words = ["gate", "model:one", "external_general", "-w", str(place), "--as-of", day, "--json"]
    main(words)
    printed = json.loads(capsys.readouterr().out)
    return [each["framework"] for each in printed["decisions"]]


def test_each_member_in_force_on_the_day_decides(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert decided(place, "2026-05-27", capsys) == ["openai-pf@2"]
    assert decided(place, "2026-05-28", capsys) == ["openai-fgf@2026-05", "openai-pf@2"]


def test_status_shows_each_apart(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "model:one", "-w", str(place), "--as-of", "2026-06-01"]) == 0
    shown = capsys.readouterr().out
    assert "openai-fgf@2026-05" in shown
    assert "openai-pf@2" in shown
    assert "anthropic" not in shown


def test_a_day_without_a_policy_of_the_lab_is_an_error_that_names_it(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["gate", "model:one", "external_general", "-w", str(place), "--as-of", "2023-01-01"]
    assert main(words) == 2
    assert "no policy of `OpenAI` was in force on 2023-01-01" in capsys.readouterr().err
