"""What the words of a call mean: where options may stand, which verbs there are, what is usage."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from scalegate.cli.main import in_order, main
from scalegate.cli.screen import SCHEMA_VERSION
from scalegate.cli.verbs import VERBS, build
from scalegate.report import json_view
from scalegate.wiring import DEBUG_VARIABLE


@pytest.mark.parametrize(
    ("words", "ordered"),
    [
        (["status", "--quiet"], ["--quiet", "status"]),
        (["status", "model:m", "--no-color", "-q"], ["--no-color", "-q", "status", "model:m"]),
        (["lint", "--", "--quiet"], ["lint", "--", "--quiet"]),
        ([], []),
    ],
)
def test_options_of_every_verb_may_stand_behind_it(words: list[str], ordered: list[str]) -> None:
    assert in_order(words) == ordered


def test_every_verb_is_there_alone_and_together() -> None:
    assert list(build().commands) == list(VERBS) or set(build().commands) == set(VERBS)
    for verb, module in VERBS.items():
        assert verb in build([verb]).commands
        assert import_module(f"scalegate.cli.{module}").register


def test_a_call_without_words_shows_the_help_and_is_wrong_usage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 2
    assert "Exit codes:" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["-V"], ["--version"], ["--no-color", "--version"]])
def test_the_version_is_said(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    assert capsys.readouterr().out.startswith("scalegate ")


@pytest.mark.parametrize(
    "words",
    [
        ["gate", "--json"],
        ["status", "--nope", "--json"],
        ["gaet", "--json"],
        ["why", "m", "--json"],
    ],
)
def test_wrong_usage_is_a_document_with_json(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    shown = capsys.readouterr()
    document = json.loads(shown.out)
    assert (document["kind"], document["exit_code"]) == ("error", 2)
    assert shown.err == f"error: {document['message']}\n"


def test_one_version_stands_for_every_document() -> None:
    assert json_view.SCHEMA_VERSION == SCHEMA_VERSION


@pytest.mark.parametrize("is_traced", [False, True])
def test_a_fault_of_ours_is_one_line_unless_the_traceback_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, is_traced: bool
) -> None:
    def fail(_words: object = ()) -> object:
        raise KeyError("a\nb")

    monkeypatch.setattr("scalegate.cli.verbs.build", fail)
    monkeypatch.setenv(DEBUG_VARIABLE, "1" if is_traced else "0")
    assert main(["status"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert ("Traceback" in shown.err) is is_traced
    assert shown.err.count("\n") > 1 if is_traced else shown.err.count("\n") == 1


def test_an_interruption_is_not_an_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_words: object = ()) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("scalegate.cli.verbs.build", interrupt)
    assert main(["status"]) == 1
    assert capsys.readouterr().err == "error: interrupted; what was acknowledged is kept\n"


@pytest.mark.parametrize("group", ["ledger", "plan", "disclose", "keys", "permit", "evidence"])
def test_a_group_without_a_command_names_its_commands_in_one_line(
    group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([group]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert line.startswith("error: no command given; expected one of ")
    assert line.endswith(f"see `scalegate {group} --help`")


def test_a_root_that_a_reader_named_and_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bundle.zip").write_bytes(b"PK")
    assert (
        main(["verify", str(tmp_path / "bundle.zip"), "--root", str(tmp_path / "mine.json")]) == 2
    )
    shown = " ".join(capsys.readouterr().err.split())
    assert "mine.json" in shown
    assert "no record" not in shown
