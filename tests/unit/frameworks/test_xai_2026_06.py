"""xAI's framework of June 2026, as encoded, does what its text says at each gate.

Pages are those of the file. The expectations are written from the text, not from the encoding.
"""

from __future__ import annotations

import pytest

from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate
from tests.unit.frameworks.other_labs import (
    ALLOW,
    ALLOW_WITH,
    CONTINUE,
    HOLD,
    INSIDE,
    OUTSIDE,
    START,
    at,
    faults_of,
    in_place,
    silent_gates,
)
from tests.unit.frameworks.rsp_versions import duty_of, policy_of, row_of

NAME = "xai-faif@2026-06"
ACCEPTED = "systemic-risk-acceptable"


def test_lint_finds_nothing_but_notes_and_nothing_worse_relaxes_a_gate() -> None:
    assert faults_of(NAME) == ()


def test_knowing_nothing_holds_development_use_and_release() -> None:
    for gate in (Gate.TRAIN, *INSIDE, *OUTSIDE):
        assert at(NAME, gate, Situation()).level is HOLD
    assert silent_gates(NAME) == set()


# Situation, gate, ask, effect, rows that decide; clause.
TABLE = [
    pytest.param(
        in_place(NAME, without=(ACCEPTED,)),
        Gate.STORE,
        CONTINUE,
        ALLOW,
        None,
        id="2.3 p.6: development, making available and use; not keeping",
    ),
    pytest.param(
        in_place(NAME, without=("systemic-risk-assessment.covered",)),
        Gate.EXTERNAL_GENERAL,
        START,
        HOLD,
        {"EVALUATED-BEFORE-RELEASE"},
        id="2.3 p.6: evaluations are a precondition of public release",
    ),
    pytest.param(
        in_place(NAME, without=("systemic-risk-assessment.covered",)),
        Gate.EXTERNAL_LIMITED,
        START,
        ALLOW,
        None,
        id="2.3 p.6: of wider deployment, not of a limited one",
    ),
    pytest.param(
        in_place(NAME, without=("systemic-risk-assessment.covered",)),
        Gate.EXTERNAL_GENERAL,
        CONTINUE,
        ALLOW_WITH,
        {"YEARLY-ASSESSMENT"},
        id="2 p.2: a full assessment every year",
    ),
    pytest.param(
        in_place(NAME, without=("filters",)),
        Gate.EXTERNAL_GENERAL,
        START,
        ALLOW_WITH,
        {"SAFETY"},
        id="2.3 p.7: safety mitigations are owed",
    ),
    pytest.param(
        in_place(NAME, without=("weight-protection",)),
        Gate.TRAIN,
        CONTINUE,
        ALLOW_WITH,
        {"SECURITY"},
        id="2.4 p.7-8: so is security",
    ),
    pytest.param(
        in_place(NAME, without=("security-goal.covered",)),
        Gate.STORE,
        CONTINUE,
        ALLOW_WITH,
        {"SECURITY-GOAL"},
        id="2.4 p.7: and a documented Security Goal",
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


@pytest.mark.parametrize("gate", [Gate.TRAIN, *INSIDE, *OUTSIDE])
def test_nothing_proceeds_while_systemic_risk_is_not_accepted(gate: Gate) -> None:
    """2.3 p.6."""
    for ask in Ask:
        outcome = at(NAME, gate, in_place(NAME, without=(ACCEPTED,)), ask)
        assert (outcome.level, outcome.determining) == (HOLD, ("PROCEED-IF-ACCEPTABLE",))
        assert at(NAME, gate, in_place(NAME), ask).level is ALLOW


def test_tiers_are_mentioned_and_none_is_printed() -> None:
    """2.3 p.6."""
    assert not policy_of(NAME).thresholds
    assert all(item.watch_list for item in policy_of(NAME).domains)


def test_tiered_availability_and_shutting_down_are_options() -> None:
    """2.3 p.6, 3 p.8: may."""
    assert not row_of(NAME, "TIERED-AVAILABILITY").binds
    assert duty_of(NAME, "shut-down").modality.word == "may"


def test_the_clocks_are_a_year() -> None:
    """2 p.2, 2.4 p.7."""
    documents = {item.id: item for item in policy_of(NAME).documents}
    assert documents["systemic-risk-assessment"].covers_within == "1y"
    assert duty_of(NAME, "security-goal-review").every == "1y"
