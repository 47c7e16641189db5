"""Fold samples into per-unit means, in any partition and any order, to the same bits.

1. A sample names its unit by a path (`family`, `item`), and carries a score or None (missing).
2. `summarise` counts and adds exactly (rational numbers), `merge` adds summaries: any partition
   merged in any order gives an equal summary, and so an identical estimate.
3. Samples are averaged inside the item, items inside the unit, with equal weights.
4. A planned sample that is absent counts as missing, once `planned` says how many there should be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from types import MappingProxyType
from typing import Any

from scalegate.base.errors import UsageError

UnitPath = tuple[str, ...]
"""Names from the highest level down, such as `("family", "item")`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One scored attempt, or a missing one."""

    path: UnitPath
    """The item it belongs to, highest level first."""
    score: float | None
    """Its score, or None when it is missing for whatever reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Exact totals of one item."""

    scored: int
    """Samples with a score."""
    missing: int
    """Samples without one."""
    total: Fraction
    """Exact sum of the scores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Exact totals per item: all that an estimate needs of its samples."""

    items: Mapping[UnitPath, Tally]
    """Read-only, one entry per item seen."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes, which a read-only mapping does not by itself."""
        return _frozen, (dict(self.items),)

    @property
    def n_samples(self) -> int:
        """All samples, missing ones included."""
        return sum(tally.scored + tally.missing for tally in self.items.values())

    @property
    def missing(self) -> int:
        """Samples without a score."""
        return sum(tally.missing for tally in self.items.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMeans:
    """Arguments of an estimator, one entry per unit, in ascending order of values."""

    high: tuple[float, ...]
    """Mean of each unit had every missing sample scored the largest value."""
    low: tuple[float, ...]
    """Mean of each unit had every missing sample scored the smallest value."""
    sizes: tuple[int, ...]
    """Items in each unit, for size-weighted means."""
    n_samples: int
    """All samples, missing ones included."""
    missing: int
    """Samples without a score."""


def summarise(shard: Iterable[Sample]) -> Summary:
    """Add up one part of the samples.

    Raises:
        UsageError: a score that is not finite, or an empty path.
    """
    scored: dict[UnitPath, int] = {}
    missing: dict[UnitPath, int] = {}
    totals: dict[UnitPath, Fraction] = {}
    for sample in shard:
        path, score = sample.path, sample.score
        if not path or (score is not None and not isfinite(score)):
            raise UsageError("a sample needs a path, and a finite score or none")
        if score is None:
            missing[path] = missing.get(path, 0) + 1
            continue
        scored[path] = scored.get(path, 0) + 1
        if score:
            totals[path] = totals.get(path, Fraction(0)) + Fraction(score)
    tallies = {
        path: Tally(
            scored=scored.get(path, 0),
            missing=missing.get(path, 0),
            total=totals.get(path, Fraction(0)),
        )
        for path in scored.keys() | missing.keys()
    }
    return _frozen(tallies)


def merge(a: Summary, b: Summary) -> Summary:
    """Add two summaries. Associative, commutative, `summarise([])` is neutral."""
    tallies = dict(a.items)
    for path, tally in b.items.items():
        seen = tallies.get(path)
        tallies[path] = tally if seen is None else _added(seen, tally)
    return _frozen(tallies)


def completed(summary: Summary, planned: Mapping[UnitPath, int]) -> Summary:
    """Count planned samples that are absent as missing (rule 4).

    Args:
        summary: what was seen.
        planned: samples per item that should be there; items it does not name stay as they are.
    """
    tallies = dict(summary.items)
    for path, count in planned.items():
        seen = tallies.get(path, Tally(scored=0, missing=0, total=Fraction(0)))
        absent = max(0, count - seen.scored - seen.missing)
        tallies[path] = _added(seen, Tally(scored=0, missing=absent, total=Fraction(0)))
    return _frozen({path: tally for path, tally in tallies.items() if tally.scored + tally.missing})


def unit_means(
    summary: Summary, *, level: int = 1, smallest: float = 0.0, largest: float = 1.0
) -> UnitMeans:
    """Average samples inside items and items inside units.

    Args:
        summary: exact totals.
        level: how many leading names of the path make the unit: 1 for families, or for items
            whose path has one name.
        smallest: score of a missing sample under the low completion.
        largest: score of a missing sample under the high completion.

    Raises:
        UsageError: a level below 1, or a path shorter than the level.
    """
    if level < 1 or any(len(path) < level for path in summary.items):
        raise UsageError(f"no path has {level} names", hint="lower `level`")
    units: dict[UnitPath, list[tuple[Fraction, Fraction]]] = {}
    for path, tally in summary.items.items():
        units.setdefault(path[:level], []).append(_ends(tally, smallest, largest))
    rows = sorted(
        (
            float(sum((low for _, low in ends), Fraction(0)) / len(ends)),
            float(sum((high for high, _ in ends), Fraction(0)) / len(ends)),
            len(ends),
        )
        for ends in units.values()
    )
    return UnitMeans(
        high=tuple(high for _, high, _ in rows),
        low=tuple(low for low, _, _ in rows),
        sizes=tuple(size for _, _, size in rows),
        n_samples=summary.n_samples,
        missing=summary.missing,
    )


def _ends(tally: Tally, smallest: float, largest: float) -> tuple[Fraction, Fraction]:
    count = tally.scored + tally.missing
    high = (tally.total + tally.missing * Fraction(largest)) / count
    low = (tally.total + tally.missing * Fraction(smallest)) / count
    return high, low


def _added(a: Tally, b: Tally) -> Tally:
    return Tally(scored=a.scored + b.scored, missing=a.missing + b.missing, total=a.total + b.total)


def _frozen(tallies: dict[UnitPath, Tally]) -> Summary:
    return Summary(items=MappingProxyType(tallies))
