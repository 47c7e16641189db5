"""The report of the made-up case keeps its bytes; JSON, terminal and HTML say the same.

After a wanted change, `python -m tests.golden.test_report` writes the stored files anew; read
their difference before it is committed.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalegate.policy.vocabulary import EffectLevel
from scalegate.report.html import render_html
from scalegate.report.json_view import (
    assessment_to_mapping,
    clocks_to_list,
    decision_to_mapping,
    works_to_list,
)
from scalegate.report.model import decision_key
from scalegate.report.terminal import gate_rows, status_rows
from scalegate.report.words import decision_word, effect_word
from tests.strategies.page import Element, read_page
from tests.strategies.report_case import ReportCase, report_case

HERE = Path(__file__).parent
CASE = report_case()


def as_html(case: ReportCase) -> str:
    return render_html(case.report())


def as_json(case: ReportCase) -> str:
    decisions = [decision_to_mapping(each) for each in case.decisions]
    for plain in decisions:
        plain.pop("engine")  # changes with every release
    whole = {
        "assessments": [assessment_to_mapping(each) for each in case.assessments],
        "clocks": [clocks_to_list(each) for each in case.clocks.values()],
        "decisions": decisions,
        "works": [works_to_list(case.works[decision_key(each)]) for each in case.decisions],
    }
    return json.dumps(whole, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def as_lines(case: ReportCase) -> str:
    rows = [
        f"{r.framework} | {r.domain} | {r.threshold} | {r.evidence} | {r.level.label}"
        f" | {r.safeguards} | {r.gate.label} | {r.next_expiry}"
        for known in case.assessments
        for r in status_rows(known, case.decisions)
    ]
    rows += [
        f"{r.framework} | {r.gate} | {r.word.label} | {r.word.qualifier} | {r.because} | {r.turns}"
        for r in gate_rows(case.decisions)
    ]
    return "\n".join(rows) + "\n"


GOLDEN = {"report.html": as_html, "report.json": as_json, "report.txt": as_lines}


def test_every_verdict_prints_what_it_rests_on_on_terminal_in_html_and_in_json() -> None:
    terminal = (HERE / "cli" / "assess.txt").read_text(encoding="utf-8")
    assert max(map(len, terminal.splitlines())) <= 80
    words = " ".join(terminal.split())
    html = " ".join(as_html(CASE).split())
    for said in (
        "proportion by tasks: 200 units, 200 samples, 200 effective",
        "bound 0.415, line 0.6, 0.169 after allowances",
        "allowance for elicitation: 2 logit (alone: line 0.169), never evidenced",
        "tolerated gap 2; power 0.86, at the safe level 0.1; detectable excess",
        "positive control: none on record",
        "error: 5.00% conditional on a gap within 2, and what was never evidenced",
        "looks on record: 1; expires: 2032-01-10",
        "E2 is declared, no evidence",
        "What the policy asks of elicitation",
    ):
        assert said in words
        assert said in html
    (plain,) = [
        read
        for known in json.loads(as_json(CASE))["assessments"][:1]
        for finding in known["thresholds"]
        for line in finding["indicators"]
        for read in line["verdicts"]
    ]
    assert {"estimand", "unit", "n_units", "n_effective"} <= plain["estimate"].keys()
    assert plain["line_after_each_allowance"] == [plain["effective_line"]]
    assert {"component", "amount", "evidence"} <= plain["allowances"][0].keys()
    assert plain["error_budget"]["total"] is None
    for name in ("tolerated_gap", "power_at_safe", "positive_control", "n_looks"):
        assert name in plain


@pytest.mark.parametrize("name", GOLDEN)
def test_the_made_up_case_keeps_its_bytes(name: str) -> None:
    assert GOLDEN[name](CASE) == (HERE / name).read_text(encoding="utf-8")


def test_the_same_case_decided_again_gives_the_same_bytes() -> None:
    again = report_case()
    assert [write(again) for write in GOLDEN.values()] == [write(CASE) for write in GOLDEN.values()]


def cells(page: Element) -> dict[tuple[str, str], str]:
    """Return the text of each cell of the summary by gate and framework."""
    table = page.all("table")[0]
    frameworks = [cell.text for cell in table.all("thead")[0].all("th")[1:]]
    return {
        (row.all("th")[0].text, framework): cell.text
        for row in table.all("tbody")[0].all("tr")
        for framework, cell in zip(frameworks, row.all("td"), strict=True)
    }


def assert_the_three_agree(case: ReportCase) -> None:
    page = read_page(as_html(case))
    shown = cells(page)
    rows = {(row.gate, row.framework): row for row in gate_rows(case.decisions)}
    assert shown.keys() == rows.keys()
    for decision, (place, row) in zip(case.decisions, rows.items(), strict=True):
        plain: dict[str, Any] = json.loads(json.dumps(decision_to_mapping(decision)))
        word = plain["shown_as"]
        assert (row.word.word, row.word.symbol) == (word["word"], word["symbol"])
        assert shown[place].startswith(f"{word['symbol']} {word['word']}")
        assert plain["effect"] == decision.level.word
        if plain["governed"] and word["word"] != "NOT YET":
            assert effect_word(decision.level).word == word["word"]
        headings = [h.text for h in page.all("h4") if h.text.startswith(row.gate)]
        assert any(word["word"] in heading for heading in headings)


def test_json_terminal_and_page_agree_on_the_case() -> None:
    assert_the_three_agree(CASE)


@settings(max_examples=25)
@given(st.data())
def test_json_terminal_and_page_agree_on_any_decision(data: st.DataObject) -> None:
    """Design: one function decides; every surface renders its value."""
    changed = tuple(
        dataclasses.replace(
            decision,
            level=data.draw(st.sampled_from(EffectLevel)),
            governed=data.draw(st.booleans()),
            inconclusive=data.draw(st.booleans()),
            before=data.draw(st.sampled_from([(), ("tell the board",)])),
            obligations=data.draw(st.sampled_from([(), ("keep a watch",)])),
        )
        for decision in CASE.decisions
    )
    works = {decision_key(each): CASE.works[decision_key(each)] for each in changed}
    case = ReportCase(
        assessments=CASE.assessments, decisions=changed, works=works, clocks=CASE.clocks
    )
    assert_the_three_agree(case)
    for decision in changed:
        assert decision_to_mapping(decision)["is_open"] is decision.is_open
        assert decision_word(decision).tone != "open" or decision.is_open


def main() -> None:
    """Write the stored files anew."""
    for name, write in GOLDEN.items():
        (HERE / name).write_text(write(CASE), encoding="utf-8")


if __name__ == "__main__":
    main()
