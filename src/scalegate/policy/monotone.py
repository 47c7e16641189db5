"""Find where a framework relaxes a gate although something got worse.

1. Worse means: a higher level, one more flag, a status lost, or a worse state of a safeguard (an
   unknown one is the worst), with everything else as it is.
2. A gate is monotone when no such step takes it from a stricter effect to a milder one.
3. The check is complete: for each effect, the boxes in which the gate does at least that much
   (`frontier`) are searched for a step out of them. Each finding is a pair of situations.
4. Policies that name statuses and safeguards only in the obvious direction are settled by
   looking at their literals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scalegate.policy.compile import Program
from scalegate.policy.evaluate import evaluate
from scalegate.policy.frontier import hold_boxes
from scalegate.policy.literals import Literal
from scalegate.policy.situation import Situation, Status
from scalegate.policy.space import Cell, Space, Variable, literals_in
from scalegate.policy.vocabulary import (
    Ask,
    EffectLevel,
    Gate,
    Kind,
    Level,
    SafeguardState,
    StatusRule,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """Two situations that differ in one variable: the worse one is treated more mildly."""

    gate: Gate
    ask: Ask
    kind: Kind
    """`status` or `safeguard`."""
    name: str
    """The threshold or safeguard that got worse."""
    better: Cell
    """Its value before."""
    worse: Cell
    """Its value after."""
    situation: Situation
    """The situation before."""
    after: Situation
    """The situation after."""
    effect: EffectLevel
    """What the gate does before."""
    relaxed_to: EffectLevel
    """What it does after: less."""
    commitments: tuple[str, ...]
    """The rows that decide before."""


def relaxations(program: Program) -> Iterator[Relaxation]:
    """Yield one relaxation per gate, ask, and variable that has one.

    Raises:
        UsageError: a gate has too many hold points to search.
    """
    for at, rows in program.rows.items():
        literals = [
            (literal, as_trigger)
            for row in rows
            for node, as_trigger in ((row.trigger, True), (row.require, False))
            for literal in literals_in(node, program.literals)
        ]
        if not _is_suspect(program, literals):
            continue
        levels = {row.level for row in rows} | {EffectLevel.ALLOW_WITH}
        found: dict[tuple[Kind, str], Relaxation] = {}
        for cut in sorted(levels - {EffectLevel.ALLOW}, reverse=True):
            for step in _steps(program, at, cut):
                found.setdefault((step.kind, step.name), step)
        yield from found.values()


def _steps(program: Program, at: tuple[Gate, Ask], cut: EffectLevel) -> Iterator[Relaxation]:
    """Yield one step out of what the cut holds, per variable that has one."""
    space, boxes = hold_boxes(program, *at, cut)
    for variable in space.variables:
        if variable.kind in (Kind.STATUS, Kind.SAFEGUARD):
            step = _step_out(space, boxes, variable)
            if step is not None:
                yield _relaxation(space, at, variable, step)


def _is_suspect(program: Program, literals: list[tuple[Literal, bool]]) -> bool:
    """Say whether some literal pulls the wrong way; without one a gate is monotone."""
    rules = program.policy.semantics
    if StatusRule.DETERMINATION_REQUIRED in (rules.not_ruled_out.rule, rules.forecast.rule):
        return True
    for literal, as_trigger in literals:
        accepted = literal.constant
        if literal.kind is Kind.STATUS:
            upwards = _is_upper_part(accepted, list(Level))
            downwards = _is_upper_part(accepted, list(Level)[::-1])
        elif literal.kind is Kind.SAFEGUARD:
            upwards = _is_upper_part(accepted, list(SafeguardState))
            downwards = _is_upper_part(accepted, list(SafeguardState)[::-1])
        elif literal.kind is Kind.FLAG:
            upwards, downwards = accepted == {True}, accepted == {False}
        else:
            continue
        if not (upwards if as_trigger else downwards):
            return True
    return False


def _is_upper_part(accepted: frozenset[Any], order: Sequence[Any]) -> bool:
    return set(order[len(order) - len(accepted) :]) == accepted


def _is_worse(worse: Cell, better: Cell) -> bool:
    if better is None or worse is None:
        return better is not None
    if isinstance(better, Status) and isinstance(worse, Status):
        return worse != better and worse.level >= better.level and worse.flags >= better.flags
    assert isinstance(better, SafeguardState)
    return isinstance(worse, SafeguardState) and worse > better


Step = tuple[Cell, Cell, int]
"""The better cell, the worse one, and a box of what the other variables are."""


def _step_out(space: Space, boxes: tuple[int, ...], variable: Variable) -> Step | None:
    """Return a step to a worse cell that leads out of the union of the boxes, or None."""
    pairs = [
        (1 << (variable.offset + place), 1 << (variable.offset + other), better, worse)
        for place, better in enumerate(variable.cells)
        for other, worse in enumerate(variable.cells)
        if _is_worse(worse, better)
    ]
    for box in boxes:
        for better_bit, worse_bit, better, worse in pairs:
            if not box & better_bit or box & worse_bit:
                continue
            # Everything else as in the box, this variable at the worse cell.
            left = outside(space, box & ~variable.mask | worse_bit, boxes)
            if left is not None:
                return better, worse, left
    return None


def outside(space: Space, box: int, boxes: tuple[int, ...]) -> int | None:
    """Return a part of a box that lies in none of the boxes, or None."""
    waiting = [(box, 0)]
    while waiting:
        part, index = waiting.pop()
        while index < len(boxes) and space.meet(part, boxes[index]) is None:
            index += 1
        if index == len(boxes):
            return part
        waiting += [(rest, index + 1) for rest in _minus(space, part, boxes[index])]
    return None


def _minus(space: Space, part: int, taken: int) -> Iterator[int]:
    """Yield boxes without common points that make up a box less another."""
    for variable in space.variables:
        outside = part & variable.mask & ~taken
        if outside:
            yield part & ~variable.mask | outside
            part &= ~variable.mask | taken


def _relaxation(space: Space, at: tuple[Gate, Ask], variable: Variable, step: Step) -> Relaxation:
    better, worse, box = step
    choice = {
        (item.kind, item.name): min(item.chosen(box), key=_count_flags) for item in space.variables
    }
    before, after = (
        space.situation({**choice, (variable.kind, variable.name): cell})
        for cell in (better, worse)
    )
    outcome = evaluate(space.program, before, *at)
    return Relaxation(
        gate=at[0],
        ask=at[1],
        kind=variable.kind,
        name=variable.name,
        better=better,
        worse=worse,
        situation=before,
        after=after,
        effect=outcome.level,
        relaxed_to=evaluate(space.program, after, *at).level,
        commitments=outcome.determining,
    )


def _count_flags(cell: Cell) -> int:
    """Order cells for readers: a status without flags says the same more plainly."""
    return len(cell.flags) if isinstance(cell, Status) else 0
