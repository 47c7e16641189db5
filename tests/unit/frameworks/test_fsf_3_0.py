"""The Frontier Safety Framework 3.0, as encoded, does what its text says at each gate.

Pages are as printed. The expectations are written from section 1.6, not from the encoding.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import scalegate
from scalegate.policy.codes import Severity
from scalegate.policy.compile import compile_policy
from scalegate.policy.evaluate import Outcome, condition_holds, evaluate, strictest
from scalegate.policy.lint import lint_text
from scalegate.policy.monotone import relaxations
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
)

FILE = Path(scalegate.__file__).parent / "frameworks" / "gdm-fsf@3.0.yaml"
TEXT = FILE.read_text(encoding="utf-8")
POLICY = parse_policy(TEXT, file=FILE.name)
PROGRAM = compile_policy(POLICY)

MISUSE = ("CBRN-UPLIFT-1", "CYBER-UPLIFT-1", "MANIPULATION-1")
MLRD = ("MLRD-ACCELERATION-1", "MLRD-AUTOMATION-1")
CCLS = (*MISUSE, *MLRD)
REASONING = ("INSTRUMENTAL-REASONING-1", "INSTRUMENTAL-REASONING-2")
EVERY = (*CCLS, *REASONING)
EXTERNAL = (Gate.EXTERNAL_LIMITED, Gate.EXTERNAL_GENERAL, Gate.OPEN_WEIGHTS)
INTERNAL = (Gate.INTERNAL, Gate.INTERNAL_HIGH_RISK)
GATES = (Gate.TRAIN, *INTERNAL, *EXTERNAL)
SECURITY = ("sl2-goals", "sl3-additions", "sl4-additions")
LIVE, ABSENT = SafeguardState.LIVE_AND_SUFFICIENT, SafeguardState.ABSENT
ALLOW, ALLOW_WITH, HOLD = EffectLevel.ALLOW, EffectLevel.ALLOW_WITH, EffectLevel.HOLD
FACTS: Mapping[str, bool] = {
    "first-external-deployment": True,
    "meaningful-new-capabilities": False,
    "retired-or-surpassed": False,
    "large-scale-internal": False,
    "high-stakes-deployment": False,
}
LARGE = {**FACTS, "large-scale-internal": True}
RESOLVED = {"acceptance-conditions": "necessary"}


def situation(
    *crossed: str,
    without: tuple[str, ...] = (),
    facts: Mapping[str, bool] = FACTS,
    readings: Mapping[str, str] = RESOLVED,
    alerts: tuple[str, ...] = (),
    **changes: Any,
) -> Situation:
    """All levels ruled out but `crossed`; everything in place but what `without` names."""
    given: dict[str, Any] = {
        "statuses": {
            name: Status(
                level=Level.CROSSED if name in crossed else Level.RULED_OUT,
                flags=frozenset({Flag.ALERT}) if name in alerts else frozenset(),
            )
            for name in EVERY
        },
        "safeguards": {
            item.id: ABSENT if item.id in without else LIVE for item in POLICY.safeguards
        },
        "documents": {
            "risk-assessment.covered": "risk-assessment" not in without,
            "safety-case.covered": "safety-case" not in without,
        },
        "acts": {"safety-case-adequate": "safety-case-adequate" not in without},
        "facts": dict(facts),
        "readings": dict(readings),
    }
    return Situation(**(given | changes))


def at(gate: Gate, given: Situation, ask: Ask = Ask.START) -> Outcome:
    return evaluate(PROGRAM, given, gate, ask)


def test_file_names_itself_its_days_and_its_neighbours() -> None:
    assert POLICY.name == "gdm-fsf@3.0"
    assert (POLICY.effective_on, POLICY.superseded_on) == ("2025-09-22", "2026-04-17")
    assert POLICY.supersedes == "gdm-fsf@2.0"


def test_lint_finds_no_error_and_no_warning() -> None:
    assert not [item for item in lint_text(TEXT) if item.severity is not Severity.NOTE]


def test_nothing_worse_relaxes_a_gate() -> None:
    assert not list(relaxations(PROGRAM))


def test_no_level_reached_is_acceptable_for_development_and_deployment() -> None:
    """1.6 p.6, first bullet."""
    for gate in GATES:
        assert at(gate, situation()).level is ALLOW


def test_knowing_nothing_holds_every_governed_gate() -> None:
    for gate in GATES:
        assert at(gate, Situation()).level is HOLD
    assert not at(Gate.STORE, Situation()).governed


# Situation, gate, effect, rows that decide; clause.
TABLE = [
    pytest.param(
        situation("CYBER-UPLIFT-1", without=("sl2-goals",)),
        Gate.TRAIN,
        HOLD,
        {"SECURITY-CYBER-UPLIFT-1"},
        id="1.6 p.7: misuse CCL, security for further development",
    ),
    pytest.param(
        situation("CYBER-UPLIFT-1", without=("sl3-additions", "sl4-additions")),
        Gate.TRAIN,
        ALLOW,
        None,
        id="2.2.2 p.10: Security Level 2 is what cyber uplift asks",
    ),
    pytest.param(
        situation("CYBER-UPLIFT-1", without=("mitigations-cyber-uplift-1",), facts=LARGE),
        Gate.INTERNAL_HIGH_RISK,
        ALLOW,
        None,
        id="1.6 p.7: misuse mitigations are asked of external deployment only",
    ),
    pytest.param(
        situation("CYBER-UPLIFT-1", without=("mitigations-cyber-uplift-1",)),
        Gate.EXTERNAL_LIMITED,
        HOLD,
        {"DEPLOY-CYBER-UPLIFT-1"},
        id="2.1.2 p.9: any external deployment waits",
    ),
    pytest.param(
        situation("MANIPULATION-1", without=("safety-case-adequate",)),
        Gate.EXTERNAL_GENERAL,
        HOLD,
        {"DEPLOY-MANIPULATION-1"},
        id="2.1.2 p.9: only after the safety case is found adequate",
    ),
    pytest.param(
        situation("CBRN-UPLIFT-1", without=("safety-case",)),
        Gate.OPEN_WEIGHTS,
        HOLD,
        {"DEPLOY-CBRN-UPLIFT-1"},
        id="2.1.2 p.8: a safety case for each CCL reached",
    ),
    pytest.param(
        situation("MLRD-ACCELERATION-1", without=("safety-case-adequate",), facts=LARGE),
        Gate.INTERNAL,
        HOLD,
        {"DEPLOY-INTERNAL-MLRD-ACCELERATION-1"},
        id="3.1.2 p.12: large-scale internal deployment waits too",
    ),
    pytest.param(
        situation("MLRD-ACCELERATION-1", without=("safety-case-adequate",)),
        Gate.INTERNAL_HIGH_RISK,
        ALLOW,
        None,
        id="3.1.2 p.12: internal deployment that is not large-scale does not",
    ),
    pytest.param(
        situation("MLRD-AUTOMATION-1", without=("sl4-additions",)),
        Gate.INTERNAL,
        HOLD,
        {"SECURITY-MLRD-AUTOMATION-1"},
        id="3.2.1 p.14: Security Level 4 for automation",
    ),
    pytest.param(
        situation("MLRD-ACCELERATION-1", without=("sl4-additions",)),
        Gate.INTERNAL,
        ALLOW,
        None,
        id="3.2.1 p.13: Security Level 3 for acceleration",
    ),
    pytest.param(
        situation(without=("risk-assessment",)),
        Gate.EXTERNAL_LIMITED,
        HOLD,
        {"ASSESS-FIRST-LIMITED"},
        id="1.3 p.4: a risk assessment for the first external deployment",
    ),
    pytest.param(
        situation(without=("risk-assessment",), facts=LARGE),
        Gate.INTERNAL_HIGH_RISK,
        ALLOW,
        None,
        id="1.3 p.4: not for internal deployment",
    ),
    pytest.param(
        situation(alerts=("CYBER-UPLIFT-1",)),
        Gate.EXTERNAL_GENERAL,
        ALLOW_WITH,
        {"ALERT-CYBER-UPLIFT-1"},
        id="1.4 p.6: an alert asks for a response plan and holds nothing",
    ),
    pytest.param(
        situation(
            *REASONING,
            without=("automated-monitoring", *SECURITY),
            facts={**LARGE, "high-stakes-deployment": True},
        ),
        Gate.INTERNAL_HIGH_RISK,
        ALLOW,
        None,
        id="1.6 p.7, 4 p.15: instrumental reasoning is illustrative",
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


ARMS = ("met", "adequate", "open", "none")
LACKS = (None, "mitigations", "safety-case", "safety-case-adequate")


def _with(crossed: frozenset[str], arm: str, lacks: str | None, *, large: bool) -> Situation:
    prefix = {"adequate": "ADEQUATE-", "open": "OPEN-BENEFIT-"}.get(arm)
    missing = {"mitigations": tuple(f"mitigations-{name.lower()}" for name in CCLS)}
    without = missing.get(lacks or "", (lacks,) if lacks else ())
    return situation(
        *crossed,
        without=without + (() if arm == "met" else SECURITY),
        facts=LARGE if large else FACTS,
        substitutes=dict.fromkeys((f"{prefix}{name}" for name in CCLS), True) if prefix else {},
    )


def _expected(gate: Gate, crossed: frozenset[str], arm: str, lacks: str | None, large: bool) -> Any:
    """Section 1.6 (pp. 6-7), 2.1.2 (p. 9), 3.1.2 (pp. 12-13)."""
    reached = crossed & set(CCLS)
    if not reached:
        return ALLOW
    if arm == "none":
        return HOLD
    asked = gate in EXTERNAL or (gate in INTERNAL and large and bool(reached & set(MLRD)))
    if asked and lacks is not None:
        return HOLD
    return ALLOW if arm == "met" else ALLOW_WITH


def test_the_whole_gate_matrix_follows_section_1_6() -> None:
    checked = 0
    for *bits, reasons in product((False, True), repeat=len(CCLS) + 1):
        crossed = frozenset(name for name, bit in zip(CCLS, bits, strict=True) if bit)
        crossed |= set(REASONING) if reasons else set()
        for arm, lacks, large in product(ARMS, LACKS, (False, True)):
            given = _with(crossed, arm, lacks, large=large)
            for gate in GATES:
                expected = _expected(gate, crossed, arm, lacks, large)
                assert at(gate, given).level is expected, (gate, crossed, arm, lacks, large)
                checked += 1
    assert checked == 2**6 * len(ARMS) * len(LACKS) * 2 * len(GATES)


def test_the_training_hold_depends_on_whether_the_conditions_are_necessary() -> None:
    """1.6 p.6: `if, for example`; no pause sentence."""
    given = situation("MLRD-ACCELERATION-1", without=SECURITY, readings={})
    worst, outcomes = strictest(PROGRAM, given, Gate.TRAIN)
    levels = {chosen["acceptance-conditions"]: item.level for chosen, item in outcomes}
    assert worst.level is HOLD
    assert levels == {"necessary": HOLD, "sufficient_only": ALLOW}


def test_external_deployment_is_held_under_either_reading() -> None:
    """2.1.2 p.9: take place only after."""
    given = situation("CYBER-UPLIFT-1", without=("safety-case-adequate",), readings={})
    _, outcomes = strictest(PROGRAM, given, Gate.EXTERNAL_GENERAL)
    assert {item.level for _, item in outcomes} == {HOLD}


@pytest.mark.parametrize(
    ("first", "new", "surpassed", "assessed_again"),
    [
        (True, False, False, True),
        (True, True, True, True),
        (False, True, False, True),
        (False, True, True, False),
        (False, False, False, False),
        (False, False, True, False),
    ],
)
def test_a_later_version_is_assessed_again_on_one_condition(
    *, first: bool, new: bool, surpassed: bool, assessed_again: bool
) -> None:
    """1.3 pp.4-5."""
    facts = {
        **FACTS,
        "first-external-deployment": first,
        "meaningful-new-capabilities": new,
        "retired-or-surpassed": surpassed,
    }
    given = situation(without=("risk-assessment",), facts=facts)
    for gate in EXTERNAL:
        assert (at(gate, given).level is HOLD) is assessed_again
    rule = next(item for item in POLICY.exemptions if item.id == "LATER-VERSION")
    assert condition_holds(POLICY, rule.when, given) is not assessed_again
    assert not condition_holds(POLICY, rule.when, Situation())


def test_a_substitute_for_one_level_does_not_serve_another() -> None:
    given = situation(
        "CYBER-UPLIFT-1",
        "MANIPULATION-1",
        without=("sl2-goals",),
        substitutes={"ADEQUATE-CYBER-UPLIFT-1": True},
    )
    assert at(Gate.TRAIN, given).determining == ("SECURITY-MANIPULATION-1",)


def test_each_security_level_contains_the_one_below() -> None:
    """Footnotes 15 and 16, pp. 13-14."""
    members = {item.id: set(item.members) for item in POLICY.standards}
    assert members["SL2"] < members["SL3"] < members["SL4"]


def test_no_clause_speaks_of_putting_anything_on_hold() -> None:
    """Sections 1.4 and 1.6: the sentence of version 2.0 is gone."""
    assert not [row.id for row in POLICY.commitments if "on hold" in row.native_verb]


def test_alert_thresholds_are_for_the_four_assessed_domains() -> None:
    """1.3 p.5, footnote 4."""
    alerts = {row.id.removeprefix("ALERT-") for row in POLICY.commitments if "ALERT" in row.id}
    assert alerts == set(CCLS)


def test_only_field_security_and_misalignment_rows_are_advice() -> None:
    """2.2 p.9, 3.2 p.13, 4 p.15."""
    advice = {row.id: row for row in POLICY.commitments if not row.binds}
    fields = {name for name in advice if name.startswith("FIELD-SECURITY-")}
    assert {name.removeprefix("FIELD-SECURITY-") for name in fields} == set(CCLS)
    assert all(advice[name].modality is Modality.RECOMMENDS_INDUSTRY for name in fields)
    assert set(advice) - fields == {
        "MONITORING-INSTRUMENTAL-REASONING-1",
        "MITIGATIONS-INSTRUMENTAL-REASONING-2",
    }


def test_updates_are_yearly_and_disclosure_is_an_aim() -> None:
    """5.1, 5.2 p.16."""
    duties = {item.id: item for item in POLICY.duties}
    assert duties["framework-review"].every == "1y"
    assert duties["framework-review"].native_verb == "will be updated"
    assert duties["government-disclosure"].modality is Modality.AIM


def test_no_number_of_a_line_is_invented() -> None:
    assert not any(threshold.indicators for threshold in POLICY.thresholds)
    assert not any(item.checks for item in POLICY.safeguards)
