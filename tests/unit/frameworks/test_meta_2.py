"""Meta's Advanced AI Scaling Framework 2, as encoded, does what its text says at each gate.

Pages are as printed. The expectations are written from the text, not from the encoding.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from scalegate.policy.evaluate import condition_holds
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
from tests.unit.frameworks.rsp_versions import duty_of, policy_of

NAME = "meta-aasf@2"
RISKS = ("CYBER", "FRAUD", "CB", "LOC")
FRONTIER = {"frontier-ai": True}
APPROVALS = ("deployment-approved-by-officer", "deployment-approved-by-director")
INTERNAL_COVERED = {"internal-deployment": "covered"}
EXTERNAL_ONLY = {"internal-deployment": "external_only"}


def test_lint_finds_nothing_but_notes_and_nothing_worse_relaxes_a_gate() -> None:
    assert faults_of(NAME) == ()


def test_knowing_nothing_holds_training_and_every_deployment() -> None:
    for gate in (Gate.TRAIN, *INSIDE, *OUTSIDE):
        assert at(NAME, gate, Situation()).level is HOLD
    assert silent_gates(NAME) == set()


# Situation, gate, ask, effect, rows that decide; clause.
TABLE = [
    pytest.param(
        in_place(NAME, facts=FRONTIER),
        Gate.OPEN_WEIGHTS,
        START,
        ALLOW,
        None,
        id="3.3 p.16: moderate or lower is deployed broadly",
    ),
    pytest.param(
        in_place(NAME, facts=FRONTIER, without=("residual-risk-assessment.covered",)),
        Gate.EXTERNAL_LIMITED,
        START,
        HOLD,
        {"RESIDUAL-RISK-EXTERNAL"},
        id="2.1.3 p.6: residual risk is assessed before deployment",
    ),
    pytest.param(
        in_place(NAME, facts=FRONTIER, without=("preparedness-report.published",)),
        Gate.EXTERNAL_GENERAL,
        START,
        ALLOW_WITH,
        {"PREPAREDNESS-REPORT"},
        id="2.2.1 p.7: a preparedness report is owed for a release",
    ),
    pytest.param(
        in_place(NAME, facts=FRONTIER, without=("preparedness-report.published",)),
        Gate.EXTERNAL_LIMITED,
        START,
        ALLOW,
        None,
        id="2.2.1 p.7: and for closed or open releases only",
    ),
    pytest.param(
        in_place(
            NAME,
            facts={**FRONTIER, "controlled-deployment": True, "likely-more-capable": True},
            without=("preliminary-assessment.covered",),
        ),
        Gate.EXTERNAL_LIMITED,
        START,
        HOLD,
        {"CONTROLLED-ASSESSED"},
        id="2.2.1 p.8: preliminary assessment before a controlled deployment",
    ),
    pytest.param(
        in_place(
            NAME,
            facts={**FRONTIER, "controlled-deployment": True, "materially-elevated-risk": True},
            without=("elevated-risk-mitigations",),
        ),
        Gate.EXTERNAL_LIMITED,
        CONTINUE,
        HOLD,
        {"CONTROLLED-MITIGATED"},
        id="2.2.1 p.8: mitigations before it proceeds",
    ),
    pytest.param(
        in_place(NAME, "CYBER-SIMPLE-SUITE", without=("complex-suite-evaluation.covered",)),
        Gate.EXTERNAL_GENERAL,
        START,
        HOLD,
        {"CYBER-PROVISIONAL-EXTERNAL"},
        id="4.2.1 p.29: provisionally high until complex challenges",
    ),
    pytest.param(
        in_place(NAME, "CYBER-SIMPLE-SUITE", without=("mitigations-cyber",)),
        Gate.EXTERNAL_GENERAL,
        START,
        ALLOW,
        None,
        id="4.2.1 p.29: the simple suite alone is not high",
    ),
    pytest.param(
        in_place(NAME, "CB-HIGH", without=("cb-reliable-refusal",)),
        Gate.EXTERNAL_GENERAL,
        START,
        HOLD,
        {"CB-REFUSAL"},
        id="4.2.2 p.33: reliable refusal for external deployment",
    ),
    pytest.param(
        in_place(NAME, "LOC-CHECKPOINT", without=("loc-enhanced-evaluation.covered",)),
        Gate.TRAIN,
        CONTINUE,
        ALLOW_WITH,
        {"LOC-ENHANCED"},
        id="4.2.3 p.34: a checkpoint leads to enhanced evaluations",
    ),
    pytest.param(
        in_place(NAME, "CYBER-HIGH", without=("heightened-access-control-high",)),
        Gate.STORE,
        CONTINUE,
        ALLOW_WITH,
        {"SECURITY-HIGH"},
        id="Table 1 p.15: security protocols are initiated",
    ),
    pytest.param(
        in_place(NAME, "CYBER-HIGH", without=("heightened-access-control-high",)),
        Gate.EXTERNAL_GENERAL,
        START,
        HOLD,
        {"DEPLOY-CYBER"},
        id="2.1.2 p.6: security measures before deployment",
    ),
    pytest.param(
        in_place(NAME, "LOC-CRITICAL", without=("heightened-access-control-critical",)),
        Gate.EXTERNAL_LIMITED,
        START,
        HOLD,
        {"DEPLOY-CRITICAL-SECURITY"},
        id="Table 1 p.15: those of critical too",
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


@pytest.mark.parametrize("risk", RISKS)
def test_high_makes_deployment_conditional_and_leaves_development_free(risk: str) -> None:
    """Table 1 p.15."""
    given = in_place(NAME, f"{risk}-HIGH", without=(f"mitigations-{risk.lower()}",))
    for gate in OUTSIDE:
        outcome = at(NAME, gate, given)
        assert (outcome.level, outcome.determining) == (HOLD, (f"DEPLOY-{risk}",))
    assert at(NAME, Gate.TRAIN, given).level is ALLOW


@pytest.mark.parametrize("risk", RISKS)
def test_critical_makes_development_conditional_and_stops_nothing_outright(risk: str) -> None:
    """Table 1 p.15, 3.3 p.17, change log p.44."""
    mitigation = f"mitigations-{risk.lower()}"
    threshold = f"{risk}-CRITICAL"
    for missing in (mitigation, "risk-assessment.covered"):
        held = in_place(NAME, threshold, without=(missing,))
        outcome = at(NAME, Gate.TRAIN, held, CONTINUE)
        assert (outcome.level, outcome.determining) == (HOLD, (f"DEVELOP-{risk}",))
    assert at(NAME, Gate.TRAIN, in_place(NAME, threshold)).level is ALLOW
    by_table = {"development-bar": "acceptable_levels"}
    judged = in_place(NAME, threshold, without=(mitigation,), readings=by_table)
    assert at(NAME, Gate.TRAIN, judged).level is ALLOW


@pytest.mark.parametrize("risk", RISKS)
def test_internal_deployment_is_held_only_where_the_table_covers_it(risk: str) -> None:
    """Appendix I p.42."""
    missing = (f"mitigations-{risk.lower()}",)
    for gate in INSIDE:
        covered = in_place(NAME, f"{risk}-HIGH", without=missing, readings=INTERNAL_COVERED)
        spared = in_place(NAME, f"{risk}-HIGH", without=missing, readings=EXTERNAL_ONLY)
        assert at(NAME, gate, covered).level is HOLD
        assert at(NAME, gate, spared).level is ALLOW


def test_the_director_alone_approves_only_where_either_may() -> None:
    """2.1.3 p.7, 2.3 p.10."""
    for option, effect in (("officer", HOLD), ("either", ALLOW)):
        given = in_place(NAME, facts=FRONTIER, without=APPROVALS[:1], readings={"approver": option})
        assert at(NAME, Gate.EXTERNAL_GENERAL, given).level is effect
    neither = in_place(NAME, facts=FRONTIER, without=APPROVALS, readings={"approver": "either"})
    assert at(NAME, Gate.EXTERNAL_GENERAL, neither).level is HOLD


def test_propensity_lines_hold_only_as_an_acceptance_test() -> None:
    """4.2.3 p.35-36."""
    for option, effect in (("acceptance_test", HOLD), ("informs", ALLOW)):
        given = in_place(
            NAME,
            "LOC-CHECKPOINT",
            without=("loc-propensities",),
            readings={"propensity-criteria": option},
        )
        assert at(NAME, Gate.EXTERNAL_GENERAL, given).level is effect


def test_a_checkpoint_not_met_rules_out_high_and_critical() -> None:
    """4.2.1 p.28-29, 4.2.3 p.34."""
    ruling = {item.id: item.rules_out for item in policy_of(NAME).thresholds if item.rules_out}
    assert ruling == {
        "CYBER-SIMPLE-SUITE": ("CYBER-HIGH", "CYBER-CRITICAL"),
        "LOC-CHECKPOINT": ("LOC-HIGH", "LOC-CRITICAL"),
    }


def test_the_only_line_of_an_evaluation_is_three_quarters_of_simple_challenges() -> None:
    """4.2.1 p.28."""
    lines = [line.value for item in policy_of(NAME).thresholds for line in item.indicators]
    assert lines == [Decimal("0.75")]


def test_illustrative_lines_are_checks_of_safeguards() -> None:
    """4.2.2 p.33, 4.2.3 p.35."""
    checks = {check.id: check.value for item in policy_of(NAME).safeguards for check in item.checks}
    assert checks == {
        "biotier-refusal": Decimal("0.8"),
        "biotier-refusal-under-attack": Decimal("0.4"),
        "mask": Decimal("0.4"),
        "agent-misalignment": Decimal("0.5"),
    }


def test_what_is_not_frontier_is_exempt_and_a_small_change_inherits() -> None:
    """Appendix I p.41, 3.3.1 p.17."""
    rules = {item.id: item for item in policy_of(NAME).exemptions}
    everything = {item.id for item in policy_of(NAME).thresholds}
    assert all(set(rule.thresholds) == everything for rule in rules.values())
    assert not rules["NOT-FRONTIER"].inherits
    small = rules["NON-MATERIAL-MODIFICATION"]
    assert small.inherits
    shown = in_place(NAME, facts={"modification-of-assessed-model": True})
    assert condition_holds(policy_of(NAME), small.when, shown)
    assert not condition_holds(policy_of(NAME), small.when, Situation())


def test_the_framework_is_updated_every_year_and_confirmed_by_two_officers() -> None:
    """5.1 p.40."""
    assert duty_of(NAME, "framework-update").every == "12m"
    change = policy_of(NAME).amendment
    assert change is not None
    assert change.approved_by == ("director-alignment-risk", "chief-ai-officer")
