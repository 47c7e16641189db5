"""Minimal hold points: every minimal set of literals whose holding makes a gate hold.

1. A row reaches the cut when its trigger holds and its requirement does not, or a threshold that
   its trigger names is unassessed. Written as boxes (`space`), its trigger and its negated
   requirement become a union of boxes.
2. The boxes of all rows are joined. A box that lies in another says nothing new.
3. Where two boxes overlap in every variable but one, the box that takes both sides of that one is
   added (consensus). When nothing new comes, exactly the widest boxes are left: none of their
   literals can be left out or widened.
4. A situation reaches the cut if and only if it lies in one of them.

The list can be long: beyond `MAX_POINTS` there is an error, never a part of the list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from scalegate.base.errors import UsageError
from scalegate.policy.compile import ALL, ANY, Node, Program, Row
from scalegate.policy.evaluate import evaluate
from scalegate.policy.literals import bits_of
from scalegate.policy.situation import Situation, Status
from scalegate.policy.space import Cell, Space, Variable, space_of
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Kind, NamedEnum

MAX_POINTS = 4096
"""More boxes than this are not written out."""

Boxes = tuple[int, ...]
Crowd = Mapping[int, int]
"""Per place of a bit: in how many boxes it is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLiteral:
    """One variable, and the values of it that the hold point needs."""

    kind: Kind
    name: str
    """Id of the threshold, safeguard, fact, ..."""
    cells: tuple[Cell, ...]
    """The values; `None` is unknown."""

    def __str__(self) -> str:
        return f"{self.kind.value} `{self.name}` is " + " or ".join(map(cell_text, self.cells))


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPoint:
    """A minimal set of literals: while all of them hold, the gate does at least the cut."""

    literals: tuple[HoldLiteral, ...]
    """Empty where the gate reaches the cut in every situation."""
    commitments: tuple[str, ...]
    """The rows that decide where nothing but this point is against the gate."""
    situation: Situation
    """Such a situation."""


def minimal_hold_points(
    program: Program, gate: Gate, ask: Ask = Ask.START, cut: EffectLevel = EffectLevel.HOLD
) -> tuple[HoldPoint, ...]:
    """Return every minimal set of literals at which the gate does at least `cut`.

    Guarantees:
        Complete and sound: a situation reaches the cut if and only if it lies in one of them.

    Raises:
        UsageError: the cut is `allow`, which every situation reaches; or there are more than
            `MAX_POINTS` sets.

    Source:
        Minimal hold points of an up-set; for a policy that is not unate, all prime implicants by
        iterated consensus (W. V. Quine, The American Mathematical Monthly 62, 1955).
    """
    space, boxes = hold_boxes(program, gate, ask, cut)
    found = widest(space, boxes)
    crowd = _crowd(found)
    return tuple(sorted((_point(space, box, (gate, ask), crowd) for box in found), key=_order))


def hold_boxes(program: Program, gate: Gate, ask: Ask, cut: EffectLevel) -> tuple[Space, Boxes]:
    """Return boxes whose union is where the gate does at least `cut`.

    Raises:
        UsageError: as `minimal_hold_points`.
    """
    if cut is EffectLevel.ALLOW:
        raise UsageError("every situation does at least `allow`", hint="ask for a stricter cut")
    rows = program.rows.get((gate, ask), ())
    space = space_of(program, rows)
    writer = BoxWriter(space)
    boxes = [box for row in rows for box in writer.row(row, cut)]
    return space, writer.bounded(boxes)


class BoxWriter:
    """Writes compiled conditions as boxes."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self._known: dict[tuple[Node, bool, bool, bool], Boxes] = {}

    def triggered(self, row: Row) -> Boxes:
        """Return where a row applies."""
        return self.node(row.trigger, as_trigger=True, wanted=True)

    def fires(self, row: Row) -> Boxes:
        """Return where a row applies and is not satisfied."""
        return self._product(self.triggered(row), self._unsatisfied(row, EffectLevel.HOLD))

    def met(self, row: Row) -> Boxes:
        """Return where a row applies and is satisfied."""
        found = self.node(row.require, as_trigger=False, wanted=True)
        for place in bits_of(row.statuses):
            found = self._product(found, self.space.blocked(place, wanted=False))
        return self._product(self.triggered(row), found)

    def row(self, row: Row, cut: EffectLevel) -> Boxes:
        """Return where a row does at least `cut`."""
        trigger = self.triggered(row)
        if row.level >= cut:
            return self._product(trigger, self._unsatisfied(row, cut))
        if cut > EffectLevel.ALLOW_WITH:
            return ()
        # A row whose `otherwise` is `allow` can still owe something while it is satisfied.
        owing = self.met(row)
        return owing if row.owes else self._product(owing, self._without_softening(row))

    def parts(self, row: Row, cut: EffectLevel) -> tuple[Boxes, Boxes, Boxes]:
        """Return where a row does at least `cut`: in some boxes, or in one of each of two kinds.

        What the third kind restricts, the others do not, so a box of the second and one of the
        third always meet, and need not be joined here. Where a row is not of that form both are
        empty.
        """
        if row.level < cut or (row.owes and cut <= EffectLevel.ALLOW_WITH):
            return self.row(row, cut), (), ()
        trigger, blocked, lacking = self.triggered(row), self._blocked(row), self._lacking(row, cut)
        if self._meet_somewhere((*trigger, *blocked), lacking):
            return self.row(row, cut), (), ()
        if len(trigger) * len(lacking) > MAX_POINTS:
            raise _too_many()
        return self._product(trigger, blocked), trigger, lacking

    def _meet_somewhere(self, left: Boxes, right: Boxes) -> bool:
        """Say whether some variable is restricted by boxes of both kinds."""
        met = -1
        for boxes in (left, right):
            refused = 0
            for box in boxes:
                refused |= self.space.full & ~box
            # A variable with a bit set spills over into its free bit.
            met &= refused + self.space.full & self.space.free
        return bool(met)

    def _unsatisfied(self, row: Row, cut: EffectLevel) -> Boxes:
        if row.owes and cut <= EffectLevel.ALLOW_WITH:
            return (self.space.full,)
        return (*self._blocked(row), *self._lacking(row, cut))

    def _blocked(self, row: Row) -> Boxes:
        return tuple(box for place in bits_of(row.statuses) for box in self.space.blocked(place))

    def _lacking(self, row: Row, cut: EffectLevel) -> Boxes:
        """Return where the requirement does not hold, or, at a mild cut, not without softening."""
        if cut <= EffectLevel.ALLOW_WITH:
            return self._without_softening(row)
        return self.node(row.require, as_trigger=False, wanted=False)

    def _without_softening(self, row: Row) -> Boxes:
        """Return where the requirement does not hold without a substitute or a discretion."""
        return self.node(row.require, as_trigger=False, wanted=False, softening=False)

    def node(self, node: Node, *, as_trigger: bool, wanted: bool, softening: bool = True) -> Boxes:
        """Return where a compiled condition holds (or, `wanted` false, does not)."""
        key = (node, as_trigger, wanted, softening)
        if key not in self._known:
            self._known[key] = self._node(*key)
        return self._known[key]

    def _node(self, node: Node, as_trigger: bool, wanted: bool, softening: bool) -> Boxes:  # noqa: FBT001 - private, one use
        parts: list[Boxes] = []
        for bit in bits_of(node.mask):
            if not softening and self.space.program.softening >> bit & 1:
                parts.append(() if wanted else (self.space.full,))
            else:
                parts.append(self.space.holding(bit, as_trigger=as_trigger, wanted=wanted))
        parts += [
            self.node(child, as_trigger=as_trigger, wanted=wanted, softening=softening)
            for child in node.children
        ]
        needed = {ALL: len(parts), ANY: 1}.get(node.op, node.needed)
        return self._some(parts, needed if wanted else len(parts) - needed + 1)

    def _some(self, parts: Sequence[Boxes], needed: int) -> Boxes:
        """Return where at least `needed` of the parts hold."""
        if needed == 1:
            return self.bounded(box for part in parts for box in part)
        if needed == len(parts):
            every: Boxes = (self.space.full,)
            for part in parts:
                every = self._product(every, part)
            return every
        reached: list[Boxes] = [(self.space.full,)] + [()] * max(needed, 0)
        for part in parts:
            for count in range(needed, 0, -1):
                more = self._product(reached[count - 1], part)
                reached[count] = self.bounded((*reached[count], *more))
        return reached[max(needed, 0)]

    def _product(self, left: Boxes, right: Boxes) -> Boxes:
        if len(left) * len(right) > MAX_POINTS * 16:
            raise _too_many()
        met = [self.space.meet(a, b) for a in left for b in right]
        boxes = [box for box in met if box is not None]
        return self.bounded(boxes) if len(boxes) > 1 else tuple(boxes)

    @staticmethod
    def bounded(boxes: Iterable[int]) -> Boxes:
        """Leave out what lies in another box; refuse what is too long to write out."""
        kept = absorb(boxes)
        if len(kept) > MAX_POINTS:
            raise _too_many()
        return kept


def _too_many() -> UsageError:
    return UsageError(
        f"more than {MAX_POINTS} minimal hold points",
        hint="ask for one gate of a smaller policy, or for a higher cut",
    )


def absorb(boxes: Iterable[int]) -> Boxes:
    """Return the boxes that lie in no other box, widest first."""
    every = sorted(set(boxes), key=lambda box: (-box.bit_count(), box))
    whole = 0
    for box in every:
        whole |= box
    kept: list[int] = []
    # By highest cell refused: what a wider box refuses is among what a box in it refuses. A box
    # with as many cells as another does not lie in it.
    refused: dict[int, list[int]] = {}
    highest = listed = 0
    for _, group in groupby(every, key=int.bit_count):
        for box in kept[listed:]:
            refuses = whole & ~box
            if not refuses:
                return tuple(kept)
            highest |= 1 << refuses.bit_length() - 1
            refused.setdefault(refuses.bit_length(), []).append(refuses)
        listed = len(kept)
        kept += [box for box in group if not _is_within(box, whole & ~box & highest, refused)]
    return tuple(kept)


def _is_within(box: int, places: int, refused: Mapping[int, list[int]]) -> bool:
    while places:
        place = places.bit_length()
        if 0 in map(box.__and__, refused[place]):
            return True
        places ^= 1 << place - 1
    return False


def widest(space: Space, boxes: Boxes) -> Boxes:
    """Return every widest box that lies in the union of these (rule 3 of the module).

    Raises:
        UsageError: there are more than `MAX_POINTS`.
    """
    waiting = list(boxes)
    done: list[int] = []
    while waiting:
        box = waiting.pop()
        if any(not box & ~wider for wider in (*done, *waiting)):
            continue
        done = [other for other in done if other & ~box]
        for other in done:
            waiting += [new for new in _consensus(space, box, other) if new & ~box]
        done.append(box)
        if len(done) + len(waiting) > 4 * MAX_POINTS:
            raise _too_many()
    return absorb(done)


def _consensus(space: Space, left: int, right: int) -> Iterable[int]:
    """Yield the boxes that take both sides in one variable and the common part in all others."""
    both = left & right
    apart = [variable for variable in space.variables if not both & variable.mask]
    if len(apart) > 1:
        return
    for variable in apart or space.variables:
        joined = (left | right) & variable.mask
        if joined not in (left & variable.mask, right & variable.mask):
            yield both & ~variable.mask | joined


def _point(space: Space, box: int, at: tuple[Gate, Ask], crowd: Crowd) -> HoldPoint:
    literals = tuple(
        HoldLiteral(kind=variable.kind, name=variable.name, cells=variable.chosen(box))
        for variable in space.variables
        if box & variable.mask != variable.mask
    )
    chosen = {
        (variable.kind, variable.name): _mildest(variable, box, crowd)
        for variable in space.variables
    }
    situation = space.situation(chosen)
    outcome = evaluate(space.program, situation, *at)
    return HoldPoint(literals=literals, commitments=outcome.determining, situation=situation)


def _crowd(boxes: Boxes) -> Crowd:
    return Counter(place for box in boxes for place in bits_of(box))


def _mildest(variable: Variable, box: int, crowd: Crowd) -> Cell:
    """Return the cell of a box that lies in the fewest other boxes; the first of several."""
    best = min(bits_of(box & variable.mask), key=lambda place: (crowd[place], place))
    return variable.cells[best - variable.offset]


def _order(point: HoldPoint) -> tuple[int, list[str]]:
    return len(point.literals), [str(literal) for literal in point.literals]


def cell_text(cell: Cell) -> str:
    """Write a value as a reader would."""
    if cell is None:
        return "unknown"
    if isinstance(cell, Status):
        flags = "".join(f" with {flag.value}" for flag in sorted(cell.flags))
        return f"{cell.level.word}{flags}"
    if isinstance(cell, NamedEnum):
        return cell.word
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell)
