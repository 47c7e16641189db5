"""The verbs on a made-up lab: codes with and without `--check`, JSON of each, hostile documents."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from scalegate.app.deciding import (
    Instants,
    Prepared,
    gates_for,
    parts_of,
    prepare,
    subject_of,
    subjects_of,
)
from scalegate.base.errors import UnknownName
from scalegate.base.instants import parse_instant
from scalegate.cli.main import main
from scalegate.policy import opening
from scalegate.policy.vocabulary import Gate
from scalegate.wiring import WORKSPACE_VARIABLE, open_workspace
from tests.strategies.cli_lab import AS_OF, MODEL, SUBJECT, make_lab, write_documents

WHEN = ("--as-of", AS_OF)
HOSTILE = "a [red]b[/red] :smile: [link=https://example.org]c[/link] \u202ed\u2066e\u200bf <i>"
ESCAPES = "a \x1b]8;;https://example.org/\x1b\\c\x1b]8;;\x1b\\ \x1b[2J \x9b31m"
READS: tuple[tuple[str, ...], ...] = (
    ("status", *WHEN),
    ("status", MODEL, *WHEN),
    ("gate", SUBJECT, "internal", "external_general", "store", *WHEN),
    ("why", SUBJECT, "external_general", "--full", *WHEN),
    ("why-not", SUBJECT, "external_general", "--by-judgement", "--all", *WHEN),
    ("what-if", SUBJECT, "external_general", "-s", "status:B=crossed", *WHEN),
    ("assess", MODEL, *WHEN),
    ("clocks", MODEL, *WHEN),
    ("register", *WHEN),
    ("order", "--all", *WHEN),
    ("incident", "--all", *WHEN),
    ("documents", *WHEN),
    ("affected", "court-order", "--all", *WHEN),
    ("affected", "safeguard:filters", *WHEN),
    ("evidence", "list", *WHEN),
    ("evidence", "show", "determine-bio-1"),
    ("frameworks", "show", "meridian-fsf@3.2"),
    ("doctor",),
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_lab(tmp_path_factory.mktemp("verbs") / "lab")


@pytest.fixture(scope="module")
def prepared(lab: Path) -> Prepared:
    at = parse_instant(AS_OF)
    return prepare(open_workspace(lab), Instants(true_at=at, known_at=at))


@pytest.fixture(autouse=True)
def _in_the_lab(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(lab))
    monkeypatch.setenv("COLUMNS", "80")


def test_subjects_are_models_each_with_its_deployments_and_runs(prepared: Prepared) -> None:
    assert subjects_of(prepared) == (MODEL, SUBJECT)
    assert parts_of(prepared, MODEL) == (SUBJECT,)
    assert parts_of(prepared, SUBJECT) == ()


def test_a_name_without_its_kind_is_enough_where_it_is_unique(prepared: Prepared) -> None:
    assert subject_of(prepared, "orion-general") == SUBJECT
    assert subject_of(prepared, SUBJECT) == SUBJECT
    with pytest.raises(UnknownName) as refused:
        subject_of(prepared, "orion-9")
    assert MODEL in refused.value.known


def test_a_deployment_has_the_gates_that_it_says_and_a_model_has_all(prepared: Prepared) -> None:
    assert gates_for(prepared, SUBJECT) == (Gate.EXTERNAL_GENERAL,)
    assert gates_for(prepared, MODEL) == tuple(Gate)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("status", SUBJECT, *WHEN), 11),
        (("status", MODEL, "-p", "other-frame@1", *WHEN), 15),
        (("why", SUBJECT, "internal", *WHEN), 10),
        (("why", SUBJECT, "external_general", "-p", "other-frame@1", *WHEN), 0),
        (("assess", SUBJECT, *WHEN), 11),
        (
            (
                *("what-if", SUBJECT, "external_general", "-p", "other-frame@1", *WHEN),
                *("-s", "status:B=crossed"),
            ),
            11,
        ),
    ],
)
def test_a_verb_exits_0_unless_check_asks_for_the_code_of_the_gates(
    words: tuple[str, ...], code: int
) -> None:
    assert main(words) == 0
    assert main([*words, "--check"]) == code


def test_a_report_is_written_whole_and_checked_if_asked(tmp_path: Path) -> None:
    out = tmp_path / "orion.html"
    assert main(["report", "orion-general", "--out", str(out), *WHEN]) == 0
    assert out.read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    assert main(["report", "orion-general", "--out", str(out), "--check", *WHEN]) == 11
    assert main(["report", "orion-general", "--out", str(tmp_path / "no" / "x.html"), *WHEN]) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["orion.html"]


def test_a_search_for_work_that_ends_early_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the terminal, and in the report, which is read without it."""
    for sets, said in ((400, "there may be others"), (0, "no set of work that was searched")):
        monkeypatch.setattr(opening, "MAX_STEPS", 1)
        monkeypatch.setattr(opening, "MAX_SETS", sets)
        assert main(["why-not", SUBJECT, "external_general", *WHEN]) == 0
        assert said in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("words", READS, ids=lambda words: " ".join(words[:2]))
def test_every_verb_gives_one_json_document(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([*words, "--json"])
    shown = capsys.readouterr()
    document = json.loads(shown.out)
    assert document["schema_version"] == "1.0"
    assert document["exit_code"] in (code, 0, 10, 11)
    assert shown.err == ""
    assert shown.out.isascii()


def test_text_of_hostile_documents_reaches_no_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(make_lab(tmp_path / "lab", words=HOSTILE)))
    seen = ""
    for words in READS:
        main(words)
        shown = capsys.readouterr()
        seen += shown.out + shown.err
    assert "[red]b[/red] :smile:" in seen
    hidden = {each for each in seen if each != "\n" and unicodedata.category(each)[0] == "C"}
    assert hidden == set()


def test_documents_with_terminal_escapes_are_refused_in_words_without_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_documents(tmp_path / "given", words=ESCAPES)
    assert main(["evidence", "import", str(tmp_path / "given")]) == 2
    shown = capsys.readouterr()
    assert "control character in text" in shown.out
    assert not set("\x1b\x9b") & set(shown.out + shown.err)
    assert main(["evidence", "import", str(tmp_path / "given"), "--json"]) == 2
    files = json.loads(capsys.readouterr().out)["files"]
    assert {each["outcome"] for each in files} == {"refused"}


def test_quiet_says_nothing_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "r.html")
    assert main(["report", SUBJECT, "-o", out, *WHEN, "--quiet"]) == 0
    assert capsys.readouterr().err == ""
    assert main(["report", SUBJECT, "-o", out, *WHEN]) == 0
    assert capsys.readouterr().err == "deciding 1 subject\n"
