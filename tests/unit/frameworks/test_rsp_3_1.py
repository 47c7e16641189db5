"""Anthropic RSP 3.1 as data: situations, and the effect that a clause of the text gives each."""

from __future__ import annotations

import pytest

from scalegate.policy.codes import Severity
from scalegate.policy.lint import lint_text
from scalegate.policy.monotone import relaxations
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import EffectLevel, Gate, Modality
from tests.unit.frameworks.rsp_3_table import GENERAL, INTERNAL, rows_at
from tests.unit.frameworks.rsp_versions import (
    Row,
    changed,
    duty_of,
    level_of,
    nothing_crossed_3,
    outcome_of,
    policy_of,
    program_of,
    row_of,
    text_of,
)

NAME = "anthropic-rsp@3.1"
BEFORE = "anthropic-rsp@3.0"
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
    assert (policy.effective_on, policy.superseded_on) == ("2026-04-02", "2026-04-29")
    assert policy.supersedes == "anthropic-rsp@3.0"


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


def test_automated_research_has_two_routes() -> None:
    """Section 1, row 4, p. 8-9: substitution within five times the cost, or doubled progress."""
    threshold = next(item for item in policy_of(NAME).thresholds if item.id == "TM2")
    assert [line.id for line in threshold.indicators] == [
        "research-staff-substitution",
        "doubled-progress",
    ]
    assert "could speed up further" in threshold.operational_test


def test_pausing_elsewhere_would_be_considered_but_does_not_bind() -> None:
    """Appendix A, p. 16; new since 3.0."""
    row = row_of(NAME, "pause-elsewhere")
    assert row.modality is Modality.WOULD
    assert not row.binds
    assert "pause-elsewhere" not in {item.id for item in policy_of(BEFORE).commitments}


@pytest.mark.parametrize("risk", ["chem-bio", "misalignment", "rnd"])
def test_internal_scope_looks_beyond_reported_models_instead_of_public_ones(risk: str) -> None:
    """Section 3.1, p. 11; 3.0, section 3.1, p. 10."""
    beyond_public = {"facts": {f"internal-{risk}-risk-beyond-public": True}}
    beyond_report = {"facts": {f"internal-{risk}-risk-beyond-report": True}}
    before = changed(nothing_crossed_3(BEFORE), beyond_public)
    after = changed(nothing_crossed_3(NAME), beyond_public)
    assert level_of(BEFORE, before, INTERNAL) is ALLOW_WITH
    assert level_of(NAME, after, INTERNAL) is ALLOW
    assert level_of(NAME, changed(after, beyond_report), INTERNAL) is ALLOW_WITH


def test_feedback_is_asked_for_instead_of_given_by_separate_reviewers() -> None:
    """Section 3.4, item 2, p. 13."""
    assert duty_of(NAME, "internal-review").native_verb == "will solicit"
    assert duty_of(BEFORE, "internal-review").native_verb == "will provide"
