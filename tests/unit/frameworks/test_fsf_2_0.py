"""The Frontier Safety Framework 2.0, as encoded, does what its text says at each gate.

Pages are as printed. The expectations are written from the text, not from the encoding.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

import scalegate
from scalegate.policy.codes import Severity
from scalegate.policy.compile import compile_policy
from scalegate.policy.evaluate import Outcome, evaluate
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

FILE = Path(scalegate.__file__).parent / "frameworks" / "gdm-fsf@2.0.yaml"
TEXT = FILE.read_text(encoding="utf-8")
POLICY = parse_policy(TEXT, file=FILE.name)
PROGRAM = compile_policy(POLICY)

MISUSE = (
    "CBRN-UPLIFT-1",
    "CYBER-AUTONOMY-1",
    "CYBER-UPLIFT-1",
    "MLRD-UPLIFT-1",
    "MLRD-AUTONOMY-1",
)
REASONING = ("INSTRUMENTAL-REASONING-1", "INSTRUMENTAL-REASONING-2")
CCLS = (*MISUSE, *REASONING)
AVAILABLE = (Gate.EXTERNAL_GENERAL, Gate.OPEN_WEIGHTS)
DEPLOYED = (Gate.INTERNAL, Gate.INTERNAL_HIGH_RISK, Gate.EXTERNAL_LIMITED, *AVAILABLE)
GATES = (Gate.TRAIN, *DEPLOYED)
LIVE, ABSENT = SafeguardState.LIVE_AND_SUFFICIENT, SafeguardState.ABSENT
ALLOW, ALLOW_WITH, HOLD = EffectLevel.ALLOW, EffectLevel.ALLOW_WITH, EffectLevel.HOLD


def situation(
    *crossed: str, without: tuple[str, ...] = (), alerts: tuple[str, ...] = (), **changes: Any
) -> Situation:
    """All levels ruled out but `crossed`; everything in place but what `without` names."""
    given: dict[str, Any] = {
        "statuses": {
            name: Status(
                level=Level.CROSSED if name in crossed else Level.RULED_OUT,
                flags=frozenset({Flag.ALERT}) if name in alerts else frozenset(),
            )
            for name in CCLS
        },
        "safeguards": {
            item.id: ABSENT if item.id in without else LIVE for item in POLICY.safeguards
        },
        "documents": {"safety-case.covered": "safety-case" not in without},
        "acts": {
            name: name not in without for name in ("safety-case-adequate", "response-plan-approved")
        },
        "facts": {"available-mitigations-insufficient": False, "high-stakes-deployment": False},
    }
    return Situation(**(given | changes))


def at(gate: Gate, given: Situation, ask: Ask = Ask.START) -> Outcome:
    return evaluate(PROGRAM, given, gate, ask)


def test_file_names_itself_its_days_and_its_neighbours() -> None:
    assert POLICY.name == "gdm-fsf@2.0"
    assert (POLICY.effective_on, POLICY.superseded_on) == ("2025-02-04", "2025-09-22")
    assert POLICY.supersedes == "gdm-fsf@1.0"


def test_lint_finds_no_error_and_no_warning() -> None:
    assert not [item for item in lint_text(TEXT) if item.severity is not Severity.NOTE]


def test_nothing_worse_relaxes_a_gate() -> None:
    assert not list(relaxations(PROGRAM))


def test_knowing_nothing_holds_general_availability_only() -> None:
    for gate in GATES:
        assert at(gate, Situation()).level is (HOLD if gate in AVAILABLE else ALLOW_WITH)
    assert not at(Gate.STORE, Situation()).governed


# Situation, gate, effect, rows that decide; clause.
TABLE = [
    pytest.param(
        situation("CYBER-UPLIFT-1", without=("safety-case-adequate",)),
        Gate.EXTERNAL_GENERAL,
        HOLD,
        {"DEPLOY-CYBER-UPLIFT-1"},
        id="Deployment Mitigations 2, p.4: general availability only after the determination",
    ),
    pytest.param(
        situation("CBRN-UPLIFT-1", without=("safety-case",)),
        Gate.EXTERNAL_GENERAL,
        HOLD,
        {"DEPLOY-CBRN-UPLIFT-1"},
        id="Deployment Mitigations 1, p.4: safeguards come with a safety case",
    ),
    pytest.param(
        situation("CYBER-AUTONOMY-1", without=("mitigations-cyber-autonomy-1",)),
        Gate.OPEN_WEIGHTS,
        HOLD,
        {"DEPLOY-CYBER-AUTONOMY-1"},
        id="Deployment Mitigations 1, p.4: the safeguards the case argues for",
    ),
    pytest.param(
        situation("CYBER-AUTONOMY-1", without=("mitigations-cyber-uplift-1",)),
        Gate.EXTERNAL_GENERAL,
        ALLOW_WITH,
        {"PROCESS-CYBER-AUTONOMY-1"},
        id="Deployment Mitigations 1, p.4: each capability has its own safeguards",
    ),
    pytest.param(
        situation("CYBER-UPLIFT-1", without=("safety-case-adequate", "safety-case")),
        Gate.EXTERNAL_LIMITED,
        ALLOW_WITH,
        {"PROCESS-CYBER-UPLIFT-1"},
        id="footnote 8, p.4: a restricted deployment is not general availability",
    ),
    pytest.param(
        situation("MLRD-AUTONOMY-1", without=("safety-case-adequate", "safety-case")),
        Gate.INTERNAL_HIGH_RISK,
        ALLOW_WITH,
        {"PROCESS-MLRD-AUTONOMY-1"},
        id="Deployment Mitigations 2, p.4: nor is internal use",
    ),
    pytest.param(
        situation("MLRD-AUTONOMY-1", without=("sl2-goals", "sl3-additions", "sl4-additions")),
        Gate.TRAIN,
        ALLOW,
        None,
        id="Table 1, p.6: security is recommended to the field and holds no training",
    ),
    pytest.param(
        situation("INSTRUMENTAL-REASONING-2", without=("automated-monitoring", "safety-case")),
        Gate.EXTERNAL_GENERAL,
        ALLOW,
        None,
        id="Table 2, p.7: an initial approach; nothing waits for it",
    ),
    pytest.param(
        situation(alerts=("CBRN-UPLIFT-1",)),
        Gate.TRAIN,
        ALLOW_WITH,
        {"ALERT-CBRN-UPLIFT-1"},
        id="Framework 3, p.3: an alert asks for a response plan",
    ),
    pytest.param(
        situation(alerts=("INSTRUMENTAL-REASONING-1",), without=("response-plan-approved",)),
        Gate.TRAIN,
        ALLOW_WITH,
        {"ALERT-INSTRUMENTAL-REASONING-1", "RESPONSE-PLAN-APPROVAL"},
        id="Governance, p.7: the plan is reviewed and approved",
    ),
    pytest.param(
        situation(
            alerts=("CYBER-UPLIFT-1",),
            without=("adequate-mitigations",),
            facts={"available-mitigations-insufficient": True},
        ),
        Gate.EXTERNAL_GENERAL,
        ALLOW_WITH,
        {"ALERT-CYBER-UPLIFT-1"},
        id="Framework 3, p.3: the plan may hold, so the framework does not",
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


LACKS = (None, "mitigations", "safety-case", "safety-case-adequate", "security", "reasoning")
MISSING: dict[str | None, tuple[str, ...]] = {
    None: (),
    "mitigations": tuple(f"mitigations-{name.lower()}" for name in MISUSE),
    "safety-case": ("safety-case",),
    "safety-case-adequate": ("safety-case-adequate",),
    "security": ("sl2-goals", "sl3-additions", "sl4-additions"),
    "reasoning": ("automated-monitoring", "control-evaluations"),
}


def test_the_whole_gate_matrix_follows_the_three_step_process() -> None:
    """Deployment Mitigations, p. 4: process at every deployment, gate at general availability."""
    checked = 0
    for bits in product((False, True), repeat=len(CCLS)):
        crossed = {name for name, bit in zip(CCLS, bits, strict=True) if bit}
        for lacks, gate, ask in product(LACKS, GATES, Ask):
            held = gate in AVAILABLE and ask is Ask.START and lacks in LACKS[1:4]
            expected = ALLOW
            if crossed & set(MISUSE) and gate is not Gate.TRAIN:
                expected = HOLD if held else ALLOW_WITH
            given = situation(*crossed, without=MISSING[lacks])
            assert at(gate, given, ask).level is expected, (gate, crossed, lacks)
            checked += 1
    assert checked == 2**7 * len(LACKS) * len(GATES) * 2


def test_adoption_may_be_made_to_depend_on_other_organisations() -> None:
    """Introduction, p. 1."""
    given = situation("CBRN-UPLIFT-1", without=("safety-case-adequate",))
    assert at(Gate.EXTERNAL_GENERAL, given).level is HOLD
    released = situation(
        "CBRN-UPLIFT-1",
        without=("safety-case-adequate",),
        discretions={"INDUSTRY-CONDITIONALITY": True},
    )
    outcome = at(Gate.EXTERNAL_GENERAL, released)
    assert outcome.level is ALLOW_WITH
    assert outcome.softened_by == ("INDUSTRY-CONDITIONALITY",)


def test_the_hold_of_a_response_plan_is_advice() -> None:
    """Framework, 3, p. 3."""
    row = next(item for item in POLICY.commitments if item.id == "HOLD-IN-RESPONSE-PLAN")
    assert row.modality is Modality.MAY
    assert not row.binds
    assert row.otherwise.level is HOLD


@pytest.mark.parametrize(
    ("level", "standard"),
    [
        ("CBRN-UPLIFT-1", "SL2"),
        ("CYBER-AUTONOMY-1", "SL2"),
        ("CYBER-UPLIFT-1", "SL2"),
        ("MLRD-UPLIFT-1", "SL3"),
        ("MLRD-AUTONOMY-1", "SL4"),
    ],
)
def test_each_misuse_level_has_one_security_level_recommended_to_the_field(
    level: str, standard: str
) -> None:
    """Table 1, p. 5-6."""
    row = next(item for item in POLICY.commitments if item.id == f"FIELD-SECURITY-{level}")
    assert getattr(row.require, "name", None) == standard
    assert row.modality is Modality.RECOMMENDS_INDUSTRY
    assert row.addressee == "industry"


def test_only_deceptive_alignment_and_hold_rows_are_advice_besides_security() -> None:
    advice = {row.id for row in POLICY.commitments if not row.binds}
    assert {name for name in advice if not name.startswith("FIELD-SECURITY-")} == {
        "HOLD-IN-RESPONSE-PLAN",
        "MONITORING-INSTRUMENTAL-REASONING-1",
        "SAFETY-CASE-INSTRUMENTAL-REASONING-1",
        "MITIGATIONS-INSTRUMENTAL-REASONING-2",
    }


def test_three_councils_may_approve_a_response_plan() -> None:
    """Governance, p. 7: bodies such as these."""
    asked = next(item for item in POLICY.questions if item.id == "response-plan-approved")
    assert asked.any_of
    assert set(asked.by) == {
        "governance-body",
        "agi-safety-council",
        "responsibility-safety-council",
        "trust-compliance-council",
    }


def test_cadence_is_an_intention_without_a_number() -> None:
    """Framework, 2, p. 3."""
    for item in POLICY.cadence:
        assert item.effective_compute_ratio is None
        assert item.elapsed is None
        assert item.modality <= Modality.INTEND


def test_the_safety_case_will_be_updated_and_disclosure_is_an_aim() -> None:
    """Deployment Mitigations, step 3, p. 4; Disclosure, p. 8."""
    duties = {item.id: item for item in POLICY.duties}
    assert duties["post-market-update"].modality is Modality.WILL
    assert duties["government-disclosure"].modality is Modality.AIM


def test_no_number_of_a_line_is_invented() -> None:
    assert not any(threshold.indicators for threshold in POLICY.thresholds)
    assert not any(item.checks for item in POLICY.safeguards)
