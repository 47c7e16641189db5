"""The compiled policy function equals a slow one that walks the document, clause by clause.

The slow one has no bits, no tables and no pushing of `not` at compile time: it follows the rules
in the docstrings of `policy.evaluate`, `policy.encode` and `policy.statuses`.
"""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from scalegate.policy.compile import compile_policy
from scalegate.policy.conditions import All, AnyOf, AtLeast, Atom, Condition, Not
from scalegate.policy.document import Commitment, Policy
from scalegate.policy.evaluate import evaluate
from scalegate.policy.parse import parse_policy
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import (
    Ask,
    Burden,
    EffectLevel,
    Flag,
    Gate,
    Level,
    SafeguardState,
    StatusRule,
)
from tests.architecture.source_tree import ROOT
from tests.strategies.policies import policies, situations

FRAMEWORKS = sorted((ROOT / "src" / "scalegate" / "frameworks").glob("*.yaml"))
UNKNOWN = object()


def own_level(policy: Policy, situation: Situation, name: str) -> Level:
    status = situation.statuses.get(name)
    if status is None:
        return Level.UNASSESSED
    level = status.level
    rules = []
    if level is Level.NOT_RULED_OUT:
        rules.append(policy.semantics.not_ruled_out.rule)
    if Flag.FORECAST in status.flags:
        rules.append(policy.semantics.forecast.rule)
    for rule in rules:
        if rule is StatusRule.TREAT_AS_CROSSED and level < Level.CROSSED:
            level = Level.CROSSED
        if rule is StatusRule.DETERMINATION_REQUIRED:
            level = Level.UNASSESSED
    if Flag.TREATED_AS in status.flags and level < Level.CROSSED:
        level = Level.CROSSED
    return level


def reaches_down(policy: Policy, upper: str, lower: str) -> bool:
    above = {item.id: item.above for item in policy.thresholds}
    return lower in above[upper] or any(reaches_down(policy, rung, lower) for rung in above[upper])


def level_of(policy: Policy, situation: Situation, name: str) -> Level:
    own = own_level(policy, situation, name)
    if own < Level.CROSSED:
        for other in policy.thresholds:
            crossed = own_level(policy, situation, other.id) >= Level.CROSSED
            if crossed and reaches_down(policy, other.id, name):
                return Level.CROSSED
    return own


def compare(value: Any, relation: str, constant: Any) -> bool:
    if relation == "is":
        return bool(value == constant)
    if relation == "at_least":
        return bool(value >= constant)
    if relation == "at_most":
        return bool(value <= constant)
    return bool(value > constant if relation == "above" else value < constant)


def atom_value(policy: Policy, situation: Situation, atom: Atom) -> Any:
    """Return True, False, or UNKNOWN."""
    name, constant = atom.name, atom.constant
    if atom.word == "status":
        # An unassessed threshold decides as crossed.
        level = min(level_of(policy, situation, name), Level.CROSSED)
        return compare(level, atom.relation, Level[str(constant).upper()])
    if atom.word == "flag":
        threshold, flag = name.rsplit(".", 1)
        status = situation.statuses.get(threshold)
        return UNKNOWN if status is None else Flag(flag) in status.flags
    if atom.word == "safeguard":
        state = situation.safeguards.get(name)
        wanted = SafeguardState[str(constant).upper()]
        return UNKNOWN if state is None else compare(-state, atom.relation, -wanted)
    if atom.word == "fact":
        fact = next(item for item in policy.facts if item.id == name)
        value = situation.facts.get(name)
        known = {
            "boolean": isinstance(value, bool),
            "number": isinstance(value, Decimal) and value.is_finite(),
            "choice": value in fact.choices,
        }[fact.type.value]
        return compare(value, atom.relation, constant) if known else UNKNOWN
    if atom.word == "reading":
        reading = next(item for item in policy.readings if item.id == name)
        option = situation.readings.get(name)
        known = option in [item.id for item in reading.options]
        return option == constant if known else UNKNOWN
    field = {"substitute": "substitutes", "act": "acts", "document": "documents"}[atom.word]
    found = getattr(situation, field).get(name)
    return UNKNOWN if found is None else found


def holds(policy: Policy, node: Condition, at: Situation, *, trigger: bool, want: bool) -> bool:
    """Say whether a condition holds (`want`) or is shown not to hold, where it stands."""

    def part(child: Condition) -> bool:
        return holds(policy, child, at, trigger=trigger, want=want)

    def known_or_worst(value: Any, *, armed: bool = False) -> bool:
        if value is UNKNOWN:
            return (not trigger) if armed else trigger
        return bool(value) is want

    match node:
        case Not(inner):
            return holds(policy, inner, at, trigger=trigger, want=not want)
        case All(parts):
            return all(map(part, parts)) if want else any(map(part, parts))
        case AnyOf(parts):
            return any(map(part, parts)) if want else all(map(part, parts))
        case AtLeast(count, parts):
            needed = count if want else len(parts) - count + 1
            return sum(map(part, parts)) >= needed
    if node.word in ("met", "specified"):
        standard = next(item for item in policy.standards if item.id == node.name)
        specified = at.specified.get(node.name, UNKNOWN) if standard.unspecified else True
        if node.word == "specified":
            return known_or_worst(specified)
        if standard.unspecified:
            values = [specified, at.specified_members.get(node.name, UNKNOWN)]
        else:
            states = [at.safeguards.get(name) for name in standard.members]
            values = [
                UNKNOWN if state is None else state is SafeguardState.LIVE_AND_SUFFICIENT
                for state in states
            ]
        every = [known_or_worst(value) for value in values]
        return all(every) if want else any(every)
    armed = node.word == "fact" and any(
        fact.id == node.name and fact.burden is Burden.TO_HOLD for fact in policy.facts
    )
    return known_or_worst(atom_value(policy, at, node), armed=armed)


def names_of(node: Condition) -> set[str]:
    if isinstance(node, Atom):
        return {node.name} if node.word == "status" else set()
    parts = (node.part,) if isinstance(node, Not) else node.parts
    return {name for part in parts for name in names_of(part)}


def without_softening(node: Condition) -> Condition:
    """Return the requirement with every substitute that is asked for never there."""

    def walk(inner: Condition, *, positive: bool) -> Condition:
        match inner:
            case Atom(word="substitute") if positive:
                return AnyOf(())
            case Not(part):
                return Not(walk(part, positive=not positive))
            case All(parts):
                return All(tuple(walk(part, positive=positive) for part in parts))
            case AnyOf(parts):
                return AnyOf(tuple(walk(part, positive=positive) for part in parts))
            case AtLeast(count, parts):
                return AtLeast(count, tuple(walk(part, positive=positive) for part in parts))
        return inner

    return walk(node, positive=True)


def row_level(policy: Policy, row: Commitment, at: Situation, gate: Gate, ask: Ask) -> EffectLevel:
    blocked = any(own_level(policy, at, name) is Level.UNASSESSED for name in names_of(row.if_))
    invoked = any(
        at.discretions.get(item.id) is True and row.id in item.releases
        for item in policy.discretions
    )
    met = holds(policy, row.require, at, trigger=False, want=True)
    if not blocked and (met or invoked):
        bare = holds(policy, without_softening(row.require), at, trigger=False, want=True)
        owes = bool(row.obligations or row.before or not bare)
        return EffectLevel.ALLOW_WITH if owes else EffectLevel.ALLOW
    level = row.otherwise.level
    if level is EffectLevel.WITHDRAW and (ask is Ask.START or gate is Gate.OPEN_WEIGHTS):
        return EffectLevel.HOLD
    return level


def reference(
    policy: Policy, at: Situation, gate: Gate, ask: Ask
) -> tuple[bool, EffectLevel, tuple[str, ...]]:
    rows = [row for row in policy.commitments if row.binds and gate in row.at and ask in row.asks]
    levels = {
        row.id: row_level(policy, row, at, gate, ask)
        for row in rows
        if holds(policy, row.if_, at, trigger=True, want=True)
    }
    worst = max(levels.values(), default=EffectLevel.ALLOW)
    fixing = [name for name, level in levels.items() if level is worst]
    return bool(rows), worst, tuple(fixing or [row.id for row in rows])


def assert_equal_everywhere(policy: Policy, situation: Situation) -> None:
    program = compile_policy(policy)
    for gate in Gate:
        for ask in Ask:
            outcome = evaluate(program, situation, gate, ask)
            found = (outcome.governed, outcome.level, outcome.determining)
            assert found == reference(policy, situation, gate, ask)


@given(policies(), situations())
def test_the_compiled_policy_equals_the_reference(policy: Policy, situation: Situation) -> None:
    assert_equal_everywhere(policy, situation)


def random_situation(policy: Policy, draw: random.Random) -> Situation:
    """Draw a value, or none, for every variable that the policy declares."""

    def some(values: dict[str, tuple[Any, ...]]) -> dict[str, Any]:
        return {key: draw.choice(choice) for key, choice in values.items() if draw.random() < 0.8}

    def truth(keys: list[str]) -> dict[str, bool]:
        return some(dict.fromkeys(keys, (False, True)))

    numbers = tuple(Decimal(number) for number in ("-1", "0", "0.5", "1", "2", "4", "6", "1000"))
    facts: dict[str, tuple[Any, ...]] = {
        fact.id: fact.choices or ((False, True) if fact.type.value == "boolean" else numbers)
        for fact in policy.facts
    }
    levels = [Level.RULED_OUT] * 3 + list(Level)
    states = (SafeguardState.LIVE_AND_SUFFICIENT,) * 8 + tuple(SafeguardState)
    return Situation(
        statuses={
            item.id: Status(
                level=draw.choice(levels),
                flags=frozenset(flag for flag in Flag if draw.random() < 0.1),
            )
            for item in policy.thresholds
            if draw.random() < 0.9
        },
        safeguards=some({item.id: states for item in policy.safeguards}),
        specified=truth([item.id for item in policy.standards]),
        specified_members=truth([item.id for item in policy.standards]),
        substitutes=truth([item.id for item in policy.substitutes]),
        acts=truth([item.id for item in policy.questions]),
        documents=truth(
            [f"{item.id}.{aspect.value}" for item in policy.documents for aspect in item.aspects]
        ),
        facts=some(facts),
        discretions=truth([item.id for item in policy.discretions]),
        readings=some(
            {item.id: tuple(option.id for option in item.options) for item in policy.readings}
        ),
    )


@pytest.mark.parametrize("path", FRAMEWORKS, ids=[path.stem for path in FRAMEWORKS])
def test_a_real_framework_equals_the_reference(path: Any) -> None:
    policy = parse_policy(path.read_text(encoding="utf-8"), file=path.name)
    draw = random.Random(20)
    for _ in range(15):
        assert_equal_everywhere(policy, random_situation(policy, draw))
