"""The published revisions, compared once each under the shipped bridges."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from scalegate.app.comparing import ComparisonResult, compare_versions
from scalegate.compare.model import Change, Comparison, Element, Gap, Strength
from scalegate.policy.vocabulary import Gate
from scalegate.wiring import policy_source

FRAMEWORKS = Path(__file__).parents[3] / "src" / "scalegate" / "frameworks"


@cache
def revision(lab: str, old: str, new: str) -> ComparisonResult:
    """Compare two versions of a lab's policy under the bridge between them."""
    return compare_versions(f"{lab}@{old}", f"{lab}@{new}", policy_source())


def gaps_of(
    result: ComparisonResult,
    clause: str,
    change: Change = Change.LOOSENED,
    strength: Strength = Strength.BINDING,
) -> Iterator[tuple[Comparison, Gap]]:
    """Yield the situations in which one commitment reaches a cut and the other policy does not."""
    for comparison in result.difference.comparisons:
        for item in comparison.clauses:
            if (item.clause, item.change, comparison.strength) == (clause, change, strength):
                yield from ((comparison, gap) for gap in item.gaps)


def departures(gap: Gap) -> set[str]:
    """Return the ids of what departs from the best."""
    return {value.name for value in gap.deviations}


def element(result: ComparisonResult, what: str, name: str) -> Element:
    """Return one change that no gate shows."""
    (found,) = [
        each for each in result.difference.elements if (each.what, each.name) == (what, name)
    ]
    return found


def gates_of(result: ComparisonResult, clause: str, change: Change = Change.LOOSENED) -> set[Gate]:
    """Return the gates at which a commitment reaches a cut and the other policy does not."""
    return {comparison.gate for comparison, _ in gaps_of(result, clause, change)}


def held(
    result: ComparisonResult, clause: str, names: set[str], change: Change = Change.LOOSENED
) -> list[Gap]:
    """Return the situations of a commitment in which exactly these depart from the best.

    Ways out and readings are left aside: each is where it does not help.
    """
    aside = {"discretion", "substitute", "reading"}
    return [
        gap
        for _, gap in gaps_of(result, clause, change)
        if {value.name for value in gap.deviations if value.kind.value not in aside} == names
    ]
