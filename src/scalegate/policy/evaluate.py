"""The policy function: what a policy does at a gate, in a situation.

The whole rule:

1. A row applies when its trigger holds. A row that applies is satisfied when its requirement
   holds and none of the thresholds its trigger names is unassessed.
2. A row that applies and is not satisfied has the effect it names. A row that is satisfied allows;
   where it has obligations, or is satisfied only by a substitute or an invoked discretion, it
   allows with them.
3. The effects of all binding rows combine by the strictest. Two restrictions combine by both
   limits each.
4. The rows named as determining are those with the combined effect: alone they give the same
   outcome. Where nothing applies, every binding row of the gate is named.
5. A gate that no binding row names is *ungoverned*. That is not permission.

Only this module says whether a condition holds. It reads no clock and no file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple

from scalegate.base.errors import UsageError
from scalegate.policy.compile import (
    ALL,
    ANY,
    Encoded,
    Node,
    Program,
    Row,
    bits_of,
    compile_condition,
    nodes_in,
    written_out,
)
from scalegate.policy.conditions import Atom, Condition, Not
from scalegate.policy.document import Policy
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Kind

MAX_READINGS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a policy does at one gate, for one ask."""

    gate: Gate
    ask: Ask
    governed: bool
    """False where no binding row names the gate."""
    level: EffectLevel
    """The combined effect; `allow` says nothing where the gate is not governed."""
    limits: Mapping[str, str]
    """For `restrict`: each limit, joined where several apply."""
    obligations: tuple[str, ...]
    """What is owed, from the determining rows."""
    before: tuple[str, ...]
    """Those of them that must be recorded as met before the act."""
    determining: tuple[str, ...]
    """Ids of the commitments that fix the outcome, in declared order."""
    softened_by: tuple[str, ...]
    """Substitutes and discretions without which a determining row would not be satisfied."""


def evaluate(program: Program, situation: Situation, gate: Gate, ask: Ask = Ask.START) -> Outcome:
    """Return what the policy does at `gate`.

    An unresolved reading counts as its worst option at each place it is named; `strictest`
    evaluates each option as a whole.

    Guarantees:
        Total: never raises to say no. Order of rows does not matter to the effect.
    """
    return evaluate_encoded(program, program.encode(situation), gate, ask)


def evaluate_encoded(program: Program, encoded: Encoded, gate: Gate, ask: Ask) -> Outcome:
    """Return what the policy does at `gate`, for a situation already written as bits."""
    held, shown, blocked = encoded.trigger, encoded.require, encoded.blocked
    worst = EffectLevel.ALLOW
    fixing: list[Row] = []
    steps = program.steps.get((gate, ask), ())
    for trigger, more, require, statuses, level, satisfied_level, row in steps:
        if held & trigger != trigger or (more is not None and not _holds(more, held)):
            continue
        if not statuses & blocked and (
            shown & require == require if require >= 0 else _holds(row.require, shown)
        ):
            level = satisfied_level  # noqa: PLW2901 - the loop is the hot path
            if row.softened and not _holds(row.require, shown & ~program.softening):
                level = EffectLevel.ALLOW_WITH  # noqa: PLW2901 - the same
        if level > worst:
            worst, fixing = level, [row]
        elif level == worst:
            fixing.append(row)
    return _outcome(program, encoded, (gate, ask), fixing, level=worst)


def reaches(program: Program, encoded: Encoded, at: tuple[Gate, Ask], cut: EffectLevel) -> bool:
    """Say whether a policy does at least `cut` at a gate, and whether it says anything there.

    Guarantees:
        The same as `evaluate_encoded(...)`: governed, and of at least that level.
    """
    held, shown, blocked = encoded.trigger, encoded.require, encoded.blocked
    if cut is EffectLevel.ALLOW:
        return bool(program.rows.get(at))
    for trigger, more, require, statuses, level, satisfied_level, row in program.steps.get(at, ()):
        if held & trigger != trigger or (more is not None and not _holds(more, held)):
            continue
        if not statuses & blocked and (
            shown & require == require if require >= 0 else _holds(row.require, shown)
        ):
            level = satisfied_level  # noqa: PLW2901 - the loop is the hot path
            if row.softened and not _holds(row.require, shown & ~program.softening):
                level = EffectLevel.ALLOW_WITH  # noqa: PLW2901 - the same
        if level >= cut:
            return True
    return False


def _outcome(
    program: Program,
    encoded: Encoded,
    at: tuple[Gate, Ask],
    fixing: list[Row],
    *,
    level: EffectLevel,
) -> Outcome:
    rows = fixing or program.rows.get(at, ())
    obligations: dict[str, None] = {}
    before: dict[str, None] = {}
    softened: dict[str, None] = {}
    for row in fixing:
        if level is EffectLevel.ALLOW_WITH and satisfied(row, encoded):
            obligations.update(dict.fromkeys((*row.source.before, *row.source.obligations)))
            before.update(dict.fromkeys(row.source.before))
            for name, owed in softeners(program, encoded, row):
                softened[name] = None
                obligations.update(dict.fromkeys(owed))
        elif row.owed and level is not EffectLevel.ALLOW:
            obligations.update(dict.fromkeys(row.owed))
    return Outcome(
        gate=at[0],
        ask=at[1],
        governed=bool(rows),
        level=level,
        limits=_joined_limits(fixing) if level is EffectLevel.RESTRICT else {},
        obligations=tuple(obligations),
        before=tuple(before),
        determining=tuple(dict.fromkeys([row.name for row in rows])),
        softened_by=tuple(softened),
    )


def _joined_limits(rows: list[Row]) -> dict[str, str]:
    limits: dict[str, set[str]] = {}
    for row in rows:
        for key, value in row.source.otherwise.limits.items():
            limits.setdefault(key, set()).add(value)
    return {key: " and ".join(sorted(values)) for key, values in sorted(limits.items())}


def softeners(
    program: Program, encoded: Encoded, row: Row
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the substitutes and discretions a row needs, each with what is owed for it."""
    if not row.softened or _holds(row.require, encoded.require & ~program.softening):
        return
    owed = {item.id: item.obligations for item in program.policy.substitutes}
    owed |= {item.id: item.obligations for item in program.policy.discretions}
    for bit in bits_of(_mask_of(row.require) & program.softening & encoded.require):
        name = program.literals[bit].name
        yield name, owed[name]


def _mask_of(node: Node) -> int:
    mask = node.mask
    for child in node.children:
        mask |= _mask_of(child)
    return mask


def _holds(node: Node, bits: int) -> bool:
    op = node.op
    if op == ALL:
        if bits & node.mask != node.mask:
            return False
        return all(_holds(child, bits) for child in node.children) if node.children else True
    if op == ANY:
        return bool(bits & node.mask) or any(_holds(child, bits) for child in node.children)
    found = (bits & node.mask).bit_count()
    return found + sum(_holds(child, bits) for child in node.children) >= node.needed


def applies(row: Row, encoded: Encoded) -> bool:
    """Say whether a row's trigger holds."""
    return _holds(row.trigger, encoded.trigger)


def satisfied(row: Row, encoded: Encoded) -> bool:
    """Say whether a row's requirement holds and no threshold it names is unassessed."""
    return not row.statuses & encoded.blocked and _holds(row.require, encoded.require)


def firing(rows: Iterable[tuple[int, Row]], encoded: Encoded, softening: int) -> tuple[int, int]:
    """Return which of these rows are unmet, and which are met and owe something for it.

    Args:
        rows: each with the bit that stands for it in the answers.
        encoded: the situation.
        softening: the bits of substitutes and discretions (`Program.softening`).
    """
    unmet = owing = 0
    for bit, row in rows:
        if not _holds(row.trigger, encoded.trigger):
            continue
        if row.statuses & encoded.blocked or not _holds(row.require, encoded.require):
            unmet |= bit
        elif row.owes or (row.softened and not _holds(row.require, encoded.require & ~softening)):
            owing |= bit
    return unmet, owing


class Columns(NamedTuple):
    """Literals over many situations at once: where each holds, one bit per situation."""

    every: int
    """A bit for each situation."""
    always: int
    """Literals that hold in every situation, one bit each."""
    varying: int
    """Literals that hold in some and not in others."""
    where: Mapping[int, int]
    """Of these, each as the number with its bit alone: the situations in which it holds."""


def firing_where(
    row: Row, encoded: tuple[Columns, Columns, Columns], softening: int
) -> tuple[int, int]:
    """Return where a row is unmet, and where it is met and owes something for it.

    Args:
        row: the row.
        encoded: many situations as bits: triggers, requirements, and unassessed thresholds.
        softening: the bits of substitutes and discretions (`Program.softening`).

    Guarantees:
        The same as `firing` of each situation.
    """
    trigger, require, blocked = encoded
    applies = _where(row.trigger, trigger)
    if not applies:
        return 0, 0
    met = applies & _where(row.require, require)
    if row.statuses & (blocked.always | blocked.varying):
        met &= ~_where(Node(ANY, row.statuses, (), 0), blocked)
    owing = met if row.owes else 0
    if row.softened and not row.owes:
        owing = met & ~_where(row.require, require, dropped=softening)
    return applies & ~met, owing


def _where(node: Node, columns: Columns, dropped: int = 0) -> int:
    """Return the situations in which a node holds; literals that are dropped never do."""
    where, mask = columns.where, node.mask & ~dropped
    always, rest = mask & columns.always, mask & columns.varying
    if node.op == ALL:
        if node.mask & ~(always | rest):
            return 0
        found = columns.every
        while rest:
            bit = rest & -rest
            found &= where[bit]
            rest ^= bit
        for child in node.children:
            found &= _where(child, columns, dropped)
        return found
    if node.op == ANY:
        found = columns.every if always else 0
        while rest:
            bit = rest & -rest
            found |= where[bit]
            rest ^= bit
        for child in node.children:
            found |= _where(child, columns, dropped)
        return found
    parts = [where[1 << place] for place in bits_of(rest)]
    parts += [_where(child, columns, dropped) for child in node.children]
    return _at_least(node.needed - always.bit_count(), parts, columns.every)


def _at_least(needed: int, parts: Iterable[int], every: int) -> int:
    """Return the situations in which so many of some parts hold."""
    reached = [every] + [0] * max(needed, 0)
    for part in parts:
        for count in range(needed, 0, -1):
            reached[count] |= reached[count - 1] & part
    return reached[max(needed, 0)]


def condition_holds(policy: Policy, condition: Condition, situation: Situation) -> bool:
    """Say whether a condition that releases (such as an exemption) is shown to hold.

    The condition stands as a requirement: what is unknown does not hold.
    """
    node, program = compile_condition(policy, condition)
    return _holds(node, program.encode(situation).require)


def condition_may_hold(policy: Policy, condition: Condition, situation: Situation) -> bool:
    """Say whether a condition that binds cannot be shown not to hold: what is unknown holds."""
    node, program = compile_condition(policy, condition)
    return _holds(node, program.encode(situation).trigger)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A condition, whether it holds where it stands, and the same of its parts."""

    condition: Condition
    holds: bool
    parts: tuple[Trace, ...]
    """Of an atom `met`: what it is written out as."""


def trace(policy: Policy, condition: Condition, situation: Situation, *, as_trigger: bool) -> Trace:
    """Explain a condition: the same tree, with the truth of each part where it stands.

    Args:
        policy: the policy whose names the condition uses.
        condition: a condition of that policy.
        situation: the situation to explain.
        as_trigger: whether the condition stands as an `if` (unknown holds) or as a requirement.
    """
    _, program = compile_condition(policy, condition)
    return trace_in(program, program.encode(situation), condition, as_trigger=as_trigger)


def trace_in(
    program: Program, encoded: Encoded, condition: Condition, *, as_trigger: bool
) -> Trace:
    """Explain a condition of a program's own rows, in a situation already written as bits.

    Raises:
        UsageError: the condition is not one of the program's own.
    """
    listed = tuple(_with_parts(program.policy, condition))
    nodes = nodes_in(program, listed)
    if nodes is None:
        raise UsageError("a condition of another policy cannot be traced in this one")
    bits = encoded.trigger if as_trigger else encoded.require
    truths = iter([_holds(node, bits) for node in nodes])
    return _trace(program.policy, condition, truths)


def _with_parts(policy: Policy, condition: Condition) -> Iterator[Condition]:
    yield condition
    for part in _parts(policy, condition):
        yield from _with_parts(policy, part)


def _trace(policy: Policy, condition: Condition, truths: Iterator[bool]) -> Trace:
    holds = next(truths)
    parts = tuple(_trace(policy, part, truths) for part in _parts(policy, condition))
    return Trace(condition=condition, holds=holds, parts=parts)


def _parts(policy: Policy, condition: Condition) -> tuple[Condition, ...]:
    if isinstance(condition, Not):
        # Shown without its parts' truth: under `not`, unknown is worst the other way round.
        return ()
    if isinstance(condition, Atom):
        return written_out(policy, condition)
    return condition.parts


def strictest(
    program: Program, situation: Situation, gate: Gate, ask: Ask = Ask.START
) -> tuple[Outcome, tuple[tuple[Mapping[str, str], Outcome], ...]]:
    """Return the outcome under the strictest reading, and the outcome under each reading.

    Readings fixed by an act are not varied. More than `MAX_READINGS` combinations are not
    enumerated: then each place counts as its worst option, which is at least as strict.
    """
    named = {
        literal.name
        for literal in program.literals
        if literal.kind is Kind.READING and literal.name not in situation.readings
    }
    open_readings = [item for item in program.policy.readings if item.id in named]
    combinations = 1
    for reading in open_readings:
        combinations *= len(reading.options)
    if not open_readings or combinations > MAX_READINGS:
        return evaluate(program, situation, gate, ask), ()
    outcomes = []
    for options in product(*(reading.options for reading in open_readings)):
        chosen = {
            reading.id: option.id for reading, option in zip(open_readings, options, strict=True)
        }
        outcome = evaluate(program, situation.with_readings(chosen), gate, ask)
        outcomes.append((chosen, outcome))
    level = max(outcome.level for _, outcome in outcomes)
    joined = _joined([item for _, item in outcomes if item.level is level])
    declared = [row.name for row in program.rows.get((gate, ask), ())]
    fixing = tuple(name for name in declared if name in joined.determining)
    return replace(joined, determining=fixing), tuple(outcomes)


def _joined(outcomes: list[Outcome]) -> Outcome:
    """Join outcomes of one level: every limit, every obligation, every row that fixes one of them.

    Which reading is right is not known, so what any of them asks is asked.
    """
    limits: dict[str, set[str]] = {}
    for outcome in outcomes:
        for key, value in outcome.limits.items():
            limits.setdefault(key, set()).update(value.split(" and "))

    def every(field: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for item in outcomes for name in getattr(item, field)))

    return replace(
        outcomes[0],
        limits={key: " and ".join(sorted(values)) for key, values in sorted(limits.items())},
        obligations=every("obligations"),
        before=every("before"),
        determining=every("determining"),
        softened_by=every("softened_by"),
    )
