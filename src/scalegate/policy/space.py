"""The finite space of situations that the rows of one gate can tell apart.

1. Each variable has finitely many *cells*: its known values and "unknown"; for a number the regions
   between and on the constants it is compared with; for a threshold its levels with the flags that
   matter, and "no status".
2. A *box* accepts a set of cells per variable. It is one whole number: each variable owns as many
   bits as it has cells, so two boxes meet in `a & b`, and `a` lies in `b` when `a & ~b` is 0.
3. A variable whose bits are all set is not restricted.
4. Above the bits of each variable one bit stays free: with it set, taking 1 from every variable at
   once shows in one step whether each accepts a cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Any, NamedTuple

from scalegate.policy.compile import Node, Program, Row
from scalegate.policy.encode import field_of
from scalegate.policy.literals import Literal, bits_of, in_region, values_of
from scalegate.policy.situation import UNASSESSED, Situation, Status
from scalegate.policy.statuses import decided_alone
from scalegate.policy.vocabulary import Burden, FactType, Flag, Kind, Level


class Region(NamedTuple):
    """A piece of the number line: one number, or what lies strictly between two."""

    low: Decimal | None
    """`None`: no lower end."""
    high: Decimal | None
    """`None`: no upper end. Equal to `low` for one number."""

    def __str__(self) -> str:
        if self.low is not None and self.low == self.high:
            return str(self.low)
        if self.low is None or self.high is None:
            return f"below {self.high}" if self.low is None else f"above {self.low}"
        return f"between {self.low} and {self.high}"

    @property
    def inside(self) -> Decimal:
        """A number that lies in the region."""
        if self.low is None or self.high is None:
            end = self.high if self.low is None else self.low
            return (end or Decimal(0)) + (-1 if self.low is None else 1)
        return (self.low + self.high) / 2


Cell = Status | Region | str | bool | int | None
"""A value of a variable; `None` is unknown. Levels and states are whole numbers with names."""


_UNASSESSED = frozenset({Level.UNASSESSED})
_REACHED = frozenset(level for level in Level if level >= Level.CROSSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One variable with its cells."""

    kind: Kind
    name: str
    cells: tuple[Cell, ...]
    offset: int
    """Place of its first bit."""
    mask: int
    """Every bit of the variable."""

    @classmethod
    def at(cls, kind: Kind, name: str, cells: tuple[Cell, ...], offset: int) -> Variable:
        """Return the variable with its first bit at a place."""
        mask = ((1 << len(cells)) - 1) << offset
        return cls(kind=kind, name=name, cells=cells, offset=offset, mask=mask)

    def accepting(self, accepts: Callable[[Any], bool]) -> int:
        """Return the bits of the cells that are accepted."""
        found = 0
        for place, cell in enumerate(self.cells):
            if accepts(cell):
                found |= 1 << (self.offset + place)
        return found

    def chosen(self, box: int) -> tuple[Cell, ...]:
        """Return the cells of this variable that a box accepts."""
        return tuple(
            cell for place, cell in enumerate(self.cells) if box >> (self.offset + place) & 1
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """The variables of some rows, and the boxes in which a literal holds."""

    program: Program
    variables: tuple[Variable, ...]
    by_key: Mapping[tuple[Kind, str], Variable]
    uppers: Mapping[str, tuple[str, ...]]
    """Per threshold: the rungs above it."""

    full: int
    """The box that restricts nothing."""
    lowest: int
    """The first bit of every variable."""
    free: int
    """The free bit above every variable."""
    accepted: dict[object, int]
    """Which cells a literal accepts, as far as that was asked."""
    to_hold: frozenset[str]
    """Facts that somebody else must show."""

    @classmethod
    def of(
        cls,
        program: Program,
        variables: tuple[Variable, ...],
        uppers: Mapping[str, tuple[str, ...]],
    ) -> Space:
        """Return the space of these variables."""
        lowest = sum(1 << variable.offset for variable in variables)
        full = sum(variable.mask for variable in variables)
        return cls(
            program=program,
            variables=variables,
            by_key={(variable.kind, variable.name): variable for variable in variables},
            uppers=uppers,
            full=full,
            lowest=lowest,
            # One more than all bits of a variable is the bit above them.
            free=full + lowest,
            accepted={},
            to_hold=frozenset(
                fact.id for fact in program.policy.facts if fact.burden is Burden.TO_HOLD
            ),
        )

    def meet(self, left: int, right: int) -> int | None:
        """Return the common part of two boxes, or None where there is none."""
        both = left & right
        return both if not self.free & ~((both | self.free) - self.lowest) else None

    def narrowed(self, variable: Variable, accepted: int) -> tuple[int, ...]:
        """Return the box that restricts one variable; nothing where it accepts no cell."""
        return (self.full & ~variable.mask | accepted,) if accepted else ()

    def holding(self, bit: int, *, as_trigger: bool, wanted: bool) -> tuple[int, ...]:
        """Return boxes whose union is where a literal holds (or, `wanted` false, does not)."""
        literal = self.program.literals[bit]
        if literal.kind is Kind.STATUS:
            accepted = literal.constant if wanted else frozenset(Level) - literal.constant
            return self._status_boxes(literal.name, accepted)
        variable = self._variable_of(literal)
        key = (bit, as_trigger)
        if key not in self.accepted:
            unknown = self._unknown_holds(literal, as_trigger=as_trigger)
            self.accepted[key] = variable.accepting(
                lambda cell: _literal_holds(literal, cell, unknown=unknown)
            )
        accepted = self.accepted[key]
        return self.narrowed(variable, accepted if wanted else variable.mask & ~accepted)

    def blocked(self, place: int, *, wanted: bool = True) -> tuple[int, ...]:
        """Return boxes in which a threshold (by place) is unassessed, or is not."""
        name = self.program.policy.thresholds[place].id
        variable = self.by_key[Kind.STATUS, name]
        accepted = self._at_levels(variable, _UNASSESSED)
        return self.narrowed(variable, accepted if wanted else variable.mask & ~accepted)

    def situation(self, choice: Mapping[tuple[Kind, str], Cell]) -> Situation:
        """Return the situation with these values; a variable left out is unknown."""
        return self.changed(Situation(), choice)

    def changed(self, known: Situation, choice: Mapping[tuple[Kind, str], Cell]) -> Situation:
        """Return a situation with these values changed."""
        values: dict[str, dict[str, Any]] = {}
        for (kind, name), cell in choice.items():
            field, key = ("statuses", name) if kind is Kind.STATUS else field_of(kind, name)
            if field not in values:
                values[field] = dict(getattr(known, field))
            if cell is None:
                values[field].pop(key, None)
            else:
                values[field][key] = cell.inside if isinstance(cell, Region) else cell
        return replace(known, **values)

    def _status_boxes(self, name: str, accepted: frozenset[Level]) -> tuple[int, ...]:
        variable = self.by_key[Kind.STATUS, name]
        own = self._at_levels(variable, accepted)
        uppers = [self.by_key[Kind.STATUS, upper] for upper in self.uppers.get(name, ())]
        reached = [self._at_levels(upper, _REACHED) for upper in uppers]
        if Level.CROSSED in accepted:
            carried = [
                box
                for upper, cells in zip(uppers, reached, strict=True)
                for box in self.narrowed(upper, cells)
            ]
            return (*self.narrowed(variable, own), *carried)
        boxes = self.narrowed(variable, own)
        for upper, cells in zip(uppers, reached, strict=True):
            below = self.narrowed(upper, upper.mask & ~cells)
            boxes = tuple(box & other for box in boxes for other in below)
        return boxes

    def _at_levels(self, variable: Variable, levels: frozenset[Level]) -> int:
        key = (variable.name, levels)
        if key not in self.accepted:
            self.accepted[key] = variable.accepting(lambda cell: self._level(cell) in levels)
        return self.accepted[key]

    def _level(self, cell: Any) -> Level:
        given: Status = UNASSESSED if cell is None else cell
        return decided_alone(given, self.program.policy.semantics).level

    def _variable_of(self, literal: Literal) -> Variable:
        if literal.kind is Kind.FLAG:
            return self.by_key[Kind.STATUS, literal.name.rsplit(".", 1)[0]]
        return self.by_key[literal.kind, literal.name]

    def _unknown_holds(self, literal: Literal, *, as_trigger: bool) -> bool:
        is_shown = literal.kind is Kind.FACT and literal.name in self.to_hold
        return (not as_trigger) if is_shown else as_trigger


def space_of(program: Program, rows: Iterable[Row]) -> Space:
    """Return the space that these rows can tell apart."""
    uppers: dict[str, list[str]] = {}
    for upper, rungs in program.ladder.items():
        for rung in rungs:
            uppers.setdefault(rung, []).append(upper)
    nodes = [node for row in rows for node in (row.trigger, row.require)]
    literals = [literal for node in nodes for literal in literals_in(node, program.literals)]
    keys = dict.fromkeys(key for literal in literals for key in _keys_of(literal, uppers))
    variables: list[Variable] = []
    offset = 0
    cuts = _cuts_of(program)
    for kind, name in keys:
        cells = _cells(program, kind, name, cuts)
        variables.append(Variable.at(kind, name, cells, offset))
        offset += len(cells) + 1
    return Space.of(
        program, tuple(variables), {name: tuple(above) for name, above in uppers.items()}
    )


def literals_in(node: Node, literals: Sequence[Literal]) -> Iterable[Literal]:
    """Yield every literal of a node and of its children."""
    stack = [node]
    while stack:
        current = stack.pop()
        stack.extend(current.children)
        for bit in bits_of(current.mask):
            yield literals[bit]


def _keys_of(literal: Literal, uppers: Mapping[str, list[str]]) -> Iterable[tuple[Kind, str]]:
    if literal.kind is Kind.FLAG:
        yield Kind.STATUS, literal.name.rsplit(".", 1)[0]
        return
    yield literal.kind, literal.name
    if literal.kind is Kind.STATUS:
        for upper in uppers.get(literal.name, ()):
            yield Kind.STATUS, upper


def _cuts_of(program: Program) -> dict[str, set[Decimal]]:
    """Return the constants that each fact that is a number is compared with."""
    cuts: dict[str, set[Decimal]] = {
        fact.id: set() for fact in program.policy.facts if fact.type is FactType.NUMBER
    }
    for item in program.literals:
        if item.kind is Kind.FACT and item.name in cuts:
            cuts[item.name].add(item.constant)
    return cuts


def _cells(
    program: Program, kind: Kind, name: str, cuts: Mapping[str, set[Decimal]]
) -> tuple[Cell, ...]:
    policy = program.policy
    if kind is Kind.STATUS:
        return _status_cells(program, name)
    if kind is Kind.DISCRETION:
        return (False, True)
    if kind is not Kind.FACT or name not in cuts:
        return _with_unknown(kind, values_of(kind, name, policy))
    ends: list[Decimal | None] = [None, *sorted(cuts[name]), None]
    regions: list[Region] = []
    for low, high in pairwise(ends):
        regions.append(Region(low, high))
        if high is not None:
            regions.append(Region(high, high))
    return (*regions, None)


@lru_cache(maxsize=256)
def _with_unknown(kind: Kind, values: tuple[Any, ...]) -> tuple[Cell, ...]:  # noqa: ARG001 - tells values of one kind from equal ones of another
    return (*values, None)


def _status_cells(program: Program, name: str) -> tuple[Cell, ...]:
    alert = f"{name}.{Flag.ALERT}"
    has_alert = any(item.kind is Kind.FLAG and item.name == alert for item in program.literals)
    return _levels_with(has_alert=has_alert)


@lru_cache(maxsize=2)
def _levels_with(*, has_alert: bool) -> tuple[Cell, ...]:
    flags = [flag for flag in Flag if has_alert or flag is not Flag.ALERT]
    subsets = [
        frozenset(chosen) for size in range(len(flags) + 1) for chosen in combinations(flags, size)
    ]
    cells = tuple(Status(level=level, flags=subset) for level in Level for subset in subsets)
    return (*cells, None)


def _literal_holds(literal: Literal, cell: Any, *, unknown: bool) -> bool:
    if cell is None:
        return unknown
    if literal.kind is Kind.FLAG:
        flag = Flag(literal.name.rsplit(".", 1)[1])
        return (flag in cell.flags) in literal.constant
    if isinstance(cell, Region):
        return _region_holds(literal, cell)
    return cell in literal.constant


def _region_holds(literal: Literal, region: Region) -> bool:
    constant = literal.constant
    if region.low is not None and region.low == region.high:
        place = 1 + (region.low > constant) - (region.low < constant)
    else:
        place = 2 if region.low is not None and region.low >= constant else 0
    return in_region(literal, place, [constant])
