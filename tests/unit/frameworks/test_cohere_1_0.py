"""Cohere's framework 1.0, as encoded, does what its text says at each gate.

Pages are as printed. The expectations are written from the text, not from the encoding.
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
from tests.unit.frameworks.rsp_versions import policy_of

NAME = "cohere-saifmf@1.0"


def test_lint_finds_nothing_but_notes_and_nothing_worse_relaxes_a_gate() -> None:
    assert faults_of(NAME) == ()


def test_knowing_nothing_holds_a_launch_and_no_training() -> None:
    for gate in OUTSIDE:
        assert at(NAME, gate, Situation()).level is HOLD
    assert at(NAME, Gate.TRAIN, Situation()).level is ALLOW_WITH


def test_the_text_is_silent_on_internal_use() -> None:
    assert silent_gates(NAME) == set(INSIDE)
    assert {note.gate for note in policy_of(NAME).silent_at} == set(INSIDE)


# What is missing, gate, ask, facts, effect, row that decides; clause.
TABLE = [
    pytest.param(
        "ready-for-customers",
        Gate.EXTERNAL_LIMITED,
        START,
        {},
        HOLD,
        "CHIEF-SCIENTIST",
        id="3 p.15: the Chief Scientist has the final authority",
    ),
    pytest.param(
        "final-evaluation.covered",
        Gate.EXTERNAL_GENERAL,
        START,
        {},
        HOLD,
        "FINAL-EVALUATION",
        id="3a p.16: a comprehensive final evaluation",
    ),
    pytest.param(
        "no-significant-regressions",
        Gate.EXTERNAL_GENERAL,
        START,
        {},
        HOLD,
        "BRIGHT-LINE",
        id="3a p.16: the bright line",
    ),
    pytest.param(
        "regressions-mitigated",
        Gate.OPEN_WEIGHTS,
        START,
        {},
        HOLD,
        "REGRESSIONS",
        id="3a p.16: regressions are mitigated before deployment",
    ),
    pytest.param(
        "penetration-test.covered",
        Gate.EXTERNAL_GENERAL,
        START,
        {"significant-release": True},
        HOLD,
        "PENETRATION-TEST",
        id="2a p.10, 3b p.16: an independent penetration test",
    ),
    pytest.param(
        "penetration-test.covered",
        Gate.EXTERNAL_GENERAL,
        START,
        {},
        ALLOW,
        None,
        id="2a p.10: of significant releases only",
    ),
    pytest.param(
        "no-significant-regressions",
        Gate.EXTERNAL_GENERAL,
        CONTINUE,
        {},
        ALLOW,
        None,
        id="3a p.16: the bright line is for launch",
    ),
    pytest.param(
        "misuse-monitoring",
        Gate.EXTERNAL_GENERAL,
        CONTINUE,
        {"cohere-sees-use": True},
        ALLOW_WITH,
        "MONITORING",
        id="2b p.12: monitoring where Cohere sees the use",
    ),
    pytest.param(
        "core-security-controls",
        Gate.STORE,
        CONTINUE,
        {},
        ALLOW_WITH,
        "SECURITY",
        id="2a p.9: layered controls of security",
    ),
    pytest.param(
        "model-documentation.published",
        Gate.EXTERNAL_GENERAL,
        START,
        {},
        ALLOW_WITH,
        "DOCUMENTATION",
        id="4a p.17: documentation is published",
    ),
]


@pytest.mark.parametrize(("missing", "gate", "ask", "facts", "effect", "row"), TABLE)
def test_a_clause_decides_as_the_text_says(
    missing: str, gate: Gate, ask: Ask, facts: dict[str, bool], effect: EffectLevel, row: str | None
) -> None:
    outcome = at(NAME, gate, in_place(NAME, without=(missing,), facts=facts), ask)
    assert outcome.level is effect
    if row is not None:
        assert outcome.determining == (row,)


def test_a_launch_with_everything_in_place_is_open() -> None:
    for gate in OUTSIDE:
        assert at(NAME, gate, in_place(NAME)).level is ALLOW


def test_the_text_sets_no_capability_threshold_and_no_approver_of_itself() -> None:
    """3 p.14-15, p.2."""
    policy = policy_of(NAME)
    assert not policy.thresholds
    assert policy.amendment is not None
    assert not policy.amendment.approved_by
