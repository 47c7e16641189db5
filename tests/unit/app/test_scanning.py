"""A scan's summary becomes a document with its counts, or is refused; nothing else is read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scalegate.app.scanning import ScanAsked, reach_of, scan_document
from scalegate.base.errors import FormatError, UnknownName
from scalegate.cli.main import main
from scalegate.evidence.documents.checks import HidingCheck
from scalegate.evidence.parse import parse_document

DATA = Path(__file__).resolve().parents[2] / "data"
SCAN = DATA / "scout-scan"
LOGS = DATA / "inspect-logs"

ASKED = ScanAsked(
    id="scan",
    scanner="sandbagging",
    subject="model:m",
    tested="checkpoint:m/helpful",
    indicator="lines/synthesis",
    at=datetime(2026, 11, 1, tzinfo=UTC),
)


def summary(**changes: Any) -> str:
    """Return a summary in the form that inspect-scout 0.6.2 writes."""
    scanner = {
        "scans": 50,
        "results": 0,
        "errors": 0,
        "validation": {"entries": [], "metrics": {"tp": 18, "fp": 1, "tn": 29, "fn": 2}},
        "metrics": None,
        "tokens": 0,
        "model_usage": {},
    }
    return json.dumps({"complete": True, "scanners": {"sandbagging": {**scanner, **changes}}})


def payload(text: str) -> dict[str, Any]:
    document = scan_document(text, ASKED)
    parse_document(json.dumps(document), file="scan.json")
    found: dict[str, Any] = document["payload"]
    return found


def test_counts_and_the_scanners_own_validation_are_kept() -> None:
    found = payload(summary())
    assert found["found"] == "no_sign"
    assert (found["scan"]["scans"], found["scan"]["results"]) == (50, 0)
    assert found["tried"] == {"hiding": 20, "seen": 18, "honest": 30, "false_alarms": 1}
    assert "tried" not in payload(summary(validation=None))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (summary(results=1), "sign"),
        (summary(results=1, errors=2), "sign"),
        (summary(errors=1), "inconclusive"),
        (summary(scans=0), "inconclusive"),
        (summary().replace('"complete": true', '"complete": false'), "inconclusive"),
        (summary().replace('"complete": true', '"other": 1'), "inconclusive"),
    ],
)
def test_any_result_is_a_sign_and_a_scan_in_part_says_nothing(text: str, found: str) -> None:
    assert payload(text)["found"] == found


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"scanners": []}', summary(results=-1), summary(scans=True), "[" * 10_000],
)
def test_what_is_no_summary_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        scan_document(text, ASKED)


def test_an_unknown_scanner_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match="sandbagging"):
        scan_document(summary().replace('"sandbagging"', '"other"', 1), ASKED)


def test_the_verb_writes_a_document_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scan").mkdir()
    (tmp_path / "scan" / "_summary.json").write_text(summary(results=2))
    words = ["evidence", "scan", "scan", "--scanner", "sandbagging"]
    words += ["--indicator", "lines/synthesis", "--subject", "model:m", "--out", "s.yaml"]
    assert main(words) == 0
    assert "sandbagging: sign" in capsys.readouterr().out
    parse_document((tmp_path / "s.yaml").read_text(), file="s.yaml")
    assert main(words) == 2
    bad = [*words[:-1], "t.yaml"]
    bad[bad.index("model:m")] = "m m"
    assert main([*bad, "--json"]) == 2
    assert not (tmp_path / "t.yaml").exists()
    capsys.readouterr()
    good = [*words[:-1], "u.yaml", "--as-of", "2026-11-01", "--json"]
    assert main(good) == 0
    assert json.loads(capsys.readouterr().out)["found"] == "sign"


def scanned(log: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    out = folder / f"{log}.yaml"
    words = ["evidence", "scan", str(SCAN), "--scanner", "odd_number", "--indicator", "lines/l"]
    words += ["--subject", "model:m", "--log", str(LOGS / log), "--out", str(out)]
    assert main(words) == 0
    capsys.readouterr()
    found: dict[str, Any] = json.loads(
        json.dumps(
            parse_document(out.read_text(), file="s.yaml")
            .payload_as(HidingCheck)
            .model_dump(mode="json")
        )
    )
    return found


def test_a_real_scan_is_held_against_the_logs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = scanned("inspect_scout__popularity_DN2wbX2ZvACsBpjwptzBRo.eval", tmp_path, capsys)
    assert whole["found"] == "no_sign"
    assert (whole["scan"]["samples"], whole["scan"]["samples_scanned"]) == (100, 100)
    assert whole["tried"] == {"hiding": 8, "seen": 0, "honest": 32, "false_alarms": 0}
    other = scanned("inspect_scout__theory-of-mind_bbB4eRCx2rFJLyPH42Cj9r.eval", tmp_path, capsys)
    assert other["found"] == "inconclusive"
    assert (other["scan"]["samples"], other["scan"]["samples_scanned"]) == (100, 0)


@pytest.mark.parametrize(
    ("text", "samples"),
    [
        ("{}", ["a"]),
        ('{"transcripts": {"transcript_ids": []}}', ["a"]),
        ('{"transcripts": {"transcript_ids": {}}}', []),
        ('{"transcripts": {"transcript_ids": {}}}', ["a", ""]),
    ],
)
def test_a_scan_is_not_held_against_what_has_no_ids(text: str, samples: list[str]) -> None:
    with pytest.raises(FormatError):
        reach_of(text, {"0" * 64: samples})


def test_a_scan_of_a_part_is_inconclusive_but_a_sign_stays_one() -> None:
    part = reach_of('{"transcripts": {"transcript_ids": {"a": null}}}', {"0" * 64: ["a", "b"]})
    assert scan_document(summary(), ASKED, part)["payload"]["found"] == "inconclusive"
    assert scan_document(summary(results=1), ASKED, part)["payload"]["found"] == "sign"
