"""Which rows of a policy reach a cut at a point: asked of the evaluator once per point.

1. A point departs from a base in a few variables. Only rows that look at one of them can do
   anything else there than at the base; of these, a row whose trigger does not hold at the base can
   only fire where a literal that it lacks comes to hold. So a row waits at one variable of such a
   literal, or else at every variable that it names.
2. Every question, at every gate and strength, takes its answer from the same rows, so what was
   asked for one is there for all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from scalegate.compare.joint import Base, Joint, key_of, rows_of
from scalegate.compare.model import Side
from scalegate.policy.compile import ALL, Row
from scalegate.policy.evaluate import firing
from scalegate.policy.literals import bits_of
from scalegate.policy.vocabulary import EffectLevel

Cells = tuple[tuple[int, int], ...]
"""Variables by place, each with the place of its value."""
Waiting = dict[int, list[tuple[int, Row]]]
"""Per variable: the rows that must be asked again when it changes, each with its bit."""


class Fired(NamedTuple):
    """What the rows of a policy do at a point, one bit per row."""

    unmet: int
    """Rows that apply and are not satisfied."""
    owing: int
    """Rows that apply, are satisfied, and owe something for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """Says which rows of one policy fire at a point."""

    joint: Joint
    side: Side
    rows: Mapping[str, Row]
    """Per commitment."""
    bits: Mapping[str, int]
    """Per commitment: its bit."""
    strict: int
    """Rows that do more than allow where they are unmet."""
    places: Mapping[str, tuple[int, ...]]
    """Per commitment: the variables that it names."""
    _kept: dict[Base, tuple[Fired, Waiting, dict[Cells, Fired]]] = field(default_factory=dict)

    @classmethod
    def of(cls, joint: Joint, side: Side) -> Firing:
        """Prepare the rows of one policy."""
        rows = rows_of(joint.programs[side])
        bits = {name: 1 << place for place, name in enumerate(rows)}
        strict = (bits[row.name] for row in rows.values() if row.level > EffectLevel.ALLOW)
        owner = owners_of(joint, side)
        places = {name: tuple(_places(owner, row)) for name, row in rows.items()}
        return cls(
            joint=joint,
            side=side,
            rows=rows,
            bits=bits,
            strict=sum(strict),
            places=places,
        )

    def mild(self, fired: Fired) -> int:
        """Return the rows that do at least `allow_with`, one bit each; `unmet` do a stricter cut.

        Does not check: that a row can do the stricter cut at the gate that is asked about.
        """
        return fired.unmet & self.strict | fired.owing

    def mask(self, names: Iterable[str]) -> int:
        """Return the bits of commitments."""
        return sum(self.bits[name] for name in names)

    def at(self, base: Base, cells: Cells) -> Fired:
        """Return what fires at a point.

        Args:
            base: the situation from which the point departs.
            cells: what departs.
        """
        if base not in self._kept:
            self._kept[base] = self._prepared(base)
        before, waiting, known = self._kept[base]
        found = known.get(cells)
        if found is None:
            found = known[cells] = self._asked(base, cells, before, waiting)
        return found

    def _asked(self, base: Base, cells: Cells, before: Fired, waiting: Waiting) -> Fired:
        rungs = self.joint.rungs[self.side]
        asked = {
            bit: row
            for place, _ in cells
            for each in (place, *rungs.get(place, ()))
            for bit, row in waiting.get(each, ())
        }
        if not asked:
            return before
        encoded = self.joint.encoded(self.side, base, dict(cells))
        program = self.joint.programs[self.side]
        unmet, owing = firing(asked.items(), encoded, program.softening)
        kept = ~sum(asked)
        return Fired(before.unmet & kept | unmet, before.owing & kept | owing)

    def _prepared(self, base: Base) -> tuple[Fired, Waiting, dict[Cells, Fired]]:
        program = self.joint.programs[self.side]
        encoded = base.encoded[self.side][0]
        rows = [(self.bits[name], row) for name, row in self.rows.items()]
        crowd: Counter[int] = Counter()
        waiting: Waiting = {}
        owner = owners_of(self.joint, self.side)
        for bit, row in rows:
            lacking = row.trigger.mask & ~encoded.trigger if row.trigger.op == ALL else 0
            places = {owner[each] for each in bits_of(lacking)} or self.places[row.name]
            if lacking:
                places = {min(places, key=lambda place: (crowd[place], place))}
            crowd.update(places)
            for place in places:
                waiting.setdefault(place, []).append((bit, row))
        return Fired(*firing(rows, encoded, program.softening)), waiting, {}


def owners_of(joint: Joint, side: Side) -> dict[int, int]:
    """Return the variable of each literal, by bit."""
    index = joint.index[side]
    keys = map(key_of, joint.programs[side].literals)
    return {bit: index[key] for bit, key in enumerate(keys) if key in index}


def _places(owner: Mapping[int, int], row: Row) -> Iterator[int]:
    found: dict[int, None] = {}
    waiting = [row.trigger, row.require]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.children)
        found.update(dict.fromkeys(owner[bit] for bit in bits_of(node.mask)))
    yield from found
