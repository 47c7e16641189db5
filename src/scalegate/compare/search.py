"""Search one question: where does one policy reach a cut, and the other not?

1. The answer depends only on the rows of either policy that can reach the cut, so it is kept and
   used again at every gate where the same rows stand.
2. *Claim.* The minimal loosened situations are exactly the minimal hold points of the old policy
   at which the new policy does not hold. If `x` is loosened, some minimal hold point `a` of the old
   policy lies at or below `x`; were `a` held by the new policy, so would `x` be. Conversely, below
   a loosened minimal hold point there is no hold point of the old policy, so nothing loosened.
3. Each point is put to the one evaluator, for the other policy, once for all rows (`firing`).
4. A hold point of one row is minimal among all rows exactly when it is a minimal point of every row
   of its policy that fires there: a row that fires there without that has a point below it.
5. A commitment's own list is the same for that commitment alone, so that a small counterexample of
   one commitment does not hide a larger one of another.
6. *How far it reaches*: each single variable is taken to each worse value, everything else as it
   is; the mildest values at which the other policy reaches the cut again are listed.
7. A row that the other policy has too, reaching the cut in the same boxes, is left out: nothing it
   holds is let through, nor is anything above it. Only a certificate needs its points.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from scalegate.compare.firing import Cells, Firing
from scalegate.compare.joint import Base, Joint
from scalegate.compare.model import Engine, Side
from scalegate.compare.order import Order, Point, Polarity, RowLiterals, order_of, polarity_of
from scalegate.compare.points import (
    MAX_POINTS,
    Corners,
    PointWriter,
    TooMany,
    settings_merged,
)
from scalegate.compare.twins import Twins
from scalegate.policy.compile import Program, Row
from scalegate.policy.evaluate import evaluate_encoded
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate

At = tuple[Gate, Ask]
Raised = tuple[int, int]
"""A variable and the class it is taken to."""
OTHER = {Side.OLD: Side.NEW, Side.NEW: Side.OLD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one policy holds and the other lets through."""

    points: tuple[Point, ...]
    """Minimal points that the other policy lets through."""
    by_clause: Mapping[str, tuple[Point, ...]]
    """Per commitment: its own minimal points that the other policy lets through."""
    asking: Asking
    """How the other policy was asked."""
    answers: tuple[tuple[Point, str], ...] = ()
    """Where the whole was wanted: every minimal hold point, with the commitment of the other policy
    that reaches the cut there; empty text where none does."""


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
    engine: Engine = Engine.POINTS
    """What answered it."""


class Answered(NamedTuple):
    """A minimal point of one row, with the rows of the other policy that reach the cut there."""

    mask: int
    point: Point
    cells: Cells
    other: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What was worked out for a pair of policies, to be used by every question."""

    joint: Joint
    writers: Mapping[Side, PointWriter]
    firings: Mapping[Side, Firing]
    literals: Mapping[Side, Mapping[str, RowLiterals]]
    """Per policy and commitment."""
    whole: Order
    """The order that all rows of both policies give."""
    best: Base
    """Everything at its best in it."""
    twins: Twins
    bases: dict[Cells, Base] = field(default_factory=dict)
    answered: dict[tuple[Corners, Base, bool], tuple[Answered, ...]] = field(default_factory=dict)
    """Per row, order, and whether the cut is `allow_with`: its points."""
    same: dict[tuple[str, bool], bool] = field(default_factory=dict)

    @classmethod
    def of(cls, joint: Joint) -> Index:
        """Prepare two policies over one list of variables."""
        firings = {side: Firing.of(joint, side) for side in Side}
        literals = {
            side: {name: RowLiterals.of(row) for name, row in firings[side].rows.items()}
            for side in Side
        }
        polarities = {
            side: polarity_of(firings[side].rows.values(), EffectLevel.HOLD, literals[side])
            for side in Side
        }
        whole = order_of(joint, polarities)
        return cls(
            joint=joint,
            writers={side: PointWriter.of(joint, side) for side in Side},
            firings=firings,
            literals=literals,
            whole=whole,
            twins=Twins(joint=joint),
            best=joint.base(best_places(whole)),
        )

    def order(self, rows: Mapping[Side, tuple[Row, ...]], cut: EffectLevel) -> Order:
        """Return the order that some rows of both policies give."""
        polarities: dict[Side, Polarity] = {
            side: polarity_of(found, cut, self.literals[side]) for side, found in rows.items()
        }
        places: set[int] = set()
        for side, found in rows.items():
            for row in found:
                places.update(self.firings[side].moved_by[row.name])
        return order_of(self.joint, polarities, sorted(places))

    def base(self, order: Order) -> Base:
        """Return a situation that is best in an order."""
        apart = []
        for place, classes in order.classes.items():
            if classes.of[self.best.places[place]] != classes.best[0]:
                apart.append((place, order.cell(place, classes.best[0])))
        if not apart:
            return self.best
        key = tuple(apart)
        if key not in self.bases:
            self.bases[key] = self.joint.base({**self.best.places, **dict(apart)})
        return self.bases[key]

    def has_twin(self, rows: tuple[Row, Row], cut: EffectLevel) -> bool:
        """Say whether an old and a new row are written alike, or reach a cut in the same boxes."""
        key = (rows[0].name, cut is EffectLevel.ALLOW_WITH)
        if key not in self.same:
            old, new = self.writers[Side.OLD], self.writers[Side.NEW]
            self.same[key] = self.twins.are(*rows) or old.same_boxes(new, rows, cut)
        return self.same[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be searched."""

    index: Index
    at: At
    cut: EffectLevel
    is_whole: bool
    """Whether hold points are wanted that both policies have by the same row (rule 7)."""


def searched(task: Task, views: Mapping[Side, Program]) -> Searched:
    """Answer the question for the rows of two views that reach a cut at a gate."""
    parts = {side: reaching(view, task.at, task.cut) for side, view in views.items()}
    rows = {side: part.rows[task.at] for side, part in parts.items()}
    if task.cut is EffectLevel.ALLOW:
        return _governed(task, parts)
    try:
        return _Search.of(task, parts, rows).answer()
    except TooMany as error:
        return Searched(order=None, found={}, refused=error.what)


def _governed(task: Task, parts: Mapping[Side, Program]) -> Searched:
    """Answer whether the gate is governed: every row answers it in every situation."""
    order = Order(joint=task.index.joint, classes={})
    names = {side: tuple(row.name for row in part.rows[task.at]) for side, part in parts.items()}
    found = {}
    for side, other in OTHER.items():
        is_open = bool(names[side]) and not names[other]
        found[side] = Found(
            points=({},) if is_open else (),
            by_clause=dict.fromkeys(names[side] if is_open else (), ({},)),
            asking=Asking.of(task, order, other, parts[other]),
            answers=tuple(({}, (*names[other], "")[0]) for _ in names[side][:1]),
        )
    return Searched(order=order, found=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """One question on its way to an answer."""

    task: Task
    order: Order
    base: Base
    parts: Mapping[Side, Program]
    wanted: Mapping[Side, tuple[Row, ...]]
    """The rows whose points are needed."""
    masks: Mapping[Side, int]
    """The bits of the rows that can reach the cut."""

    @classmethod
    def of(
        cls, task: Task, parts: Mapping[Side, Program], rows: Mapping[Side, tuple[Row, ...]]
    ) -> _Search:
        index = task.index
        order = index.order(rows, task.cut)
        wanted = rows if task.is_whole else {side: _changed(task, rows, side) for side in Side}
        return cls(
            task=task,
            order=order,
            base=index.base(order),
            parts=parts,
            wanted=wanted,
            masks={side: index.firings[side].mask(row.name for row in rows[side]) for side in Side},
        )

    def answer(self) -> Searched:
        found = {side: self._found(side, other) for side, other in OTHER.items()}
        return Searched(order=self.order, found=found)

    def _found(self, side: Side, other: Side) -> Found:
        answered = {row.name: self._answered(side, row) for row in self.wanted[side]}
        if sum(map(len, answered.values())) > MAX_POINTS:
            raise TooMany(f"more than {MAX_POINTS} minimal hold points")
        against = self.masks[other]
        opened = {
            name: [each for each in found if not each.other & against]
            for name, found in answered.items()
        }
        every = self._minimal(side, answered) if self.task.is_whole else ()
        names = tuple(row.name for row in self.parts[other].rows[self.task.at])
        bits = self.task.index.firings[other].bits
        return Found(
            points=self._merged(self._minimal(side, opened)),
            by_clause={name: self._merged(found) for name, found in opened.items() if found},
            asking=Asking.of(self.task, self.order, other, self.parts[other]),
            answers=tuple(
                (each.point, next((name for name in names if bits[name] & each.other), ""))
                for each in every
            ),
        )

    def _answered(self, side: Side, row: Row) -> tuple[Answered, ...]:
        index, is_mild = self.task.index, self.task.cut is EffectLevel.ALLOW_WITH
        corners = index.writers[side].corners(self.order, row, self.task.cut)
        key = (corners, self.base, is_mild)
        if key not in index.answered:
            index.answered[key] = tuple(self._asked(OTHER[side], corners, is_mild=is_mild))
        return index.answered[key]

    def _asked(self, other: Side, corners: Corners, *, is_mild: bool) -> Iterator[Answered]:
        firing, base, cells_of = self.task.index.firings[other], self.base, self.order.cells
        for mask, point in corners.every:
            cells = cells_of(point)
            fired = firing.at(base, cells)
            yield Answered(mask, point, cells, firing.mild(fired) if is_mild else fired.unmet)

    def _minimal(self, side: Side, rows: Mapping[str, Sequence[Answered]]) -> list[Answered]:
        """Return the points that lie above no other (rule 4)."""
        named = [found for found in rows.values() if found]
        if len(named) <= 1:
            return list(*named)
        bits, mask = self.task.index.firings[side].bits, self.masks[side]
        every: dict[int, Answered] = {}
        minimal_of: dict[int, int] = {}
        for name, found in rows.items():
            bit = bits[name]
            for each in found:
                every[each.mask] = each
                minimal_of[each.mask] = minimal_of.get(each.mask, 0) | bit
        own, is_mild = self.task.index.firings[side], self.task.cut is EffectLevel.ALLOW_WITH
        found = []
        for at, each in every.items():
            fired = own.at(self.base, each.cells)
            if not (own.mild(fired) if is_mild else fired.unmet) & mask & ~minimal_of[at]:
                found.append(each)
        return found

    def _merged(self, found: Iterable[Answered]) -> tuple[Point, ...]:
        points = [each.point for each in found]
        return settings_merged(self.order, points) if self.order.mixed else tuple(points)


def _changed(task: Task, rows: Mapping[Side, tuple[Row, ...]], side: Side) -> tuple[Row, ...]:
    """Return the rows of a policy without those that the other has in the same words."""
    twins = {row.name: row for row in rows[OTHER[side]]}
    return tuple(
        row
        for row in rows[side]
        if row.name not in twins
        or not task.index.has_twin(
            (row, twins[row.name]) if side is Side.OLD else (twins[row.name], row), task.cut
        )
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

    @classmethod
    def of(cls, task: Task, order: Order, other: Side, part: Program) -> Asking:
        """Ask at the gate and the cut of a task."""
        question = (task.at, task.cut)
        return cls(
            order=order, base=task.index.base(order), other=other, part=part, question=question
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
