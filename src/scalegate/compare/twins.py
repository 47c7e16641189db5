"""Which rows of two policies are the same: they reach a cut in the same situations, as written.

1. Two rows are twins when their conditions have the same form over the same literals, and each of
   these literals says the same in both policies: it holds at the same values of one shared
   variable, in triggers and in requirements, and the same rungs above carry it.
2. Of rows that are written in another way nothing is said here.

A revision leaves most rows as they are, so most of a comparison is settled by this alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from scalegate.compare.joint import Joint, key_of
from scalegate.compare.model import Side
from scalegate.policy.compile import Node, Row
from scalegate.policy.literals import Literal, bits_of
from scalegate.policy.vocabulary import EffectLevel, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """Compares rows of the old policy with rows of the new."""

    joint: Joint
    _known: dict[Literal, bool] = field(default_factory=dict)

    def are(self, old: Row, new: Row) -> bool:
        """Say whether two rows are written alike and mean the same."""
        return (
            (old.owes, old.softened) == (new.owes, new.softened)
            and (old.level is EffectLevel.ALLOW) == (new.level is EffectLevel.ALLOW)
            and self._blocking(Side.OLD, old) == self._blocking(Side.NEW, new)
            and self._alike(old.trigger, new.trigger)
            and self._alike(old.require, new.require)
        )

    def _blocking(self, side: Side, row: Row) -> set[str]:
        """Return the thresholds that no safeguard satisfies while they are unassessed."""
        thresholds = self.joint.programs[side].policy.thresholds
        return {thresholds[place].id for place in bits_of(row.statuses)}

    def _alike(self, old: Node, new: Node) -> bool:
        if (old.op, old.needed, len(old.children)) != (new.op, new.needed, len(new.children)):
            return False
        named = [
            [self.joint.programs[side].literals[bit] for bit in bits_of(node.mask)]
            for side, node in ((Side.OLD, old), (Side.NEW, new))
        ]
        if set(named[0]) != set(named[1]) or not all(map(self._says_the_same, named[0])):
            return False
        return all(map(self._alike, old.children, new.children))

    def _says_the_same(self, literal: Literal) -> bool:
        if literal not in self._known:
            key = key_of(literal)
            places = {self.joint.index[side][key] for side in Side}
            self._known[literal] = len(places) == 1 and (
                list(self._column(Side.OLD, literal, *places))
                == list(self._column(Side.NEW, literal, *places))
            )
        return self._known[literal]

    def _column(self, side: Side, literal: Literal, place: int) -> Iterator[object]:
        """Yield what the literal depends on in a policy, value by value."""
        bit = self.joint.programs[side].literal_bits[literal]
        for cell in self.joint.variables[place].bits[side]:
            held, shown = cell.trigger >> bit & 1, cell.require >> bit & 1
            yield held, shown, bool(cell.blocked), cell.raised
        if literal.kind in (Kind.STATUS, Kind.FLAG):
            for upper in sorted(self.joint.uppers[side].get(place, ())):
                yield upper, [cell.reached for cell in self.joint.variables[upper].bits[side]]
