"""The minimal hold points of one policy, in the order of both.

1. Each row is written as boxes in which it reaches the cut (`policy.frontier`).
2. The mildest corners of a box are its points: each variable that the box restricts takes a mildest
   class among those accepted; every other variable is at its best.
3. A mixed variable that a box does not restrict takes each of its best classes in turn. Beyond
   `MAX_SETTINGS` settings, or `MAX_POINTS` points, nothing is returned but a refusal.
4. A point above another point is no minimal one, however either is written (`order`, rule 7). What
   is left is complete: since the hold situations are closed upwards (`order`, rule 3), each lies
   above one of them.
5. Where what arms a row and what it requires are about different variables, and no rung carries
   what it requires, its points are each point of the one with each point of the other. They are
   kept so (`Grid`): the pairs that are minimal are those of minimal points.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, groupby, product
from typing import NamedTuple

from scalegate.base.errors import UsageError
from scalegate.compare.joint import Joint
from scalegate.compare.model import Side
from scalegate.compare.order import Order, Point
from scalegate.policy.compile import Row
from scalegate.policy.frontier import BoxWriter
from scalegate.policy.space import Space
from scalegate.policy.vocabulary import EffectLevel

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


Cells = tuple[tuple[int, int], ...]
"""Variables by place, each with the place of its value."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """Minimal points of some boxes in one order; told apart by identity."""

    every: tuple[Corner, ...]
    cells: tuple[Cells, ...]
    """The same as values."""

    @classmethod
    def of(cls, order: Order, every: tuple[Corner, ...]) -> Points:
        """Return them with their values."""
        return cls(every=every, cells=tuple([order.cells(each.point) for each in every]))


NOWHERE = Points(every=(Corner(0, {}),), cells=((),))
"""Everything at its best."""


class Grid(NamedTuple):
    """Points that are each a point of one kind together with a point of another kind."""

    lefts: Points
    rights: Points
    """They depart in other variables than the first kind; no rung carries them."""

    @property
    def size(self) -> int:
        """How many points it has."""
        return len(self.lefts.every) * len(self.rights.every)


@dataclass(frozen=True, kw_only=True, eq=False)
class Corners:
    """The minimal points of one row in one order; told apart by identity."""

    grids: tuple[Grid, ...]
    size: int

    @classmethod
    def of(cls, *grids: Grid) -> Corners:
        """Return the points of some grids."""
        return cls(grids=grids, size=sum(grid.size for grid in grids))

    @cached_property
    def every(self) -> tuple[Corner, ...]:
        """The points one by one."""
        return tuple(
            Corner(left.mask | right.mask, {**left.point, **right.point})
            for lefts, rights in self.grids
            for left in lefts.every
            for right in rights.every
        )

    @cached_property
    def masks(self) -> tuple[int, ...]:
        """The bits of each point."""
        return tuple(
            left.mask | right.mask
            for lefts, rights in self.grids
            for left in lefts.every
            for right in rights.every
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Union:
    """Boxes; there is one such object for the same boxes in the same order."""

    boxes: tuple[Restrictions, ...]
    places: frozenset[int]
    """The variables that they restrict."""
    looked_at: tuple[int, ...]
    """These, and the rungs that they carry."""

    @classmethod
    def of(cls, joint: Joint, boxes: Iterable[Restrictions]) -> Union:
        """Return the one object for some boxes."""
        listed = tuple(boxes)
        if listed not in joint.unions:
            places = sorted({place for box in listed for place, _ in box})
            rungs = (joint.rungs[side].get(place, ()) for side in Side for place in places)
            joint.unions[listed] = cls(
                boxes=listed,
                places=frozenset(places),
                looked_at=tuple(dict.fromkeys((*places, *chain.from_iterable(rungs)))),
            )
        found = joint.unions[listed]
        assert isinstance(found, Union)
        return found


class Written(NamedTuple):
    """A row as boxes: where it reaches the cut."""

    alone: Union
    """In each of these."""
    lefts: Union
    """Where one of these meets one of `rights`."""
    rights: Union

    def joined(self, joint: Joint) -> Written:
        """Return the same with every box written out."""
        lefts, rights = self.lefts.boxes, self.rights.boxes
        pairs = (tuple(sorted(one + two)) for one in lefts for two in rights)
        none = Union.of(joint, ())
        return Written(Union.of(joint, (*self.alone.boxes, *pairs)), none, none)

    def is_same(self, other: Written) -> bool:
        """Say whether both list the same boxes in the same form."""
        return all(
            one is two or set(one.boxes) == set(two.boxes)
            for one, two in zip(self, other, strict=True)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PointWriter:
    """Writes the rows of one policy as points."""

    joint: Joint
    side: Side
    boxes: BoxWriter
    owners: tuple[tuple[int, int, int], ...]
    """Per bit of the space: the variable by place, its mask, and its first bit."""
    written: dict[Asked, Written]
    """The boxes of commitments: they do not depend on the gate, nor on which stricter cut it is."""
    looked_at: dict[Asked, tuple[int, ...]]
    """The variables that these look at."""
    read: dict[tuple[int, int], tuple[int, int]]
    """Per variable and bits of its own space: the variable and the values they stand for."""
    found: dict[tuple[object, ...], Corners]
    """What was found for a row: it depends on the order of the row's variables alone."""

    @classmethod
    def of(cls, joint: Joint, side: Side) -> PointWriter:
        """Return a writer that has written nothing yet."""
        space = joint.spaces[side]
        return cls(
            joint=joint,
            side=side,
            boxes=BoxWriter(space),
            owners=_owners(joint, side, space),
            written={},
            looked_at={},
            read={},
            found={},
        )

    def corners(self, order: Order, row: Row, cut: EffectLevel) -> Corners:
        """Return the minimal points at which a row reaches the cut by itself.

        Raises:
            TooMany: there are too many to write out.
        """
        if order.mixed and order.settings > MAX_SETTINGS:
            named = ", ".join(f"`{self.joint.variables[place].name}`" for place in order.mixed)
            raise TooMany(
                f"more than {MAX_SETTINGS} settings of the variables used both ways: {named}"
            )
        key, boxes = self._boxes(row, cut)
        known = order.classes.get
        seen = tuple(map(known, self.looked_at[key]))
        found = (key, seen, order.mixed, tuple(map(known, order.mixed)))
        if found not in self.found:
            self.found[found] = self._corners(order, boxes, row.name)
        return self.found[found]

    def _corners(self, order: Order, boxes: Written, name: str) -> Corners:
        kept = order.mixed
        if boxes.rights.places.intersection(kept):
            boxes = boxes.joined(self.joint)
        parts = (
            self._minimal(order, boxes.alone, name, kept),
            self._minimal(order, boxes.lefts, name, kept),
            self._minimal(order, boxes.rights, name, ()),
        )
        if parts not in self.joint.paired:
            self.joint.paired[parts] = _paired(order, *parts)
        found = self.joint.paired[parts]
        assert isinstance(found, Corners)
        if found.size > MAX_POINTS:
            raise TooMany(f"more than {MAX_POINTS} points of commitment `{name}`")
        return found

    def _minimal(self, order: Order, union: Union, name: str, kept: tuple[int, ...]) -> Points:
        """Return the minimal points of boxes; these mixed variables take each setting."""
        known = order.classes.get
        key = (union, kept, tuple(map(known, union.looked_at)), tuple(map(known, kept)))
        if key not in self.joint.written:
            corners = self._written(order, union, name, kept)
            self.joint.written[key] = Points.of(order, least(order, minimal(corners)))
        found = self.joint.written[key]
        assert isinstance(found, Points)
        return found

    def _written(
        self, order: Order, union: Union, name: str, kept: tuple[int, ...]
    ) -> Iterator[Corner]:
        corners: dict[int, Point] = {}
        for restrictions in union.boxes:
            for point in self._points(order, restrictions, kept):
                closed = order.closed(point)
                corners.setdefault(order.mask(closed), closed)
                if len(corners) > MAX_POINTS:
                    raise TooMany(f"more than {MAX_POINTS} points of commitment `{name}`")
        yield from (Corner(mask, point) for mask, point in corners.items())

    def _boxes(self, row: Row, cut: EffectLevel) -> tuple[Asked, Written]:
        owes = row.owes or row.softened or row.level is EffectLevel.ALLOW
        key = (row.name, cut is EffectLevel.ALLOW_WITH and owes)
        if key not in self.written:
            try:
                parts = self.boxes.parts(row, cut)
            except UsageError as error:
                raise TooMany(f"commitment `{row.name}`: {error.what}") from error
            full = self.boxes.space.full
            written = Written(
                *(
                    Union.of(self.joint, self._restrictions(full, self.owners, boxes))
                    for boxes in parts
                )
            )
            if written.rights.places & self.joint.carried:
                written = written.joined(self.joint)
            self.written[key] = written
            looked_at = chain.from_iterable(union.looked_at for union in written)
            self.looked_at[key] = tuple(dict.fromkeys(looked_at))
        return key, self.written[key]

    def same_boxes(self, other: PointWriter, rows: tuple[Row, Row], cut: EffectLevel) -> bool:
        """Say whether a row of this policy and one of another reach a cut in the same situations.

        Rows that are written alike are found; of others it may say no although they do.
        """
        return self._boxes(rows[0], cut)[1].is_same(other._boxes(rows[1], cut)[1])

    def _restrictions(
        self, full: int, owners: Sequence[tuple[int, int, int]], boxes: Iterable[int]
    ) -> Iterator[Restrictions]:
        """Yield, per box, the variables that it restricts, each with the values that it accepts.

        Args:
            full: the box that restricts nothing.
            owners: as in the class, of the space of the boxes.
            boxes: the boxes.
        """
        for box in boxes:
            refused = full & ~box
            found = []
            while refused:
                place, mask, offset = owners[refused.bit_length() - 1]
                found.append(self._restriction(place, (box & mask) >> offset))
                refused &= ~mask
            found.sort()
            yield tuple(found)

    def _restriction(self, place: int, bits: int) -> tuple[int, int]:
        """Return a variable with one bit per accepted value, from the bits of its own space."""
        if (place, bits) not in self.read:
            own = self.joint.variables[place].places[self.side]
            accepted = sum(1 << cell for cell, at in enumerate(own) if bits >> at & 1)
            self.read[place, bits] = (place, accepted)
        return self.read[place, bits]

    def restrictions_of(self, boxes: Iterable[int]) -> Iterator[Restrictions]:
        """Yield the variables that each box of this policy's whole space restricts."""
        yield from self._restrictions(self.boxes.space.full, self.owners, boxes)

    def corners_of(self, order: Order, boxes: Iterable[Restrictions]) -> Iterator[Point]:
        """Yield the mildest points of boxes."""
        for restrictions in boxes:
            yield from self._points(order, restrictions, order.mixed)

    def _points(
        self, order: Order, restrictions: Restrictions, kept: tuple[int, ...]
    ) -> Iterator[Point]:
        choices: dict[int, Sequence[int]] = {place: order.classes[place].best for place in kept}
        for place, bits in restrictions:
            classes = order.classes.get(place)
            if classes is None:
                continue
            accepted = classes.mildest_of(bits)
            if classes.is_mixed or accepted != classes.best:
                choices[place] = accepted
        if max(map(len, choices.values()), default=0) <= 1:
            yield {place: found[0] for place, found in choices.items()}
            return
        for chosen in product(*choices.values()):
            yield dict(zip(choices, chosen, strict=True))


def _paired(order: Order, alone: Points, lefts: Points, rights: Points) -> Corners:
    """Return the minimal points among some points, and pairs of points of two kinds."""
    if any(not each.mask for each in rights.every):
        every = least(order, minimal((*alone.every, *lefts.every)))
        return Corners.of(Grid(Points.of(order, every), NOWHERE))
    # What some box alone reaches needs none of the pairs.
    masks = [each.mask for each in alone.every]
    needed = tuple(
        left
        for left in lefts.every
        if not any(not mask & ~left.mask for mask in masks)
        and not order.is_above(left.point, masks)
    )
    if len(needed) < len(lefts.every):
        lefts = Points.of(order, needed)
    return Corners.of(Grid(alone, NOWHERE), Grid(lefts, rights))


def _owners(joint: Joint, side: Side, space: Space) -> tuple[tuple[int, int, int], ...]:
    """Return, per bit of a space, its variable: by place, with its mask and its first bit."""
    index = joint.index[side]
    found = [(0, 0, 0)] * space.free.bit_length()
    for variable in space.variables:
        owner = (index[variable.kind, variable.name], variable.mask, variable.offset)
        for bit in range(variable.offset, variable.offset + len(variable.cells)):
            found[bit] = owner
    return tuple(found)


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


def least(order: Order, corners: tuple[Corner, ...]) -> tuple[Corner, ...]:
    """Return the corners that lie above no other in another form either (`order`, rule 7)."""
    if not order.has_forms:
        return corners
    masks = [each.mask for each in corners]
    # No form of a corner lies above the corner itself: its rung above is milder.
    return tuple([each for each in corners if not order.is_above(each.point, masks)])


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
    """Return points with a mixed variable left out where every setting of it is there.

    One on a ladder stays: what stands in its rungs depends on it.
    """
    for place in order.mixed:
        if place in order.joint.carried:
            continue
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
