"""The shipped examples: decided, bundled, decided anew from the bundle alone, to the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scalegate.cli.main import run

EXAMPLES = Path(__file__).parents[2] / "examples"
SUBJECTS = {
    "inspect-logs": ("model:example", "2026-03-01"),
    "metr-horizon": ("deployment:claude-3-5-sonnet-new-public", "2025-03-01"),
    "opus-4": ("deployment:opus-4-general", "2025-05-22"),
    "sonnet-4": ("deployment:sonnet-4-general", "2025-05-22"),
}
LONG = {"opus-4", "sonnet-4"}


@pytest.mark.parametrize(
    "name",
    [pytest.param(each, marks=[pytest.mark.slow] if each in LONG else []) for each in SUBJECTS],
)
def test_an_example_is_decided_anew_from_its_bundle(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["init", "lab", "--policy", "anthropic-rsp@2.2", "--policy", "openai-pf@2"]) == 0
    monkeypatch.chdir(tmp_path / "lab")
    for each in (EXAMPLES / name / "indicators").glob("*.yaml"):
        (tmp_path / "lab" / "indicators" / each.name).write_bytes(each.read_bytes())
    assert run(["evidence", "import", str(EXAMPLES / name)]) == 0
    assert run(["keys", "init", "log.example/lab"]) == 0
    subject, day = SUBJECTS[name]
    assert run(["decide", subject, "external_general", "--as-of", day]) in {10, 11, 13, 15}
    assert run(["bundle", "../sent.zip", "-w", "."]) == 0
    (tmp_path / "root.json").write_bytes(Path("record/root.json").read_bytes())
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    check = ["verify", "sent.zip", "--root", "root.json", "--recompute-all", "--json"]
    assert run(check) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["other_engine"] for each in found["recomputed"]] == [""] * 2
    carried = found["material"]["carried"]
    assert carried["table"] == (10 if name == "inspect-logs" else 0)
    assert carried["runs"] == (1 if name == "metr-horizon" else 0)
