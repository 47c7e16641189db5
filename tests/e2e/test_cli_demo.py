"""`demo` and `init --example` on the shipped cases, as a new user runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalegate.cli.main import main
from scalegate.wiring import WORKSPACE_VARIABLE
from tests.e2e.test_cli_processes import run


def test_the_demo_decides_every_case_writes_reports_and_names_commands_that_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run("demo", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    for case in ("Claude Opus 4", "Claude Sonnet 4", "METR", "Inspect logs"):
        assert case in done.stdout
    for policy in ("anthropic-rsp@2.2", "gdm-fsf@3.1", "openai-pf@2"):
        assert policy in done.stdout
    assert "logs read" in done.stdout
    assert [line for line in done.stdout.splitlines() if len(line) > 80] == []
    reports = sorted((tmp_path / "scalegate-demo").glob("report-*.html"))
    assert reports
    assert all(path.name in done.stdout for path in reports)
    lines = done.stdout.partition("Try next\n")[2].replace("\\\n", "").splitlines()
    assert lines[0].strip() == "cd scalegate-demo"
    assert len(lines) == 4
    monkeypatch.chdir(tmp_path / "scalegate-demo")
    monkeypatch.delenv(WORKSPACE_VARIABLE, raising=False)
    for line in lines[1:]:
        assert main(line.split()[1:]) == 0, line
        assert "opus-4" in capsys.readouterr().out


def test_a_workspace_with_an_example_is_held_on_purpose(tmp_path: Path) -> None:
    done = run("init", "try-out", "--example", "opus-4", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    gate = next(line.split() for line in done.stdout.splitlines() if "scalegate gate" in line)
    assert run(*gate[1:], folder=tmp_path / "try-out").returncode == 10
