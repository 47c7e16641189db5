"""What `arrange` lays out: nothing decided, nothing left out, everything in one place."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from scalegate.base.errors import UsageError
from scalegate.estimate.model import Insufficient, InsufficientReason
from scalegate.gate.model import OpeningWork
from scalegate.report.arrange import arrange
from scalegate.report.cite import SourceList
from scalegate.report.html import render_html
from scalegate.report.ladder import ladders
from scalegate.report.model import Reasoned, Report, Summary, SummaryCell, decision_key
from scalegate.report.numerals import day, exact, in_days, rounded, rounded_beside
from scalegate.report.terminal import verdict_phrase
from scalegate.report.words import limit_text
from tests.strategies.page import read_page
from tests.strategies.report_case import SUBJECT, ReportCase, report_case

CASE = report_case()
REPORT = CASE.report()


def arranged(case: ReportCase) -> Report:
    return arrange(case.assessments, case.decisions, case.works, case.clocks, engine="0.0.1")


def test_a_report_without_a_title_names_its_subjects() -> None:
    assert arranged(CASE).title == f"Gates of {SUBJECT}"


def test_a_report_needs_an_assessment_one_instant_and_the_assessment_of_each_decision() -> None:
    with pytest.raises(UsageError, match="at least one assessment"):
        arranged(dataclasses.replace(CASE, assessments=(), decisions=()))
    with pytest.raises(UsageError, match="has no assessment here"):
        arranged(dataclasses.replace(CASE, assessments=CASE.assessments[:1]))
    later = dataclasses.replace(
        CASE.decisions[0], as_of=datetime.max.replace(tzinfo=CASE.decisions[0].as_of.tzinfo)
    )
    with pytest.raises(UsageError, match="one instant"):
        arranged(dataclasses.replace(CASE, decisions=(later,)))


def test_a_gate_that_was_not_asked_is_an_empty_cell() -> None:
    case = dataclasses.replace(CASE, decisions=(*CASE.decisions[:2], *CASE.decisions[3:]))
    (summary,) = arranged(case).summaries
    words = {gate: [cell.word and cell.word.word for cell in cells] for gate, cells in summary.rows}
    assert words["general release, to start or widen"] == [None, "OPEN"]


def test_a_report_without_decisions_says_that_no_gate_was_asked() -> None:
    text = render_html(arranged(dataclasses.replace(CASE, decisions=(), works={}, clocks={})))
    assert "no gate was asked about" in text
    assert "No gate was asked about under this policy." in text


def test_the_ladder_stands_highest_first_with_every_threshold_of_the_domain() -> None:
    found = ladders(CASE.assessments[0], SourceList(), "p")
    assert [ladder.domain for ladder in found] == ["bio", "rnd", "cyber"]
    assert [(rung.id, rung.height) for rung in found[0].rungs] == [("BIO-2", 1), ("BIO-1", 0)]
    assert [len(chart.bars) for chart in found[0].charts] == [2]
    assert found[1].charts == ()
    assert found[2].watch_list


def test_what_turns_next_is_in_order_of_time_and_lies_ahead() -> None:
    instants = [each.at for each in REPORT.expiries]
    assert instants == sorted(instants)
    assert all(at > REPORT.as_of for at in instants)
    assert any("turns to ■ HOLD" in each.what for each in REPORT.expiries)


def test_judgement_stands_apart_from_work() -> None:
    for policy in REPORT.policies:
        for gate in policy.gates:
            own = CASE.works[decision_key(gate.decision)]
            judged = [each for each in own if any(work.by_judgement for work in each)]
            assert gate.judgement.count == len(judged)
            assert gate.work.count == len(own) - len(judged)
            rebuilt = [{*gate.work.shared, *rest} for rest in gate.work.rest or ((),)]
            if gate.work.count:
                assert rebuilt == [set(each) for each in own if each not in judged]


def test_a_page_says_how_far_the_search_for_work_went_as_the_terminal_does() -> None:
    """Sets that are there are not all there are; none found is not none there is."""
    key, sets = next((key, sets) for key, sets in CASE.works.items() if sets)
    for found, said in ((sets, "sets of work."), ((), "No set of work that was searched opens it")):
        works = {key: OpeningWork.of(found, complete_up_to=2)}
        report = arrange(CASE.assessments, CASE.decisions, works, CASE.clocks, engine="0.0.1")
        page = render_html(report)
        assert page.count(limit_text(2)) == 1
        assert said in page
    assert "The search has a limit" not in render_html(REPORT)


def parts(reasoned: Reasoned) -> list[Reasoned]:
    return [reasoned, *(part for child in reasoned.children for part in parts(child))]


def test_an_equal_part_of_a_why_is_shown_once_and_referred_to_after_that() -> None:
    shown: set[str] = set()
    referred = 0
    for policy in REPORT.policies:
        for gate in policy.gates:
            for part in (p for why in (gate.why, *gate.advice) for p in parts(why)):
                if part.same_as:
                    assert part.same_as in shown
                    assert not part.children
                    referred += 1
                shown |= {part.anchor} - {""}
    assert referred


def test_every_piece_of_evidence_stands_once_with_all_that_rests_on_it() -> None:
    ids = [each.id for each in REPORT.evidence]
    assert len(ids) == len(set(ids))
    result = next(each for each in REPORT.evidence if each.id == "protocols-result")
    assert {use.split()[0] for use in result.used_for} == {"meridian-fsf@3.2", "other-frame@1"}
    assert all(use for each in REPORT.evidence for use in each.used_for)


def test_a_claimed_state_that_differs_from_the_derived_one_is_marked() -> None:
    states = {s.id: s for s in REPORT.policies[0].safeguards}
    assert states["filters"].differs
    assert states["filters"].claimed == "live and sufficient"
    assert states["filters"].state.word == "stale"
    assert not states["vault"].differs


def test_an_insufficient_estimate_is_said_and_never_a_number() -> None:
    verdict = CASE.assessments[0].findings["BIO-1"].indicators[0].verdicts[0].verdict
    lacking = Insufficient(reason=InsufficientReason.NO_DATA, detail="nothing ran")
    assert verdict_phrase(dataclasses.replace(verdict, estimate=lacking)) == "no data"
    unbounded = dataclasses.replace(verdict, bound=None)
    assert verdict_phrase(unbounded) == "no upper bound, line 0.6"
    lower = dataclasses.replace(verdict, bound=verdict.effective_line)
    assert verdict_phrase(lower) == "lower 0.169 = 0.169 (line 0.6)"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.3136, "0.314"),
        (1234.5, "1,234"),
        (2.0, "2"),
        (1e-9, "1.00e-09"),
        (-0.5, "-0.5"),
    ],
)
def test_numbers_keep_three_digits(value: float, text: str) -> None:
    assert rounded(value) == text


def test_a_bound_never_reads_like_the_line_it_misses() -> None:
    assert rounded_beside(0.19996, 0.2) == "0.19996"
    assert rounded_beside(0.2, 0.2) == "0.2"
    assert rounded_beside(0.2 + 1e-17, 0.2) == "0.2"


def test_lines_and_days_are_exact() -> None:
    assert [exact(Decimal(text)) for text in ("2.80", "1E+2", "0.010")] == ["2.8", "100", "0.01"]
    assert day(None) == "–"
    at = REPORT.as_of
    said = [in_days(at + timedelta(days=days), at) for days in (0, 1, 40, -2)]
    assert said == ["within a day", "in 1 day", "in 40 days", "2 days ago"]


def test_two_subjects_under_one_framework_stand_apart_with_ids_and_names_of_their_own() -> None:
    other = "deployment:orion-elsewhere"
    twins = tuple(
        dataclasses.replace(known, subject=dataclasses.replace(known.subject, ref=other))
        for known in CASE.assessments
    )
    moved = tuple(dataclasses.replace(each, subject=other) for each in CASE.decisions)
    case = ReportCase(
        assessments=(*CASE.assessments, *twins),
        decisions=(*CASE.decisions, *moved),
        works=CASE.works,
        clocks=CASE.clocks,
    )
    report = arranged(case)
    assert [table.subject for table in report.summaries] == [SUBJECT, other]
    assert [len(view.gates) for view in report.policies] == [3, 3, 3, 3]
    page = read_page(render_html(report))
    for name in ("id", "aria-label"):
        found = [e.attributes[name] for e in page.walk() if name in e.attributes]
        found = [each for each in found if not each.startswith("Ladder of")]
        assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("frameworks", "gates", "is_turned"),
    [(3, 7, False), (14, 6, True), (5, 6, False), (14, 0, False)],
)
def test_more_policies_than_fit_beside_each_other_become_rows(
    frameworks: int,
    gates: int,
    is_turned: bool,
) -> None:
    names = tuple(f"p{at}" for at in range(frameworks))
    rows = tuple(
        (f"g{gate}", tuple(SummaryCell(word=None, because=f"{gate} {name}") for name in names))
        for gate in range(gates)
    )
    table = Summary(subject="model:m", frameworks=names, rows=rows)
    heads, shown = table.shown
    assert table.is_turned is is_turned
    assert heads == (tuple(name for name, _ in rows) if is_turned else names)
    for row, cells in shown:
        for head, cell in zip(heads, cells, strict=True):
            gate, name = (head, row) if is_turned else (row, head)
            assert cell.because == f"{gate[1:]} {name}"
