"""NVIDIA's risk assessment of February 2025, as encoded, does what its text says at each gate.

Pages are those of the file. The expectations are written from the text, not from the encoding.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Modality
from tests.unit.frameworks.other_labs import (
    ALLOW,
    ALLOW_WITH,
    CONTINUE,
    HOLD,
    INSIDE,
    OUTSIDE,
    RESTRICT,
    START,
    at,
    faults_of,
    in_place,
    silent_gates,
)
from tests.unit.frameworks.rsp_versions import policy_of, row_of

NAME = "nvidia-fara@2025-02"
LEADER, COMMITTEE = "approved-by-business-unit", "approved-by-committee"


def scored(score: int, *without: str, frontier: bool = False, reading: str = "") -> Situation:
    return in_place(
        NAME,
        without=without,
        facts={"model-risk-score": Decimal(score), "shows-frontier-capabilities": frontier},
        readings={"committee-approval": reading} if reading else {},
    )


def test_lint_finds_nothing_but_notes_and_nothing_worse_relaxes_a_gate() -> None:
    assert faults_of(NAME) == ()


def test_knowing_nothing_holds_release_and_restricts_weights() -> None:
    for gate in OUTSIDE:
        assert at(NAME, gate, Situation()).level is HOLD
    assert at(NAME, Gate.STORE, Situation()).level is RESTRICT


def test_the_text_is_silent_on_development_and_internal_use() -> None:
    assert silent_gates(NAME) == {Gate.TRAIN, *INSIDE}
    assert {note.gate for note in policy_of(NAME).silent_at} == silent_gates(NAME)


# Situation, gate, ask, effect, rows that decide; clause.
TABLE = [
    pytest.param(
        scored(3, LEADER, COMMITTEE, "detailed-risk-assessment.covered"),
        Gate.EXTERNAL_GENERAL,
        START,
        ALLOW,
        None,
        id="p.3: up to 3 engineering teams document",
    ),
    pytest.param(
        scored(4, LEADER, COMMITTEE),
        Gate.EXTERNAL_GENERAL,
        START,
        HOLD,
        {"LEADER-APPROVAL"},
        id="p.2-3: at 4 the leader's approval is required before release",
    ),
    pytest.param(
        scored(4, "detailed-risk-assessment.covered"),
        Gate.EXTERNAL_GENERAL,
        START,
        ALLOW,
        None,
        id="p.2: the detailed assessment should be complete, and holds nothing",
    ),
    pytest.param(
        scored(5, COMMITTEE),
        Gate.EXTERNAL_GENERAL,
        START,
        HOLD,
        {"COMMITTEE-APPROVAL"},
        id="p.2: at 5 a committee's, under the strict reading",
    ),
    pytest.param(
        scored(5, LEADER),
        Gate.OPEN_WEIGHTS,
        START,
        ALLOW,
        None,
        id="p.2: the committee stands above the leader",
    ),
    pytest.param(
        scored(1, "weights-for-essential-personnel", frontier=True),
        Gate.STORE,
        CONTINUE,
        RESTRICT,
        {"RESTRICT-WEIGHTS"},
        id="p.12: weights for essential personnel",
    ),
    pytest.param(
        scored(1, "weights-for-essential-personnel"),
        Gate.STORE,
        CONTINUE,
        ALLOW,
        None,
        id="p.12: of frontier models only",
    ),
    pytest.param(
        scored(1, "fine-tuning-restricted", frontier=True),
        Gate.EXTERNAL_GENERAL,
        START,
        RESTRICT,
        {"RESTRICT-FINE-TUNING"},
        id="p.12: no fine-tuning at will",
    ),
    pytest.param(
        scored(1, "systemic-risk-testing.covered", frontier=True),
        Gate.EXTERNAL_GENERAL,
        START,
        ALLOW,
        None,
        id="p.12: testing before public deployment is an aim",
    ),
    pytest.param(
        scored(1, "model-card.published"),
        Gate.EXTERNAL_GENERAL,
        START,
        ALLOW_WITH,
        {"MODEL-CARD"},
        id="p.1: evaluation data are kept in the model card",
    ),
]


@pytest.mark.parametrize(("given", "gate", "ask", "effect", "rows"), TABLE)
def test_a_clause_decides_as_the_text_says(
    given: Situation, gate: Gate, ask: Ask, effect: EffectLevel, rows: set[str] | None
) -> None:
    outcome = at(NAME, gate, given, ask)
    assert outcome.level is effect
    if rows is not None:
        assert set(outcome.determining) == rows


def test_without_the_strict_reading_a_leader_may_release_a_frontier_model() -> None:
    """P. 2: should."""
    for reading, effect in (("required", HOLD), ("recommended", ALLOW)):
        given = scored(5, COMMITTEE, reading=reading)
        assert at(NAME, Gate.EXTERNAL_GENERAL, given).level is effect


def test_a_should_that_binds_says_why() -> None:
    row = row_of(NAME, "COMMITTEE-APPROVAL")
    assert (row.modality, row.binds) == (Modality.AIM, True)
    assert row.binding_reason


def test_hazards_are_watched_without_thresholds() -> None:
    """P. 8."""
    assert not policy_of(NAME).thresholds
    assert all(item.watch_list for item in policy_of(NAME).domains)


def test_the_day_is_the_first_of_the_month_it_applies_from() -> None:
    """P. 1."""
    assert policy_of(NAME).effective_on == "2025-08-01"
