"""Write many minimal situations as few: those that differ in one thing stand as one line.

A commitment with six triggers and ten safeguards has sixty minimal situations, which say one thing:
any of these six, with any of these ten missing. A *family* is a situation in which one or more
departures may be replaced by others, each independently.

1. Nothing is lost and nothing is added: choosing one alternative per place gives each situation of
   the list exactly once.
2. Two families become one only where they agree in all places but one. The result depends on the
   list alone, not on the order of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod

from scalegate.compare.model import Gap, VariableValue
from scalegate.policy.situation import Status
from scalegate.policy.vocabulary import Level

Place = frozenset[VariableValue]
"""The alternatives of one departure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Minimal situations that differ only in which alternative of each place they have."""

    gap: Gap
    """The one that is shown."""
    places: tuple[tuple[VariableValue, ...], ...]
    """Per departure of it: its own value first, then what may stand there instead."""

    @property
    def count(self) -> int:
        """How many situations it stands for."""
        return prod(len(place) for place in self.places)


def families_of(gaps: Iterable[Gap]) -> tuple[Family, ...]:
    """Return the same situations as families, the plainest first."""
    known = {frozenset(gap.deviations): gap for gap in gaps}
    kept = [frozenset(frozenset({value}) for value in values) for values in known]
    size = len(kept) + 1
    while len(kept) < size:
        size = len(kept)
        kept = _merged(kept)
    return tuple(sorted((_shown(family, known) for family in kept), key=_rank))


def _merged(families: Sequence[frozenset[Place]]) -> list[frozenset[Place]]:
    """Merge families that agree in all places but one, the largest groups first."""
    groups: dict[frozenset[Place], list[frozenset[Place]]] = {}
    for family in families:
        for place in family:
            groups.setdefault(family - {place}, []).append(family)
    found: list[frozenset[Place]] = []
    done: set[frozenset[Place]] = set()
    for rest, members in sorted(groups.items(), key=lambda item: (-len(item[1]), _key(item[0]))):
        free = [family for family in members if family not in done]
        if len(free) < 2:
            continue
        joined = frozenset(value for family in free for place in family - rest for value in place)
        found.append(rest | {joined})
        done.update(free)
    return [*found, *(family for family in families if family not in done)]


def _key(places: Iterable[Place]) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted(tuple(sorted(map(_name, place))) for place in places))


def _name(value: VariableValue) -> str:
    return f"{value.kind.value} {value.name} {value.cell}"


def _shown(family: frozenset[Place], known: dict[frozenset[VariableValue], Gap]) -> Family:
    ordered = [tuple(sorted(place, key=_plainness)) for place in family]
    gap = known[frozenset(place[0] for place in ordered)]
    by_first = {place[0]: place for place in ordered}
    return Family(gap=gap, places=tuple(by_first[value] for value in gap.deviations))


def _rank(family: Family) -> tuple[int, int, int, str]:
    worst = max((_plainness(value)[0] for value in family.gap.deviations), default=0)
    names = " ".join(map(_name, family.gap.deviations))
    return (worst, len(family.places), -family.count, names)


def _plainness(value: VariableValue) -> tuple[int, str]:
    """Order values: what a reader takes in at once goes first.

    That a model was not assessed is the shortest way to a hold, and says the least about a clause.
    """
    rank = 0
    if isinstance(value.cell, Status):
        plain = value.cell.level in (Level.NOT_RULED_OUT, Level.CROSSED) and not value.cell.flags
        rank = 2 if value.cell.level is Level.UNASSESSED else int(not plain)
    return rank, _name(value)


def plainest(gaps: Iterable[Gap]) -> Iterator[Gap]:
    """Yield situations, the plainest first."""
    ranked = (Family(gap=gap, places=tuple((value,) for value in gap.deviations)) for gap in gaps)
    yield from (family.gap for family in sorted(ranked, key=_rank))
