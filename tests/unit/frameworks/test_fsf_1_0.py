"""The Frontier Safety Framework 1.0, as encoded, does what its text says at each gate.

Pages are as printed. No binding row holds anything; the hold of the text stands under `would`. Its
rows are tried on a copy of the file in which that verb binds.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import scalegate
from scalegate.policy.codes import Severity
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.evaluate import evaluate, strictest
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

FILE = Path(scalegate.__file__).parent / "frameworks" / "gdm-fsf@1.0.yaml"
TEXT = FILE.read_text(encoding="utf-8")
POLICY = parse_policy(TEXT, file=FILE.name)
PROGRAM = compile_policy(POLICY)
AS_IF_BINDING = compile_policy(parse_policy(TEXT.replace("modality: would", "modality: must")))

CCLS = (
    "AUTONOMY-1",
    "BIO-AMATEUR-1",
    "BIO-EXPERT-1",
    "CYBER-AUTONOMY-1",
    "CYBER-ENABLEMENT-1",
    "MLRD-1",
    "MLRD-2",
)
DEPLOYED = (
    Gate.INTERNAL,
    Gate.INTERNAL_HIGH_RISK,
    Gate.EXTERNAL_LIMITED,
    Gate.EXTERNAL_GENERAL,
    Gate.OPEN_WEIGHTS,
)
GATES = (Gate.TRAIN, *DEPLOYED)
ALLOW, ALLOW_WITH, HOLD = EffectLevel.ALLOW, EffectLevel.ALLOW_WITH, EffectLevel.HOLD


def situation(
    *crossed: str, alerts: tuple[str, ...] = (), ready: tuple[str, ...] = (), **changes: Any
) -> Situation:
    """All levels ruled out but `crossed`; no mitigation in place but the standards in `ready`."""
    given: dict[str, Any] = {
        "statuses": {
            name: Status(
                level=Level.CROSSED if name in crossed else Level.RULED_OUT,
                flags=frozenset({Flag.ALERT}) if name in alerts else frozenset(),
            )
            for name in CCLS
        },
        "safeguards": {item.id: SafeguardState.ABSENT for item in POLICY.safeguards},
        "documents": {"protocols.covered": False},
        "specified": dict.fromkeys(ready, True),
        "specified_members": dict.fromkeys(ready, True),
    }
    return Situation(**(given | changes))


def level_at(gate: Gate, given: Situation, program: Program = PROGRAM) -> EffectLevel:
    return strictest(program, given, gate)[0].level


def test_file_names_itself_and_its_days_and_supersedes_nothing() -> None:
    assert POLICY.name == "gdm-fsf@1.0"
    assert (POLICY.effective_on, POLICY.superseded_on) == ("2024-05-17", "2025-02-04")
    assert POLICY.supersedes is None


def test_lint_finds_no_error_and_no_warning() -> None:
    assert not [item for item in lint_text(TEXT) if item.severity is not Severity.NOTE]


def test_nothing_worse_relaxes_a_gate() -> None:
    assert not list(relaxations(PROGRAM))
    assert not list(relaxations(AS_IF_BINDING))


def test_knowing_nothing_asks_for_response_plans_and_holds_nothing() -> None:
    for gate in GATES:
        outcome = evaluate(PROGRAM, Situation(), gate)
        assert outcome.level is ALLOW_WITH
        assert set(outcome.determining) == {f"ALERT-{name}" for name in CCLS}
    assert not evaluate(PROGRAM, Situation(), Gate.STORE).governed


def test_every_gate_turns_on_evaluation_thresholds_and_none_is_held() -> None:
    """Framework, 3, p. 2: will formulate a response plan; a level reached changes nothing more."""
    for bits in product((False, True), repeat=len(CCLS)):
        alerts = tuple(name for name, bit in zip(CCLS, bits, strict=True) if bit)
        for crossed, gate, ask in product(((), CCLS), GATES, Ask):
            outcome = evaluate(PROGRAM, situation(*crossed, alerts=alerts), gate, ask)
            assert outcome.level is (ALLOW_WITH if alerts else ALLOW)
            if alerts:
                assert set(outcome.determining) == {f"ALERT-{name}" for name in alerts}


SECURITY, DEPLOYMENT = "APPROPRIATE-SECURITY-MLRD-1", "APPROPRIATE-DEPLOYMENT-MLRD-1"
PROTOCOLS = {"documents": {"protocols.covered": True}}

# What is ready or fixed, gate, effect were the hold binding; clause.
TABLE = [
    pytest.param({}, Gate.TRAIN, HOLD, id="p.2: development is put on hold"),
    pytest.param({}, Gate.INTERNAL, HOLD, id="p.2: and deployment"),
    pytest.param({"ready": (SECURITY,)}, Gate.TRAIN, ALLOW_WITH, id="p.2: security is ready"),
    pytest.param(
        {"ready": (SECURITY,)},
        Gate.EXTERNAL_GENERAL,
        HOLD,
        id="p.2: a model is not deployed without deployment mitigations",
    ),
    pytest.param(
        {"ready": (DEPLOYMENT,)}, Gate.TRAIN, HOLD, id="p.2: nor trained on without security"
    ),
    pytest.param(
        {"ready": (SECURITY, DEPLOYMENT)}, Gate.EXTERNAL_GENERAL, ALLOW_WITH, id="p.2: both ready"
    ),
    pytest.param(PROTOCOLS, Gate.TRAIN, HOLD, id="p.2: protocols, if the hold is owed"),
    pytest.param(
        {**PROTOCOLS, "readings": {"hold-or-protocols": "protocols"}},
        Gate.TRAIN,
        ALLOW_WITH,
        id="p.2: protocols, if they suffice",
    ),
    pytest.param(
        {"readings": {"hold-or-protocols": "protocols"}},
        Gate.TRAIN,
        HOLD,
        id="p.2: no protocols",
    ),
]


@pytest.mark.parametrize(("changes", "gate", "effect"), TABLE)
def test_were_the_hold_binding_it_would_act_as_the_text_says(
    changes: dict[str, Any], gate: Gate, effect: EffectLevel
) -> None:
    given = situation(alerts=("MLRD-1",), **changes)
    assert level_at(gate, given, AS_IF_BINDING) is effect
    assert level_at(gate, given) is ALLOW_WITH


def test_specifying_the_mitigations_of_one_level_serves_no_other() -> None:
    given = situation(alerts=("MLRD-1", "MLRD-2"), ready=(SECURITY, DEPLOYMENT))
    outcome = evaluate(AS_IF_BINDING, given, Gate.TRAIN)
    assert outcome.determining == ("HOLD-DEVELOPMENT-MLRD-2",)


def test_the_verbs_are_graded_as_printed() -> None:
    """Framework, 3, p. 2; Security Mitigations, p. 3; Deployment Mitigations, p. 4."""
    graded = {row.id: row.modality for row in POLICY.commitments}
    for name in CCLS:
        assert graded[f"ALERT-{name}"] is Modality.WILL
        assert graded[f"HOLD-DEVELOPMENT-{name}"] is Modality.WOULD
        assert graded[f"HOLD-DEPLOYMENT-{name}"] is Modality.WOULD
    assert graded["SECURITY-LEVELS-ON-OFFER"] is Modality.MAY
    assert graded["DEPLOYMENT-LEVELS-ON-OFFER"] is Modality.MAY
    assert all(row.binds is (row.modality is Modality.WILL) for row in POLICY.commitments)


def test_no_level_of_mitigations_is_mapped_to_a_capability_level() -> None:
    """Future work, p. 6: plans that map them are still to come."""
    standards = {item.id: item for item in POLICY.standards}
    for name in CCLS:
        assert standards[f"APPROPRIATE-SECURITY-{name}"].unspecified
        assert standards[f"APPROPRIATE-DEPLOYMENT-{name}"].unspecified
    offered = [name for name in standards if "-LEVEL-" in name]
    assert len(offered) == 5 + 4
    for row in POLICY.commitments:
        if "LEVEL-" in str(row.require):
            assert row.id.endswith("-LEVELS-ON-OFFER")


def test_security_levels_are_a_ladder_and_deployment_level_2_contains_security_level_2() -> None:
    """Pages 3-4."""
    members = {item.id: set(item.members) for item in POLICY.standards}
    for rung in range(4):
        assert members[f"SECURITY-LEVEL-{rung}"] < members[f"SECURITY-LEVEL-{rung + 1}"]
    assert members["SECURITY-LEVEL-2"] < members["DEPLOYMENT-LEVEL-2"]
    assert not members["SECURITY-LEVEL-0"] & members["DEPLOYMENT-LEVEL-1"]


def test_evaluation_every_sixfold_compute_and_three_months_is_an_aim() -> None:
    """Framework, 2, p. 2."""
    growth = next(item for item in POLICY.cadence if item.id == "growth")
    assert growth.effective_compute_ratio == Decimal(6)
    assert growth.elapsed == "3m"
    assert growth.modality is Modality.AIM


def test_nobody_is_named_and_implementation_is_an_aim() -> None:
    """Pages 1 and 6."""
    assert not POLICY.roles
    assert not POLICY.questions
    duties = {item.id: item for item in POLICY.duties}
    assert duties["implementation"].modality is Modality.AIM
    assert duties["stakeholder-alert"].modality is Modality.MAY


def test_no_number_of_a_line_is_invented() -> None:
    assert not any(threshold.indicators for threshold in POLICY.thresholds)
