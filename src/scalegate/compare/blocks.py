"""Many points at once: at which of them which rows of either policy fire, one bit per point.

1. The points of a row are asked of the evaluator together: a literal is not one bit but one per
   point, and a condition is worked out with whole numbers for all of them
   (`evaluate.firing_where`).
2. Of a grid only the points of either kind are written as bits. What both do to a situation is what
   each does by itself, since they depart in other variables and no rung carries the second kind.
3. The same points in another order are the same situations, so a block is told by its values, and
   what was asked of it for one question, gate or strength is there for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from scalegate.compare.joint import Base, Joint
from scalegate.compare.model import Side
from scalegate.compare.order import literals_of
from scalegate.compare.points import Cells, Corners, Grid, Points
from scalegate.policy.compile import ALL, Encoded, Row
from scalegate.policy.evaluate import Columns, firing, firing_where
from scalegate.policy.literals import bits_of
from scalegate.policy.vocabulary import EffectLevel

Shape = tuple[tuple[tuple[Cells, ...], tuple[Cells, ...]], ...]
"""Per grid: the values of the points of either kind."""
Three = tuple[Columns, Columns, Columns]
"""Literals of triggers, of requirements, and thresholds that are unassessed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """Some points, with what was asked of them."""

    blocks: Blocks
    base: Base
    grids: tuple[Grid, ...]
    every: int
    """A bit for each point."""
    fired: dict[tuple[Side, bool], Mapping[str, int]] = field(default_factory=dict)
    """Per policy, and whether the cut is `allow_with`: where each row reaches it."""
    left: dict[tuple[Side, bool, frozenset[str]], int] = field(default_factory=dict)

    def reached(self, side: Side, *, is_mild: bool) -> Mapping[str, int]:
        """Return, per row of a policy that reaches the cut at some point, at which points it does.

        Args:
            side: the policy.
            is_mild: whether the cut is `allow_with`; else it is one that each row can reach.
        """
        if (side, is_mild) not in self.fired:
            strict, mild = self.blocks.fired(self, side)
            self.fired[side, False], self.fired[side, True] = strict, mild
        return self.fired[side, is_mild]

    def let_through(self, side: Side, names: frozenset[str], *, is_mild: bool) -> int:
        """Return the points at which none of these rows reaches the cut."""
        key = (side, is_mild, names)
        if key not in self.left:
            left = self.every
            for name, points in self.reached(side, is_mild=is_mild).items():
                if name in names:
                    left &= ~points
            self.left[key] = left
        return self.left[key]


Rows = dict[int, list[Row]]
"""Per literal, as the number with its bit alone: rows."""


class Waiting(NamedTuple):
    """What rows do at a base, and which literals they wait for to do anything else.

    A row whose trigger lacks literals at the base waits at one of these; another at each that it
    names.
    """

    before: tuple[tuple[Row, int, int], ...]
    """Rows that are unmet there (1 or 0), or met and owing (1 or 0)."""
    named: tuple[Rows, Rows, Rows]
    """By literals of triggers, of requirements, and thresholds that are unassessed."""

    @classmethod
    def of(cls, rows: Iterable[Row], encoded: Encoded, softening: int) -> Waiting:
        """Prepare the rows of a policy at a base."""
        before = []
        named: tuple[Rows, Rows, Rows] = ({}, {}, {})
        for row in rows:
            unmet, owing = firing(((1, row),), encoded, softening)
            if unmet or owing:
                before.append((row, unmet, owing))
            lacking = row.trigger.mask & ~encoded.trigger if row.trigger.op == ALL else 0
            asked = (literals_of(row.trigger), literals_of(row.require), row.statuses)
            if lacking:
                bits = [1 << place for place in bits_of(lacking)]
                asked = (min(bits, key=lambda bit: len(named[0].get(bit, ()))), 0, 0)
            for table, literals in zip(named, asked, strict=True):
                for place in bits_of(literals):
                    table.setdefault(1 << place, []).append(row)
        return cls(tuple(before), named)


Turned = tuple[dict[int, int], dict[int, int], dict[int, int]]
"""Of triggers, of requirements, and thresholds that are unassessed: per literal that points turn
from what it is at the base, which points do, one bit each."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blocks:
    """Blocks of points of two policies."""

    joint: Joint
    rows: Mapping[Side, tuple[Row, ...]]
    """Per policy: its commitments."""
    found: dict[tuple[Base, Shape], Block] = field(default_factory=dict)
    turned: dict[tuple[Side, Base, Points], Turned] = field(default_factory=dict)
    moved: dict[tuple[Side, Base, Cells], tuple[int, int, int]] = field(default_factory=dict)
    waiting: dict[tuple[Side, Base], Waiting] = field(default_factory=dict)

    def of(self, base: Base, corners: Corners) -> Block:
        """Return the block of the points of a row."""
        shape = tuple([(lefts.cells, rights.cells) for lefts, rights in corners.grids])
        key = (base, shape)
        if key not in self.found:
            every = (1 << corners.size) - 1
            self.found[key] = Block(blocks=self, base=base, grids=corners.grids, every=every)
        return self.found[key]

    def fired(self, block: Block, side: Side) -> tuple[dict[str, int], dict[str, int]]:
        """Return, per row, where it is unmet, and where it does at least `allow_with`."""
        columns, softening = self._columns(block, side), self.joint.programs[side].softening
        strict: dict[str, int] = {}
        mild: dict[str, int] = {}
        for row, unmet, owing in self._asked(block, side, columns, softening):
            if unmet:
                strict[row.name] = unmet
            done = owing | unmet if row.level > EffectLevel.ALLOW else owing
            if done:
                mild[row.name] = done
        return strict, mild

    def _asked(
        self, block: Block, side: Side, columns: Three, softening: int
    ) -> Iterator[tuple[Row, int, int]]:
        """Yield the rows that may do something, each with the points at which it does."""
        key = (side, block.base)
        if key not in self.waiting:
            encoded = block.base.encoded[side][0]
            self.waiting[key] = Waiting.of(self.rows[side], encoded, softening)
        before, named = self.waiting[key]
        asked: dict[str, Row] = {}
        for rows, turned in zip(named, columns, strict=True):
            for bit in turned.where:
                asked.update((row.name, row) for row in rows.get(bit, ()))
        for row, unmet, owing in before:
            if row.name not in asked:
                yield row, unmet * block.every, owing * block.every
        for row in asked.values():
            yield row, *firing_where(row, columns, softening)

    def _columns(self, block: Block, side: Side) -> Three:
        """Write the points of a block as bits, literal by literal."""
        found: Turned = ({}, {}, {})
        start = 0
        for grid in block.grids:
            for columns, (bit, points) in self._in_grid(grid, side, block.base):
                found[columns][bit] = found[columns].get(bit, 0) ^ points << start
            start += grid.size
        before = block.base.encoded[side][0]
        held = (before.trigger, before.require, before.blocked)
        trigger, require, blocked = (
            _columns(block.every, bits, turned) for bits, turned in zip(held, found, strict=True)
        )
        return trigger, require, blocked

    def _in_grid(self, grid: Grid, side: Side, base: Base) -> Iterator[tuple[int, tuple[int, int]]]:
        """Yield each literal that a kind of points turns, with the points of the grid."""
        width, height = len(grid.rights.every), len(grid.lefts.every)
        run, comb = (1 << width) - 1, sum(1 << at * width for at in range(height))
        for columns, turned in enumerate(self._turned(side, base, grid.lefts)):
            for bit, points in turned.items():
                yield columns, (bit, sum(run << at * width for at in bits_of(points)))
        for columns, turned in enumerate(self._turned(side, base, grid.rights)):
            for bit, points in turned.items():
                yield columns, (bit, points * comb)

    def _turned(self, side: Side, base: Base, points: Points) -> Turned:
        key = (side, base, points)
        if key not in self.turned:
            moved = [self._moved(side, base, cells) for cells in points.cells]
            self.turned[key] = (
                _turned_by([each[0] for each in moved]),
                _turned_by([each[1] for each in moved]),
                _turned_by([each[2] for each in moved]),
            )
        return self.turned[key]

    def _moved(self, side: Side, base: Base, cells: Cells) -> tuple[int, int, int]:
        """Return the literals that a point of one kind turns, one bit each."""
        key = (side, base, cells)
        if key not in self.moved:
            before = base.encoded[side][0]
            after = self.joint.encoded(side, base, dict(cells))
            self.moved[key] = (
                before.trigger ^ after.trigger,
                before.require ^ after.require,
                before.blocked ^ after.blocked,
            )
        return self.moved[key]


def _turned_by(moved: Iterable[int]) -> dict[int, int]:
    """Return, per literal that some point turns, which points do; given what each point turns."""
    found: dict[int, int] = {}
    for place, bits in enumerate(moved):
        for bit in bits_of(bits):
            found[bit] = found.get(bit, 0) | 1 << place
    return found


def _columns(every: int, held: int, turned: Mapping[int, int]) -> Columns:
    """Return literals that hold as at the base but at the points where they are turned."""
    varying, where = 0, {}
    for place, points in turned.items():
        if points:
            bit = 1 << place
            varying |= bit
            where[bit] = every ^ points if held & bit else points
    return Columns(every=every, always=held & ~varying, varying=varying, where=where)
