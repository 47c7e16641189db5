"""The command line on the published case of Claude Opus 4: every verb, surface, terminal.

The made-up lab of `test_cli_processes` has the odd answers; here they are those of a real policy.
"""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scalegate.policy.vocabulary import Gate
from scalegate.report.words import GATES
from tests.e2e.command_line import (
    AS_OF,
    PATIENCE_SECONDS,
    PROGRAM,
    RSP,
    SUBJECT,
    Ended,
    environment,
    opus_4,
    run_here,
    run_process,
    without_colour,
)
from tests.strategies.page import read_page

NARROW = ("-p", RSP, *AS_OF)
GATE = "external_general"
QUESTIONS: dict[str, tuple[list[str], int]] = {
    "assess": (["assess", SUBJECT, *NARROW], 0),
    "status": (["status", SUBJECT, *NARROW], 0),
    "gate": (["gate", SUBJECT, GATE, *NARROW], 10),
    "why": (["why", SUBJECT, GATE, *NARROW], 0),
    "why-not": (["why-not", SUBJECT, GATE, *NARROW], 0),
    "what-if": (["what-if", SUBJECT, GATE, "-s", "status:CBRN-3=ruled_out", *NARROW], 0),
    "clocks": (["clocks", SUBJECT, *NARROW], 0),
    "evidence list": (["evidence", "list", "--kind", "log"], 0),
    "evidence show": (["evidence", "show", "uplift-trial-opus-4"], 0),
    "doctor": (["doctor"], 0),
    "frameworks list": (["frameworks", "list"], 0),
    "frameworks show": (["frameworks", "show", RSP], 0),
}
"""What is asked of the demonstration, with the exit code; each takes `-w`."""
ELSEWHERE = {
    "lint": (["lint", "src/scalegate/frameworks/openai-pf@2.yaml"], 0),
    "explain": (["explain", "SG0101"], 0),
    "frameworks coverage": (["frameworks", "coverage", "cohere-saifmf@1.0", "--rows"], 0),
    "crosswalk": (["crosswalk", "openai-pf@2", "--kind", "tier"], 0),
    "regime": (["regime", "--lab", "openai", "--as-of", "2026-06-01"], 0),
}
"""Verbs that need no workspace."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return opus_4(shared)


def words_of(name: str, place: Path) -> list[str]:
    if name in QUESTIONS:
        return [*QUESTIONS[name][0], "-w", str(place)]
    return ELSEWHERE[name][0]


def code_of(name: str) -> int:
    return {**QUESTIONS, **ELSEWHERE}[name][1]


def document_of(ended: Ended) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ended.out, parse_constant=pytest.fail)
    assert re.fullmatch(r"\d+\.\d+", found["schema_version"])
    assert found["kind"]
    return found


# --- every verb -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gate", "evidence show"])
def test_a_verb_runs_in_a_process_of_its_own(name: str, demo: Path) -> None:
    ended = run_process(words_of(name, demo), cwd=Path(__file__).parents[2])
    assert ended.code == code_of(name), ended.err
    assert ended.out.strip()
    assert ended.err == ""
    assert "\x1b" not in ended.out


@pytest.mark.parametrize("name", [*QUESTIONS, *ELSEWHERE])
def test_each_verb_says_something_that_fits_80_columns(
    name: str, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    ended = run_here(words_of(name, demo))
    assert ended.code == code_of(name), ended.err
    assert ended.out.strip()
    assert ended.err == ""
    assert ended.widest <= 80
    assert "\x1b" not in ended.out


@pytest.mark.parametrize("name", [*QUESTIONS, *ELSEWHERE])
def test_each_verb_answers_in_json_with_the_same_code(
    name: str, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    ended = run_here([*words_of(name, demo), "--json"])
    assert ended.code == code_of(name), ended.err
    document_of(ended)


def test_importing_twice_records_once_and_a_refused_file_records_nothing(tmp_path: Path) -> None:
    place, bad = str(tmp_path / "lab"), tmp_path / "bad.yaml"
    run_here(["init", place, "-p", RSP])
    log = str(next((Path(__file__).parents[2] / "examples" / "inspect-logs").rglob("*.eval")))
    first = run_here(["evidence", "import", log, "-w", place])
    again = run_here(["evidence", "import", log, "-w", place])
    assert (first.code, again.code) == (0, 0), first.err + again.err
    bad.write_text("schema: scalegate/judgement@1\nid: [\n", encoding="utf-8")
    refused = run_here(["evidence", "import", str(bad), "-w", place, "--json"])
    assert refused.code == 2
    assert "bad.yaml" in refused.out
    items = document_of(run_here(["evidence", "list", "-w", place, "--json"]))["items"]
    assert len(items) == 1


# --- one value, three surfaces --------------------------------------------------------------------


def test_text_json_and_page_agree_on_every_gate(demo: Path, tmp_path: Path) -> None:
    gates = ["internal", GATE, "store"]
    place = ["-w", str(demo), *AS_OF]
    answered = run_here(["gate", SUBJECT, *gates, *place, "--json"])
    decisions = document_of(answered)["decisions"]
    assert len(decisions) == 3 * len(gates)
    text = " ".join(run_here(["gate", SUBJECT, *gates, *place]).out.split())
    file = tmp_path / "page.html"
    chosen = [word for gate in gates for word in ("--gate", gate)]
    written = run_here(["report", SUBJECT, *chosen, *place, "--out", str(file), "--json"])
    assert written.code == 0, written.err
    document_of(written)
    page = read_page(file.read_text(encoding="utf-8"))
    summary = page.all("table")[0]
    frameworks = [cell.text for cell in summary.all("thead")[0].all("th")[1:]]
    rows = summary.all("tbody")[0].all("tr")
    shown = {
        (row.all("th")[0].text.partition(", to ")[0], framework): cell.text
        for row in rows
        for framework, cell in zip(frameworks, row.all("td"), strict=True)
    }
    assert len(shown) == len(decisions)
    for each in decisions:
        word = each["shown_as"]
        label = f"{word['symbol']} {word['word']}"
        qualifier = word.get("qualifier", "")
        said = f"{label} {qualifier}".rstrip()
        assert f"{said}: {each['gate']} ({each['ask']}) under {each['framework']}" in text
        assert shown[GATES[Gate(each["gate"])], each["framework"]].startswith(label)


def test_the_exit_code_of_a_call_is_the_first_of_its_gates(demo: Path) -> None:
    ended = run_here(["gate", SUBJECT, "internal", "store", *AS_OF, "-w", str(demo), "--json"])
    found = document_of(ended)
    codes = {each["exit_code"] for each in found["decisions"]}
    first = next(code for code in (10, 11, 13, 15, 0) if code in codes)
    assert found["exit_code"] == ended.code == first


def test_policies_are_decided_apart_and_the_strictest_counts(demo: Path) -> None:
    alone = {}
    for name in (RSP, "openai-pf@2", "gdm-fsf@3.1"):
        words = ["gate", SUBJECT, "internal", "-p", name, *AS_OF, "-w", str(demo)]
        alone[name] = run_here(words).code
    together = run_here(["gate", SUBJECT, "internal", *AS_OF, "-w", str(demo)]).code
    assert together == next(code for code in (10, 11, 13, 15, 0) if code in alone.values())


# --- errors in words ------------------------------------------------------------------------------

WRONG: dict[str, tuple[list[str], str]] = {
    "no such verb": (["nonsense"], "--help"),
    "no such option": (["status", "--nonsense"], "--help"),
    "missing argument": (["gate"], "--help"),
    "no workspace": (["status", "-w", "/nonexistent"], "scalegate init"),
    "unknown subject": (["status", "deployment:nobody"], "deployment:opus-4-general"),
    "unknown gate": (["gate", SUBJECT, "front_door"], "external_general"),
    "unknown policy": (["gate", SUBJECT, GATE, "-p", "nobody@1"], RSP),
    "no date": (["status", "--as-of", "2025-13-01"], "2025-05-22"),
    "empty instant": (["status", "--as-of", ""], "2025-05-22"),
    "no zone": (["status", "--as-of", "2025-05-23T10:00:00"], "add `Z`"),
    "no zone in known-at": (["status", "--known-at", "2025-05-23T10:00"], "add `Z`"),
    "no zone in about": (["clocks", SUBJECT, "--about", "2025-05-23T10:00"], "add `Z`"),
    "unknown code": (["explain", "SG9999"], "SG0101"),
    "no such document": (["lint", "/nonexistent.yaml"], "/nonexistent.yaml"),
    "nothing to import": (["evidence", "import", "/nonexistent"], "/nonexistent"),
    "unknown evidence": (["evidence", "show", "nothing-of-this-name"], "known"),
    "setting without value": (["what-if", SUBJECT, GATE, "-s", "status:CBRN-3"], "KIND:NAME=VALUE"),
    "setting of no kind": (["what-if", SUBJECT, GATE, "-s", "mood:x=y"], "status"),
    "setting of no policy": (["what-if", SUBJECT, GATE, "-s", "status:XX=ruled_out"], "CBRN-3"),
    "value of no status": (["what-if", SUBJECT, GATE, "-s", "status:CBRN-3=fine"], "ruled_out"),
    "wrong ask": (["gate", SUBJECT, GATE, "--ask", "maybe"], "continue"),
    "depth that is no number": (["why", SUBJECT, GATE, "--depth", "deep"], "--help"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_in_one_line_with_the_next_step(name: str, demo: Path) -> None:
    words, expected = WRONG[name]
    folder = [] if {"-w", "nonsense", "explain", "lint"} & set(words) else ["-w", str(demo)]
    ended = run_here([*words, *folder])
    assert ended.code == 2
    assert ended.out == ""
    said = ended.err.strip()
    assert said.startswith("error: ")
    assert said == said.rstrip(".")
    assert said[len("error: ")].islower() or said[len("error: ")] in "`/"
    assert expected in said
    assert "Traceback" not in said
    again = run_here([*words, *folder, "--json"])
    assert again.code == 2
    document = document_of(again)
    assert (document["kind"], document["exit_code"]) == ("error", 2)
    assert expected in document["message"]


# --- damage ---------------------------------------------------------------------------------------


@pytest.fixture
def own(demo: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(demo, tmp_path / "own"))


def kept_file(place: Path) -> Path:
    items = document_of(run_here(["evidence", "list", "-w", str(place), "--json"]))["items"]
    digest = next(item["digest"] for item in items if item["id"] == "uplift-trial-opus-4")
    return next(path for path in (place / "evidence").rglob("*") if digest in path.name)


@pytest.mark.parametrize("damage", ["altered", "gone"])
def test_damaged_evidence_is_noticed_by_every_verb_that_reads_it(damage: str, own: Path) -> None:
    file = kept_file(own)
    if damage == "gone":
        file.unlink()
    else:
        file.chmod(0o644)
        file.write_bytes(file.read_bytes().replace(b"2.5", b"1.0", 1))
    for words in (["doctor"], ["status", SUBJECT], ["clocks", SUBJECT]):
        ended = run_here([*words, "-w", str(own)])
        assert ended.code == 12, (words, ended.out, ended.err)
    ended = run_here(["gate", SUBJECT, GATE, "-w", str(own), "--json"])
    assert document_of(ended)["exit_code"] == 12


def test_a_wrong_policy_is_wrong_input_and_no_damage(own: Path) -> None:
    (own / "policies" / "mine.yaml").write_text("schema: scalegate/policy@1\nid: 7\n")
    ended = run_here(["doctor", "-w", str(own)])
    assert ended.code == 2
    assert "mine.yaml" in ended.out + ended.err
    asked = run_here(["gate", SUBJECT, GATE, "-w", str(own)])
    assert asked.code == 2
    assert "mine.yaml" in asked.err


def test_wrong_settings_are_wrong_input(own: Path) -> None:
    (own / "scalegate.toml").write_text("nonsense = [", encoding="utf-8")
    ended = run_here(["status", "-w", str(own)])
    assert ended.code == 2
    assert "scalegate.toml" in ended.err


# --- terminals ------------------------------------------------------------------------------------


def on_a_terminal(words: list[str], columns: int = 80, **changes: str) -> tuple[int, str]:
    """Run in a process whose stdout is a terminal; return the code and what it showed."""
    mine, theirs = pty.openpty()
    settings = {"TERM": "xterm-256color", "COLUMNS": str(columns), **changes}
    process = subprocess.Popen(
        [*PROGRAM, *words], stdout=theirs, stderr=theirs, env=environment(**settings)
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(mine, 65536):
            shown += piece
    except OSError:
        pass  # the other end is closed: nothing more comes
    os.close(mine)
    return process.wait(PATIENCE_SECONDS), shown.decode().replace("\r\n", "\n")


def test_colour_adds_no_word_and_no_color_takes_it_away(demo: Path) -> None:
    words = words_of("gate", demo)
    code, coloured = on_a_terminal(words)
    plain_code, plain = on_a_terminal(words, NO_COLOR="1")
    assert code == plain_code == 10
    assert "\x1b[" in coloured
    assert without_colour(coloured) == without_colour(plain)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", plain)


def test_the_option_no_color_leaves_no_escape_at_all() -> None:
    _, shown = on_a_terminal(["--no-color", "explain", "SG0101"])
    assert "\x1b" not in shown


def test_a_terminal_of_latin_1_gets_signs_that_it_can_show(demo: Path) -> None:
    ended = run_process(words_of("gate", demo), PYTHONIOENCODING="latin-1")
    assert ended.code == 10
    assert "! HOLD" in ended.out
    assert "■" not in ended.out
    assert "Traceback" not in ended.err


def test_a_reader_that_was_never_there_leaves_no_complaint() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [*PROGRAM, "explain", "SG0101"],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment(),
        timeout=PATIENCE_SECONDS,
    )
    os.close(writing)
    assert process.stderr == b""
    assert process.returncode != 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["explain", "SG0101"], 1),
        (["frameworks", "list", "--json"], 1),
        (["-h"], 1),
        (["explain", "nope", "--json"], 2),
    ],
)
def test_a_result_that_could_not_be_written_is_never_a_success(words: list[str], code: int) -> None:
    full = Path("/dev/full")
    if not full.exists():  # only Linux has it
        return
    with full.open("wb") as nowhere:
        done = subprocess.run(
            [*PROGRAM, *words],
            stdout=nowhere,
            stderr=subprocess.PIPE,
            env=environment(),
            timeout=PATIENCE_SECONDS,
        )
    assert done.returncode == code
    assert b"Traceback" not in done.stderr
    assert b"no space left" in done.stderr.lower()


def test_an_interrupt_is_said_in_words(tmp_path: Path) -> None:
    """The verb waits for its input; opening the other end shows that it does."""
    pipe = tmp_path / "policy.yaml"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [*PROGRAM, "lint", str(pipe)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    with pipe.open("wb"):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode not in (0, 10, 11, 13, 15)
    assert out == b""
    assert b"interrupted" in err
    assert b"Traceback" not in err
