"""Readings that matter: for each ambiguous clause, a situation in which its meanings part.

For every gate the minimal hold points under the strictest reading are gone through. Such a point is
a situation that is held for want of a reading; if some meaning of the clause opens it, the clause
matters there. A clause without such a point changes nothing at any gate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scalegate.policy.compile import Program
from scalegate.policy.evaluate import strictest
from scalegate.policy.frontier import HoldPoint, minimal_hold_points
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingMatters:
    """One situation in which the meanings of clauses part."""

    gate: Gate
    """Where."""
    ask: Ask
    """To begin, or to go on."""
    point: HoldPoint
    """The situation: what is not at its best."""
    held_under: tuple[Mapping[str, str], ...]
    """Combinations of meanings under which the gate is held."""
    open_under: tuple[Mapping[str, str], ...]
    """Combinations under which it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingReport:
    """What came of one ambiguous clause."""

    id: str
    """Its id."""
    matters: ReadingMatters | None
    """The first situation that shows it; None: it changes nothing at any gate."""
    gates: tuple[Gate, ...]
    """All gates at which it matters."""
    meanings: tuple[str, str] | None
    """Two of its meanings that part there: held under the first, not under the second."""


def reading_reports(program: Program) -> tuple[ReadingReport, ...]:
    """Return for each reading of a policy whether it matters, and where.

    Raises:
        UsageError: a gate has more minimal hold points than `frontier.MAX_POINTS`.
    """
    found = [item for gate in Gate for ask in Ask for item in _at(program, gate, ask)]
    return tuple(_report(reading.id, found) for reading in program.policy.readings)


def _at(program: Program, gate: Gate, ask: Ask) -> Iterator[ReadingMatters]:
    if not program.rows.get((gate, ask)):
        return
    for point in minimal_hold_points(program, gate, ask, EffectLevel.HOLD):
        unread = replace(point.situation, readings={})  # the point may have chosen a meaning
        _, outcomes = strictest(program, unread, gate, ask)
        held = tuple(named for named, each in outcomes if each.level >= EffectLevel.HOLD)
        opened = tuple(named for named, each in outcomes if each.level < EffectLevel.HOLD)
        if held and opened:
            yield ReadingMatters(
                gate=gate, ask=ask, point=point, held_under=held, open_under=opened
            )


def _report(name: str, found: list[ReadingMatters]) -> ReadingReport:
    mine = [(each, turn) for each in found if (turn := _turns_on(name, each))]
    if not mine:
        return ReadingReport(id=name, matters=None, gates=(), meanings=None)
    matters, meanings = mine[0]
    gates = tuple(gate for gate in Gate if any(each.gate is gate for each, _ in mine))
    return ReadingReport(id=name, matters=matters, gates=gates, meanings=meanings)


def _turns_on(name: str, each: ReadingMatters) -> tuple[str, str] | None:
    """Return two meanings of this clause alone that turn the answer: held, open."""
    for held in each.held_under:
        for opened in each.open_under:
            others = {key for key in held if held[key] != opened.get(key)}
            if others == {name}:
                return held[name], opened[name]
    return None
