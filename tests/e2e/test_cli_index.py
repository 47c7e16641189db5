"""Asking the record from the command line, by a workspace's database that may lie."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from scalegate.cli.main import run
from tests.e2e.test_cli_record import ORIGIN, answer, envelope


@pytest.fixture(autouse=True)
def _workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["init", "lab"]) == 0
    monkeypatch.chdir(tmp_path / "lab")
    assert run(["keys", "init", ORIGIN]) == 0
    given = envelope(tmp_path, Path("record").absolute(), "evidence", "evaluator")
    assert run(["ledger", "add", given]) == 0


def find(capsys: pytest.CaptureFixture[str], *words: str) -> list[int]:
    found: list[dict[str, Any]] = answer(capsys, "ledger", "find", *words)["entries"]
    return [each["index"] for each in found]


def test_what_was_recorded_is_found_and_a_false_index_is_not_believed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert find(capsys) == [0, 1]
    assert find(capsys, "it", "--kind", "evidence", "--since", "2030-01-01") == [1]
    assert find(capsys, "nobody") == []
    assert run(["ledger", "find"]) == 0
    assert "2 found" in capsys.readouterr().out
    with sqlite3.connect("workspace.sqlite") as database:
        database.execute("DELETE FROM record_entries WHERE seq = 0")
    assert run(["ledger", "find", "nobody"]) == 12
    assert "ledger index --rebuild" in " ".join(capsys.readouterr().err.split())
    made = answer(capsys, "ledger", "index", "--rebuild")
    assert (made["size"], made["added"], made["hidden"]) == (2, 2, 0)
    assert find(capsys, "--kind", "evidence") == [1]
    assert run(["ledger", "index"]) == 0
    assert "a copy of its 2 entries" in capsys.readouterr().out
    assert run(["doctor"]) in {0, 11}


@pytest.mark.parametrize(
    "words", [["--kind", "gossip"], ["--since", "yesterday"], ["--record", "absent"]]
)
def test_a_question_that_makes_no_sense_is_wrong_usage(words: list[str]) -> None:
    assert run(["ledger", "find", *words]) == 2


def test_without_a_workspace_there_is_no_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["ledger", "find", "--record", "lab/record"]) == 2
