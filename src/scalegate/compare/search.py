"""Search one question: where does one policy reach a cut, and the other not?

1. The answer depends only on the rows of either policy that can reach the cut, so it is kept and
   used again at every gate where the same rows stand.
2. *Claim.* The minimal loosened situations are exactly the minimal hold points of the old policy
   at which the new policy does not hold. If `x` is loosened, some minimal hold point `a` of the old
   policy lies at or below `x`; were `a` held by the new policy, so would `x` be. Conversely, below
   a loosened minimal hold point there is no hold point of the old policy, so nothing loosened.
3. Each point is put to the one evaluator, for the other policy.
4. A commitment's own list is the same for that commitment alone, so that a small counterexample of
   one commitment does not hide a larger one of another.
5. *How far it reaches*: each single variable is taken to each worse value, everything else as it
   is; the mildest values at which the other policy reaches the cut again are listed.
6. A row that the other policy has too, reaching the cut in the same boxes, is left out: nothing it
   holds is let through, nor is anything above it. Only a certificate needs its points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scalegate.compare.joint import Base
from scalegate.compare.model import Side
from scalegate.compare.order import Order, Point, order_of, polarity_of
from scalegate.compare.points import (
    Corner,
    PointWriter,
    TooMany,
    masks_of,
    settings_merged,
)
from scalegate.policy.compile import Program, Row
from scalegate.policy.evaluate import evaluate_encoded
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate

At = tuple[Gate, Ask]
Raised = tuple[int, int]
"""A variable and the class it is taken to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one policy holds and the other lets through."""

    points: tuple[Point, ...]
    """Minimal points that the other policy lets through."""
    by_clause: Mapping[str, tuple[Point, ...]]
    """Per commitment: its own minimal points that the other policy lets through."""
    asking: Asking
    """How the other policy was asked."""
    answers: tuple[tuple[Point, str], ...]
    """Every minimal hold point of the rows searched, with the commitment of the other policy that
    reaches the cut there; empty text where none does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """The answer to one question, in both directions."""

    order: Order | None
    found: Mapping[Side, Found]
    """Per policy that holds."""
    refused: str = ""
    """Why there is none."""
    number: int = 0
    """Its place among the answers of a pair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be searched."""

    writers: Mapping[Side, PointWriter]
    at: At
    cut: EffectLevel
    is_whole: bool
    """Whether hold points are wanted that both policies have by the same row (rule 6)."""


def searched(task: Task, views: Mapping[Side, Program]) -> Searched:
    """Answer the question for the rows of two views that reach a cut at a gate."""
    at, cut = task.at, task.cut
    joint = task.writers[Side.OLD].joint
    parts = {side: reaching(view, at, cut) for side, view in views.items()}
    rows = {side: part.rows[at] for side, part in parts.items()}
    if cut is EffectLevel.ALLOW:
        # The question is whether the gate is governed: every row answers it in every situation.
        order = Order(joint=joint, classes={})
        points = {side: {row.name: [Corner(0, {})] for row in rows[side]} for side in Side}
        return _answered(order, points, parts, (at, cut))
    order = order_of(joint, {side: polarity_of(found, cut) for side, found in rows.items()})
    try:
        wanted = rows if task.is_whole else {side: _changed(task, rows, side) for side in Side}
        points = {
            side: writer.minimal(order, wanted[side], cut) for side, writer in task.writers.items()
        }
    except TooMany as error:
        return Searched(order=None, found={}, refused=error.what)
    return _answered(order, points, parts, (at, cut))


def _changed(task: Task, rows: Mapping[Side, tuple[Row, ...]], side: Side) -> tuple[Row, ...]:
    """Return the rows of a policy without those that the other has in the same words."""
    other = Side.NEW if side is Side.OLD else Side.OLD
    twins = {row.name: row for row in rows[other]}
    writer = task.writers[side]
    return tuple(
        row
        for row in rows[side]
        if row.name not in twins
        or not writer.same_boxes(task.writers[other], (row, twins[row.name]), task.cut)
    )


def _answered(
    order: Order,
    points: Mapping[Side, Mapping[str, list[Corner]]],
    parts: Mapping[Side, Program],
    question: tuple[At, EffectLevel],
) -> Searched:
    base = order.joint.base(best_places(order))
    return Searched(
        order=order,
        found={
            side: Asking(
                order=order, base=base, other=other, part=parts[other], question=question
            ).answer(points[side])
            for side, other in ((Side.OLD, Side.NEW), (Side.NEW, Side.OLD))
        },
    )


def reaching(view: Program, at: At, cut: EffectLevel) -> Program:
    """Return the part of a program that can reach a cut at one gate."""
    rows = tuple(row for row in view.rows.get(at, ()) if can_reach(row, cut))
    names = {row.name for row in rows}
    steps = tuple(step for step in view.steps.get(at, ()) if step.row.name in names)
    return replace(view, rows={at: rows}, steps={at: steps})


def can_reach(row: Row, cut: EffectLevel) -> bool:
    """Say whether a row can do at least the cut in some situation."""
    if row.level >= cut:
        return True
    return cut is EffectLevel.ALLOW_WITH and (row.owes or row.softened)


def best_places(order: Order) -> dict[int, int]:
    """Return a best value of every variable of both policies."""
    return {
        place: order.cell(place, order.classes[place].best[0]) if place in order.classes else 0
        for place in range(len(order.joint.variables))
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Asks the other policy whether it reaches the cut at a point."""

    order: Order
    base: Base
    """The best situation."""
    other: Side
    part: Program
    """The rows of the other policy that can reach the cut."""
    question: tuple[At, EffectLevel]

    def answer(self, points: Mapping[str, list[Corner]]) -> Found:
        """Put every point to the other policy."""
        known: dict[int, str] = {}
        for corners in points.values():
            for corner in corners:
                if corner.mask not in known:
                    known[corner.mask] = self._clause(corner.point)
        every = masks_of(points)
        open_ = settings_merged(self.order, (each for each in every if not known[each.mask]))
        by_clause = {
            name: settings_merged(self.order, (each for each in corners if not known[each.mask]))
            for name, corners in points.items()
        }
        return Found(
            points=open_,
            by_clause={name: found for name, found in by_clause.items() if found},
            asking=self,
            answers=tuple((each.point, known[each.mask]) for each in every),
        )

    def _clause(self, point: Mapping[int, int]) -> str:
        """Return a commitment of the other policy that reaches the cut; empty for none."""
        changes = {place: self.order.cell(place, chosen) for place, chosen in point.items()}
        at, cut = self.question
        encoded = self.order.joint.encoded(self.other, self.base, changes)
        outcome = evaluate_encoded(self.part, encoded, *at)
        return outcome.determining[0] if outcome.governed and outcome.level >= cut else ""

    def reach(self, point: Point) -> Iterator[Raised]:
        """Yield the mildest single worse values at which the other policy reaches the cut."""
        for place, classes in self.order.classes.items():
            if self.other not in self.order.joint.variables[place].bits:
                continue
            chosen = point.get(place, classes.best[0])
            held = [
                worse
                for worse, below in enumerate(classes.below)
                if worse != chosen and below >> chosen & 1 and self._clause({**point, place: worse})
            ]
            for worse in held:
                if not any(each != worse and classes.below[worse] >> each & 1 for each in held):
                    yield place, worse
