"""Magic's AGI Readiness Policy 1.0, as encoded, does what its text says at each gate.

The page has headings and no pages. The expectations are written from the text, not from the
encoding.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import (
    Ask,
    Comparator,
    EffectLevel,
    Flag,
    Gate,
    IndicatorRole,
    Modality,
)
from tests.unit.frameworks.other_labs import (
    ALLOW,
    ALLOW_WITH,
    CONTINUE,
    HOLD,
    INSIDE,
    START,
    at,
    faults_of,
    in_place,
    silent_gates,
)
from tests.unit.frameworks.rsp_versions import duty_of, policy_of, row_of

NAME = "magic-agi-readiness@1.0"
CRITICAL = ("CYBEROFFENSE", "AI-RND", "ARA", "BIOWEAPONS")
EVALUATIONS = "dangerous-capability-evaluations"
CONTAINED = "capability-mitigated-or-contained"


def test_lint_finds_nothing_but_notes_and_nothing_worse_relaxes_a_gate() -> None:
    assert faults_of(NAME) == ()


def test_knowing_nothing_holds_training_and_every_external_gate() -> None:
    for gate in (Gate.TRAIN, Gate.EXTERNAL_LIMITED, Gate.EXTERNAL_GENERAL, Gate.OPEN_WEIGHTS):
        assert at(NAME, gate, Situation()).level is HOLD
    assert at(NAME, Gate.STORE, Situation()).level is ALLOW_WITH


def test_the_text_is_silent_on_internal_use() -> None:
    assert silent_gates(NAME) == set(INSIDE)
    assert {note.gate for note in policy_of(NAME).silent_at} == set(INSIDE)


# Situation, gate, ask, effect, rows that decide; heading.
TABLE = [
    pytest.param(
        in_place(NAME, without=(EVALUATIONS, "full-policy.covered", CONTAINED)),
        Gate.TRAIN,
        CONTINUE,
        ALLOW,
        None,
        id="Threshold Definition: nothing is owed below the benchmark thresholds",
    ),
    pytest.param(
        in_place(NAME, "CODING-PUBLIC", without=(EVALUATIONS,)),
        Gate.TRAIN,
        CONTINUE,
        HOLD,
        {"HALT-WITHOUT-EVALUATIONS"},
        id="Updating 1: halt until the evaluations are ready",
    ),
    pytest.param(
        in_place(NAME, "CODING-PRIVATE", without=(EVALUATIONS,)),
        Gate.TRAIN,
        START,
        HOLD,
        {"HALT-WITHOUT-EVALUATIONS"},
        id="Threshold Definition: the private benchmarks trigger as well",
    ),
    pytest.param(
        in_place(NAME, "CODING-PUBLIC", without=("full-policy.covered",)),
        Gate.TRAIN,
        START,
        ALLOW,
        None,
        id="Threshold Definition: development that is not substantial goes on",
    ),
    pytest.param(
        in_place(
            NAME,
            "CODING-PUBLIC",
            without=("full-policy.covered",),
            facts={"substantial-development": True},
        ),
        Gate.TRAIN,
        START,
        HOLD,
        {"FULL-POLICY-BEFORE-DEVELOPMENT"},
        id="Threshold Definition: the full policy before substantial development",
    ),
    pytest.param(
        in_place(NAME, "CODING-PUBLIC", without=("full-policy.covered",)),
        Gate.EXTERNAL_GENERAL,
        START,
        HOLD,
        {"FULL-POLICY-BEFORE-PUBLIC-DEPLOYMENT"},
        id="Threshold Definition: and before public deployment",
    ),
    pytest.param(
        in_place(NAME, "CODING-PUBLIC", without=("initial-evaluations.covered",)),
        Gate.OPEN_WEIGHTS,
        START,
        HOLD,
        {"READY-BEFORE-PUBLIC-DEPLOYMENT"},
        id="Framework: initial evaluations executed by then",
    ),
    pytest.param(
        in_place(NAME, flags={"CODING-PUBLIC": Flag.FORECAST}, without=(EVALUATIONS,)),
        Gate.TRAIN,
        START,
        ALLOW,
        None,
        id="Threshold Definition: read at the end of a training run",
    ),
    pytest.param(
        in_place(NAME, "ARA", without=("weight-and-code-hardening",)),
        Gate.STORE,
        CONTINUE,
        ALLOW_WITH,
        {"INFORMATION-SECURITY-OWED"},
        id="Information Security Measures: owed on evidence of proficiency",
    ),
    pytest.param(
        in_place(NAME, "BIOWEAPONS"),
        Gate.EXTERNAL_GENERAL,
        START,
        HOLD,
        {"MITIGATIONS-FOR-WIDE-USE"},
        id="Deployment Mitigations: required for wide use and not specified",
    ),
    pytest.param(
        in_place(NAME, "BIOWEAPONS"),
        Gate.EXTERNAL_LIMITED,
        START,
        ALLOW,
        None,
        id="Deployment Mitigations: a limited circle is no wide use",
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


@pytest.mark.parametrize("threat", CRITICAL)
def test_a_red_line_pauses_development_under_the_strict_reading_only(threat: str) -> None:
    """Evaluations for Covered Threat Models: in the worst case."""
    for option, effect in (("unmitigated", HOLD), ("judged", ALLOW)):
        given = in_place(NAME, threat, without=(CONTAINED,), readings={"worst-case": option})
        assert at(NAME, Gate.TRAIN, given).level is effect
    assert at(NAME, Gate.TRAIN, in_place(NAME, threat, without=(CONTAINED,))).level is HOLD
    assert at(NAME, Gate.TRAIN, in_place(NAME, threat)).level is ALLOW


def test_a_limited_deployment_waits_only_where_it_counts_as_deployment() -> None:
    for option, effect in (("every_external", HOLD), ("public_only", ALLOW)):
        given = in_place(
            NAME, "CODING-PUBLIC", without=(EVALUATIONS,), readings={"deployment": option}
        )
        assert at(NAME, Gate.EXTERNAL_LIMITED, given).level is effect


def test_recorded_deployment_mitigations_open_wide_use() -> None:
    given = in_place(NAME, "ARA")
    specified = {"DEPLOYMENT-MITIGATIONS": True}
    opened = replace(given, specified=specified, specified_members=specified)
    assert at(NAME, Gate.EXTERNAL_GENERAL, opened).level is ALLOW


def test_the_only_line_is_one_half_of_livecodebench() -> None:
    """Threshold Definition."""
    lines = [line for item in policy_of(NAME).thresholds for line in item.indicators]
    assert [(line.role, line.comparator, line.value) for line in lines] == [
        (IndicatorRole.RULE_OUT, Comparator.ABOVE, Decimal("0.5"))
    ]


def test_examples_of_mitigations_are_advice() -> None:
    assert row_of(NAME, "EXAMPLE-MITIGATIONS").modality is Modality.MAY
    assert not row_of(NAME, "EXAMPLE-MITIGATIONS").binds


def test_the_board_hears_every_quarter_and_approves_a_higher_threshold() -> None:
    """How We Will Update This Policy, 2 and 3."""
    assert duty_of(NAME, "board-report").every == "3m"
    change = policy_of(NAME).amendment
    assert change is not None
    assert (change.approved_by, change.consulted) == (("board",), ("external-advisers",))
