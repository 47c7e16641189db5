"""The Frontier Safety Framework 3.1, as encoded, does what its text says at each gate.

Pages are as printed. The expectations are written from section 1.3.5, not from the encoding.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import scalegate
from scalegate.policy.compile import compile_policy
from scalegate.policy.evaluate import Outcome, condition_holds, evaluate, strictest
from scalegate.policy.parse import parse_policy
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import (
    Ask,
    EffectLevel,
    Flag,
    Gate,
    Level,
    Modality,
    SafeguardState,
    StatusRule,
)

FILE = Path(scalegate.__file__).parent / "frameworks" / "gdm-fsf@3.1.yaml"
POLICY = parse_policy(FILE.read_text(encoding="utf-8"), file=FILE.name)
PROGRAM = compile_policy(POLICY)

MISUSE = ("CBRN-UPLIFT-TCL", "CBRN-UPLIFT-1", "CYBER-UPLIFT-1", "MANIPULATION-1")
MLRD = ("MLRD-ACCELERATION-1", "MLRD-AUTOMATION-1")
SSA = "SSA-TCL"
EVERY = (*MISUSE, *MLRD, SSA)
TCLS = ("CBRN-UPLIFT-TCL", SSA)
CCLS = tuple(name for name in EVERY if name not in TCLS)
EXTERNAL = (Gate.EXTERNAL_LIMITED, Gate.EXTERNAL_GENERAL, Gate.OPEN_WEIGHTS)
GATES = (Gate.TRAIN, Gate.INTERNAL, Gate.INTERNAL_HIGH_RISK, *EXTERNAL)
SECURITY = tuple(item.id for item in POLICY.safeguards if item.family == "weight_security")
LIVE, ABSENT = SafeguardState.LIVE_AND_SUFFICIENT, SafeguardState.ABSENT
DOCUMENTS = (
    "critical-capability-assessment.covered",
    "residual-risk-assessment.covered",
    "safety-case.covered",
)
FACTS: Mapping[str, bool] = {
    "first-external-deployment": True,
    "meaningful-new-capabilities": False,
    "could-undermine-justification": False,
    "low-risk-external": False,
    "internal-risk-unacceptable": False,
}
RESOLVED = {"acceptance-conditions": "necessary", "mlrd-tiers": "separate"}


def situation(
    *crossed: str,
    without: tuple[str, ...] = (),
    facts: Mapping[str, bool] = FACTS,
    readings: Mapping[str, str] = RESOLVED,
    alerts: tuple[str, ...] = (),
    **changes: Any,
) -> Situation:
    """All levels ruled out but `crossed`; everything in place but what `without` names."""
    statuses = {
        name: Status(
            level=Level.CROSSED if name in crossed else Level.RULED_OUT,
            flags=frozenset({Flag.ALERT}) if name in alerts else frozenset(),
        )
        for name in EVERY
    }
    given: dict[str, Any] = {
        "statuses": statuses,
        "safeguards": {
            item.id: ABSENT if item.id in without else LIVE for item in POLICY.safeguards
        },
        "documents": {name: True for name in DOCUMENTS if name not in without},
        "acts": {"residual-risk-acceptable": "residual-risk-acceptable" not in without},
        "facts": dict(facts),
        "readings": dict(readings),
    }
    return Situation(**(given | changes))


def at(gate: Gate, given: Situation, ask: Ask = Ask.START) -> Outcome:
    return evaluate(PROGRAM, given, gate, ask)


def test_no_level_reached_is_acceptable_for_development_and_deployment() -> None:
    """1.3.5 p.7, first bullet."""
    for gate in GATES:
        assert at(gate, situation()).level is EffectLevel.ALLOW


def test_knowing_nothing_holds_every_governed_gate() -> None:
    for gate in GATES:
        assert at(gate, Situation()).level is EffectLevel.HOLD
    assert not at(Gate.STORE, Situation()).governed


# Situation, gate, effect, rows that decide; clause.
TABLE = [
    pytest.param(
        situation("CYBER-UPLIFT-1", without=("sl2-plus-additions",)),
        Gate.TRAIN,
        EffectLevel.HOLD,
        {"SECURITY-CYBER-UPLIFT-1"},
        id="1.3.5 p.7: misuse CCL, security for further development",
    ),
    pytest.param(
        situation("CYBER-UPLIFT-1", without=("sl3-additions", "sl4-additions")),
        Gate.TRAIN,
        EffectLevel.ALLOW,
        None,
        id="2.2.2 p.12: Security Level 2+ is what cyber uplift asks",
    ),
    pytest.param(
        situation("CYBER-UPLIFT-1", without=("mitigations-cyber-uplift-1",)),
        Gate.INTERNAL_HIGH_RISK,
        EffectLevel.ALLOW,
        None,
        id="1.3.5 p.7: misuse mitigations are not asked of internal deployment",
    ),
    pytest.param(
        situation("CYBER-UPLIFT-1", without=("mitigations-cyber-uplift-1",)),
        Gate.EXTERNAL_LIMITED,
        EffectLevel.HOLD,
        {"DEPLOY-CYBER-UPLIFT-1"},
        id="2.1.2 p.10: external only after residual risk is acceptable",
    ),
    pytest.param(
        situation("CYBER-UPLIFT-1", without=("safety-case.covered",)),
        Gate.EXTERNAL_GENERAL,
        EffectLevel.HOLD,
        {"DEPLOY-CYBER-UPLIFT-1"},
        id="2.1.2 p.10: a safety case where a CCL is reached",
    ),
    pytest.param(
        situation("CBRN-UPLIFT-TCL", without=("safety-case.covered",)),
        Gate.EXTERNAL_GENERAL,
        EffectLevel.ALLOW,
        None,
        id="1.3.4 p.7: no safety case at a TCL",
    ),
    pytest.param(
        situation("CBRN-UPLIFT-1", without=("mitigations-cbrn-uplift-tcl",)),
        Gate.EXTERNAL_GENERAL,
        EffectLevel.HOLD,
        {"DEPLOY-CBRN-UPLIFT-TCL"},
        id="1.2 p.4: the CCL stands above the TCL",
    ),
    pytest.param(
        situation("MLRD-ACCELERATION-1", without=("mitigations-mlrd-acceleration-1",)),
        Gate.INTERNAL_HIGH_RISK,
        EffectLevel.HOLD,
        {"DEPLOY-MLRD-ACCELERATION-1"},
        id="3.1.2 p.14: high-risk internal deployment too",
    ),
    pytest.param(
        situation("MLRD-ACCELERATION-1", without=("mitigations-mlrd-acceleration-1",)),
        Gate.INTERNAL,
        EffectLevel.ALLOW,
        None,
        id="1.3.5 p.7: not other internal deployment",
    ),
    pytest.param(
        situation("MLRD-AUTOMATION-1", without=("sl4-additions",)),
        Gate.INTERNAL,
        EffectLevel.HOLD,
        {"SECURITY-MLRD-AUTOMATION-1"},
        id="3.2.2 p.15: Security Level 4 for automation",
    ),
    pytest.param(
        situation("MLRD-ACCELERATION-1", without=("sl4-additions",)),
        Gate.INTERNAL,
        EffectLevel.ALLOW,
        None,
        id="3.2.2 p.15: Security Level 3 for acceleration",
    ),
    pytest.param(
        situation("SSA-TCL", without=("mitigations-ssa-tcl",)),
        Gate.EXTERNAL_GENERAL,
        EffectLevel.ALLOW_WITH,
        {"SSA-PERIODIC"},
        id="1.3.5 p.8: very unlikely propensities instead of mitigations",
    ),
    pytest.param(
        situation("SSA-TCL", without=("very-unlikely-propensities",)),
        Gate.EXTERNAL_GENERAL,
        EffectLevel.ALLOW_WITH,
        {"SSA-PERIODIC"},
        id="1.3.5 p.8: mitigations instead of very unlikely propensities",
    ),
    pytest.param(
        situation("SSA-TCL", without=("mitigations-ssa-tcl", "very-unlikely-propensities")),
        Gate.INTERNAL_HIGH_RISK,
        EffectLevel.HOLD,
        {"DEPLOY-SSA-TCL"},
        id="1.3.5 p.8: neither holds",
    ),
    pytest.param(
        situation("SSA-TCL", without=("adequate-security-ssa-tcl",)),
        Gate.TRAIN,
        EffectLevel.HOLD,
        {"SECURITY-SSA-TCL"},
        id="1.3.5 p.8: adequate security at the TCL",
    ),
    pytest.param(
        situation(
            "SSA-TCL",
            without=("internal-misalignment-safeguards",),
            facts={**FACTS, "internal-risk-unacceptable": True},
        ),
        Gate.INTERNAL,
        EffectLevel.HOLD,
        {"SSA-INTERNAL-SAFEGUARDS"},
        id="3.2.1 p.14: safeguards where internal risk is unacceptable without",
    ),
    pytest.param(
        situation(without=("critical-capability-assessment.covered",)),
        Gate.EXTERNAL_GENERAL,
        EffectLevel.HOLD,
        {"ASSESS-FIRST-GENERAL"},
        id="1.3.2 p.5: an assessment before the first external deployment",
    ),
    pytest.param(
        situation(without=("critical-capability-assessment.covered",)),
        Gate.INTERNAL_HIGH_RISK,
        EffectLevel.ALLOW,
        None,
        id="1.3.2 p.5: the assessment precedes external deployment",
    ),
    pytest.param(
        situation(alerts=("CYBER-UPLIFT-1",)),
        Gate.EXTERNAL_GENERAL,
        EffectLevel.ALLOW_WITH,
        {"ALERT-CYBER-UPLIFT-1"},
        id="1.3.3 p.6: an alert asks for a response plan and holds nothing",
    ),
]


@pytest.mark.parametrize(("given", "gate", "effect", "rows"), TABLE)
def test_a_clause_decides_as_the_text_says(
    given: Situation, gate: Gate, effect: EffectLevel, rows: set[str] | None
) -> None:
    outcome = at(gate, given)
    assert outcome.level is effect
    if rows is not None:
        assert set(outcome.determining) == rows


ARMS = ("met", "adequate", "open", "tcl_only", "none")
LACKS = (None, "mitigations", "residual-risk-assessment", "safety-case", "governance")


def _with(
    crossed: frozenset[str], arm: str, lacks: str | None, readings: tuple[str, str]
) -> Situation:
    substitutes = {
        "adequate": tuple(f"ADEQUATE-{name}" for name in CCLS),
        "open": tuple(f"OPEN-BENEFIT-{name}" for name in EVERY),
    }.get(arm, ())
    levels = tuple(name for name in SECURITY if name.startswith("sl"))
    without = {"met": (), "tcl_only": levels}.get(arm, SECURITY)
    without += {
        None: (),
        "mitigations": (
            *(f"mitigations-{name.lower()}" for name in EVERY),
            "very-unlikely-propensities",
        ),
        "residual-risk-assessment": ("residual-risk-assessment.covered",),
        "safety-case": ("safety-case.covered",),
        "governance": ("residual-risk-acceptable",),
    }[lacks]
    return situation(
        *crossed,
        without=without,
        readings={"acceptance-conditions": readings[0], "mlrd-tiers": readings[1]},
        substitutes=dict.fromkeys(substitutes, True),
    )


def _expected(
    gate: Gate, crossed: frozenset[str], arm: str, lacks: str | None, readings: tuple[str, str]
) -> EffectLevel:
    """Section 1.3.5 (pp. 7-8), 2.1.2 (p. 10), 3.1.2 (pp. 13-14), 3.2.1 (p. 14)."""
    reached = crossed | ({"CBRN-UPLIFT-TCL"} if "CBRN-UPLIFT-1" in crossed else frozenset())
    acceptance, tiers = readings
    if tiers == "ladder" and reached & set(MLRD):
        reached |= {SSA}
    if not reached:
        return EffectLevel.ALLOW
    # The adequacy arm of a TCL is its requirement itself, which lacks here unless "met".
    insecure = (
        arm == "none"
        or (arm == "adequate" and bool(reached & set(TCLS)))
        or (arm == "tcl_only" and bool(reached & set(CCLS)))
    )
    if acceptance == "necessary" and insecure:
        return EffectLevel.HOLD
    asked = {
        name
        for name in reached
        if gate in EXTERNAL or (gate is Gate.INTERNAL_HIGH_RISK and name not in MISUSE)
    }
    if lacks == "safety-case":
        asked &= set(CCLS)
    if lacks is not None and asked:
        return EffectLevel.HOLD
    softened = acceptance == "necessary" and arm in ("adequate", "open")
    periodic = SSA in reached and gate is not Gate.TRAIN
    return EffectLevel.ALLOW_WITH if softened or periodic else EffectLevel.ALLOW


@pytest.mark.parametrize("tiers", ["ladder", "separate"])
@pytest.mark.parametrize("acceptance", ["necessary", "sufficient_only"])
def test_the_whole_gate_matrix_follows_section_1_3_5(acceptance: str, tiers: str) -> None:
    readings = (acceptance, tiers)
    checked = 0
    for bits in product((False, True), repeat=len(EVERY)):
        crossed = frozenset(name for name, bit in zip(EVERY, bits, strict=True) if bit)
        for arm, lacks in product(ARMS, LACKS):
            given = _with(crossed, arm, lacks, readings)
            for gate in GATES:
                expected = _expected(gate, crossed, arm, lacks, readings)
                assert at(gate, given).level is expected, (gate, crossed, arm, lacks)
                checked += 1
    assert checked == 2**7 * len(ARMS) * len(LACKS) * len(GATES)


def test_each_security_level_contains_the_one_below() -> None:
    """2.1.1 p.9; footnotes 12 and 13 p.15."""
    members = {item.id: set(item.members) for item in POLICY.standards}
    assert members["SL2PLUS"] < members["SL3"] < members["SL4"]


def test_a_substitute_for_one_level_does_not_serve_another() -> None:
    given = situation(
        "CYBER-UPLIFT-1",
        "MANIPULATION-1",
        without=("sl2-goals",),
        substitutes={"ADEQUATE-CYBER-UPLIFT-1": True},
    )
    assert at(Gate.TRAIN, given).determining == ("SECURITY-MANIPULATION-1",)


def test_the_training_hold_depends_on_whether_the_conditions_are_necessary() -> None:
    """No pause sentence since 3.0; METR credits the framework with halting conditions."""
    given = situation("MLRD-ACCELERATION-1", without=SECURITY, readings={"mlrd-tiers": "separate"})
    worst, outcomes = strictest(PROGRAM, given, Gate.TRAIN)
    levels = {dict(chosen)["acceptance-conditions"]: item.level for chosen, item in outcomes}
    assert worst.level is EffectLevel.HOLD
    assert levels == {"necessary": EffectLevel.HOLD, "sufficient_only": EffectLevel.ALLOW}


def test_external_deployment_is_held_under_either_reading() -> None:
    """2.1.2 p.10: take place only after."""
    given = situation("CYBER-UPLIFT-1", without=("residual-risk-acceptable",), readings={})
    _, outcomes = strictest(PROGRAM, given, Gate.EXTERNAL_GENERAL)
    assert {item.level for _, item in outcomes} == {EffectLevel.HOLD}


def test_the_tiers_of_ml_rnd_bring_the_tcl_along_only_as_a_ladder() -> None:
    """3.2 p.14."""
    for tiers, expected in (("ladder", EffectLevel.HOLD), ("separate", EffectLevel.ALLOW)):
        given = situation(
            "MLRD-AUTOMATION-1",
            without=("mitigations-ssa-tcl", "very-unlikely-propensities"),
            readings={**RESOLVED, "mlrd-tiers": tiers},
        )
        assert at(Gate.EXTERNAL_GENERAL, given).level is expected


def test_as_a_ladder_internal_safeguards_come_along_too() -> None:
    """3.2 and 3.2.1 p.14."""
    for tiers, expected in (("ladder", EffectLevel.HOLD), ("separate", EffectLevel.ALLOW)):
        given = situation(
            "MLRD-ACCELERATION-1",
            without=("internal-misalignment-safeguards",),
            facts={**FACTS, "internal-risk-unacceptable": True},
            readings={**RESOLVED, "mlrd-tiers": tiers},
        )
        assert at(Gate.INTERNAL, given).level is expected


def test_an_unknown_finding_on_internal_risk_binds() -> None:
    """3.2.1 p.14."""
    facts = {key: value for key, value in FACTS.items() if key != "internal-risk-unacceptable"}
    given = situation(SSA, without=("internal-misalignment-safeguards",), facts=facts)
    assert at(Gate.INTERNAL, given).level is EffectLevel.HOLD


@pytest.mark.parametrize(
    ("first", "new", "undermines", "assessed_again"),
    [
        (True, False, False, True),
        (True, True, True, True),
        (False, True, True, True),
        (False, True, False, False),
        (False, False, True, False),
        (False, False, False, False),
    ],
)
def test_reassessment_of_a_later_version_needs_both_conditions(
    *, first: bool, new: bool, undermines: bool, assessed_again: bool
) -> None:
    """1.3.2 p.5."""
    facts = {
        **FACTS,
        "first-external-deployment": first,
        "meaningful-new-capabilities": new,
        "could-undermine-justification": undermines,
    }
    given = situation(without=("critical-capability-assessment.covered",), facts=facts)
    for gate in EXTERNAL:
        assert (at(gate, given).level is EffectLevel.HOLD) is assessed_again
    rule = next(item for item in POLICY.exemptions if item.id == "LATER-VERSION")
    assert condition_holds(POLICY, rule.when, given) is not assessed_again
    assert not condition_holds(POLICY, rule.when, Situation())


def test_a_low_risk_external_deployment_may_skip_the_assessment_and_no_other_may() -> None:
    """1.3.2 footnote 4 p.5."""
    given = situation(
        without=("critical-capability-assessment.covered",),
        discretions={"LOW-RISK-EXTERNAL": True},
    )
    assert at(Gate.EXTERNAL_LIMITED, given).level is EffectLevel.ALLOW_WITH
    assert at(Gate.EXTERNAL_LIMITED, given).softened_by == ("LOW-RISK-EXTERNAL",)
    assert at(Gate.EXTERNAL_GENERAL, given).level is EffectLevel.HOLD
    rule = next(item for item in POLICY.exemptions if item.id == "LOW-RISK-EXTERNAL-ASSESSMENT")
    for low, accepted in product((False, True), repeat=2):
        shown = Situation(facts={"low-risk-external": low}, acts={"low-risk-acceptable": accepted})
        assert condition_holds(POLICY, rule.when, shown) is (low and accepted)


def test_not_ruled_out_is_treated_as_reached_and_said_to_be_ours() -> None:
    rule = POLICY.semantics.not_ruled_out
    assert rule.rule is StatusRule.TREAT_AS_CROSSED
    assert rule.cite is None
    assert rule.ours
    statuses = {name: Status(level=Level.RULED_OUT) for name in EVERY}
    statuses["CYBER-UPLIFT-1"] = Status(level=Level.NOT_RULED_OUT)
    given = situation(without=("mitigations-cyber-uplift-1",), statuses=statuses)
    assert at(Gate.EXTERNAL_GENERAL, given).determining == ("DEPLOY-CYBER-UPLIFT-1",)


def test_a_forecast_alone_has_no_effect() -> None:
    """1.3.3 p.6, Glossary p.19: foreseen reaching acts through alert thresholds."""
    statuses = {
        name: Status(level=Level.RULED_OUT, flags=frozenset({Flag.FORECAST})) for name in EVERY
    }
    for gate in GATES:
        assert at(gate, situation(statuses=statuses)).level is EffectLevel.ALLOW


def test_alert_thresholds_exist_for_ccls_only() -> None:
    """1.3.2 p.5."""
    alerts = {row.id.removeprefix("ALERT-") for row in POLICY.commitments if "ALERT" in row.id}
    assert alerts == set(CCLS)


def test_levels_recommended_to_the_field_are_advice() -> None:
    """2.2 p.11, 3.2.2 pp.14-15."""
    field = [row for row in POLICY.commitments if row.addressee == "industry"]
    assert {row.id.removeprefix("FIELD-SECURITY-") for row in field} == set(CCLS)
    for row in field:
        assert row.modality is Modality.RECOMMENDS_INDUSTRY
        assert not row.binds
    assert all(row.binds for row in POLICY.commitments if row.addressee == "company")


def test_reviews_are_yearly_and_disclosure_is_an_aim() -> None:
    """5.1, 5.2 p.17."""
    duties = {item.id: item for item in POLICY.duties}
    assert duties["framework-review"].every == "1y"
    assert duties["government-disclosure"].modality is Modality.AIM


def test_no_number_is_invented() -> None:
    assert not any(threshold.indicators for threshold in POLICY.thresholds)
    assert not any(item.checks for item in POLICY.safeguards)
