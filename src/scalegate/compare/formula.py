"""Write what two policies do as clauses: one model for each situation.

1. Each variable takes exactly one of its classes (`order`). What an order leaves out stays as it is
   in the base.
2. A literal of a policy holds at some classes of its variable; where a rung above is reached, at
   those whose raised value makes it hold. A condition is an `and`, an `or` or a count of literals;
   each gate is written in both directions, so that it is true exactly when the condition holds.
3. A row is unmet when its trigger holds and its requirement does not, or a threshold it names is
   unassessed. It does at least `allow_with` when it is unmet and does more than allow, or when it
   is satisfied and owes something, or only a substitute or a discretion satisfies it.
4. A situation is at least as bad as a point when it is so in each variable. Of a threshold it is
   enough that a rung above carries it, in every policy that tells by it (`order`, rule 6), and that
   what then stands there is so in each policy; or that the rung above is worse than where it does.
   A ladder of one policy alone covers nothing: the other policy sees another situation, and that
   the first has the ladder is an item of its own.

The same parts in the same order give the same numbers, so that a proof about them can be checked
later. Variable 1 is true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

from scalegate.compare.cells import CellBits
from scalegate.compare.firing import owners_of
from scalegate.compare.joint import Base
from scalegate.compare.model import Side
from scalegate.compare.order import Order, Point
from scalegate.policy.compile import ALL, ANY, Node, Row
from scalegate.policy.literals import bits_of
from scalegate.policy.vocabulary import EffectLevel

TRUE = 1
Values = tuple[int, ...]
"""Classes of one variable, or literals of a formula."""


class Formula:
    """Clauses about situations of an order, written as they are asked for."""

    def __init__(self, order: Order, base: Base) -> None:
        self.order = order
        self.base = base
        self.clauses: list[Values] = [(TRUE,)]
        self._last = TRUE
        self._gates: dict[tuple[str, Values], int] = {}
        self._rows: dict[tuple[Side, str, bool], int] = {}
        self._owners = {side: owners_of(order.joint, side) for side in Side}
        self._chosen: dict[int, Values] = {}

    def fresh(self) -> int:
        """Return a new variable."""
        self._last += 1
        return self._last

    def add(self, clause: Iterable[int]) -> None:
        """Add a clause."""
        self.clauses.append(tuple(clause))

    def point(self, model: frozenset[int]) -> Point:
        """Return the class of every variable in a model; of those not written yet, the best."""
        found: Point = {place: classes.best[0] for place, classes in self.order.classes.items()}
        for place, chosen in self._chosen.items():
            found[place] = next((at for at, each in enumerate(chosen) if each in model), 0)
        return found

    def above(self, order: Order, base: Base, point: Point) -> int:
        """Return a literal: the situation is at least as bad as a point (rule 4).

        Args:
            order: the order of the point, no finer than that of the formula.
            base: everything at its best in it.
            point: what departs from that.
        """
        return self.all(self._stands(order, base, point, place) for place in sorted(point))

    def _stands(self, order: Order, base: Base, point: Point, place: int) -> int:
        """Return a literal: what stands in a variable, by the ladder too, is at least as bad."""
        joint, own = self.order.joint, self._worse(order, place, point[place])
        uppers = dict.fromkeys(chain.from_iterable(joint.uppers[s].get(place, ()) for s in Side))
        carried = self.any(
            self._such(upper, order.carrying(upper, place, at_least=point.get(upper)))
            for upper in uppers
            if upper in order.classes
        )
        if carried == -TRUE:
            return own
        places = dict(order.cells(point))
        raised = self.all(
            self._such(
                place,
                _as_bad_once_raised(
                    order, side, place, joint.effective(side, place, places, base.places)
                ),
            )
            for side in joint.variables[place].bits
        )
        return self.any((own, self.all((carried, raised))))

    def _worse(self, order: Order, place: int, chosen: int) -> int:
        """Return a literal: the variable is at least as bad as a class of an order no finer."""
        classes = order.classes[place]
        own = [classes.of[cells[0]] for cells in self.order.classes[place].cells]
        return self.among(
            place, tuple(at for at, each in enumerate(own) if classes.below[each] >> chosen & 1)
        )

    def among(self, place: int, classes: Values) -> int:
        """Return a literal: the variable has one of these classes."""
        if len(set(classes)) == len(self.order.classes[place].cells):
            return TRUE
        if place not in self._chosen:
            count = len(self.order.classes[place].cells)
            self._chosen[place] = tuple(self.fresh() for _ in range(count))
            self._exactly_one(self._chosen[place])
        chosen = self._chosen[place]
        return self.any(chosen[each] for each in sorted(set(classes)))

    def reaches(self, side: Side, row: Row, *, is_mild: bool) -> int:
        """Return a literal: the row is unmet, or, where that is asked, does `allow_with` or more.

        Args:
            side: the policy that has the row.
            row: the row.
            is_mild: whether the cut is `allow_with`.
        """
        key = (side, row.name, is_mild)
        if key not in self._rows:
            self._rows[key] = self._reaches(side, row, is_mild=is_mild)
        return self._rows[key]

    def all(self, literals: Iterable[int]) -> int:
        """Return a literal: each of these holds."""
        return -self.any(-each for each in literals)

    def any(self, literals: Iterable[int]) -> int:
        """Return a literal: one of these holds."""
        found = tuple(sorted({each for each in literals if each != -TRUE}))
        if TRUE in found or any(-each in found for each in found):
            return TRUE
        if len(found) <= 1:
            return found[0] if found else -TRUE
        return self._gate("any", found)

    def _gate(self, name: str, literals: Values) -> int:
        key = (name, literals)
        if key not in self._gates:
            self._gates[key] = gate = self.fresh()
            self.add((-gate, *literals))
            for each in literals:
                self.add((gate, -each))
        return self._gates[key]

    def _exactly_one(self, literals: Values) -> None:
        self.add(literals)
        for place, one in enumerate(literals):
            for other in literals[:place]:
                self.add((-one, -other))

    def _reaches(self, side: Side, row: Row, *, is_mild: bool) -> int:
        applies = self._node(side, row.trigger, ~0, as_trigger=True)
        blocked = self.any(self._unassessed(side, bit) for bit in bits_of(row.statuses))
        holds = self._node(side, row.require, ~0, as_trigger=False)
        unmet = self.all((applies, self.any((blocked, -holds))))
        if not is_mild:
            return unmet
        mild = [unmet] if row.level > EffectLevel.ALLOW else []
        satisfied = (applies, -blocked, holds)
        if row.owes:
            mild.append(self.all(satisfied))
        elif row.softened:
            kept = ~self.order.joint.programs[side].softening
            plain = self._node(side, row.require, kept, as_trigger=False)
            mild.append(self.all((*satisfied, -plain)))
        return self.any(mild)

    def _node(self, side: Side, node: Node, kept: int, *, as_trigger: bool) -> int:
        """Return a literal: a condition holds, were only the kept bits able to hold."""
        parts = [
            self._literal(side, bit, as_trigger=as_trigger) if kept >> bit & 1 else -TRUE
            for bit in bits_of(node.mask)
        ]
        parts += [self._node(side, child, kept, as_trigger=as_trigger) for child in node.children]
        if node.op == ALL:
            return self.all(parts)
        return self.any(parts) if node.op == ANY else self._at_least(node.needed, parts)

    def _at_least(self, needed: int, literals: list[int]) -> int:
        reached = [TRUE] + [-TRUE] * max(needed, 0)
        for each in literals:
            for count in range(needed, 0, -1):
                reached[count] = self.any((reached[count], self.all((each, reached[count - 1]))))
        return reached[max(needed, 0)]

    def _literal(self, side: Side, bit: int, *, as_trigger: bool) -> int:
        def holds(cell: CellBits) -> bool:
            return bool((cell.trigger if as_trigger else cell.require) >> bit & 1)

        return self._effective(side, self._owners[side][bit], holds)

    def _unassessed(self, side: Side, threshold: int) -> int:
        joint, bit = self.order.joint, 1 << threshold
        found = [
            self._effective(side, place, lambda cell: bool(cell.blocked & bit))
            for place, variable in enumerate(joint.variables)
            if side in variable.own and variable.own[side][2] & bit
        ]
        return self.any(found)

    def _effective(self, side: Side, place: int, holds: Callable[[CellBits], bool]) -> int:
        """Return a literal: the value that stands here, the ladder included, is such a one."""
        table = self.order.joint.variables[place].bits[side]
        own = self._such(place, lambda at: holds(table[at]))
        carried = self.any(
            self._such(upper, self._is_reached(side, upper))
            for upper in self.order.joint.uppers[side].get(place, ())
        )
        if carried == -TRUE:
            return own
        raised = self._such(place, lambda at: holds(table[table[at].raised]))
        return self.any((self.all((carried, raised)), self.all((-carried, own))))

    def _is_reached(self, side: Side, upper: int) -> Callable[[int], bool]:
        table = self.order.joint.variables[upper].bits[side]
        return lambda at: table[at].reached

    def _such(self, place: int, holds: Callable[[int], bool]) -> int:
        """Return a literal: the value of a variable, by place, is such a one."""
        classes = self.order.classes.get(place)
        if classes is None:
            return TRUE if holds(self.base.places[place]) else -TRUE
        return self.among(
            place, tuple(at for at, cells in enumerate(classes.cells) if holds(cells[0]))
        )


def _as_bad_once_raised(
    order: Order, side: Side, place: int, least: CellBits
) -> Callable[[int], bool]:
    table = order.joint.variables[place].bits[side]
    return lambda at: order.is_at_most_as_bad(side, least, table[table[at].raised])
