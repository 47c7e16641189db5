"""`policy new`, `format` and `schema` write whole files, never over one that is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scalegate.cli.main import main
from tests.architecture.source_tree import ROOT
from tests.unit.policy.toy import TOY

UNORDERED = TOY.replace("id: toy\n", "").replace("lab: Toy lab\n", "lab: Toy lab\nid: toy\n")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_begun_policy_lints_and_is_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "new", "acme@1", "--lab", "Acme", "--on", "2026-12-01"]) == 0
    assert main(["lint", "acme@1.yaml"]) == 0
    assert main(["policy", "format", "acme@1.yaml", "--check"]) == 0
    assert 'lab: "Acme"' in Path("acme@1.yaml").read_text(encoding="utf-8")


def test_a_file_that_is_there_is_not_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    Path("acme@1.yaml").write_text("mine\n", encoding="utf-8")
    assert main(["policy", "new", "acme@1"]) == 2
    assert Path("acme@1.yaml").read_text(encoding="utf-8") == "mine\n"
    assert "is there already" in capsys.readouterr().err


def test_in_a_workspace_it_lies_among_the_policies(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "lab", "--lab", "OpenAI"]) == 0
    assert main(["policy", "new", "acme@1", "--from", "gdm-fsf@3.1", "-w", "lab"]) == 0
    assert Path("lab/policies/acme@1.yaml").is_file()


@pytest.mark.parametrize("words", [["acme"], ["@1"], ["acme@"], ["acme@1", "--from", "no@1"]])
def test_a_name_that_is_none_is_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "new", *words]) == 2
    assert list(Path().iterdir()) == []


def test_check_writes_nothing_and_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("toy.yaml")
    path.write_text(UNORDERED, encoding="utf-8")
    assert main(["policy", "format", "toy.yaml", "--check"]) == 2
    assert path.read_text(encoding="utf-8") == UNORDERED
    assert main(["policy", "format", "toy.yaml", "--json"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed[printed.index("{") :])["changed"] == ["toy.yaml"]
    assert main(["policy", "format", "toy.yaml", "--check"]) == 0


def test_one_faulty_file_and_none_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    Path("toy.yaml").write_text(UNORDERED, encoding="utf-8")
    Path("bad.yaml").write_text("schema: scalegate/case@1\n", encoding="utf-8")
    assert main(["policy", "format", "toy.yaml", "bad.yaml"]) == 2
    assert Path("toy.yaml").read_text(encoding="utf-8") == UNORDERED
    assert main(["policy", "format", "none.yaml"]) == 2


@pytest.mark.parametrize("kind", ["policy", "indicators", "bridge"])
def test_the_schema_is_the_one_of_the_reference(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "schema", kind, "--out", "s.json"]) == 0
    stored = ROOT / "docs" / "reference" / "schemas" / f"{kind}.schema.json"
    assert Path("s.json").read_text(encoding="utf-8") == stored.read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["policy", "schema", kind]) == 0
    assert capsys.readouterr().out == stored.read_text(encoding="utf-8")
