"""Search one question with a solver: for what the solver-free method cannot write out.

1. For each row of the policy that holds, the solver is asked for a situation in which that row
   reaches the cut and no row of the other policy does (`formula`). What it finds is *lowered* with
   the evaluator: each variable in turn to the mildest class at which the row still reaches the cut.
   The other policy does not reach the cut there either: what is at most as bad as a situation that
   it lets through is let through (`order`, rule 3).
2. Everything at least as bad, the ladders included, is then ruled out, and the solver asked again,
   until it says that nothing is left. Each question rules out the point it found, so there are as
   many questions as points, and one more: the list of a row is complete, and no item of it lies
   above another.
3. A variable that is used both ways is left out of an item where, with every setting of it granted
   at once, the row still reaches the cut and the other policy still does not.
4. The minimal items of all rows together are the answer (`search`, rule 4), without those that
   others cover in each setting of what is used both ways.

Beyond `MAX_POINTS` items of a row, or the solver's limit, nothing is returned but a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from scalegate.compare.formula import Formula
from scalegate.compare.joint import Base
from scalegate.compare.model import Engine, Side
from scalegate.compare.order import Order, Point
from scalegate.compare.points import MAX_POINTS, Corner, TooMany, minimal
from scalegate.compare.search import OTHER, Asking, Found, Index, Searched, Task, reaching
from scalegate.compare.solver import Solver, SolverKit, SolverStopped
from scalegate.policy.compile import Encoded, Program, Row
from scalegate.policy.evaluate import firing
from scalegate.policy.vocabulary import EffectLevel

Rows = tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Solving:
    """A solver over all rows of two policies, used by every question."""

    index: Index
    formula: Formula
    kit: SolverKit
    solver: Solver
    sent: list[int] = field(default_factory=lambda: [0])

    @classmethod
    def of(cls, index: Index, kit: SolverKit) -> Solving:
        """Prepare two policies."""
        formula = Formula(index.whole, index.best)
        return cls(index=index, formula=formula, kit=kit, solver=kit.solver())

    def model(self, assumed: Iterable[int]) -> Point | None:
        """Return a situation in which all of these hold, or None.

        Raises:
            SolverStopped: the solver reached its limit.
        """
        clauses = self.formula.clauses
        for clause in clauses[self.sent[0] :]:
            self.solver.add(clause)
        self.sent[0] = len(clauses)
        model = self.solver.model(tuple(assumed))
        return None if model is None else self.formula.point(model)


def solved(task: Task, views: Mapping[Side, Program], solving: Solving) -> Searched:
    """Answer a question above the cut `allow` for the rows of two views."""
    parts = {side: reaching(view, task.at, task.cut) for side, view in views.items()}
    rows = {side: part.rows[task.at] for side, part in parts.items()}
    order = task.index.order(rows, task.cut)
    found = {}
    try:
        for side, other in OTHER.items():
            solver = _Side(
                task=task, order=order, side=side, others=rows[other], base=task.index.base(order)
            )
            by_row = {row.name: solver.items(row, solving) for row in rows[side]}
            every = minimal({item.mask: item for each in by_row.values() for item in each}.values())
            found[side] = Found(
                points=_needed(order, every, solving.kit),
                by_clause={
                    name: tuple(item.point for item in each)
                    for name, each in by_row.items()
                    if each
                },
                asking=Asking.of(task, order, other, parts[other]),
            )
    except (TooMany, SolverStopped) as error:
        return Searched(order=None, found={}, refused=error.what, engine=Engine.SAT)
    return Searched(order=order, found=found, engine=Engine.SAT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One direction of a question."""

    task: Task
    order: Order
    base: Base
    side: Side
    """The policy that holds."""
    others: Rows
    """The rows of the other policy that can reach the cut."""

    @property
    def is_mild(self) -> bool:
        return self.task.cut is EffectLevel.ALLOW_WITH

    def items(self, row: Row, solving: Solving) -> tuple[Corner, ...]:
        """Return the minimal situations that this row alone holds and the other lets through."""
        formula, other = solving.formula, OTHER[self.side]
        guard = formula.fresh()
        assumed = [guard, formula.reaches(self.side, row, is_mild=self.is_mild)]
        assumed += [-formula.reaches(other, each, is_mild=self.is_mild) for each in self.others]
        found: dict[tuple[tuple[int, int], ...], Corner] = {}
        while (model := solving.model(assumed)) is not None:
            point = self._settled(row, self.lowered(row, self._read(model)))
            key = tuple(sorted(point.items()))
            assert key not in found, "what was ruled out came again"
            found[key] = Corner(self.order.mask(point), point)
            if len(found) > MAX_POINTS:
                raise TooMany(f"more than {MAX_POINTS} situations of commitment `{row.name}`")
            formula.add((-guard, -formula.above(self.order, self.base, point)))
        return minimal(found.values())

    def _read(self, model: Point) -> Point:
        """Return a situation of the whole order as one of this order."""
        whole = self.task.index.whole
        point: Point = {}
        for place, classes in self.order.classes.items():
            point = self._with(point, place, classes.of[whole.cell(place, model[place])])
        return self.order.closed(point)

    def _with(self, point: Point, place: int, chosen: int) -> Point:
        classes = self.order.classes[place]
        if classes.is_mixed or chosen != classes.best[0]:
            return {**point, place: chosen}
        return {at: each for at, each in point.items() if at != place}

    def lowered(self, row: Row, point: Point) -> Point:
        """Return a minimal point at or below a situation in which the row reaches the cut."""
        is_lower = True
        while is_lower:
            is_lower = False
            for place in sorted(point):
                milder = next(self._milder(row, point, place), None)
                if milder is not None:
                    point, is_lower = milder, True
        return point

    def _milder(self, row: Row, point: Point, place: int) -> Iterator[Point]:
        """Yield points that are milder in one variable and still reach the cut, mildest first."""
        if place not in point:
            return
        classes, chosen = self.order.classes[place], point[place]
        below = [at for at in range(len(classes.cells)) if classes.below[chosen] >> at & 1]
        for at in sorted(below, key=lambda each: (classes.below[each].bit_count(), each)):
            # What is milder by a rung above may be written as worse in the rung (`order`, rule 7).
            lower = self.order.closed(self._with(point, place, at))
            if lower != point and self._fires(row, lower):
                yield lower

    def _fires(self, row: Row, point: Point) -> bool:
        own = self.task.index.firings[self.side]
        fired = own.at(self.base, self.order.cells(point))
        return bool((own.mild(fired) if self.is_mild else fired.unmet) & own.bits[row.name])

    def _settled(self, row: Row, point: Point) -> Point:
        """Leave out what is used both ways where every setting of it gives the same (rule 3)."""
        if self.is_mild and any(each.level is EffectLevel.ALLOW for each in (row, *self.others)):
            # Such a row reaches the cut while it is satisfied: granting counts both ways there.
            return point
        joint = self.order.joint
        ladder = {rung for side in Side for found in joint.rungs[side].values() for rung in found}
        for place in self.order.mixed:
            if place in ladder | joint.any_rungs or place not in point:
                continue
            less = {at: chosen for at, chosen in point.items() if at != place}
            if point[place] in self.order.classes[place].best and self._in_every_setting(row, less):
                point = less
        return point

    def _in_every_setting(self, row: Row, point: Point) -> bool:
        """Say whether the row reaches the cut, and no row of the other does, whatever is left out.

        The literals that some setting makes hold are granted where they count against it, all at
        once: what passes then passes in each setting.
        """
        free = [place for place in self.order.mixed if place not in point]
        own = self._granted(self.side, free, point, is_against=False)
        other = self._granted(OTHER[self.side], free, point, is_against=True)
        return self._reaches(self.side, (row,), own) and not self._reaches(
            OTHER[self.side], self.others, other
        )

    def _granted(self, side: Side, free: list[int], point: Point, *, is_against: bool) -> Encoded:
        encoded = self.order.joint.encoded(side, self.base, dict(self.order.cells(point)))
        return granted(self.order, side, encoded, free, is_against=is_against)

    def _reaches(self, side: Side, rows: Rows, encoded: Encoded) -> bool:
        softening = self.order.joint.programs[side].softening
        counted = [(1 if row.level > EffectLevel.ALLOW else 2, row) for row in rows]
        unmet, owing = firing(counted, encoded, softening)
        return bool(unmet & 1 or (self.is_mild and owing))


def granted(
    order: Order, side: Side, encoded: Encoded, free: Iterable[int], *, is_against: bool
) -> Encoded:
    """Return a situation as bits, with every setting of some variables granted at once.

    Args:
        order: the order of the variables.
        side: the policy.
        encoded: the situation in some setting, as this policy sees it.
        free: variables used both ways, by place.
        is_against: whether what any setting makes hold is granted to the rows, so that a row that
            does not reach the cut does so in no setting; else what every setting makes hold is, so
            that a row that reaches it does so in each.
    """
    joint = order.joint
    trigger, require, blocked = encoded.trigger, encoded.require, encoded.blocked
    for place in free:
        if side not in joint.variables[place].bits:
            continue
        table, classes = joint.variables[place].bits[side], order.classes[place]
        cells = [table[order.cell(place, best)] for best in classes.best]
        own = joint.variables[place].own[side]
        trigger = trigger & ~own[0] | _joined([each.trigger for each in cells], is_any=is_against)
        require = require & ~own[1] | _joined(
            [each.require for each in cells], is_any=not is_against
        )
        blocked = blocked & ~own[2] | _joined([each.blocked for each in cells], is_any=is_against)
    return Encoded(trigger=trigger, require=require, blocked=blocked)


def best_setting(order: Order, free: Iterable[int]) -> Point:
    """Return some setting of variables that are used both ways."""
    return {place: order.classes[place].best[0] for place in free}


def setting_of(order: Order, point: Point, others: Iterable[Point], kit: SolverKit) -> Point | None:
    """Return values of what an item leaves open at which none of some others lies at or below it.

    None says that in every setting one of them does.

    Raises:
        SolverStopped: the solver reached its limit.
    """
    free = [place for place in order.mixed if place not in point]
    refused = list(_below(order, point, free, others))
    if not refused:
        return best_setting(order, free)
    settings = [(place, best) for place in free for best in order.classes[place].best]
    names = {each: number for number, each in enumerate(settings, start=1)}
    solver = kit.solver()
    for place in free:
        solver.add([names[place, best] for best in order.classes[place].best])
    for named in refused:
        solver.add([-names[each] for each in named.items()])
    model = solver.model(())
    if model is None:
        return None
    # Where several values of one variable would do, each of them does.
    return {place: best for place, best in settings if names[place, best] in model}


def _below(
    order: Order, point: Point, free: Iterable[int], others: Iterable[Point]
) -> Iterator[Point]:
    """Yield the settings of what an item leaves open in which another lies at or below it."""
    mask = order.mask(point)
    for other in others:
        named = {place: other[place] for place in free if place in other}
        rest = {place: chosen for place, chosen in other.items() if place not in named}
        is_best = all(chosen in order.classes[place].best for place, chosen in named.items())
        if is_best and not order.mask(rest) & ~mask:
            yield named


def _needed(order: Order, items: Iterable[Corner], kit: SolverKit) -> tuple[Point, ...]:
    """Return items without those that others cover in every setting (rule 4)."""
    kept = [item.point for item in items]
    for point in list(kept):
        if any(place not in point for place in order.mixed):
            others = [each for each in kept if each is not point]
            if setting_of(order, point, others, kit) is None:
                kept = others
    return tuple(kept)


def _joined(bits: Iterable[int], *, is_any: bool) -> int:
    """Return the bits that any, or that all, of some have."""
    some, every = 0, -1
    for each in bits:
        some, every = some | each, every & each
    return some if is_any else every
