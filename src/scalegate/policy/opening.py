"""Which variables would have to change for a held gate to open: the work, as data.

1. A *move* takes one variable to one value: a status ruled out (or merely assessed), a safeguard
   live and sufficient, an act or a document there, an unknown fact shown.
2. The caller says which moves are to be considered (`allowed`): softer judgement is not work.
3. The gate is shut where the situation lies in one of the boxes in which it does more than allow
   with obligations (`frontier`). So a set of moves opens it when, of each box, it leads outside in
   one variable at least; boxes that moves would lead into count too. A reading that nobody has
   fixed lies at each of its options at once.
4. The search takes the box with the fewest ways out and tries each, smallest sets first. A variable
   moves once, so a box that was left stays left. Every minimal set is found, by size; beyond
   `MAX_SETS` sets or `MAX_STEPS` steps the answer says up to which size it is complete.
5. Each set is checked against `strictest` before it is returned: doing exactly it opens the gate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Any, NamedTuple

from scalegate.policy.compile import Program
from scalegate.policy.encode import field_of
from scalegate.policy.evaluate import strictest
from scalegate.policy.frontier import hold_boxes
from scalegate.policy.situation import Situation, Status
from scalegate.policy.space import Cell, Region, Space, Variable
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Kind, Level, SafeguardState

MAX_SETS = 400
"""More sets than this are not listed."""
MAX_STEPS = 5_000
"""More sets, whole or begun, than this are not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One variable taken to one value."""

    kind: Kind
    name: str
    """Id of the threshold, safeguard, document aspect, ..."""
    value: Any
    """The value it must have."""


Moves = frozenset[Move]
Boxes = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Openings:
    """Minimal sets of moves, each of which alone opens a gate."""

    sets: tuple[Moves, ...]
    """Smallest first."""
    complete_up_to: int | None = None
    """Every set of at most so many moves is there; None: every set there is."""


def apply_moves(situation: Situation, moves: Iterable[Move]) -> Situation:
    """Return the situation after these moves."""
    changed: dict[str, dict[str, Any]] = {}
    for move in moves:
        field, value = _FIELDS[move.kind], move.value
        name = move.name
        if move.kind is Kind.STATUS:
            value = Status(level=move.value)
        elif move.kind is Kind.SPECIFIED and name.endswith(".members"):
            field, name = "specified_members", name.removesuffix(".members")
        changed.setdefault(field, dict(getattr(situation, field)))[name] = value
    return replace(situation, **changed) if changed else situation


_FIELDS = {
    Kind.STATUS: "statuses",
    Kind.SAFEGUARD: "safeguards",
    Kind.SPECIFIED: "specified",
    Kind.SUBSTITUTE: "substitutes",
    Kind.ACT: "acts",
    Kind.DOCUMENT: "documents",
    Kind.FACT: "facts",
    Kind.DISCRETION: "discretions",
    Kind.READING: "readings",
}


def opening_sets(
    program: Program,
    situation: Situation,
    at: tuple[Gate, Ask],
    allowed: Callable[[Move], bool],
) -> Openings:
    """Return the minimal sets of moves, smallest first, each of which alone opens the gate.

    Args:
        program: the compiled policy.
        situation: the situation in which the gate holds.
        at: the gate and ask.
        allowed: which moves count as work.

    Guarantees:
        Each returned set, done exactly, gives `allow` or `allow_with` under every reading. No set
        of at most `complete_up_to` moves that does so, and has no smaller one in it, is missing.

    Raises:
        UsageError: the policy has more boxes at this gate than can be written out.
    """
    space, boxes = hold_boxes(program, *at, EffectLevel.RESTRICT)
    search = _Search.of(space, boxes, situation, allowed)
    found, complete_up_to = search.sets()
    sets = []
    for moves in found:
        outcome, _ = strictest(program, apply_moves(situation, moves), *at)
        if moves and outcome.level <= EffectLevel.ALLOW_WITH:
            sets.append(moves)
    return Openings(sets=tuple(sorted(sets, key=_order)), complete_up_to=complete_up_to)


class _Way(NamedTuple):
    """One move, and the bit of the value that it leads to."""

    move: Move
    bit: int
    mask: int
    """Every bit of its variable."""


class _State(NamedTuple):
    """A set of moves on its way."""

    moves: Moves
    here: int
    """The bits of the values after the moves."""
    boxes: Sequence[int]
    """The boxes that no move has led out of."""
    moved: int
    """Every bit of the variables that have moved."""


@dataclass(frozen=True, slots=True)
class _Search:
    space: Space
    start: _State
    ways: Mapping[int, tuple[_Way, ...]]
    """Per variable, by the place of its first bit."""
    exits: dict[int, tuple[_Way, ...]] = field(default_factory=dict)
    """Per box, the moves that lead out of it; found when first asked for."""

    @classmethod
    def of(
        cls, space: Space, boxes: Boxes, situation: Situation, allowed: Callable[[Move], bool]
    ) -> _Search:
        here = {each.offset: _bits_here(each, situation) for each in space.variables}
        ways: dict[int, tuple[_Way, ...]] = {}
        for each in space.variables:
            found = _ways(space, each, here[each.offset], boxes)
            ways[each.offset] = tuple(way for way in found if allowed(way.move))
        whole = sum(here.values())
        reached = whole
        for options in ways.values():
            for way in options:
                reached |= way.bit
        # A box that no move can lead into, and in which nothing lies now, never matters.
        met = [box for box in boxes if space.meet(reached, box) is not None]
        return cls(space, _State(frozenset(), whole, met, 0), ways)

    def sets(self) -> tuple[list[Moves], int | None]:
        """Return minimal sets, smallest first, and the size up to which they are all there."""
        found: list[Moves] = []
        seen: set[Moves] = {frozenset()}
        number = count()
        waiting = [(0, next(number), self.start)]
        while waiting:
            size, _, state = heappop(waiting)
            if any(smaller <= state.moves for smaller in found):
                continue
            if len(found) >= MAX_SETS or len(seen) > MAX_STEPS:
                return found, size - 1
            box = self._box(state)
            if box is None:
                found.append(state.moves)
                continue
            for way in self._out(state, box):
                moves = state.moves | {way.move}
                if moves not in seen:
                    seen.add(moves)
                    heappush(waiting, (size + 1, next(number), self._after(state, way, moves)))
        return found, None

    def _box(self, state: _State) -> int | None:
        """Return a box in which the situation lies: the one with the fewest ways out."""
        best, fewest = None, 0
        for box in state.boxes:
            if self.space.meet(state.here, box) is None:
                continue
            ways = len(self._out(state, box))
            if best is None or ways < fewest:
                best, fewest = box, ways
            if fewest <= 1:
                return best
        return best

    def _out(self, state: _State, box: int) -> list[_Way]:
        """Return the moves that lead out of a box, of variables that have not moved."""
        exits = self.exits.get(box)
        if exits is None:
            exits = self.exits[box] = tuple(self._leading_out(box))
        moved = state.moved
        return [way for way in exits if not way.mask & moved]

    def _leading_out(self, box: int) -> Iterator[_Way]:
        for variable in self.space.variables:
            if box & variable.mask != variable.mask:
                yield from (way for way in self.ways[variable.offset] if not way.bit & box)

    @staticmethod
    def _after(state: _State, way: _Way, moves: Moves) -> _State:
        here = state.here & ~way.mask | way.bit
        boxes = [box for box in state.boxes if box & way.bit]
        return _State(moves, here, boxes, state.moved | way.mask)


def _bits_here(variable: Variable, situation: Situation) -> int:
    """Return the bits of the values that a variable has; of an open reading, all its options."""
    field, name = (
        ("statuses", variable.name)
        if variable.kind is Kind.STATUS
        else field_of(variable.kind, variable.name)
    )
    value = getattr(situation, field).get(name)
    if value is None and variable.kind is Kind.READING:
        return variable.accepting(lambda cell: cell is not None)
    if isinstance(value, Status):
        told = {flag for cell in variable.cells if isinstance(cell, Status) for flag in cell.flags}
        value = replace(value, flags=value.flags & told)
    # What a policy does not declare is unknown to it; a discretion that nobody invoked is not.
    unknown = False if variable.kind is Kind.DISCRETION else None
    return variable.accepting(lambda cell: _is_cell(cell, value)) or variable.accepting(
        lambda cell: cell is unknown
    )


def _is_cell(cell: Cell, value: Any) -> bool:
    if not isinstance(cell, Region):
        return cell is not None and cell == value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return cell.low == value == cell.high or (
        cell.low != cell.high
        and (cell.low is None or value > cell.low)
        and (cell.high is None or value < cell.high)
    )


def _is_value(value: Any, cell: Cell) -> bool:
    return _is_cell(cell, value)


def _ways(space: Space, variable: Variable, here: int, boxes: Boxes) -> Iterator[_Way]:
    """Yield the moves of a variable to another value."""
    kind, name = variable.kind, variable.name
    for value in _values(variable, here, boxes):
        wanted = Status(level=value) if kind is Kind.STATUS else value
        bit = variable.accepting(partial(_is_value, wanted))
        if bit and bit != here:
            yield _Way(Move(kind=kind, name=name, value=value), bit, variable.mask)
    if kind is Kind.STATUS and _is_unassessed(space, variable, here):
        # Assessed, whatever the answer.
        bit = variable.accepting(partial(_is_value, Status(level=Level.CROSSED)))
        yield _Way(Move(kind=kind, name=name, value=Level.CROSSED), bit, variable.mask)


def _values(variable: Variable, here: int, boxes: Boxes) -> Iterable[Any]:
    """Return the values that a variable may be brought to."""
    if variable.kind is Kind.STATUS:
        return (Level.RULED_OUT,)
    if variable.kind is Kind.SAFEGUARD:
        return (SafeguardState.LIVE_AND_SUFFICIENT,)
    if any(isinstance(cell, Region) for cell in variable.cells):
        return _numbers(variable, here, boxes)
    return [cell for cell in variable.cells if cell is not None]


def _numbers(variable: Variable, here: int, boxes: Boxes) -> Iterator[Decimal]:
    """Yield a number per region that is best somewhere; the one on the line of several alike."""
    held: dict[Region, frozenset[int]] = {}
    for place, cell in enumerate(variable.cells):
        bit = 1 << variable.offset + place
        if isinstance(cell, Region) and not bit & here:
            held[cell] = frozenset(at for at, box in enumerate(boxes) if box & bit)
    known: set[frozenset[int]] = set()
    for region, shut in sorted(held.items(), key=lambda each: each[0].low != each[0].high):
        if shut not in known and not any(other < shut for other in held.values()):
            known.add(shut)
            yield _number_in(region)


def _number_in(region: Region) -> Decimal:
    """Return the number of a region that is nearest to a line."""
    if region.low is not None and region.high is not None:
        return region.inside
    end = region.high if region.low is None else region.low
    if end is None:
        return Decimal(0)
    step = Decimal(1).scaleb(min(0, int(end.as_tuple().exponent)))
    return end - step if region.low is None else end + step


def _is_unassessed(space: Space, variable: Variable, here: int) -> bool:
    place = [each.id for each in space.program.policy.thresholds].index(variable.name)
    return any(not here & ~box for box in space.blocked(place))


def _order(moves: Moves) -> tuple[int, list[tuple[str, str, str]]]:
    named = sorted((move.kind.value, move.name, str(move.value)) for move in moves)
    return len(moves), named
