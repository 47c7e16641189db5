"""`scalegate design`: sizes, costs, what is never ruled out, and a plan that can be recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scalegate.cli.main import run

LINE = ["design", "-p", "anthropic-fcf@2", "-i", "campaign-steps-automated"]
PLANNED = [*LINE, "--safe", "0.05", "-e", "E3c", "-s", "model:m", "--eval", "steps"]


def test_the_numbers_are_given_whole_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*LINE, "--safe", "0.05", "-e", "E3c", "--epochs", "3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["kind"] == "design"
    assert found["line"] == "0.5"
    assert [each["epochs"] for each in found["sizes"]] == [1, 2, 3, 4, 10]
    assert found["curve"]["epochs"] == 3
    assert found["never_ruled_out"]


def test_where_no_number_is_enough_the_answer_is_a_hold(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["design", "--line", "0.5", "--safe", "0.4"]) == 11
    assert "no number of items" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["design"], "no line to design for"),
        (["design", "--line", "half"], "not a number"),
        (["design", "--line", "0.5", "--allow", "luck=1"], "not an allowance"),
        (["design", "--line", "0.5", "--allow", "growth"], "not an allowance"),
        (["design", "-p", "anthropic-fcf@2"], "go together"),
        (["design", "-p", "anthropic-fcf@2", "-i", "nothing"], "its lines on shares"),
        (
            ["design", "-p", "anthropic-fcf@2", "-i", "campaign-human-oversight"],
            "no share that is crossed from below",
        ),
    ],
)
def test_what_cannot_be_designed_for_is_refused_in_words(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_plan_is_written_once_and_can_be_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, lab = tmp_path / "steps-plan.yaml", tmp_path / "lab"
    asked = [*PLANNED, "--allow", "growth=0.5", "--plan", str(plan), "--as-of", "2026-01-10"]
    assert run(asked) == 0
    assert "wrote the plan" in " ".join(capsys.readouterr().out.split())
    assert run(asked) == 2
    assert "is there already" in " ".join(capsys.readouterr().err.split())
    assert run(["init", str(lab)]) == 0
    assert run(["assess", "model:m", "-w", str(lab)]) == 2
    assert "no model is registered" in capsys.readouterr().err
    assert run(["evidence", "import", str(plan), "-w", str(lab)]) == 0
    capsys.readouterr()
    assert run(["evidence", "show", "steps-plan", "-w", str(lab), "--json"]) == 0
    assert "campaign-steps-automated" in capsys.readouterr().out


def test_a_plan_without_a_name_for_what_it_tests_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "plan.yaml"
    assert run([*LINE, "--safe", "0.05", "--plan", str(plan)]) == 2
    assert "a plan names what it answers" in " ".join(capsys.readouterr().err.split())
    assert run(["design", "--line", "0.5", "--safe", "0.4", "--plan", str(plan)]) == 2
    blunt = [*LINE, "--safe", "0.45", "-s", "model:m", "--eval", "steps", "--plan", str(plan)]
    assert run(blunt) == 2
    assert "no plan: no number of items" in " ".join(capsys.readouterr().err.split())
    assert not plan.exists()


def test_what_must_be_on_record_is_said_before_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["design", "-p", "anthropic-rsp@1.0", "-i", "ara-tasks-rule-out", "--safe", "0"]
    run([*asked, "-e", "E3b", "--json"])
    said = json.loads(capsys.readouterr().out)["must_be_on_record"]
    assert "fine-tuning on 64 demonstrations" in said[0]
    assert "counts as E1, with 2 logits" in said[0]
    assert any("`no-false-negatives-from-harmlessness`" in each for each in said[1:])
    run([*asked, "-e", "E1", "--json"])
    assert json.loads(capsys.readouterr().out)["must_be_on_record"] == said[1:]
