"""Which value of a variable is worse than which: for both policies at once.

1. A condition is compiled so that no `not` is left. So a row fires the sooner, the more literals
   hold in triggers, the fewer hold in requirements, and the more thresholds are unassessed.
2. One value is *at least as bad* as another when in both policies it makes at least as many
   literals of triggers hold, at most as many of requirements, and blocks at least as much. Only
   literals of rows that can reach the cut count. Values that no such literal tells apart are alike.
3. Hence, in both policies, a gate that reaches the cut still does when any value gets worse: this
   is no assumption about policies but how the order is made.
4. A variable that both policies use in one direction has one best value. One that is used both
   ways, by one policy or by one against the other, has several values of which none is worse: it is
   *mixed*, and each of them is a setting of its own.
5. At the cut `allow_with` a row whose `otherwise` is `allow` owes something only while it is
   satisfied. Its requirement and its thresholds then count both ways.
6. A rung that is reached through a rung above, in every policy that tells by it, is written as
   reached. Situations that differ in that alone are one situation.
7. A rung above that is worse may carry less, where one policy holds the sooner for a rung that is
   carried, and another for one that is not. Then a situation lies above what the milder one, which
   carries it, is written as (`forms`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from scalegate.compare.cells import CellBits
from scalegate.compare.joint import Joint
from scalegate.compare.model import Side
from scalegate.policy.compile import Node, Row
from scalegate.policy.literals import bits_of
from scalegate.policy.vocabulary import EffectLevel

Point = dict[int, int]
"""Per variable: the place of its class. Left out: the best one. A mixed variable is never left out
of a whole point."""


class Polarity(NamedTuple):
    """The literals of some rows of one policy, by where they stand."""

    trigger: int = 0
    require: int = 0
    blocked: int = 0
    both_require: int = 0
    """Literals of requirements that count both ways (rule 5)."""
    both_blocked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Classes:
    """The values of one variable, those that are alike together.

    There is one such object per variable and way to order its values; they are told apart by
    identity.
    """

    cells: tuple[tuple[int, ...], ...]
    """Per class: the places of its values."""
    of: tuple[int, ...]
    """Per value: its class."""
    below: tuple[int, ...]
    """Per class: the classes that it is at least as bad as, itself among them, one bit each."""
    best: tuple[int, ...]
    """Classes that are worse than no other."""
    masks: tuple[int, ...]
    """Per class: its bits in a mask; a class is worse than another that has fewer of them."""
    is_mixed: bool
    """Whether there is no single best class."""
    moving: frozenset[Side]
    """Policies whose rows can tell by it whether it is reached through a rung above."""
    mildest: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Per set of values, one bit each: what `mildest_of` found."""
    better: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Per class: what `better_than` found."""

    def better_than(self, chosen: int) -> tuple[int, ...]:
        """Return the other classes that a class is at least as bad as."""
        if chosen not in self.better:
            below = self.below[chosen] & ~(1 << chosen)
            self.better[chosen] = tuple(bits_of(below))
        return self.better[chosen]

    def mildest_of(self, bits: int) -> tuple[int, ...]:
        """Return the classes, among those of some values, that are worse than no other of them."""
        if bits not in self.mildest:
            found = sorted({self.of[cell] for cell in bits_of(bits)})
            members = 0
            for chosen in found:
                members |= 1 << chosen
            self.mildest[bits] = tuple(
                [chosen for chosen in found if self.below[chosen] & members == 1 << chosen]
            )
        return self.mildest[bits]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The order over the variables that some rows of two policies can tell apart."""

    joint: Joint
    classes: Mapping[int, Classes]
    """Per variable, by place; a variable whose values are all alike is left out."""
    mixed: tuple[int, ...] = ()
    """Variables without a single best class."""
    polarities: Mapping[Side, Polarity] = field(default_factory=dict)
    """The literals that count, per policy."""

    def is_at_most_as_bad(self, side: Side, one: CellBits, other: CellBits) -> bool:
        """Say whether what one value does in a policy is at most as bad as what another does."""
        polarity = self.polarities[side]
        return _bits_at_most(_counted(one, polarity), _counted(other, polarity), polarity)

    @property
    def settings(self) -> int:
        """How many ways there are to set the mixed variables to a best class each."""
        count = 1
        for place in self.mixed:
            count *= len(self.classes[place].best)
        return count

    def mask(self, point: Point) -> int:
        """Return the bits of a point: `a` is at most as bad as `b` if `mask(a) & ~mask(b)` is 0."""
        found = 0
        for variable, chosen in point.items():
            found |= self.classes[variable].masks[chosen]
        return found

    def cell(self, variable: int, chosen: int) -> int:
        """Return the place of the value that stands for a class."""
        return self.classes[variable].cells[chosen][0]

    def cells(self, point: Point) -> tuple[tuple[int, int], ...]:
        """Return a point as values, each standing for its class."""
        classes = self.classes
        return tuple((place, classes[place].cells[chosen][0]) for place, chosen in point.items())

    def closed(self, point: Point) -> Point:
        """Return the same situation with the rungs that are carried written as reached."""
        uppers = self.joint.any_rungs.intersection(point)
        if not uppers:
            return point
        found = dict(point)
        carried = (self.carried(upper, self.cell(upper, point[upper])) for upper in uppers)
        for rung in chain.from_iterable(carried):
            classes = self.classes[rung]
            raised = self.raised(rung, found.get(rung, classes.best[0]))
            if classes.is_mixed or raised != classes.best[0]:
                found[rung] = raised
            else:
                found.pop(rung, None)
        return found

    def forms(self, point: Point) -> Iterator[Point]:
        """Yield milder situations that are not written as milder (rule 7)."""
        for upper in self.joint.any_rungs.intersection(point):
            for better in self._slips(upper).get(point[upper], ()):
                yield self.closed({**point, upper: better})

    @property
    def has_forms(self) -> bool:
        """Whether some situation lies above one that is not written as milder (rule 7)."""
        return any(map(self._slips, self.joint.any_rungs.intersection(self.classes)))

    def _slips(self, upper: int) -> Mapping[int, tuple[int, ...]]:
        """Return, per class of a rung above, the milder ones that carry a rung that it does not."""
        rungs = dict.fromkeys(
            rung for side in Side for rung in self.joint.rungs[side].get(upper, ())
        )
        key = (upper, self.classes[upper], *map(self.classes.get, rungs))
        if key not in self.joint.slips:
            classes = self.classes[upper]
            carried = [set(self.carried(upper, cells[0])) for cells in classes.cells]
            found = {
                chosen: tuple(
                    better for better in classes.better_than(chosen) if carried[better] - now
                )
                for chosen, now in enumerate(carried)
            }
            self.joint.slips[key] = {at: better for at, better in found.items() if better}
        return self.joint.slips[key]

    def is_above(self, point: Point, masks: Collection[int]) -> bool:
        """Say whether a point that lies above none of some others does so in another form."""
        return any(not mask & ~form for form in map(self.mask, self.forms(point)) for mask in masks)

    def carried(self, upper: int, place: int) -> Iterator[int]:
        """Yield the rungs that a value carries in every policy that tells by them."""
        rungs = self.joint.rungs
        for rung in dict.fromkeys(rung for side in Side for rung in rungs[side].get(upper, ())):
            if self._carries(upper, place, rung):
                yield rung

    def carrying(
        self, upper: int, rung: int, *, at_least: int | None = None
    ) -> Callable[[int], bool]:
        """Return what says of a value of a threshold that it is as bad as one that carries a rung.

        Args:
            upper: the threshold.
            rung: the rung below.
            at_least: a class of the threshold that the one that carries must be as bad as.
        """
        classes = self.classes[upper]
        such = {
            chosen
            for chosen, cells in enumerate(classes.cells)
            if self._carries(upper, cells[0], rung)
            and (at_least is None or classes.below[chosen] >> at_least & 1)
        }
        return lambda place: not such.isdisjoint(bits_of(classes.below[classes.of[place]]))

    def _carries(self, upper: int, place: int, rung: int) -> bool:
        rungs, tables = self.joint.rungs, self.joint.variables[upper].bits
        moving = self.classes[rung].moving if rung in self.classes else ()
        return bool(moving) and all(
            rung in rungs[side].get(upper, ()) and tables[side][place].reached for side in moving
        )

    def raised(self, rung: int, chosen: int) -> int:
        """Return the class of a rung that is carried: it is reached, where the policies agree."""
        classes, variable = self.classes[rung], self.joint.variables[rung]
        place = classes.cells[chosen][0]
        tables = [(variable.bits[side], self.polarities[side]) for side in sorted(classes.moving)]
        targets = {table[place].raised for table, _ in tables} - {place}
        if not targets:
            return chosen
        target = targets.pop()
        alike = all(
            table[place].raised == target
            or _counted(table[place], polarity)[:3] == _counted(table[target], polarity)[:3]
            for table, polarity in tables
        )
        return classes.of[target] if alike else chosen


def polarity_of(row: Row, cut: EffectLevel) -> Polarity:
    """Return the literals of a row by where they stand, for one cut."""
    require = literals_of(row.require)
    is_both = row.level is EffectLevel.ALLOW and cut is EffectLevel.ALLOW_WITH
    return Polarity(
        trigger=literals_of(row.trigger),
        require=require,
        blocked=row.statuses,
        both_require=require if is_both else 0,
        both_blocked=row.statuses if is_both else 0,
    )


def order_of(joint: Joint, counted: int) -> Order:
    """Return the order that some rows of both policies give.

    Args:
        joint: both policies.
        counted: the literals of the rows (`polarity_of`), all in one number (`Joint.packing`).
    """
    polarities = {side: Polarity(*joint.packing.parts(side, counted)) for side in Side}
    found: dict[int, Classes] = {}
    for place, reach in enumerate(joint.reaches):
        seen = reach & counted
        if not seen:
            continue
        known = joint.kept[place]
        if seen not in known:
            known[seen] = _once(joint, place, _classes(joint, place, polarities))
        classes = known[seen]
        if isinstance(classes, Classes):
            found[place] = classes
    mixed = tuple([place for place, classes in found.items() if classes.is_mixed])
    return Order(joint=joint, classes=found, mixed=mixed, polarities=polarities)


def _once(joint: Joint, place: int, classes: Classes | None) -> Classes | None:
    """Return the object for classes that other literals gave before, where they are the same."""
    if classes is None:
        return None
    told = (place, classes.cells, classes.below, classes.moving)
    known = joint.same.setdefault(told, classes)
    return known if isinstance(known, Classes) else classes


def literals_of(node: Node) -> int:
    """Return the literals that a condition names, one bit each."""
    found = node.mask
    for child in node.children:
        found |= literals_of(child)
    return found


class _View(NamedTuple):
    """The values of one variable as one policy's rows tell them apart."""

    cells: tuple[CellBits, ...]
    """With the bits of these rows alone."""
    both: Polarity
    carries_up: bool
    """Whether carrying the rungs below is at least as bad as not carrying them."""
    carries_down: bool
    """Whether not carrying them is at least as bad."""

    def key(self, place: int) -> tuple[int, int, int, bool]:
        """Return what must be equal for two values to be alike."""
        cell = self.cells[place]
        matters = not (self.carries_up and self.carries_down)
        return cell.trigger, cell.require, cell.blocked, cell.reached and matters

    def at_most_as_bad(self, one: int, other: int) -> bool:
        left, right = self.cells[one], self.cells[other]
        if not _bits_at_most(left, right, self.both):
            return False
        if left.reached == right.reached:
            return True
        return self.carries_up if right.reached else self.carries_down


def _bits_at_most(left: CellBits, right: CellBits, polarity: Polarity) -> bool:
    return not (
        left.trigger & ~right.trigger
        or right.require & ~left.require
        or left.blocked & ~right.blocked
        or (left.require ^ right.require) & polarity.both_require
        or (left.blocked ^ right.blocked) & polarity.both_blocked
    )


def _view(joint: Joint, side: Side, place: int, polarity: Polarity) -> _View:
    up = down = True
    for rung in joint.rungs[side].get(place, ()):
        cells = _masked(joint.variables[rung].bits[side], polarity)
        for cell in cells:
            raised = cells[cell.raised]
            up = up and _bits_at_most(cell, raised, polarity)
            down = down and _bits_at_most(raised, cell, polarity)
    return _View(_masked(joint.variables[place].bits[side], polarity), polarity, up, down)


def _masked(cells: Sequence[CellBits], polarity: Polarity) -> tuple[CellBits, ...]:
    return tuple(_counted(cell, polarity) for cell in cells)


def _counted(cell: CellBits, polarity: Polarity) -> CellBits:
    return CellBits(
        cell.trigger & polarity.trigger,
        cell.require & polarity.require,
        cell.blocked & polarity.blocked,
        cell.reached,
        cell.raised,
    )


def _classes(joint: Joint, place: int, polarities: Mapping[Side, Polarity]) -> Classes | None:
    """Return the classes of a variable; None where all its values are alike."""
    variable = joint.variables[place]
    views = [_view(joint, side, place, polarities[side]) for side in variable.bits]
    groups: dict[tuple[object, ...], list[int]] = {}
    for cell in range(len(variable.cells)):
        groups.setdefault(tuple(view.key(cell) for view in views), []).append(cell)
    if len(groups) == 1:
        return None
    cells = tuple(tuple(group) for group in groups.values())
    of = {cell: chosen for chosen, group in enumerate(cells) for cell in group}
    below = tuple(
        sum(
            1 << other
            for other in range(len(cells))
            if all(view.at_most_as_bad(cells[other][0], group[0]) for view in views)
        )
        for group in cells
    )
    best = tuple(chosen for chosen, found in enumerate(below) if found == 1 << chosen)
    unmarked = 0 if len(best) > 1 else 1 << best[0]
    return Classes(
        cells=cells,
        of=tuple(of[cell] for cell in range(len(variable.cells))),
        below=below,
        best=best,
        masks=tuple((found & ~unmarked) << joint.offsets[place] for found in below),
        is_mixed=len(best) > 1,
        moving=frozenset(
            side
            for side, view in zip(variable.bits, views, strict=True)
            if any(cell[:3] != view.cells[cell.raised][:3] for cell in view.cells)
        ),
    )
