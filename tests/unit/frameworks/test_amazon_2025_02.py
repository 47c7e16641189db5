"""Amazon's framework of February 2025, as encoded, does what its text says at each gate.

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
from tests.unit.frameworks.rsp_versions import duty_of, policy_of, row_of

NAME = "amazon-fmsf@2025-02"
DOMAINS = ("CBRN", "CYBER", "AIRND")
FRONTIER = {"frontier-model": True}
NEEDED = (
    "security-measures",
    "safeguards-evaluation.covered",
    "mitigations-approved",
    "go-decision",
)


def test_lint_finds_nothing_but_notes_and_nothing_worse_relaxes_a_gate() -> None:
    assert faults_of(NAME) == ()


def test_knowing_nothing_holds_every_external_gate() -> None:
    for gate in OUTSIDE:
        assert at(NAME, gate, Situation()).level is HOLD


def test_nothing_halts_development_or_internal_use() -> None:
    """2 to 4 p.3-5: every consequence is for deployment."""
    assert silent_gates(NAME) == {Gate.TRAIN, *INSIDE}
    assert {note.gate for note in policy_of(NAME).silent_at} == silent_gates(NAME)


# Situation, gate, ask, effect, rows that decide; clause.
TABLE = [
    pytest.param(
        in_place(NAME, facts=FRONTIER),
        Gate.OPEN_WEIGHTS,
        START,
        ALLOW,
        None,
        id="p.1: below the thresholds, evaluated and with safeguards",
    ),
    pytest.param(
        in_place(NAME, facts=FRONTIER, without=("applied-safeguards",)),
        Gate.EXTERNAL_GENERAL,
        CONTINUE,
        HOLD,
        {"NO-RELEASE-WITHOUT-SAFEGUARDS"},
        id="4 p.5: no public release without safeguards, threshold or not",
    ),
    pytest.param(
        in_place(NAME, facts=FRONTIER, without=("applied-safeguards",)),
        Gate.EXTERNAL_LIMITED,
        START,
        ALLOW,
        None,
        id="4 p.5: public release only",
    ),
    pytest.param(
        in_place(NAME, facts=FRONTIER, without=("maximal-capability-evaluation.covered",)),
        Gate.EXTERNAL_GENERAL,
        START,
        HOLD,
        {"EVALUATED-PUBLIC"},
        id="4 p.5: maximal capability evaluations before deployment",
    ),
    pytest.param(
        in_place(NAME, without=("maximal-capability-evaluation.covered",)),
        Gate.EXTERNAL_GENERAL,
        START,
        ALLOW,
        None,
        id="p.1: a model that is not at the frontier",
    ),
    pytest.param(
        in_place(
            NAME,
            facts={"enhancing-update": True},
            without=("maximal-capability-evaluation.covered",),
        ),
        Gate.EXTERNAL_GENERAL,
        START,
        HOLD,
        {"RE-EVALUATED"},
        id="2 p.3: again before a major update",
    ),
    pytest.param(
        in_place(NAME, facts=FRONTIER, without=("model-documentation.published",)),
        Gate.EXTERNAL_GENERAL,
        START,
        ALLOW_WITH,
        {"DOCUMENTATION"},
        id="4 p.5: information published with the launch",
    ),
    pytest.param(
        in_place(NAME, "CYBER-CCT", without=("security-measures",)),
        Gate.STORE,
        CONTINUE,
        ALLOW_WITH,
        {"SECURITY-MEASURES-OWED"},
        id="3 p.3: Security Measures are owed at a threshold",
    ),
    pytest.param(
        in_place(NAME, "CBRN-CCT", without=("safety-measures-cyber",)),
        Gate.EXTERNAL_GENERAL,
        START,
        ALLOW,
        None,
        id="3 p.3: measures for the critical capability identified",
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


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_threshold_holds_deployment_while_any_part_is_missing(domain: str) -> None:
    """2 and 3 p.3, 4 p.5."""
    threshold = f"{domain}-CCT"
    for missing in (f"safety-measures-{domain.lower()}", *NEEDED):
        given = in_place(NAME, threshold, without=(missing,))
        for gate in (Gate.EXTERNAL_GENERAL, Gate.OPEN_WEIGHTS):
            for ask in Ask:
                outcome = at(NAME, gate, given, ask)
                assert (outcome.level, outcome.determining) == (HOLD, (f"SAFEGUARDS-{domain}",))
    assert at(NAME, Gate.EXTERNAL_GENERAL, in_place(NAME, threshold)).level is ALLOW


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_limited_circle_waits_only_where_it_counts_as_deployment(domain: str) -> None:
    for option, effect in (("every_external", HOLD), ("public_only", ALLOW)):
        given = in_place(
            NAME, f"{domain}-CCT", without=("go-decision",), readings={"deployment": option}
        )
        assert at(NAME, Gate.EXTERNAL_LIMITED, given).level is effect


def test_lists_of_current_practice_do_not_bind() -> None:
    """3 p.3-4, Appendix A p.6-8."""
    for name in ("CURRENT-SAFETY", "CURRENT-SECURITY-PRACTICE"):
        assert not row_of(NAME, name).binds
        assert row_of(NAME, name).binding_reason


def test_the_framework_is_revisited_every_year_and_no_approver_is_named() -> None:
    """4 p.5."""
    assert duty_of(NAME, "framework-review").every == "1y"
    change = policy_of(NAME).amendment
    assert change is not None
    assert not change.approved_by


def test_no_number_of_a_line_is_invented() -> None:
    assert not any(threshold.indicators for threshold in policy_of(NAME).thresholds)
