"""Search one question: where does one policy reach a cut, and the other not?

1. The answer depends only on the rows of either policy that can reach the cut, so it is kept and
   used again at every gate where the same rows stand.
2. *Claim.* The minimal loosened situations are exactly the minimal hold points of the old policy
   at which the new policy does not hold. If `x` is loosened, some minimal hold point `a` of the old
   policy lies at or below `x`; were `a` held by the new policy, so would `x` be. Conversely, below
   a loosened minimal hold point there is no hold point of the old policy, so nothing loosened.
3. The points of a row are put to the one evaluator together, for each row of either policy once
   (`blocks`).
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
from functools import cached_property
from typing import NamedTuple, overload

from scalegate.compare.blocks import Block, Blocks
from scalegate.compare.firing import Firing
from scalegate.compare.joint import Base, Joint
from scalegate.compare.model import Engine, Side
from scalegate.compare.order import Order, Point, order_of, polarity_of
from scalegate.compare.points import (
    MAX_POINTS,
    Cells,
    Corners,
    PointWriter,
    TooMany,
    settings_merged,
)
from scalegate.compare.twins import Twins
from scalegate.policy.compile import Program, Row
from scalegate.policy.evaluate import evaluate_encoded
from scalegate.policy.literals import bits_of
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate

At = tuple[Gate, Ask]
Raised = tuple[int, int]
"""A variable and the class it is taken to."""
OTHER = {Side.OLD: Side.NEW, Side.NEW: Side.OLD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one policy holds and the other lets through."""

    points: Sequence[Point]
    """Minimal points that the other policy lets through."""
    by_clause: Mapping[str, Sequence[Point]]
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
    """Some of the minimal points of one row."""

    corners: Corners
    block: Block
    some: int
    """Which of them, one bit each."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Chosen(Sequence[Point]):
    """Some of the points of some rows, written when they are looked at."""

    parts: tuple[Answered, ...]

    def __len__(self) -> int:
        return sum(part.some.bit_count() for part in self.parts)

    @overload
    def __getitem__(self, place: int) -> Point: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Point]: ...
    def __getitem__(self, place: int | slice) -> Point | Sequence[Point]:
        return self._written[place]

    @cached_property
    def _written(self) -> tuple[Point, ...]:
        return tuple(
            part.corners.every[place].point for part in self.parts for place in bits_of(part.some)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What was worked out for a pair of policies, to be used by every question."""

    joint: Joint
    writers: Mapping[Side, PointWriter]
    firings: Mapping[Side, Firing]
    counted: Mapping[Side, Mapping[tuple[str, bool], int]]
    """Per policy and commitment, and whether its requirement counts both ways (`order`, rule 5):
    its literals, packed."""
    whole: Order
    """The order that all rows of both policies give."""
    best: Base
    """Everything at its best in it."""
    twins: Twins
    blocks: Blocks
    bases: dict[Cells, Base] = field(default_factory=dict)
    answered: dict[tuple[Corners, Base], Answered] = field(default_factory=dict)
    """Per row and order: its points."""
    same: dict[tuple[str, bool], bool] = field(default_factory=dict)
    shared: dict[tuple[Corners, Corners], int] = field(default_factory=dict)
    """Per two rows in one order: the points of the first that are points of the second too."""

    @classmethod
    def of(cls, joint: Joint) -> Index:
        """Prepare two policies over one list of variables."""
        firings = {side: Firing.of(joint, side) for side in Side}
        counted = {
            side: dict(_counted(joint, side, found.rows.values()))
            for side, found in firings.items()
        }
        every = 0
        for known in counted.values():
            for (_, is_both), bits in known.items():
                every |= 0 if is_both else bits
        whole = order_of(joint, every)
        return cls(
            joint=joint,
            writers={side: PointWriter.of(joint, side) for side in Side},
            firings=firings,
            counted=counted,
            whole=whole,
            twins=Twins(joint=joint),
            blocks=Blocks(
                joint=joint,
                rows={side: tuple(found.rows.values()) for side, found in firings.items()},
            ),
            best=joint.base(best_places(whole)),
        )

    def order(self, rows: Mapping[Side, tuple[Row, ...]], cut: EffectLevel) -> Order:
        """Return the order that some rows of both policies give."""
        is_mild, every = cut is EffectLevel.ALLOW_WITH, 0
        for side, found in rows.items():
            known = self.counted[side]
            for row in found:
                every |= known[row.name, is_mild and row.level is EffectLevel.ALLOW]
        return order_of(self.joint, every)

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

    def both(self, one: Corners, other: Corners) -> int:
        """Return the points of one row that are points of another too, in one order."""
        if one is other:
            return (1 << one.size) - 1
        key = (one, other)
        if key not in self.shared:
            masks = set(other.masks)
            self.shared[key] = sum(
                1 << place for place, mask in enumerate(one.masks) if mask in masks
            )
        return self.shared[key]


def _counted(
    joint: Joint, side: Side, rows: Iterable[Row]
) -> Iterator[tuple[tuple[str, bool], int]]:
    for row in rows:
        both = polarity_of(row._replace(level=EffectLevel.ALLOW), EffectLevel.ALLOW_WITH)
        yield (row.name, True), joint.packing.packed(side, both)
        one = both._replace(both_require=0, both_blocked=0)
        yield (row.name, False), joint.packing.packed(side, one)


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
    rows: Mapping[Side, tuple[Row, ...]]
    """The rows that can reach the cut."""
    wanted: Mapping[Side, tuple[Row, ...]]
    """Those whose points are needed."""
    names: Mapping[Side, frozenset[str]]
    """The names of the rows that can reach the cut."""

    @classmethod
    def of(
        cls, task: Task, parts: Mapping[Side, Program], rows: Mapping[Side, tuple[Row, ...]]
    ) -> _Search:
        order = task.index.order(rows, task.cut)
        wanted = rows if task.is_whole else {side: _changed(task, rows, side) for side in Side}
        return cls(
            task=task,
            order=order,
            base=task.index.base(order),
            parts=parts,
            rows=rows,
            wanted=wanted,
            names={side: frozenset([row.name for row in found]) for side, found in rows.items()},
        )

    def answer(self) -> Searched:
        found = {side: self._found(side, other) for side, other in OTHER.items()}
        return Searched(order=self.order, found=found)

    @property
    def is_mild(self) -> bool:
        return self.task.cut is EffectLevel.ALLOW_WITH

    def _found(self, side: Side, other: Side) -> Found:
        answered = {row.name: self._answered(side, row) for row in self.wanted[side]}
        if sum(each.corners.size for each in answered.values()) > MAX_POINTS:
            raise TooMany(f"more than {MAX_POINTS} minimal hold points")
        opened = {}
        for name, each in answered.items():
            some = each.block.let_through(other, self.names[other], is_mild=self.is_mild)
            if some:
                opened[name] = Answered(each.corners, each.block, some)
        return Found(
            points=self._merged(self._minimal(side, opened)),
            by_clause={name: self._merged((each,)) for name, each in opened.items()},
            asking=self._asking(other),
            answers=tuple(self._held(side, other, answered)) if self.task.is_whole else (),
        )

    def _asking(self, other: Side) -> Asking:
        return Asking(
            order=self.order,
            base=self.base,
            other=other,
            part=self.parts[other],
            question=(self.task.at, self.task.cut),
        )

    def _answered(self, side: Side, row: Row) -> Answered:
        index = self.task.index
        corners = index.writers[side].corners(self.order, row, self.task.cut)
        key = (corners, self.base)
        if key not in index.answered:
            block = index.blocks.of(self.base, corners)
            index.answered[key] = Answered(corners, block, block.every)
        return index.answered[key]

    def _minimal(self, side: Side, rows: Mapping[str, Answered]) -> Iterator[Answered]:
        """Yield the points that lie above no other, each once (rule 4)."""
        before: set[str] = set()
        for name, (corners, block, some) in rows.items():
            left = some
            for own, points in block.reached(side, is_mild=self.is_mild).items():
                if own != name and own in rows and points & left:
                    both = self.task.index.both(corners, rows[own].corners)
                    left &= ~points if own in before else ~points | both
            before.add(name)
            if left:
                yield Answered(corners, block, left)

    def _held(
        self, side: Side, other: Side, answered: Mapping[str, Answered]
    ) -> Iterator[tuple[Point, str]]:
        """Yield every minimal point with the row of the other policy that reaches the cut there."""
        for corners, block, some in self._minimal(side, answered):
            reached = block.reached(other, is_mild=self.is_mild)
            by: dict[int, str] = {}
            for row in self.rows[other]:
                for place in bits_of(reached.get(row.name, 0) & some):
                    by.setdefault(place, row.name)
            every = corners.every
            yield from ((every[place].point, by.get(place, "")) for place in bits_of(some))

    def _merged(self, found: Iterable[Answered]) -> Sequence[Point]:
        chosen = Chosen(parts=tuple(found))
        return settings_merged(self.order, list(chosen)) if self.order.mixed else chosen


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
