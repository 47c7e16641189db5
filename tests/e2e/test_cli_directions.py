"""`scalegate lint --directions`: which way each fact pulls, with the line that says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scalegate.base.yaml_text import parse_yaml
from scalegate.cli.main import run
from scalegate.wiring import find_frameworks

SHIPPED = sorted(find_frameworks().glob("*.yaml"))


def asked(file: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert run(["lint", str(file), "--directions", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["policies"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("name", ["anthropic-rsp@2.2", "openai-pf@2", "gdm-fsf@3.1"])
def test_every_variable_is_listed_with_its_rows_and_the_lines_they_stand_on(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (file,) = [each for each in SHIPPED if each.stem == name]
    text = file.read_text(encoding="utf-8").splitlines()
    value = parse_yaml("\n".join(text)).value
    assert isinstance(value, dict)
    found = asked(file, capsys)
    variables = found["variables"]
    assert isinstance(variables, list)
    names = {(each["kind"], each["name"]) for each in variables}
    assert {("status", each["id"]) for each in value["thresholds"]} <= names
    assert {("safeguard", each["id"]) for each in value["safeguards"]} <= names
    both = [each for each in variables if each["direction"] == "both"]
    assert found["unate"] is not bool(both)
    for each in variables:
        for place in each["places"]:
            said = text[place["line"] - 1].strip()
            assert said.startswith((f"{place['part']}:", f"- {place['part']}:")) or "id:" in said


def test_on_a_terminal_each_direction_has_a_head_and_each_fact_its_rows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (file,) = [each for each in SHIPPED if each.stem == "anthropic-rsp@2.2"]
    assert run(["lint", str(file), "--directions"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.startswith("anthropic-rsp@2.2 is ")
    assert "More of it pulls towards a hold:" in shown
    assert "More of it pulls towards release:" in shown


def test_a_policy_that_is_wrong_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("schema: scalegate/policy@1\n", encoding="utf-8")
    assert run(["lint", str(wrong), "--directions"]) == 2
    assert "wrong.yaml" in capsys.readouterr().err
