"""Anthropic RSP 3.2 as data: situations, and the effect that a clause of the text gives each."""

from __future__ import annotations

import pytest

from scalegate.policy.codes import Severity
from scalegate.policy.lint import lint_text
from scalegate.policy.monotone import relaxations
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import EffectLevel, Gate
from tests.unit.frameworks.rsp_3_table import GENERAL, INTERNAL, rows_at
from tests.unit.frameworks.rsp_versions import (
    Row,
    duties_of,
    duty_of,
    level_of,
    nothing_crossed_3,
    outcome_of,
    policy_of,
    program_of,
    text_of,
)

NAME = "anthropic-rsp@3.2"
BEFORE = "anthropic-rsp@3.1"
ALLOW, ALLOW_WITH, HOLD = EffectLevel.ALLOW, EffectLevel.ALLOW_WITH, EffectLevel.HOLD
PAGES = {
    "officer": "4 item 1 (2), p. 16",
    "decide": "3.4 item 3, p. 13",
    "marginal": "3.4 item 5, p. 13",
    "apa": "Appendix A, p. 17",
    "cb1": "1 row 1, p. 6",
    "cb2": "1 row 2, p. 7",
    "tm1": "1 row 3, p. 7-8",
    "tm2": "1 row 4, p. 8-9",
    "review": "3.6, p. 14",
    "scope": "3.1, p. 11",
}
ROWS = (
    *rows_at(PAGES),
    Row(
        says="more capable than the latest report",
        clause="3.1 timing 1, p. 11",
        gate=GENERAL,
        changes={"facts": {"public-model-beyond-report": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="internal, chem-bio risk beyond the mark",
        clause="3.1 timing 2 and note 5, p. 11",
        gate=INTERNAL,
        changes={"facts": {"internal-chem-bio-risk-beyond-report": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="internal, misalignment risk beyond the mark",
        clause="3.1 timing 2 and note 5, p. 11",
        gate=INTERNAL,
        changes={"facts": {"internal-misalignment-risk-beyond-report": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="internal, rnd risk beyond the mark",
        clause="3.1 timing 2 and note 5, p. 11",
        gate=INTERNAL,
        changes={"facts": {"internal-rnd-risk-beyond-report": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="internal, large-scale autonomous research, no discussion yet",
        clause="3.1 scope and timing 2, p. 11",
        gate=INTERNAL,
        changes={"facts": {"large-scale-autonomous-research": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="the same with the discussion published",
        clause="3.1 scope and timing 2, p. 11",
        gate=INTERNAL,
        changes={
            "facts": {"large-scale-autonomous-research": True},
            "documents": {"off-cycle-analysis.published": True},
        },
        expect=ALLOW,
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_situation_has_the_effect_its_clause_gives(row: Row) -> None:
    outcome = outcome_of(NAME, row.situation(nothing_crossed_3(NAME)), row.gate, row.ask)
    assert outcome.governed
    assert outcome.level is row.expect, outcome.determining


def test_file_names_itself_its_days_and_the_version_before() -> None:
    policy = policy_of(NAME)
    assert policy.name == NAME
    assert (policy.effective_on, policy.superseded_on) == ("2026-04-29", "2026-05-26")
    assert policy.supersedes == "anthropic-rsp@3.1"


def test_lint_finds_no_error_and_no_warning() -> None:
    found = [item for item in lint_text(text_of(NAME)) if item.severity is not Severity.NOTE]
    assert not found


def test_nothing_worse_relaxes_a_gate() -> None:
    assert not list(relaxations(program_of(NAME)))


@pytest.mark.parametrize("gate", list(Gate))
def test_every_gate_is_governed_and_nothing_known_is_held(gate: Gate) -> None:
    outcome = outcome_of(NAME, Situation(), gate)
    assert outcome.governed
    assert outcome.level is HOLD


def test_trust_may_ask_for_review_and_is_briefed() -> None:
    """Section 3.6, p. 14, and section 4, item 2, p. 16; new since 3.1."""
    assert duties_of(NAME) - duties_of(BEFORE) == {"external-review-on-request", "trust-briefings"}
    assert not duties_of(BEFORE) - duties_of(NAME)


def test_trust_approves_the_reviewers_where_it_was_consulted() -> None:
    """Section 3.6.1, p. 15; 3.1, section 3.6.1, p. 14."""
    assert "approval" in duty_of(NAME, "external-reviewers-chosen").native_verb
    assert "consultation" in duty_of(BEFORE, "external-reviewers-chosen").native_verb


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_gates_are_those_of_version_3_1(row: Row) -> None:
    """The changes of 3.2 are duties towards the Trust."""
    before = row.situation(nothing_crossed_3(BEFORE))
    assert level_of(BEFORE, before, row.gate, row.ask) is row.expect
