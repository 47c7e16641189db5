"""Labs side by side on shared words: put each through the same few situations, and compare gates.

1. A *shared situation* names a domain, a tier, and which families of safeguards are missing. In a
   policy it means: the thresholds that the crosswalk puts in that domain at that tier or below are
   crossed, every other threshold is ruled out, the safeguards of those families are absent, and
   everything else is at its best.
2. *At its best* is found, not declared: safeguards live, acts and documents there, standards
   specified; a fact has the value with which the fewest gates are held (unknown, if none helps).
3. What a gate then does is what `policy.evaluate` says under the strictest reading. A gate that no
   row governs is `ungoverned`, the most permissive.
4. A policy without a threshold for the domain and tier is asked all the same, and it is said: its
   answer then has nothing to do with the danger.
5. *A holds and B lets through* is a shared situation and a gate at which A holds or withdraws, and
   B does less.

Does not check: that thresholds put side by side are equally high. The crosswalk is an analogy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from typing import Any

from scalegate.policy.compile import Program
from scalegate.policy.crosswalk import Analogy
from scalegate.policy.document import Fact, Policy
from scalegate.policy.evaluate import strictest
from scalegate.policy.situation import Situation, Status
from scalegate.policy.space import literals_in
from scalegate.policy.vocabulary import (
    Ask,
    Domain,
    EffectLevel,
    FactType,
    Family,
    Gate,
    Kind,
    Level,
    SafeguardState,
)

TIERS = ("tracked", "serious", "extreme")
"""Shared tiers, from low to high; a watched domain has no threshold."""
NOTHING, EVERYTHING = "nothing", "everything"
LACKS: Mapping[str, frozenset[Family]] = {
    NOTHING: frozenset(),
    "weight_security": frozenset({Family.WEIGHT_SECURITY}),
    "deployment_filters": frozenset({Family.DEPLOYMENT_FILTERS, Family.ACCESS_CONTROLS}),
    "alignment_evidence": frozenset({Family.ALIGNMENT_EVIDENCE}),
    EVERYTHING: frozenset(Family),
}
"""What may be missing, by a short name."""
UNGOVERNED = "ungoverned"
_ROUNDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSituation:
    """A domain, a tier, and what is missing."""

    domain: str
    """A neutral domain."""
    tier: str
    """One of `TIERS`."""
    lacks: str
    """A name of `LACKS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateAnswer:
    """What one policy does in one shared situation at one gate."""

    effect: str
    """An effect, or `ungoverned`."""
    rows: tuple[str, ...]
    """The rows that fix it."""

    @property
    def strictness(self) -> int:
        """How strict it is; `ungoverned` is the least."""
        return -1 if self.effect == UNGOVERNED else int(EffectLevel[self.effect.upper()])


@dataclass(frozen=True, slots=True, kw_only=True)
class LabAnswers:
    """One policy over all shared situations."""

    framework: str
    """`id@version`."""
    named: Mapping[tuple[str, str], tuple[str, ...]]
    """Per domain and tier: the native thresholds put there."""
    answers: Mapping[tuple[SharedSituation, Gate], GateAnswer]
    """What each gate does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """One place where one policy holds and another does not."""

    situation: SharedSituation
    """Where."""
    gate: Gate
    """At which gate."""
    holds: GateAnswer
    """What the stricter one does."""
    lets_through: GateAnswer
    """What the other does."""
    is_named: bool
    """Whether the other has a threshold there at all."""


def answers_of(program: Program, analogies: Iterable[Analogy]) -> LabAnswers:
    """Put a policy through every shared situation."""
    named = _named(program.policy, analogies)
    best = best_situation(program)
    found: dict[tuple[SharedSituation, Gate], GateAnswer] = {}
    for situation in situations():
        native = _situation(program.policy, best, situation, named)
        for gate in Gate:
            found[situation, gate] = _answer(program, native, gate)
    return LabAnswers(framework=program.policy.name, named=named, answers=found)


def situations() -> Iterator[SharedSituation]:
    """Yield every shared situation, in one order."""
    for domain, tier, lacks in product(Domain, TIERS, LACKS):
        yield SharedSituation(domain=domain.value, tier=tier, lacks=lacks)


def _named(
    policy: Policy, analogies: Iterable[Analogy]
) -> Mapping[tuple[str, str], tuple[str, ...]]:
    neutral = {each.id: each.neutral.value for each in policy.domains}
    domain_of = {each.id: neutral[each.domain] for each in policy.thresholds}
    found: dict[tuple[str, str], list[str]] = {}
    for each in analogies:
        if each.kind == "tier" and each.native in domain_of and each.framework == policy.name:
            found.setdefault((domain_of[each.native], each.neutral), []).append(each.native)
    return {key: tuple(sorted(set(names))) for key, names in found.items()}


def _situation(
    policy: Policy,
    best: Situation,
    asked: SharedSituation,
    named: Mapping[tuple[str, str], tuple[str, ...]],
) -> Situation:
    reached = TIERS[: TIERS.index(asked.tier) + 1]
    crossed = {name for tier in reached for name in named.get((asked.domain, tier), ())}
    families = LACKS[asked.lacks]
    return replace(
        best,
        statuses={
            each.id: Status(level=Level.CROSSED if each.id in crossed else Level.RULED_OUT)
            for each in policy.thresholds
        },
        safeguards={
            each.id: (
                SafeguardState.ABSENT
                if each.family in families
                else SafeguardState.LIVE_AND_SUFFICIENT
            )
            for each in policy.safeguards
        },
        specified_members={
            each.id: asked.lacks == NOTHING for each in policy.standards if each.unspecified
        },
    )


def _answer(program: Program, situation: Situation, gate: Gate) -> GateAnswer:
    outcome, _ = strictest(program, situation, gate, Ask.START)
    if not outcome.governed:
        return GateAnswer(effect=UNGOVERNED, rows=())
    return GateAnswer(effect=outcome.level.word, rows=outcome.determining)


def best_situation(program: Program) -> Situation:
    """Return the situation in which everything is at its best (rule 2)."""
    policy = program.policy
    situation = Situation(
        statuses={each.id: Status(level=Level.RULED_OUT) for each in policy.thresholds},
        safeguards={each.id: SafeguardState.LIVE_AND_SUFFICIENT for each in policy.safeguards},
        specified={each.id: True for each in policy.standards if each.unspecified},
        specified_members={each.id: True for each in policy.standards if each.unspecified},
        acts={each.id: True for each in policy.questions},
        documents={
            f"{each.id}.{aspect.value}": True
            for each in policy.documents
            for aspect in each.aspects
        },
    )
    for _ in range(_ROUNDS):
        before = situation
        for fact in policy.facts:
            situation = _with_best(program, situation, fact)
        if situation.facts == before.facts:
            break
    return situation


def _with_best(program: Program, situation: Situation, fact: Fact) -> Situation:
    tried = [
        replace(situation, facts={**situation.facts, fact.id: value})
        for value in (None, *_values(program, fact))
    ]
    return min(tried, key=lambda each: _held(program, each))


def _values(program: Program, fact: Fact) -> tuple[Any, ...]:
    if fact.type is FactType.BOOLEAN:
        return (False, True)
    if fact.type is FactType.CHOICE:
        return fact.choices
    rows = [row for rows in program.rows.values() for row in rows]
    constants = {
        literal.constant
        for row in rows
        for node in (row.trigger, row.require)
        for literal in literals_in(node, program.literals)
        if literal.kind is Kind.FACT and literal.name == fact.id
    }
    numbers = sorted(each for each in constants if isinstance(each, Decimal))
    return tuple(n + step for n in numbers for step in (Decimal(-1), Decimal(0), Decimal(1)))


def _held(program: Program, situation: Situation) -> int:
    found = 0
    for gate in Gate:
        outcome, _ = strictest(program, situation, gate, Ask.START)
        found += int(outcome.level) if outcome.governed else 0
    return found


def partings(strict: LabAnswers, other: LabAnswers) -> tuple[Parting, ...]:
    """Return where the first policy holds and the other lets through (rule 5), worst first missing.

    Guarantees:
        Of two that differ only in what is missing, the one with less missing is listed; one that
        lacks more is then implied and left out.
    """
    found = [
        Parting(
            situation=situation,
            gate=gate,
            holds=answer,
            lets_through=other.answers[situation, gate],
            is_named=(situation.domain, situation.tier) in other.named,
        )
        for (situation, gate), answer in strict.answers.items()
        if (situation.domain, situation.tier) in strict.named
        and answer.strictness >= int(EffectLevel.HOLD)
        and other.answers[situation, gate].strictness < int(EffectLevel.HOLD)
    ]
    return tuple(_least(found))


def _least(found: Sequence[Parting]) -> Iterator[Parting]:
    """Yield the partings that no other implies by missing less at the same tier and gate."""
    for each in found:
        mine = LACKS[each.situation.lacks]
        is_implied = any(
            other is not each
            and _place(other) == _place(each)
            and LACKS[other.situation.lacks] < mine
            for other in found
        )
        if not is_implied:
            yield each


def _place(each: Parting) -> tuple[str, str, Gate]:
    return each.situation.domain, each.situation.tier, each.gate
