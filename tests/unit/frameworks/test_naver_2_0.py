"""NAVER's AI Safety Framework 2.0, as encoded, does what its text says at each gate.

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
    START,
    at,
    faults_of,
    in_place,
    silent_gates,
)
from tests.unit.frameworks.rsp_versions import policy_of

NAME = "naver-asf@2.0"
LAUNCH = Gate.EXTERNAL_GENERAL
MEASURES = "safety-measures-in-context"


def service(risk: str, *without: str, reading: str = "as_below") -> Situation:
    return in_place(
        NAME,
        without=without,
        facts={"service-risk": risk},
        readings={"measures-at-high-risk": reading},
    )


def test_lint_finds_nothing_but_notes_and_nothing_worse_relaxes_a_gate() -> None:
    assert faults_of(NAME) == ()


def test_knowing_nothing_holds_a_launch() -> None:
    assert at(NAME, LAUNCH, Situation()).level is HOLD


def test_the_text_binds_a_launch_and_nothing_else() -> None:
    assert silent_gates(NAME) == set(Gate) - {LAUNCH}
    assert {note.gate for note in policy_of(NAME).silent_at} == silent_gates(NAME)


# Situation, ask, effect, rows that decide; clause.
TABLE = [
    pytest.param(
        service("high", "impact-assessment.covered"),
        START,
        HOLD,
        {"HIGH-RISK-IMPACT-ASSESSMENT"},
        id="4 p.8: an impact assessment before launch at high risk",
    ),
    pytest.param(
        service("notable", "impact-assessment.covered"),
        START,
        ALLOW,
        None,
        id="4 p.8: and at high risk only",
    ),
    pytest.param(
        service("high", "safety-evaluations-after-launch"),
        CONTINUE,
        ALLOW_WITH,
        {"HIGH-RISK-CONTINUED-EVALUATION"},
        id="4 p.8: evaluations continue after launch",
    ),
    pytest.param(
        service("notable", MEASURES),
        START,
        HOLD,
        {"NOTABLE-RISK-MEASURES"},
        id="4 p.8: measures in advance at notable risk",
    ),
    pytest.param(
        service("low", MEASURES),
        START,
        HOLD,
        {"LOW-RISK-MEASURES"},
        id="4 p.8: measures are established at low risk too",
    ),
    pytest.param(
        service("low", "post-launch-response"),
        CONTINUE,
        ALLOW_WITH,
        {"LOW-RISK-RESPONSE"},
        id="4 p.8: response and improvement after launch",
    ),
    pytest.param(
        service("low", "safety-evaluation.covered"),
        START,
        ALLOW_WITH,
        {"SAFETY-EVALUATION"},
        id="5 p.9: a safety evaluation is owed",
    ),
    pytest.param(
        service("low", "feedback-channels"),
        CONTINUE,
        ALLOW_WITH,
        {"USER-COMMUNICATION"},
        id="5 p.9: channels for feedback",
    ),
]


@pytest.mark.parametrize(("given", "ask", "effect", "rows"), TABLE)
def test_a_clause_decides_as_the_text_says(
    given: Situation, ask: Ask, effect: EffectLevel, rows: set[str] | None
) -> None:
    outcome = at(NAME, LAUNCH, given, ask)
    assert outcome.level is effect
    if rows is not None:
        assert set(outcome.determining) == rows


def test_measures_at_high_risk_depend_on_the_reading() -> None:
    """2 p.5, 4 p.8."""
    for reading, effect in (("as_below", HOLD), ("as_printed", ALLOW)):
        assert at(NAME, LAUNCH, service("high", MEASURES, reading=reading)).level is effect


def test_no_capability_threshold_is_set() -> None:
    assert not policy_of(NAME).thresholds
