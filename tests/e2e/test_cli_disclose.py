"""`disclose` at the command line: withhold, let an auditor draw, open, check from a bundle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scalegate.cli.main import run
from tests.e2e.test_cli_permit import made

RESULTS: dict[str, Any] = {
    "task": "synthesis",
    "score": 0.41,
    "transcripts": [{"item": at, "text": f"transcript {at}"} for at in range(40)],
}
MAKE = ("disclose", "make", "results.json", "--about", "model:m")
WITHHOLD = ("--withhold", "transcripts=hazardous", "--withhold", "score=commercial")


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("results.json").write_text(json.dumps(RESULTS))
    assert run(["keys", "init", "log.example/lab"]) == 0
    assert run([*MAKE, *WITHHOLD]) == 0
    assert run(["ledger", "add", "results.shown.json"]) == 0
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert run(words) == code
    shown = capsys.readouterr()
    return " ".join((shown.out + shown.err).split())


def test_what_is_withheld_is_counted_drawn_opened_and_checked(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Path("results.withheld.json").stat().st_mode & 0o777 == 0o600
    shown = said(capsys, "disclose", "verify")
    assert "transcripts: 40 items, 0 opened, the rest withheld (hazardous)" in shown
    assert "score: a field, withheld (commercial)" in shown
    assert "transcript 7" not in Path("results.shown.json").read_text()
    assert run(["disclose", "demand", "1", "transcripts", "--count", "3"]) == 0
    assert run(["ledger", "add", "demand.json"]) == 0
    (demand,) = made(capsys, "disclose", "verify")["demands"]
    assert (len(demand["drawn"]), demand["is_answered"], demand["void"]) == (3, False, "")
    assert "not answered" in said(capsys, "disclose", "verify")
    first = str(demand["drawn"][0])
    answer = ("disclose", "open", "results.withheld.json", "--demand", "2")
    assert run([*answer, "--refuse", f"{first}=personal"]) == 0
    assert "answered; refused" in said(capsys, "disclose", "verify", "opened.json")
    assert run([*answer, "--field", "score"]) == 0
    assert run(["ledger", "add", "opened.json"]) == 0
    assert run(["bundle", "sent.zip"]) == 0
    check = ("verify", "sent.zip", "--root", "record/root.json")
    found = made(capsys, *check)["disclosed"]
    assert found["demands"][0]["is_answered"]
    assert {each["name"]: each["opened"] for each in found["withheld"]} == {
        "score": [0],
        "transcripts": demand["drawn"],
    }
    assert "transcripts: 40 items, 3 opened" in said(capsys, *check)
    assert run(["publish", "site"]) == 0
    page = " ".join(Path("site/index.html").read_text().split())
    assert "<td>transcripts</td><td>40 items</td><td>hazardous</td><td>3</td>" in page
    assert "answered, 0 refused" in page
    of_it = ("--bundle", "sent.zip", "--root", "record/root.json")
    assert "3 opened" in said(capsys, "disclose", "verify", *of_it)
    asked = ("disclose", "demand", "1", "transcripts", "--count", "2", "--out", "more.json")
    assert run([*asked, *of_it, "--key", "record/keys/auditor.pem"]) == 0
    assert "not answered" in said(capsys, "disclose", "verify", "more.json", *of_it)
    Path("record/log").rename("moved")
    place = ("--log", "moved")
    assert run(["disclose", "verify"]) == 2
    assert "3 opened" in said(capsys, "disclose", "verify", *place)
    assert run([*asked, *place]) == 0  # with the keys that the trust document there names
    assert run(["disclose", "verify", *place, *of_it]) == 2


def test_a_demand_that_does_not_come_next_is_void(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["disclose", "demand", "1", "transcripts", "--count", "3"]) == 0
    assert run(["disclose", "open", "results.withheld.json", "--item", "transcripts:5"]) == 0
    assert run(["ledger", "add", "opened.json", "demand.json"]) == 0
    shown = said(capsys, "disclose", "verify")
    assert "void: it does not stand directly behind the log that the auditor saw" in shown
    assert "1 opened" in shown
    answer = ("disclose", "open", "results.withheld.json", "--demand", "3")
    assert "is void" in said(capsys, *answer, code=2)


REFUSALS: dict[str, tuple[tuple[str, ...], str]] = {
    "no such field": ((*MAKE, "--withhold", "nothing=legal"), "nothing"),
    "no such reason": ((*MAKE, "--withhold", "score=because"), "because"),
    "no reason": ((*MAKE, "--withhold", "score"), "expected NAME=REASON"),
    "the private file is there": ((*MAKE, *WITHHOLD), "exists"),
    "nothing is opened": (("disclose", "open", "results.withheld.json"), "nothing is opened"),
    "an item that there is not": (
        ("disclose", "open", "results.withheld.json", "--item", "transcripts:40"),
        "has 40 items",
    ),
    "an item of a field": (
        ("disclose", "open", "results.withheld.json", "--item", "score:0"),
        "is no list",
    ),
    "a list as a field": (
        ("disclose", "open", "results.withheld.json", "--field", "transcripts"),
        "is a list",
    ),
    "a field that is not withheld": (
        ("disclose", "open", "results.withheld.json", "--field", "task"),
        "task",
    ),
    "no item": (("disclose", "open", "results.withheld.json", "--item", "x"), "NAME:INDEX"),
    "no index": (("disclose", "open", "results.withheld.json", "--item", "x:y"), "not an index"),
    "a refusal without a demand": (
        ("disclose", "open", "results.withheld.json", "--refuse", "1=legal"),
        "goes with",
    ),
    "no such demand": (
        ("disclose", "open", "results.withheld.json", "--demand", "9"),
        "is no demand",
    ),
    "too many items": (
        ("disclose", "demand", "1", "transcripts", "--count", "41"),
        "has 40 items",
    ),
    "items of a field": (("disclose", "demand", "1", "score", "--count", "1"), "one field"),
    "an entry that withholds nothing": (
        ("disclose", "demand", "0", "x", "--count", "1"),
        "withholds nothing",
    ),
    "a list that there is not": (("disclose", "demand", "1", "x", "--count", "1"), "transcripts"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_done_is_said(
    record: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    words, expected = REFUSALS[name]
    assert expected in said(capsys, *words, code=2)


def test_files_that_are_not_what_they_should_be(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("list.json").write_text("[]")
    assert "no JSON object" in said(
        capsys, "disclose", "make", "list.json", "--about", "m", "--withhold", "a=legal", code=2
    )
    Path("empty.json").write_text('{"a": []}')
    assert "without items" in said(
        capsys, "disclose", "make", "empty.json", "--about", "m", "--withhold", "a=legal", code=2
    )
    kept = json.loads(Path("results.withheld.json").read_text())
    for name, change in {"a": {"secret": "x"}, "b": {"about": 1}, "c": {"schema": "y"}}.items():
        Path(f"{name}.json").write_text(json.dumps(kept | change))
        assert run(["disclose", "open", f"{name}.json", "--field", "score"]) == 12
    Path("other.json").write_text(json.dumps(kept | {"envelope": "0" * 64}))
    assert "does not have the statement" in said(
        capsys, "disclose", "open", "other.json", "--field", "score", code=2
    )
    swapped = json.loads(json.dumps(kept))
    swapped["withheld"]["score"] = 0.01
    Path("swapped.json").write_text(json.dumps(swapped))
    assert run(["disclose", "open", "swapped.json", "--field", "score"]) == 0
    assert "never committed" in said(capsys, "disclose", "verify", "opened.json", code=12)
    assert run(["disclose", "demand", "1", "transcripts", "--count", "2"]) == 0
    assert run(["ledger", "add", "demand.json"]) == 0
    assert "not one of those drawn" in said(
        capsys, "disclose", "open", "results.withheld.json", "--demand", "2",
        "--refuse", "39=legal", "--refuse", "38=legal", "--refuse", "37=legal", code=2,
    )  # fmt: skip


def test_a_disclosure_that_a_verifier_would_refuse_never_enters_the_log(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["disclose", "demand", "1", "transcripts", "--count", "2"]) == 0
    assert run(["ledger", "add", "demand.json"]) == 0
    (demand,) = made(capsys, "disclose", "verify")["demands"]
    other = min(set(range(40)) - set(demand["drawn"]))
    kept = json.loads(Path("results.withheld.json").read_text())
    kept["withheld"]["transcripts"][other]["text"] = "harmless"
    Path("swapped.json").write_text(json.dumps(kept))
    words = ("disclose", "open", "swapped.json", "--item", f"transcripts:{other}")
    assert run(words) == 0
    assert "not in the tree" in said(capsys, "ledger", "add", "opened.json", code=12)
    assert run(["disclose", "open", "results.withheld.json", "--demand", "2"]) == 0
    assert run(["ledger", "add", "opened.json"]) == 0
    assert run(["ledger", "add", "opened.json", "demand.json"]) == 0  # again: nothing new
    assert made(capsys, "ledger", "verify")["size"] == 4
