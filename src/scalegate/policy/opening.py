"""Which variables would have to change for a held gate to open: the work, as data.

1. A *move* takes one variable to one value: a status ruled out (or merely assessed), a safeguard
   live and sufficient, an act or a document there, an unknown fact shown.
2. The caller says which moves are to be considered (`allowed`): softer judgement is not work.
3. Each row that holds can be mended by ending its trigger or by meeting its requirement; every
   row that holds must be mended. Sets of moves are kept minimal under inclusion.
4. Each set is checked against `strictest` before it is returned: doing exactly it opens the gate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from scalegate.policy.compile import ALL, ANY, Encoded, Literal, Node, Program, Row, bits_of
from scalegate.policy.document import Policy
from scalegate.policy.evaluate import applies, satisfied, strictest
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Kind, Level, SafeguardState

MAX_SETS = 400
"""More sets than this are not carried along; the smallest are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One variable taken to one value."""

    kind: Kind
    name: str
    """Id of the threshold, safeguard, document aspect, ..."""
    value: Any
    """The value it must have."""


Moves = frozenset[Move]


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
) -> tuple[Moves, ...]:
    """Return minimal sets of moves, smallest first, each of which alone opens the gate.

    Args:
        program: the compiled policy.
        situation: the situation in which the gate holds.
        at: the gate and ask.
        allowed: which moves count as work.

    Guarantees:
        Each returned set, done exactly, gives `allow` or `allow_with` under every reading.
    """
    rows = program.rows.get(at, ())
    encoded = program.encode(situation)
    search = _Search(program, situation, encoded, allowed)
    combined: tuple[Moves, ...] = (frozenset(),)
    for row in rows:
        if row.level <= EffectLevel.ALLOW_WITH or not applies(row, encoded):
            continue
        if satisfied(row, encoded):
            continue
        combined = _cross(combined, search.mends(row))
    found = []
    for moves in _minimal(combined):
        moved = apply_moves(situation, moves)
        outcome, _ = strictest(program, moved, *at)
        if moves and outcome.level <= EffectLevel.ALLOW_WITH:
            found.append(moves)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Search:
    program: Program
    situation: Situation
    encoded: Encoded
    allowed: Callable[[Move], bool]

    def mends(self, row: Row) -> tuple[Moves, ...]:
        """Return the minimal sets that stop this row from holding."""
        blocked = frozenset(
            move
            for place, threshold in enumerate(self.program.policy.thresholds)
            if row.statuses & self.encoded.blocked & (1 << place)
            for move in [Move(kind=Kind.STATUS, name=threshold.id, value=Level.CROSSED)]
        )
        met: tuple[Moves, ...] = self._reach(row.require, wanted=True)
        if blocked:
            # Assessed, whatever the answer, with the requirement met.
            assessed = all(self.allowed(move) for move in blocked)
            met = tuple(moves | blocked for moves in met) if assessed else ()
        return _minimal((*self._reach(row.trigger, wanted=False), *met))

    def _reach(self, node: Node, *, wanted: bool) -> tuple[Moves, ...]:
        """Return minimal sets after which the node holds (or, `wanted` false, does not)."""
        parts = [self._literal(bit, wanted=wanted) for bit in bits_of(node.mask)]
        parts += [self._reach(child, wanted=wanted) for child in node.children]
        if node.op in (ALL, ANY):
            if (node.op == ALL) == wanted:
                return self._every(parts)
            return _minimal(moves for part in parts for moves in part)
        needed = node.needed if wanted else len(parts) - node.needed + 1
        return self._some(parts, needed)

    @staticmethod
    def _every(parts: Iterable[tuple[Moves, ...]]) -> tuple[Moves, ...]:
        combined: tuple[Moves, ...] = (frozenset(),)
        for part in parts:
            combined = _cross(combined, part)
        return combined

    @staticmethod
    def _some(parts: list[tuple[Moves, ...]], needed: int) -> tuple[Moves, ...]:
        """Return minimal sets that reach at least `needed` of the parts."""
        reached: list[tuple[Moves, ...]] = [(frozenset(),)] + [()] * needed
        for part in parts:
            for count in range(needed, 0, -1):
                more = _cross(reached[count - 1], part)
                reached[count] = _minimal((*reached[count], *more))
        return reached[needed]

    def _literal(self, bit: int, *, wanted: bool) -> tuple[Moves, ...]:
        literal = self.program.literals[bit]
        bits = self.encoded.require if wanted else self.encoded.trigger
        if bool(bits & (1 << bit)) == wanted:
            return (frozenset(),)
        values = _values(self.program.policy, literal)
        moves = (move for move in _moves(literal, values, wanted=wanted) if self.allowed(move))
        return tuple(frozenset({move}) for move in moves)


_WORK_VALUES: dict[Kind, tuple[Any, ...]] = {
    Kind.STATUS: (Level.RULED_OUT,),
    Kind.SAFEGUARD: (SafeguardState.LIVE_AND_SUFFICIENT,),
}


def _values(policy: Policy, literal: Literal) -> tuple[Any, ...]:
    """Return the values that work may bring a variable to; none for a number."""
    if literal.kind in _WORK_VALUES:
        return _WORK_VALUES[literal.kind]
    for reading in policy.readings if literal.kind is Kind.READING else ():
        if reading.id == literal.name:
            return tuple(option.id for option in reading.options)
    for fact in policy.facts if literal.kind is Kind.FACT else ():
        if fact.id == literal.name and fact.choices:
            return fact.choices
    return (False, True)


def _moves(literal: Literal, values: tuple[Any, ...], *, wanted: bool) -> Iterator[Move]:
    """Yield the moves of this literal's variable after which it holds, or does not."""
    if literal.relation != "in":
        yield from _numeric_moves(literal, wanted=wanted)
        return
    for value in values:
        if (value in literal.constant) == wanted:
            yield Move(kind=literal.kind, name=literal.name, value=value)


def _numeric_moves(literal: Literal, *, wanted: bool) -> Iterator[Move]:
    """Yield the value nearest the line on the wanted side of it."""
    constant: Decimal = literal.constant
    step = Decimal(1).scaleb(min(0, int(constant.as_tuple().exponent)))
    on_line = (literal.relation in ("at_least", "at_most")) == wanted
    upwards = (literal.relation in ("at_least", "above")) == wanted
    value = constant if on_line else constant + (step if upwards else -step)
    yield Move(kind=literal.kind, name=literal.name, value=value)


def _cross(left: Iterable[Moves], right: Iterable[Moves]) -> tuple[Moves, ...]:
    right = tuple(right)
    joined = (a | b for a in left for b in right)
    return _minimal(moves for moves in joined if _consistent(moves))


def _consistent(moves: Moves) -> bool:
    return len({(move.kind, move.name) for move in moves}) == len(moves)


def _minimal(sets: Iterable[Moves]) -> tuple[Moves, ...]:
    kept: list[Moves] = []
    for moves in sorted(set(sets), key=_order):
        if not any(smaller <= moves for smaller in kept):
            kept.append(moves)
        if len(kept) >= MAX_SETS:
            break
    return tuple(kept)


def _order(moves: Moves) -> tuple[int, list[tuple[str, str, str]]]:
    named = sorted((move.kind.value, move.name, str(move.value)) for move in moves)
    return len(moves), named
