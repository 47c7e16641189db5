"""Search one question with a solver, for facts that are used both ways.

1. For each row of the policy that holds, the solver is asked for a situation in which that row
   reaches the cut and no row of the other policy does (`formula`). What it finds is *lowered* with
   the evaluator: each variable in turn to the mildest class at which the row still reaches the cut.
   The other policy does not reach the cut there either: what is at most as bad as a situation that
   it lets through is let through (`order`, rule 3).
2. Everything at least as bad is then ruled out, and the solver asked again, until it says that
   nothing is left. So the list of a row is complete, and no item of it lies above another.
3. A variable that is used both ways is left out of an item where, with every setting of it granted
   at once, the row still reaches the cut and the other policy still does not.
4. The minimal items of all rows together are the answer (`search`, rule 4). Where there are at most
   `MAX_SETTINGS` settings, they are written exactly as the other engine writes them.

Beyond `MAX_POINTS` items nothing is returned but a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, product

from scalegate.compare.formula import TRUE, Formula
from scalegate.compare.joint import Base
from scalegate.compare.model import Engine, Side
from scalegate.compare.order import Classes, Order, Point
from scalegate.compare.points import (
    MAX_POINTS,
    MAX_SETTINGS,
    Corner,
    TooMany,
    minimal,
    settings_merged,
)
from scalegate.compare.search import OTHER, Asking, Found, Index, Searched, Task, reaching
from scalegate.compare.solver import Solver, SolverKit
from scalegate.policy.compile import Encoded, Program, Row
from scalegate.policy.evaluate import firing
from scalegate.policy.vocabulary import EffectLevel

Rows = tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Solving:
    """A solver over all rows of two policies, used by every question."""

    index: Index
    formula: Formula
    solver: Solver
    found: dict[tuple[object, ...], tuple[Point, ...]] = field(default_factory=dict)
    hints: dict[tuple[object, ...], dict[int, Point]] = field(default_factory=dict)
    """Per row: hold points that were found for one question. Another question tries them first."""
    sent: list[int] = field(default_factory=lambda: [0])

    @classmethod
    def of(cls, index: Index, kit: SolverKit) -> Solving:
        """Prepare two policies."""
        return cls(index=index, formula=Formula(index.whole, index.best), solver=kit.solver())

    def model(self, assumed: Iterable[int]) -> Point | None:
        """Return a situation in which all of these hold, or None."""
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
    try:
        found = {side: _found(_Row.each(task, order, side, rows), solving) for side in OTHER}
    except TooMany as error:
        return Searched(order=None, found={}, refused=error.what, engine=Engine.SAT)
    return Searched(
        order=order,
        engine=Engine.SAT,
        found={
            side: Found(
                points=points,
                by_clause=by_clause,
                asking=Asking.of(task, order, OTHER[side], parts[OTHER[side]]),
            )
            for side, (points, by_clause) in found.items()
        },
    )


def _found(
    each: Iterable[_Row], solving: Solving
) -> tuple[tuple[Point, ...], dict[str, tuple[Point, ...]]]:
    by_row: dict[str, list[Corner]] = {}
    total, order = 0, None
    for asked in each:
        order = asked.order
        written = minimal(_written_out(order, asked.points(solving)))
        total += len(written)
        if total > MAX_POINTS:
            raise TooMany(f"more than {MAX_POINTS} minimal situations")
        if written:
            by_row[asked.row.name] = list(written)
    if order is None:
        return (), {}
    every = {corner.mask: corner for found in by_row.values() for corner in found}
    return (
        settings_merged(order, [corner.point for corner in minimal(every.values())]),
        {
            name: settings_merged(order, [corner.point for corner in found])
            for name, found in by_row.items()
        },
    )


def _written_out(order: Order, points: Iterable[Point]) -> Iterable[Corner]:
    """Return points with every setting of what they leave out, where there are few."""
    found: dict[int, Corner] = {}
    for point in points:
        free = [place for place in order.mixed if place not in point]
        if order.settings > MAX_SETTINGS:
            free = []
        for chosen in product(*(order.classes[place].best for place in free)):
            whole = order.closed({**point, **dict(zip(free, chosen, strict=True))})
            mask = order.mask(whole)
            found.setdefault(mask, Corner(mask, whole))
    return found.values()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One row of the policy that holds, in one question."""

    task: Task
    order: Order
    base: Base
    side: Side
    row: Row
    others: Rows
    """The rows of the other policy that can reach the cut."""
    seen: tuple[int, ...]
    """The variables of the order that any of these rows looks at."""

    @classmethod
    def each(
        cls, task: Task, order: Order, side: Side, rows: Mapping[Side, Rows]
    ) -> Iterator[_Row]:
        """Yield every row of a policy."""
        index, other = task.index, OTHER[side]
        base = index.base(order)
        there: set[int] = set()
        for row in rows[other]:
            there |= index.firings[other].moved_by[row.name]
        for row in rows[side]:
            seen = there | index.firings[side].moved_by[row.name]
            yield cls(
                task=task,
                order=order,
                base=base,
                side=side,
                row=row,
                others=rows[other],
                seen=tuple(place for place in order.classes if place in seen),
            )

    @property
    def is_mild(self) -> bool:
        return self.task.cut is EffectLevel.ALLOW_WITH

    def points(self, solving: Solving) -> tuple[Point, ...]:
        """Return the minimal situations that this row alone holds and the other lets through."""
        names = tuple(row.name for row in self.others)
        classes: tuple[Classes, ...] = tuple(self.order.classes[place] for place in self.seen)
        key = (self.side, self.row.name, self.is_mild, names, self.base, self.order.mixed, *classes)
        if key not in solving.found:
            solving.found[key] = tuple(self._solved(solving))
        return solving.found[key]

    def _solved(self, solving: Solving) -> Iterator[Point]:
        formula = solving.formula
        guard = formula.fresh()
        other = OTHER[self.side]
        assumed = [guard, formula.reaches(self.side, self.row, is_mild=self.is_mild)]
        assumed += [-formula.reaches(other, row, is_mild=self.is_mild) for row in self.others]
        # Where a variable is used both ways, what an item must say of it depends on the others.
        known = {} if self.order.mixed else solving.hints
        hints = known.setdefault(self._own_key(), {})
        found = [point for point in hints.values() if self._is_open(point)]
        for point in found:
            formula.add((-guard, *self._ruled_out(formula, point)))
        yield from found
        count = len(found)
        while (model := solving.model(assumed)) is not None:
            point = self.lowered(self._read(model))
            formula.add((-guard, *self._ruled_out(formula, point)))
            yield point
            hints[self.order.mask(point)] = point
            count += 1
            if count > MAX_POINTS:
                raise TooMany(f"more than {MAX_POINTS} situations of commitment `{self.row.name}`")

    def _own_key(self) -> tuple[object, ...]:
        """Return what the minimal hold points of the row depend on."""
        joint = self.order.joint
        named = sorted(self.task.index.firings[self.side].moved_by[self.row.name])
        rungs = (joint.rungs[side].get(place, ()) for side in Side for place in named)
        looked_at = dict.fromkeys(chain(named, chain.from_iterable(rungs)))
        classes = (self.order.classes.get(place) for place in looked_at)
        return self.side, self.row.name, self.is_mild, self.base, *classes

    def _is_open(self, point: Point) -> bool:
        other = OTHER[self.side]
        return not self._reaches(other, self.others, self._encoded(other, point))

    def _read(self, model: Point) -> Point:
        """Return a situation of the whole order as one of this order."""
        whole = self.task.index.whole
        point: Point = {}
        for place in self.seen:
            cell = whole.cell(place, model[place])
            self._take(point, place, self.order.classes[place].of[cell])
        return self._closed(point)

    def _closed(self, point: Point) -> Point:
        """Return the same situation with the rungs carried, of those looked at."""
        seen = set(self.seen)
        closed = self.order.closed(point)
        return {place: chosen for place, chosen in closed.items() if place in seen}

    def _ruled_out(self, formula: Formula, point: Point) -> Iterator[int]:
        """Yield a clause: not every variable is at least as bad as in a point.

        The classes of the formula are finer than those of this order, and what is one situation
        here, by a rung that is carried, can be two there.
        """
        for place, chosen in point.items():
            classes = self.order.classes[place]
            of = [classes.of[cells[0]] for cells in formula.order.classes[place].cells]
            worse = [at for at, each in enumerate(of) if classes.below[each] >> chosen & 1]
            raised = [
                at
                for at, each in enumerate(of)
                if classes.below[self.order.raised(place, each)] >> chosen & 1
            ]
            carried = -TRUE if set(raised) <= set(worse) else formula.carried(self.order, place)
            by_carrying = formula.all((carried, formula.among(place, tuple(raised))))
            yield -formula.any((formula.among(place, tuple(worse)), by_carrying))

    def lowered(self, found: Point) -> Point:
        """Return a minimal point at or below a situation in which the row reaches the cut."""
        named = self.task.index.firings[self.side].moved_by[self.row.name]
        point = {**found}
        for place in found:
            if place not in named:
                self._take(point, place, next(self._milder(place, point[place]), point[place]))
        # A threshold before the rungs that it carries: those are written as reached.
        for place in sorted(named & point.keys(), key=self._above_all):
            for chosen in self._milder(place, point[place]):
                if self._fires({**point, place: chosen}):
                    self._take(point, place, chosen)
                    break
        return self._settled(self._closed(point))

    def _above_all(self, place: int) -> tuple[int, int]:
        carried = (len(self.order.joint.rungs[side].get(place, ())) for side in Side)
        return -max(carried), place

    def _milder(self, place: int, chosen: int) -> Iterator[int]:
        """Yield the classes that are less bad than one, the mildest first."""
        classes = self.order.classes[place]
        found = [
            each
            for each in range(len(classes.cells))
            if each != chosen and classes.below[chosen] >> each & 1
        ]
        yield from sorted(found, key=lambda each: (classes.below[each].bit_count(), each))

    def _take(self, point: Point, place: int, chosen: int) -> None:
        classes = self.order.classes[place]
        point[place] = chosen
        if not classes.is_mixed and chosen == classes.best[0]:
            point.pop(place)

    def _fires(self, point: Point) -> bool:
        return self._reaches(self.side, (self.row,), self._encoded(self.side, point))

    def _encoded(self, side: Side, point: Point) -> Encoded:
        return self.order.joint.encoded(side, self.base, dict(self.order.cells(point)))

    def _reaches(self, side: Side, rows: Rows, encoded: Encoded) -> bool:
        program = self.order.joint.programs[side]
        counted = [(1 if row.level > EffectLevel.ALLOW else 2, row) for row in rows]
        unmet, owing = firing(counted, encoded, program.softening)
        return bool(unmet & 1 or (self.is_mild and owing))

    def _settled(self, point: Point) -> Point:
        """Leave out what is used both ways where every setting of it gives the same (rule 3)."""
        joint = self.order.joint
        if self.is_mild and any(row.level is EffectLevel.ALLOW for row in (self.row, *self.others)):
            # Such a row reaches the cut while it is satisfied: granting counts both ways there.
            return point
        ladder = joint.any_rungs.union(*joint.rungs[Side.OLD].values(),
                                       *joint.rungs[Side.NEW].values())  # fmt: skip
        for place in self.order.mixed:
            if place not in point or place in ladder:
                continue
            if point[place] not in self.order.classes[place].best:
                continue
            less = {at: chosen for at, chosen in point.items() if at != place}
            if self._in_every_setting(less):
                point = less
        return point

    def _in_every_setting(self, point: Point) -> bool:
        """Say whether the row reaches the cut, and the other policy does not, whatever is left out.

        The literals that some setting makes hold are granted where they count against it, all at
        once: what passes then passes in each setting.
        """
        free = [place for place in self.order.mixed if place not in point]
        other = OTHER[self.side]
        own = self._granted(self.side, point, free, is_own=True)
        theirs = self._granted(other, point, free, is_own=False)
        return self._reaches(self.side, (self.row,), own) and not self._reaches(
            other, self.others, theirs
        )

    def _granted(self, side: Side, point: Point, free: Iterable[int], *, is_own: bool) -> Encoded:
        found = self._encoded(side, point)
        for place in free:
            variable, classes = self.order.joint.variables[place], self.order.classes[place]
            if side not in variable.bits:
                continue
            cells = [variable.bits[side][classes.cells[each][0]] for each in classes.best]
            some, every = cells[0], cells[0]
            for cell in cells[1:]:
                some = cell._replace(
                    trigger=some.trigger | cell.trigger,
                    require=some.require | cell.require,
                    blocked=some.blocked | cell.blocked,
                )
                every = cell._replace(
                    trigger=every.trigger & cell.trigger,
                    require=every.require & cell.require,
                    blocked=every.blocked & cell.blocked,
                )
            worst, mildest = (every, some) if is_own else (some, every)
            own = variable.own[side]
            found = replace(
                found,
                trigger=found.trigger & ~own[0] | worst.trigger,
                require=found.require & ~own[1] | mildest.require,
                blocked=found.blocked & ~own[2] | worst.blocked,
            )
        return found
