"""What each value of a variable does in one policy, and which of several a reader is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from scalegate.policy.compile import Program
from scalegate.policy.encode import Encoding, field_of
from scalegate.policy.situation import UNASSESSED, Situation, Status
from scalegate.policy.space import Cell, Region
from scalegate.policy.statuses import decided_alone
from scalegate.policy.vocabulary import Kind, Level, SafeguardState

Key = tuple[Kind, str]


class CellBits(NamedTuple):
    """What one value does in one policy."""

    trigger: int
    """Literals that it makes hold in triggers."""
    require: int
    """Literals that it makes hold in requirements."""
    blocked: int
    """The bit of its threshold, where the value leaves it unassessed."""
    reached: bool
    """Whether it carries the rungs below."""
    raised: int
    """Place of the value that stands here once a rung above is reached."""


_LEVELS = (
    Level.RULED_OUT,
    Level.NOT_RULED_OUT,
    Level.CROSSED,
    Level.NOT_REQUIRED,
    Level.UNASSESSED,
)


def preference(cell: Cell, *, unknown_first: bool) -> tuple[int, int, Decimal, str]:
    """Order values for a reader: the plainest and mildest of those that are alike is shown."""
    if cell is None:
        return (-1 if unknown_first else 9, 0, Decimal(0), "")
    if isinstance(cell, Status):
        flags = ",".join(sorted(flag.value for flag in cell.flags))
        return (1, len(cell.flags), Decimal(_LEVELS.index(cell.level)), flags)
    if isinstance(cell, SafeguardState):
        return (1, 0, Decimal(int(cell)), "")
    if isinstance(cell, Region):
        return (1, int(cell.low != cell.high), cell.inside, "")
    return (1, 0, Decimal(0), str(cell))


def bits_of_cells(program: Program, key: Key, cells: tuple[Cell, ...]) -> Iterator[CellBits]:
    """Yield what each value does, by the encoding of the policy restricted to one variable."""
    return (_status_bits if key[0] is Kind.STATUS else _plain_bits)(program, key, cells)


def _plain_bits(program: Program, key: Key, cells: tuple[Cell, ...]) -> Iterator[CellBits]:
    bits = program.encoding.of_variable(*field_of(*key))
    for place, cell in enumerate(cells):
        held, shown = bits(cell.inside if isinstance(cell, Region) else cell)
        yield CellBits(trigger=held, require=shown, blocked=0, reached=False, raised=place)


def _status_bits(program: Program, key: Key, cells: tuple[Cell, ...]) -> Iterator[CellBits]:
    name, encoding, semantics = key[1], program.encoding, program.policy.semantics
    part = Encoding(
        statuses=tuple(table for table in encoding.statuses if table[0] == name),
        flags=tuple(entry for entry in encoding.flags if entry[0] == name),
        plain=(),
        numbers=(),
    )
    own = 1 << [threshold.id for threshold in program.policy.thresholds].index(name)
    for place, cell in enumerate(cells):
        given = cell if isinstance(cell, Status) else UNASSESSED
        decided = decided_alone(given, semantics)
        statuses = {} if cell is None else {name: given}
        held, shown = part.bits(Situation(statuses=statuses), {name: decided})
        reached = decided.level >= Level.CROSSED
        yield CellBits(
            trigger=held,
            require=shown,
            blocked=own if decided.level is Level.UNASSESSED else 0,
            reached=reached,
            raised=place if reached else cells.index(replace(given, level=Level.CROSSED)),
        )
