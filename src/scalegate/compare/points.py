"""The minimal hold points of one policy, in the order of both.

1. Each row is written as boxes in which it reaches the cut (`policy.frontier`).
2. The mildest corners of a box are its points: each variable that the box restricts takes a mildest
   class among those accepted; every other variable is at its best.
3. A mixed variable that a box does not restrict takes each of its best classes in turn. Beyond
   `MAX_SETTINGS` settings, or `MAX_POINTS` points, nothing is returned but a refusal.
4. A point above another point is no minimal one. What is left is complete: since the hold
   situations are closed upwards (`order`, rule 3), each lies above one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, product
from typing import NamedTuple

from scalegate.base.errors import UsageError
from scalegate.compare.cells import Key
from scalegate.compare.joint import Joint, key_of
from scalegate.compare.model import Side
from scalegate.compare.order import Order, Point
from scalegate.policy.compile import Row
from scalegate.policy.frontier import BoxWriter
from scalegate.policy.literals import bits_of
from scalegate.policy.space import Space, literals_in
from scalegate.policy.vocabulary import EffectLevel, Kind

MAX_SETTINGS = 256
"""More settings of mixed variables than this are not gone through."""
MAX_POINTS = 20_000
"""More points than this, of one row or of one gate, are not written out."""


class TooMany(UsageError):
    """A comparison is too large to be made completely."""


Asked = tuple[str, bool]
"""A commitment, and whether the cut is one that it reaches by owing something."""
Restrictions = tuple[tuple[int, int], ...]
"""Variables by place, each with the values that a box accepts, one bit each."""


class Corner(NamedTuple):
    """A point with its bits."""

    mask: int
    point: Point


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Corners:
    """The minimal points of one row in one order; told apart by identity."""

    every: tuple[Corner, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointWriter:
    """Writes the rows of one policy as points."""

    joint: Joint
    side: Side
    written: dict[Asked, tuple[Restrictions, ...]]
    """The boxes of commitments: they do not depend on the gate, nor on which stricter cut it is."""
    looked_at: dict[Asked, tuple[int, ...]]
    """The variables that these restrict, and the rungs that they carry."""
    read: dict[tuple[int, int], tuple[int, int]]
    """Per variable and bits of its own space: the variable and the values they stand for."""
    found: dict[tuple[object, ...], Corners]
    """What was found for a row: it depends on the order of the row's variables alone."""

    @classmethod
    def of(cls, joint: Joint, side: Side) -> PointWriter:
        """Return a writer that has written nothing yet."""
        return cls(joint=joint, side=side, written={}, looked_at={}, read={}, found={})

    def corners(self, order: Order, row: Row, cut: EffectLevel) -> Corners:
        """Return the minimal points at which a row reaches the cut by itself.

        Raises:
            TooMany: there are too many to write out.
        """
        if order.settings > MAX_SETTINGS:
            named = ", ".join(f"`{self.joint.variables[place].name}`" for place in order.mixed)
            raise TooMany(
                f"more than {MAX_SETTINGS} settings of the variables used both ways: {named}"
            )
        key, boxes = self._boxes(row, cut)
        looked_at = self.looked_at[key]
        seen = (order.classes.get(place) for place in (*looked_at, *order.mixed))
        found = (key, order.mixed, *seen)
        if found not in self.found:
            self.found[found] = Corners(every=self._corners(order, boxes, row.name))
        return self.found[found]

    def _corners(
        self, order: Order, boxes: Iterable[Restrictions], name: str
    ) -> tuple[Corner, ...]:
        corners: dict[int, Point] = {}
        accepted: dict[tuple[int, int], tuple[int, ...] | None] = {}
        for restrictions in boxes:
            for point in self._points(order, restrictions, accepted):
                closed = order.closed(point)
                corners.setdefault(order.mask(closed), closed)
                if len(corners) > MAX_POINTS:
                    raise TooMany(f"more than {MAX_POINTS} points of commitment `{name}`")
        return minimal(Corner(mask, point) for mask, point in corners.items())

    def _boxes(self, row: Row, cut: EffectLevel) -> tuple[Asked, tuple[Restrictions, ...]]:
        owes = row.owes or row.softened or row.level is EffectLevel.ALLOW
        key = (row.name, cut is EffectLevel.ALLOW_WITH and owes)
        if key not in self.written:
            space = self._space(row)
            try:
                boxes = BoxWriter(space).row(row, cut)
            except UsageError as error:
                raise TooMany(f"commitment `{row.name}`: {error.what}") from error
            self.written[key] = tuple(self._restrictions(space, boxes))
            places = dict.fromkeys(place for box in self.written[key] for place, _ in box)
            rungs = (self.joint.rungs[side].get(place, ()) for side in Side for place in places)
            self.looked_at[key] = tuple(dict.fromkeys((*places, *chain.from_iterable(rungs))))
        return key, self.written[key]

    def same_boxes(self, other: PointWriter, rows: tuple[Row, Row], cut: EffectLevel) -> bool:
        """Say whether a row of this policy and one of another reach a cut in the same situations.

        Rows that are written alike are found; of others it may say no although they do.
        """
        return set(self._boxes(rows[0], cut)[1]) == set(other._boxes(rows[1], cut)[1])

    def _restrictions(self, space: Space, boxes: Iterable[int]) -> Iterator[Restrictions]:
        """Yield, per box, the variables that it restricts, each with the values that it accepts."""
        index = self.joint.index[self.side]
        placed = sorted(
            (index[variable.kind, variable.name], variable.mask, variable.offset)
            for variable in space.variables
        )
        for box in boxes:
            yield tuple(
                [
                    self._restriction(place, (box & mask) >> offset)
                    for place, mask, offset in placed
                    if box & mask != mask
                ]
            )

    def _restriction(self, place: int, bits: int) -> tuple[int, int]:
        """Return a variable with one bit per accepted value, from the bits of its own space."""
        if (place, bits) not in self.read:
            own = self.joint.variables[place].places[self.side]
            accepted = sum(1 << cell for cell, at in enumerate(own) if bits >> at & 1)
            self.read[place, bits] = (place, accepted)
        return self.read[place, bits]

    def _space(self, row: Row) -> Space:
        """Return the part of the space that one row can tell apart."""
        whole = self.joint.spaces[self.side]
        keys: dict[Key, None] = {}
        for node in (row.trigger, row.require):
            for literal in literals_in(node, whole.program.literals):
                keys[key_of(literal)] = None
                if literal.kind is Kind.STATUS:
                    uppers = whole.uppers.get(literal.name, ())
                    keys.update({(Kind.STATUS, upper): None for upper in uppers})
        return whole.part(keys)

    def corners_of(self, order: Order, space: Space, boxes: Iterable[int]) -> Iterator[Point]:
        """Yield the mildest points of boxes of this policy's space."""
        accepted: dict[tuple[int, int], tuple[int, ...] | None] = {}
        for restrictions in self._restrictions(space, boxes):
            yield from self._points(order, restrictions, accepted)

    def _points(
        self,
        order: Order,
        restrictions: Restrictions,
        known: dict[tuple[int, int], tuple[int, ...] | None],
    ) -> Iterator[Point]:
        choices: dict[int, Sequence[int]] = {
            place: order.classes[place].best for place in order.mixed
        }
        for restriction in restrictions:
            if restriction not in known:
                known[restriction] = self._accepted(order, *restriction)
            accepted = known[restriction]
            if accepted is not None:
                choices[restriction[0]] = accepted
        if max(map(len, choices.values()), default=0) <= 1:
            yield {place: found[0] for place, found in choices.items()}
            return
        for chosen in product(*choices.values()):
            yield dict(zip(choices, chosen, strict=True))

    def _accepted(self, order: Order, place: int, bits: int) -> tuple[int, ...] | None:
        """Return the mildest classes of a variable that a box accepts; None for its best one."""
        classes = order.classes.get(place)
        if classes is None:
            return None
        found = {classes.of[cell] for cell in bits_of(bits)}
        mildest = tuple(
            chosen
            for chosen in sorted(found)
            if not any(other != chosen and classes.below[chosen] >> other & 1 for other in found)
        )
        return None if not classes.is_mixed and mildest == classes.best else mildest


def minimal(corners: Iterable[Corner]) -> tuple[Corner, ...]:
    """Return the corners that lie above no other."""
    kept: list[Corner] = []
    # By highest bit: what lies below a mask has its highest bit among those of the mask. What has
    # as many bits as another does not lie below it.
    masks: dict[int, list[int]] = {}
    highest = listed = 0
    for count, group in groupby(sorted(corners, key=_size), key=_size):
        if not count:
            return tuple(group)
        for new in kept[listed:]:
            place = new.mask.bit_length()
            highest |= 1 << place - 1
            masks.setdefault(place, []).append(new.mask)
        listed = len(kept)
        kept += [corner for corner in group if not _is_above(corner.mask, masks, highest)]
    return tuple(kept)


def _size(corner: Corner) -> int:
    return corner.mask.bit_count()


def _is_above(mask: int, masks: Mapping[int, list[int]], highest: int) -> bool:
    rest, outside = mask & highest, ~mask
    while rest:
        place = rest.bit_length()
        if 0 in map(outside.__and__, masks[place]):
            return True
        rest ^= 1 << place - 1
    return False


def settings_merged(order: Order, points: list[Point]) -> tuple[Point, ...]:
    """Return points with a mixed variable left out where every setting of it is there."""
    for place in order.mixed:
        groups: dict[tuple[tuple[int, int], ...], list[Point]] = {}
        for point in points:
            rest = tuple(sorted((at, found) for at, found in point.items() if at != place))
            groups.setdefault(rest, []).append(point)
        points = []
        best = set(order.classes[place].best)
        for rest, members in groups.items():
            whole = best <= {point[place] for point in members if place in point}
            if whole:
                points.append(dict(rest))
            points += [point for point in members if not (whole and point.get(place) in best)]
    return tuple(points)
