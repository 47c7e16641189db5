"""Anthropic RSP 3.3 as data: situations, and the effect that a clause of the text gives each."""

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
    changed,
    duties_of,
    level_of,
    nothing_crossed_3,
    outcome_of,
    policy_of,
    program_of,
    text_of,
)

NAME = "anthropic-rsp@3.3"
BEFORE = "anthropic-rsp@3.2"
ALLOW, ALLOW_WITH, HOLD = EffectLevel.ALLOW, EffectLevel.ALLOW_WITH, EffectLevel.HOLD
PAGES = {
    "officer": "4 item 1 (2), p. 16",
    "decide": "3.4 item 3, p. 13",
    "marginal": "3.4 item 5, p. 13",
    "apa": "Appendix A, p. 17",
    "cb1": "1 row 1, p. 6",
    "cb2": "1 row 2, p. 7",
    "tm1": "1 row 3, p. 7-8",
    "tm2": "1 row 4, p. 8-10",
    "review": "3.6, p. 14",
    "scope": "3.1, p. 11",
}
ROWS = (
    *rows_at(PAGES),
    Row(
        says="more capable than all that was analysed",
        clause="3.1 off-cycle 1, p. 11",
        gate=GENERAL,
        changes={"facts": {"public-model-beyond-analysed": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="internal, misalignment risk beyond all that was analysed",
        clause="3.1 off-cycle 2, p. 11",
        gate=INTERNAL,
        changes={"facts": {"internal-misalignment-risk-beyond-analysed": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="internal, R&D risk beyond all that was analysed",
        clause="3.1 off-cycle 2, p. 11",
        gate=INTERNAL,
        changes={"facts": {"internal-rnd-risk-beyond-analysed": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="the same with an analysis published",
        clause="3.1 off-cycle 2, p. 11",
        gate=INTERNAL,
        changes={
            "facts": {"internal-rnd-risk-beyond-analysed": True},
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
    assert (policy.effective_on, policy.superseded_on) == ("2026-05-26", "2026-07-08")
    assert policy.supersedes == "anthropic-rsp@3.2"


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


def test_internal_chemical_and_biological_risk_no_longer_starts_a_clock() -> None:
    """Section 3.1, p. 11; 3.2, section 3.1 and note 5, p. 11: risks at every threshold."""
    shown = {"facts": {"internal-chem-bio-risk-beyond-report": True}}
    assert level_of(BEFORE, changed(nothing_crossed_3(BEFORE), shown), INTERNAL) is ALLOW_WITH
    assert level_of(NAME, changed(nothing_crossed_3(NAME), shown), INTERNAL) is ALLOW


def test_autonomous_research_alone_no_longer_starts_the_thirty_days() -> None:
    """Section 3.1, p. 11: always in the report's scope, but the clock has a test of its own."""
    shown = {"facts": {"large-scale-autonomous-research": True}}
    assert level_of(BEFORE, changed(nothing_crossed_3(BEFORE), shown), INTERNAL) is ALLOW_WITH
    assert level_of(NAME, changed(nothing_crossed_3(NAME), shown), INTERNAL) is ALLOW


def test_novel_weapons_threshold_asks_for_substitution_at_a_lower_harm() -> None:
    """Section 1, row 2 and notes 4 to 7, p. 7; 3.2, section 1, row 2, p. 7."""
    after, before = (
        next(item for item in policy_of(name).thresholds if item.id == "CB-2").statement
        for name in (NAME, BEFORE)
    )
    assert "like those of COVID-19 or worse" in after
    assert "far beyond past catastrophes" in before


def test_misalignment_threshold_has_a_new_name_only() -> None:
    """Section 1, row 3, p. 7-8."""
    after, before = (
        next(item for item in policy_of(name).thresholds if item.id == "TM1")
        for name in (NAME, BEFORE)
    )
    assert after.native != before.native
    assert after.statement == before.statement


def test_duties_are_those_of_version_3_2() -> None:
    assert duties_of(NAME) == duties_of(BEFORE)
