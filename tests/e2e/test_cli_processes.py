"""The command line as a process: what is written where, the exit code, and how soon."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.strategies.cli_lab import AS_OF, make_lab

SOURCE = Path(__file__).parents[2] / "src"
CLI = (sys.executable, "-m", "scalegate.cli")


def run(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder, with as little of this environment as it needs."""
    return subprocess.run(
        [*CLI, *arguments],
        cwd=folder,
        env={
            "PYTHONPATH": str(SOURCE),
            "PATH": os.environ.get("PATH", ""),
            "COLUMNS": "80",
            "LANG": "C.UTF-8",
            **environment,
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_lab(tmp_path_factory.mktemp("e2e") / "lab")


def test_the_version_is_said_at_once(tmp_path: Path) -> None:
    best = 60.0
    for _ in range(5):
        started = time.perf_counter()
        done = run("--version", folder=tmp_path)
        best = min(best, time.perf_counter() - started)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("scalegate ")
    assert best < 0.3


def test_a_gate_answers_with_its_exit_code_and_writes_only_the_answer_to_stdout(lab: Path) -> None:
    asked = ("gate", "orion-general", "external_general", "--as-of", AS_OF)
    held = run(*asked, folder=lab)
    assert (held.returncode, held.stderr) == (11, "")
    is_open = run(*asked, "-p", "other-frame@1", folder=lab / "policies")
    assert (is_open.returncode, is_open.stderr) == (0, "")
    assert "\x1b" not in held.stdout + is_open.stdout


def test_json_is_one_document_with_a_code_for_each_gate_and_policy(lab: Path) -> None:
    done = run("gate", "orion-general", "internal", "store", "--as-of", AS_OF, "--json", folder=lab)
    document = json.loads(done.stdout)
    assert (document["kind"], document["schema_version"]) == ("gate", "1.0")
    assert document["exit_code"] == done.returncode == 10
    codes = {(each["framework"], each["gate"]): each["exit_code"] for each in document["decisions"]}
    assert codes == {
        ("meridian-fsf@3.2", "internal"): 10,
        ("meridian-fsf@3.2", "store"): 11,
        ("other-frame@1", "internal"): 10,
        ("other-frame@1", "store"): 15,
    }


def test_a_terminal_that_shows_only_ascii_gets_ascii_signs(lab: Path) -> None:
    done = run("status", "--as-of", AS_OF, folder=lab, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert "! HOLD" in done.stdout


def test_a_reader_that_goes_away_ends_the_verb_without_a_traceback(lab: Path) -> None:
    words = " ".join(map(shlex.quote, (*CLI, "frameworks", "show", "anthropic-rsp@2.2")))
    done = subprocess.run(
        ["bash", "-c", f"{words} | head -n 1"],
        cwd=lab,
        env={"PYTHONPATH": str(SOURCE), "PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_a_shell_is_offered_what_the_workspace_knows(lab: Path) -> None:
    def offered(line: str) -> list[str]:
        words = line.split(" ")
        done = run(
            folder=lab,
            _SCALEGATE_COMPLETE="complete_bash",
            COMP_WORDS=line,
            COMP_CWORD=str(len(words) - 1),
        )
        return done.stdout.split()

    assert offered("scalegate wh") == ["why", "why-not", "what-if"]
    assert offered("scalegate gate orion-general external_") == [
        "external_general",
        "external_limited",
    ]
    assert offered("scalegate status deployment") == ["deployment:orion-general"]
    assert "other-frame@1" in offered("scalegate status --policy o")
    assert offered("scalegate explain SG040") == ["SG0401", "SG0402"]


def test_evidence_that_was_altered_ends_every_answer_with_12(tmp_path: Path) -> None:
    lab = make_lab(tmp_path / "lab")
    kept = next(path for path in sorted((lab / "evidence").rglob("*.yaml")))
    kept.chmod(0o644)
    kept.write_bytes(kept.read_bytes() + b"\n")
    done = run("gate", "orion-general", "external_general", "--as-of", AS_OF, folder=lab)
    assert done.returncode == 12
    assert done.stdout == ""
    assert "was altered" in done.stderr
    assert run("doctor", folder=lab).returncode == 12
