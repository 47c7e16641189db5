"""Anthropic RSP 3.0 as data: situations, and the effect that a clause of the text gives each."""

from __future__ import annotations

import pytest

from scalegate.policy.codes import Severity
from scalegate.policy.lint import lint_text
from scalegate.policy.monotone import relaxations
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import EffectLevel, Gate, Level
from tests.unit.frameworks.rsp_3_table import GENERAL, INTERNAL, rows_at
from tests.unit.frameworks.rsp_versions import (
    Row,
    changed,
    duties_of,
    duty_of,
    level_of,
    nothing_crossed_3,
    outcome_of,
    policy_of,
    program_of,
    row_of,
    status,
    text_of,
)

NAME = "anthropic-rsp@3.0"
BEFORE = "anthropic-rsp@2.2"
ALLOW, ALLOW_WITH, HOLD = EffectLevel.ALLOW, EffectLevel.ALLOW_WITH, EffectLevel.HOLD
PAGES = {
    "officer": "4 item 1 (2), p. 15",
    "decide": "3.4 item 3, p. 12",
    "marginal": "3.4 item 5, p. 12",
    "apa": "Appendix A, p. 16",
    "cb1": "1 row 1, p. 6",
    "cb2": "1 row 2, p. 7",
    "tm1": "1 row 3, p. 7-8",
    "tm2": "1 row 4, p. 8-9",
    "review": "3.6, p. 13",
    "scope": "3.1, p. 10",
}
ROWS = (
    *rows_at(PAGES),
    Row(
        says="more capable than the latest report",
        clause="3.1 timing 1, p. 10",
        gate=GENERAL,
        changes={"facts": {"public-model-beyond-report": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="internal, chem-bio risk beyond the mark",
        clause="3.1 timing 2 and note 4, p. 10",
        gate=INTERNAL,
        changes={"facts": {"internal-chem-bio-risk-beyond-public": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="internal, misalignment risk beyond the mark",
        clause="3.1 timing 2 and note 4, p. 10",
        gate=INTERNAL,
        changes={"facts": {"internal-misalignment-risk-beyond-public": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="internal, rnd risk beyond the mark",
        clause="3.1 timing 2 and note 4, p. 10",
        gate=INTERNAL,
        changes={"facts": {"internal-rnd-risk-beyond-public": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="internal, large-scale autonomous research, no discussion yet",
        clause="3.1 scope and timing 2, p. 10",
        gate=INTERNAL,
        changes={"facts": {"large-scale-autonomous-research": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="the same with the discussion published",
        clause="3.1 scope and timing 2, p. 10",
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
    assert (policy.effective_on, policy.superseded_on) == ("2026-02-24", "2026-04-02")
    assert policy.supersedes == "anthropic-rsp@2.2"


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


def test_pausing_elsewhere_is_not_mentioned() -> None:
    """Appendix A, p. 16, says nothing of cases that its scenarios do not cover."""
    assert "pause-elsewhere" not in {row.id for row in policy_of(NAME).commitments}


def test_automated_research_is_two_years_of_progress_in_one() -> None:
    """Section 1, row 4, p. 8-9, and section 3.6, p. 13."""
    threshold = next(item for item in policy_of(NAME).thresholds if item.id == "TM2")
    assert [line.id for line in threshold.indicators] == ["compressed-progress"]
    assert "2018 to 2024" in threshold.operational_test


def test_no_standard_of_the_version_before_is_demanded() -> None:
    """Section 1, p. 4: analysis and arguments instead of AI Safety Levels."""
    before = {item.id for item in policy_of(BEFORE).standards}
    assert before.isdisjoint({item.id for item in policy_of(NAME).standards})


def test_security_against_states_is_advice_where_it_was_binding() -> None:
    """Section 1, rows 2 and 4, p. 7-8; 2.2, section 2, p. 8."""
    assert not row_of(NAME, "tm2-industry").binds
    assert row_of(BEFORE, "aird-5-security").binds


def test_training_past_a_weapons_threshold_is_no_longer_paused_for_deployment_measures() -> None:
    """Section 1, row 1, p. 6: the plan asks for security controls where weights are trained."""
    bare = changed(
        nothing_crossed_3(NAME),
        {"statuses": {"CB-1": status(Level.CROSSED), "CB-2": status(Level.CROSSED)}},
    )
    assert level_of(NAME, bare, Gate.TRAIN) is ALLOW


def test_watch_over_cyber_operations_and_radiological_weapons_is_gone() -> None:
    """Section 1, p. 6-9, has no row for them; 2.2, section 2, p. 8-9, had."""
    assert {item.id for item in policy_of(BEFORE).domains} >= {"cbrn", "cyber"}
    assert {item.id for item in policy_of(NAME).domains} == {"chem-bio", "misalignment", "ai-rnd"}


def test_sharing_with_board_and_trust_follows_approval_and_holds_nothing() -> None:
    """Section 3.4, item 4, p. 12; 2.2, section 3.3, step 4, p. 11: before moving forward."""
    base = nothing_crossed_3(NAME)
    assert level_of(NAME, base, GENERAL) is ALLOW
    assert "capability-decision-shared" not in {item.id for item in policy_of(NAME).questions}
    assert "capability-decision-shared" in {item.id for item in policy_of(BEFORE).questions}


def test_duties_of_the_version_before_that_are_gone() -> None:
    gone = {"us-government-notice", "readiness", "reapprove-safeguards", "public-summaries"}
    assert gone <= duties_of(BEFORE)
    assert gone.isdisjoint(duties_of(NAME))


def test_separate_reviewers_give_feedback_on_a_report() -> None:
    """Section 3.4, item 2, p. 12."""
    assert duty_of(NAME, "internal-review").to == ("separate internal reviewers",)
