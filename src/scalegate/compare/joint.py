"""The variables of two policies as one list, each value with what it does in either policy.

1. Variables are matched by kind and id. A variable that one policy alone has is a variable all the
   same: it varies freely, and the other policy does not look at it. So an old commitment that
   depends on it is loosened unless something else of the new policy holds there too.
2. A fact of the same id with another type or another unit is not the same fact: it is two.
3. The values are those that either policy tells apart: a number has the regions between the
   constants of both. A choice or an option that a policy does not declare is unknown to it.
4. What a value does in a policy is written in the bits of `policy.encode`: which literals it makes
   hold in triggers and in requirements, and whether it leaves a threshold unassessed.
5. A rung that is reached carries the rungs below it, by the ladder of each policy for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain
from typing import NamedTuple

from scalegate.compare.cells import CellBits, Key, bits_of_cells, preference
from scalegate.compare.model import Side
from scalegate.compare.moved import Named
from scalegate.policy.compile import Encoded, Program, Row
from scalegate.policy.document import Fact, Policy
from scalegate.policy.encode import MEMBERS
from scalegate.policy.literals import Literal
from scalegate.policy.situation import Situation
from scalegate.policy.space import Cell, Space, space_of
from scalegate.policy.vocabulary import Burden, FactType, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class JointVariable:
    """One variable with its values, and what each does in the policies that use it."""

    kind: Kind
    name: str
    cells: tuple[Cell, ...]
    """In the order in which a reader should be shown one of several that are alike."""
    bits: Mapping[Side, tuple[CellBits, ...]]
    """Per policy whose rows use it."""
    known_to: frozenset[Side]
    """The policies that declare it."""
    places: Mapping[Side, tuple[int, ...]]
    """Per policy: the place of each value in its own space."""
    own: Mapping[Side, tuple[int, int, int]]
    """Per policy: every bit that some value has, in triggers, in requirements, and blocked."""


class Packing(NamedTuple):
    """How literals of both policies, by where they stand, are put into one number."""

    shifts: Mapping[Side, tuple[tuple[int, int], ...]]
    """Per policy: where each part of a `Polarity` begins, and its bits, in its order."""

    @classmethod
    def of(cls, programs: Mapping[Side, Program]) -> Packing:
        """Return a packing in which no two parts overlap."""
        shifts, at = {}, 0
        for side, program in programs.items():
            literals, thresholds = len(program.literals), len(program.policy.thresholds)
            widths = (literals, literals, thresholds, literals, thresholds)
            *starts, at = accumulate(widths, initial=at)
            bits = [(1 << width) - 1 for width in widths]
            shifts[side] = tuple(zip(starts, bits, strict=True))
        return cls(shifts)

    def packed(self, side: Side, parts: Iterable[int]) -> int:
        """Return the parts of one policy as one number."""
        found = 0
        for part, (start, _) in zip(parts, self.shifts[side], strict=True):
            found |= part << start
        return found

    def parts(self, side: Side, packed: int) -> tuple[int, ...]:
        """Return the parts of one policy again."""
        return tuple([packed >> start & bits for start, bits in self.shifts[side]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """Both policies over one list of variables."""

    programs: Mapping[Side, Program]
    """Every row decides, advice too."""
    spaces: Mapping[Side, Space]
    """The space of all rows of each."""
    variables: tuple[JointVariable, ...]
    index: Mapping[Side, Mapping[Key, int]]
    """Per policy: the place of each variable that its rows use."""
    rungs: Mapping[Side, Mapping[int, tuple[int, ...]]]
    """Per policy and threshold: the rungs below, by place."""
    uppers: Mapping[Side, Mapping[int, tuple[int, ...]]]
    """Per policy and threshold: the rungs above, by place."""
    any_rungs: frozenset[int]
    """Thresholds with rungs below in either policy."""
    carried: frozenset[int]
    """Thresholds on a ladder of either policy."""
    offsets: tuple[int, ...]
    """Per variable: the place of its first bit in a mask."""
    packing: Packing
    reaches: tuple[int, ...]
    """Per variable: every literal that it, or a rung that it carries, can make hold (packed)."""
    kept: tuple[dict[int, object], ...]
    """Per variable: what `order` found of it, by the literals of it that count (packed)."""
    same: dict[tuple[object, ...], object] = field(default_factory=dict)
    """The same, by what was found."""
    unions: dict[object, object] = field(default_factory=dict)
    """Boxes that `points` wrote."""
    written: dict[object, object] = field(default_factory=dict)
    """Their points, by the order of the variables that they look at."""
    paired: dict[object, object] = field(default_factory=dict)
    """Points of rows, by their parts."""
    slips: dict[tuple[object, ...], Mapping[int, tuple[int, ...]]] = field(default_factory=dict)
    """What `order` found of a threshold with rungs below, by the order of these (rule 7)."""
    told: dict[tuple[int, int], object] = field(default_factory=dict)
    """Values as plain data, by variable and place."""

    def effective(
        self, side: Side, variable: int, places: Mapping[int, int], base: Mapping[int, int]
    ) -> CellBits:
        """Return what a variable does in a policy, the ladder included.

        Args:
            side: the policy.
            variable: the variable, by place.
            places: values by variable; what is not among them is taken from the base.
            base: the rest of the values.
        """
        table = self.variables[variable].bits[side]
        place = places[variable] if variable in places else base[variable]
        for upper in self.uppers[side].get(variable, ()):
            above = places[upper] if upper in places else base[upper]
            if self.variables[upper].bits[side][above].reached:
                return table[table[place].raised]
        return table[place]

    def base(self, places: Mapping[int, int]) -> Base:
        """Return a situation to which others are changes."""
        found = {}
        for side in Side:
            used = {
                place: self.effective(side, place, places, places)
                for place in places
                if side in self.variables[place].bits
            }
            whole = Encoded(
                trigger=sum(item.trigger for item in used.values()),
                require=sum(item.require for item in used.values()),
                blocked=sum(item.blocked for item in used.values()),
            )
            found[side] = (whole, used)
        return Base(places=places, encoded=found)

    def encoded(self, side: Side, base: Base, changes: Mapping[int, int]) -> Encoded:
        """Return a situation as bits: the base with these changes.

        Guarantees:
            The same bits as `Program.encode` of that situation, for the variables of the base.
        """
        whole, used = base.encoded[side]
        if not changes:
            return whole
        rungs = self.rungs[side]
        touched = [place for place in changes if place in used]
        for place in touched[:]:
            touched += [rung for rung in rungs.get(place, ()) if rung not in touched]
        trigger, require, blocked = whole.trigger, whole.require, whole.blocked
        for place in touched:
            before, after = used[place], self.effective(side, place, changes, base.places)
            # The literals of two variables are never the same, so their bits come and go alone.
            trigger ^= before.trigger ^ after.trigger
            require ^= before.require ^ after.require
            blocked ^= before.blocked ^ after.blocked
        return Encoded(trigger=trigger, require=require, blocked=blocked)

    def situation(self, side: Side, places: Mapping[int, int]) -> Situation:
        """Return the situation with these values as a policy sees it."""
        return self.changed(side, Situation(), places)

    def changed(self, side: Side, known: Situation, places: Mapping[int, int]) -> Situation:
        """Return a situation of a policy with these values changed."""
        choice = {
            (variable.kind, variable.name): variable.cells[place]
            for variable, place in ((self.variables[at], place) for at, place in places.items())
            if side in variable.known_to
        }
        return self.spaces[side].changed(known, choice)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Base:
    """A situation over some variables, written as bits for both policies."""

    places: Mapping[int, int]
    """Per variable: the place of its value."""
    encoded: Mapping[Side, tuple[Encoded, Mapping[int, CellBits]]]


def joint_of(old: Program, new: Program) -> Joint:
    """Return two programs (every row deciding) over one list of variables."""
    programs = {Side.OLD: old, Side.NEW: new}
    known = {side: _Known.of(program.policy) for side, program in programs.items()}
    spaces = {}
    for side, other in ((Side.OLD, Side.NEW), (Side.NEW, Side.OLD)):
        widened = _widened(programs[side], programs[other], known)
        spaces[side] = space_of(widened, rows_of(programs[side]).values())
    variables, index = _variables(spaces, known)
    rungs = {side: _by_place(programs[side], index[side]) for side in Side}
    ladders = [(upper, *below) for found in rungs.values() for upper, below in found.items()]
    packing = Packing.of(programs)
    return Joint(
        programs=programs,
        spaces=spaces,
        variables=variables,
        index=index,
        rungs=rungs,
        uppers={side: _turned(found) for side, found in rungs.items()},
        any_rungs=frozenset(place for found in rungs.values() for place in found),
        carried=frozenset(chain.from_iterable(ladders)),
        offsets=tuple(accumulate((len(variable.cells) for variable in variables), initial=0)),
        packing=packing,
        kept=tuple({} for _ in variables),
        reaches=tuple(
            sum(
                packing.packed(side, _reach(variables, rungs[side], side, place))
                for side in variable.bits
            )
            for place, variable in enumerate(variables)
        ),
    )


def _variables(
    spaces: Mapping[Side, Space], known: Mapping[Side, _Known]
) -> tuple[tuple[JointVariable, ...], dict[Side, dict[Key, int]]]:
    """Return the variables of both policies, and per policy the place of each that it uses."""
    variables: list[JointVariable] = []
    preferred = _Preferred()
    index: dict[Side, dict[Key, int]] = {side: {} for side in Side}
    for key in sorted({key for side in Side for key in spaces[side].by_key}, key=_place_of):
        for sides in _owners(key, known):
            users = [side for side in Side if side in sides and key in spaces[side].by_key]
            if not users:
                continue
            for side in users:
                index[side][key] = len(variables)
            shown = (known[side].facts.get(key[1]) for side in sides)
            is_shown = key[0] is Kind.FACT and any(
                fact is not None and fact.burden is Burden.TO_HOLD for fact in shown
            )
            variable = _variable(
                key, sides, users, spaces, preferred=preferred, unknown_first=is_shown
            )
            variables.append(variable)
    return tuple(variables), index


def _reach(
    variables: Sequence[JointVariable],
    rungs: Mapping[int, tuple[int, ...]],
    side: Side,
    place: int,
) -> tuple[int, int, int, int, int]:
    trigger = require = blocked = 0
    for each in (place, *rungs.get(place, ())):
        own = variables[each].own[side]
        trigger |= own[0]
        require |= own[1]
        blocked |= own[2]
    return trigger, require, blocked, require, blocked


def _place_of(key: Key) -> tuple[int, str]:
    """Order variables so that the order does not depend on which policy is the older one."""
    return list(Kind).index(key[0]), key[1]


def key_of(literal: Literal) -> Key:
    """Return the variable that a literal looks at."""
    if literal.kind is Kind.FLAG:
        return Kind.STATUS, literal.name.rsplit(".", 1)[0]
    return literal.kind, literal.name


def rows_of(program: Program) -> dict[str, Row]:
    """Return one row per commitment; its condition is the same at each of its gates."""
    found: dict[str, Row] = {}
    for rows in program.rows.values():
        for row in rows:
            found.setdefault(row.name, row)
    return found


class _Known(NamedTuple):
    """What a policy declares."""

    keys: frozenset[Key]
    facts: Mapping[str, Fact]

    @classmethod
    def of(cls, policy: Policy) -> _Known:
        declared: Mapping[Kind, Iterable[Named]] = {
            Kind.STATUS: policy.thresholds,
            Kind.SAFEGUARD: policy.safeguards,
            Kind.SUBSTITUTE: policy.substitutes,
            Kind.ACT: policy.questions,
            Kind.FACT: policy.facts,
            Kind.DISCRETION: policy.discretions,
            Kind.READING: policy.readings,
        }
        keys = {(kind, item.id) for kind, items in declared.items() for item in items}
        for document in policy.documents:
            keys |= {(Kind.DOCUMENT, f"{document.id}.{aspect}") for aspect in document.aspects}
        for standard in policy.standards:
            if standard.unspecified:
                keys |= {(Kind.SPECIFIED, standard.id), (Kind.SPECIFIED, standard.id + MEMBERS)}
        return cls(frozenset(keys), {fact.id: fact for fact in policy.facts})


def _widened(program: Program, other: Program, known: Mapping[Side, _Known]) -> Program:
    """Return a program whose space tells apart what the other policy tells apart too."""
    numbers = {fact.id for fact in program.policy.facts if fact.type is FactType.NUMBER}
    extra = [
        literal
        for literal in other.literals
        if literal not in program.literal_bits and _is_finer(literal, numbers, known)
    ]
    return replace(program, literals=(*program.literals, *extra))


def _is_finer(literal: Literal, numbers: set[str], known: Mapping[Side, _Known]) -> bool:
    if literal.kind is Kind.FLAG:
        return True
    is_number = literal.kind is Kind.FACT and literal.name in numbers
    return is_number and len(_owners((literal.kind, literal.name), known)) == 1


def _owners(key: Key, known: Mapping[Side, _Known]) -> tuple[frozenset[Side], ...]:
    """Return the policies that share a variable; two sets where it is two variables."""
    sides = [side for side, found in known.items() if key in found.keys]
    if len(sides) == 2 and key[0] is Kind.FACT:
        old, new = (known[side].facts[key[1]] for side in sides)
        if (old.type, old.unit) != (new.type, new.unit):
            return tuple(frozenset({side}) for side in sides)
    return (frozenset(sides),)


class _Preferred:
    """Lists of values in the order for a reader. Most variables have the values of many others."""

    def __init__(self) -> None:
        self._known: dict[object, tuple[object, tuple[Cell, ...], tuple[tuple[int, ...], ...]]] = {}

    def of(
        self, own: Mapping[Side, tuple[Cell, ...]], *, unknown_first: bool
    ) -> tuple[tuple[Cell, ...], Mapping[Side, tuple[int, ...]]]:
        """Return the values of some policies, and the place of each among those of each policy."""
        lists = tuple(own.values())
        key = (*map(id, lists), unknown_first)
        if key not in self._known:
            listed = dict.fromkeys(cell for each in lists for cell in each)
            cells = tuple(
                sorted(listed, key=lambda cell: preference(cell, unknown_first=unknown_first))
            )
            places = []
            for each in lists:
                at = {cell: place for place, cell in reversed(list(enumerate(each)))}
                places.append(tuple(at[cell if cell in at else None] for cell in cells))
            # The lists are kept with what was found, so that no other list has their identity.
            self._known[key] = (lists, cells, tuple(places))
        _, cells, found = self._known[key]
        return cells, dict(zip(own, found, strict=True))


def _variable(
    key: Key,
    sides: frozenset[Side],
    users: list[Side],
    spaces: Mapping[Side, Space],
    *,
    preferred: _Preferred,
    unknown_first: bool,
) -> JointVariable:
    cells, places = preferred.of(
        {side: spaces[side].by_key[key].cells for side in users}, unknown_first=unknown_first
    )
    bits = {side: tuple(bits_of_cells(spaces[side].program, key, cells)) for side in users}
    return JointVariable(
        kind=key[0],
        name=key[1],
        cells=cells,
        bits=bits,
        known_to=sides,
        places=places,
        own={side: _union(table) for side, table in bits.items()},
    )


def _union(table: Iterable[CellBits]) -> tuple[int, int, int]:
    trigger = require = blocked = 0
    for cell in table:
        trigger |= cell.trigger
        require |= cell.require
        blocked |= cell.blocked
    return trigger, require, blocked


def _by_place(program: Program, index: Mapping[Key, int]) -> dict[int, tuple[int, ...]]:
    """Return, per threshold that the rows use, the used rungs below it."""
    found = {}
    for upper, rungs in program.ladder.items():
        below = [index[Kind.STATUS, rung] for rung in rungs if (Kind.STATUS, rung) in index]
        if below and (Kind.STATUS, upper) in index:
            found[index[Kind.STATUS, upper]] = tuple(below)
    return found


def _turned(rungs: Mapping[int, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for upper, below in rungs.items():
        for rung in below:
            found[rung] = (*found.get(rung, ()), upper)
    return found
