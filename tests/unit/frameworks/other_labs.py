"""What the tests of the other labs' frameworks share: a situation in which nothing is missing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from scalegate.policy.codes import Severity
from scalegate.policy.evaluate import Outcome, strictest
from scalegate.policy.lint import lint_text
from scalegate.policy.monotone import relaxations
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import Ask, EffectLevel, Flag, Gate, Level, SafeguardState
from tests.unit.frameworks.rsp_versions import policy_of, program_of, text_of

LIVE, ABSENT = SafeguardState.LIVE_AND_SUFFICIENT, SafeguardState.ABSENT
ALLOW, ALLOW_WITH = EffectLevel.ALLOW, EffectLevel.ALLOW_WITH
RESTRICT, HOLD, WITHDRAW = EffectLevel.RESTRICT, EffectLevel.HOLD, EffectLevel.WITHDRAW
START, CONTINUE = Ask.START, Ask.CONTINUE
INSIDE = (Gate.INTERNAL, Gate.INTERNAL_HIGH_RISK)
OUTSIDE = (Gate.EXTERNAL_LIMITED, Gate.EXTERNAL_GENERAL, Gate.OPEN_WEIGHTS)
Facts = Mapping[str, bool | Decimal | str]


def in_place(
    name: str,
    *crossed: str,
    without: tuple[str, ...] = (),
    facts: Facts | None = None,
    readings: Mapping[str, str] | None = None,
    flags: Mapping[str, Flag] | None = None,
) -> Situation:
    """Nothing reached but `crossed`; every safeguard, document and act there but `without`.

    Facts are false where `facts` does not say otherwise.
    """
    policy = policy_of(name)
    marked = flags or {}
    return Situation(
        statuses={
            item.id: Status(
                level=Level.CROSSED if item.id in crossed else Level.RULED_OUT,
                flags=frozenset({marked[item.id]} if item.id in marked else ()),
            )
            for item in policy.thresholds
        },
        safeguards={item.id: ABSENT if item.id in without else LIVE for item in policy.safeguards},
        documents={
            f"{item.id}.{aspect.value}": f"{item.id}.{aspect.value}" not in without
            for item in policy.documents
            for aspect in item.aspects
        },
        acts={item.id: item.id not in without for item in policy.questions},
        facts={item.id: False for item in policy.facts} | dict(facts or {}),
        readings=dict(readings or {}),
    )


def at(name: str, gate: Gate, given: Situation, ask: Ask = START) -> Outcome:
    """The outcome under the strictest reading."""
    return strictest(program_of(name), given, gate, ask)[0]


@cache
def faults_of(name: str) -> tuple[str, ...]:
    """Findings graver than a note, and every step by which something worse relaxes a gate."""
    findings = [
        str(item) for item in lint_text(text_of(name)) if item.severity is not Severity.NOTE
    ]
    steps = [f"{step.name} relaxes {step.gate}" for step in relaxations(program_of(name))]
    return (*findings, *steps)


def silent_gates(name: str) -> frozenset[Gate]:
    """The gates at which nothing binds, for neither ask."""
    return frozenset(
        gate for gate in Gate if not any(at(name, gate, Situation(), ask).governed for ask in Ask)
    )
