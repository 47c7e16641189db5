"""G42's framework of February 2025, as encoded, does what its text says at each gate.

Pages are those of the file. The expectations are written from the text, not from the encoding.
"""

from __future__ import annotations

import pytest

from scalegate.policy.evaluate import condition_holds
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import Ask, EffectLevel, Flag, Gate
from tests.unit.frameworks.other_labs import (
    ALLOW,
    CONTINUE,
    HOLD,
    OUTSIDE,
    RESTRICT,
    START,
    at,
    faults_of,
    in_place,
    silent_gates,
)
from tests.unit.frameworks.rsp_versions import duty_of, policy_of

NAME = "g42-fasf@2025-02"
SML2 = ("sml2-access-controls", "sml2-red-teaming", "sml2-threat-simulation", "sml2-objective")


def test_lint_finds_nothing_but_notes_and_nothing_worse_relaxes_a_gate() -> None:
    assert faults_of(NAME) == ()


def test_knowing_nothing_pauses_development_and_restricts_deployment() -> None:
    assert at(NAME, Gate.TRAIN, Situation()).level is HOLD
    assert {at(NAME, gate, Situation()).level for gate in OUTSIDE} == {RESTRICT}


def test_the_text_is_silent_on_weights_kept_and_on_internal_use() -> None:
    assert silent_gates(NAME) == {Gate.STORE, Gate.INTERNAL, Gate.INTERNAL_HIGH_RISK}
    assert {note.gate for note in policy_of(NAME).silent_at} == silent_gates(NAME)


# Situation, gate, ask, effect, rows that decide; clause.
TABLE = [
    pytest.param(
        in_place(NAME, without=(*SML2, "dml2-objective")),
        Gate.EXTERNAL_GENERAL,
        START,
        ALLOW,
        None,
        id="3 and 4 p.7, 9: Level 1 asks for nothing novel below the thresholds",
    ),
    pytest.param(
        in_place(NAME, "BIO-1", without=("dml2-realtime-filtering",)),
        Gate.EXTERNAL_GENERAL,
        CONTINUE,
        RESTRICT,
        {"DML-BIO"},
        id="2 p.5: no deployment level, deployment is restricted",
    ),
    pytest.param(
        in_place(NAME, "BIO-1", without=("dml2-realtime-filtering",)),
        Gate.TRAIN,
        CONTINUE,
        ALLOW,
        None,
        id="2 p.5: a missing deployment level does not pause development",
    ),
    pytest.param(
        in_place(NAME, "CYBER-1", without=("sml2-red-teaming",)),
        Gate.TRAIN,
        CONTINUE,
        HOLD,
        {"SML-CYBER"},
        id="2 p.5: no security level, development is paused",
    ),
    pytest.param(
        in_place(NAME, "CYBER-1", without=("sml2-red-teaming",)),
        Gate.EXTERNAL_GENERAL,
        START,
        ALLOW,
        None,
        id="2 p.5: a missing security level does not restrict deployment",
    ),
    pytest.param(
        in_place(NAME, flags={"CYBER-1": Flag.FORECAST}, without=SML2),
        Gate.TRAIN,
        START,
        HOLD,
        {"SML-CYBER"},
        id="2 p.5: levels are achieved before the threshold is reached",
    ),
    pytest.param(
        in_place(
            NAME,
            "BIO-1",
            without=("exhaustive-risk-assessment.covered",),
            facts={"new-frontier-model": True},
        ),
        Gate.EXTERNAL_GENERAL,
        START,
        RESTRICT,
        {"FULL-DEPLOYMENT"},
        id="3 p.8: full deployment only after exhaustive risk assessments",
    ),
    pytest.param(
        in_place(
            NAME,
            "BIO-1",
            without=("exhaustive-risk-assessment.covered",),
            facts={"new-frontier-model": True},
        ),
        Gate.EXTERNAL_LIMITED,
        START,
        ALLOW,
        None,
        id="3 p.8: phased roll-out begins with trusted users",
    ),
    pytest.param(
        in_place(NAME, "BIO-1", "CYBER-1", without=("dml3-objective", "sml3-objective")),
        Gate.TRAIN,
        START,
        ALLOW,
        None,
        id="2 p.5: Level 3 is an example for a threshold still to be defined",
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


def test_new_frontier_models_are_limited_to_trusted_users_until_assessed() -> None:
    """3 p.8."""
    given = in_place(
        NAME,
        "CYBER-1",
        without=("exhaustive-risk-assessment.covered",),
        facts={"new-frontier-model": True},
    )
    assert dict(at(NAME, Gate.OPEN_WEIGHTS, given).limits) == {"audience": "trusted users"}


def test_worse_than_a_cleared_model_is_presumed_below_in_that_domain_only() -> None:
    """2 p.4."""
    rules = {item.id: item for item in policy_of(NAME).exemptions}
    rule = rules["BELOW-A-CLEARED-MODEL-BIO"]
    assert rule.thresholds == ("BIO-1",)
    shown = in_place(NAME, facts={"below-a-cleared-model-bio": True})
    assert condition_holds(policy_of(NAME), rule.when, shown)
    assert not condition_holds(policy_of(NAME), rule.when, Situation())


def test_clocks_are_six_months_and_a_year() -> None:
    """2 p.5, 5 p.12."""
    assert duty_of(NAME, "capability-reports").every == "6m"
    yearly = ("internal-audit", "external-audit", "transparency-report", "framework-review")
    assert {duty_of(NAME, duty).every for duty in yearly} == {"1y"}


def test_the_board_proposes_and_the_leadership_committee_approves_changes() -> None:
    """5 p.12."""
    change = policy_of(NAME).amendment
    assert change is not None
    assert change.proposed_by == ("governance-board",)
    assert change.approved_by == ("executive-leadership",)


def test_no_number_of_a_line_is_invented() -> None:
    assert not any(threshold.indicators for threshold in policy_of(NAME).thresholds)
