"""Scores per unit, with the cautious completion of everything that was not cleanly measured.

An *attempt* is one item in one epoch. Each attempt gets an interval; a unit is the mean (or the
best) of its attempts' intervals, once with all low and once with all high ends. `floor` and
`ceiling` are the ends of the measure's range; `cautious` says which of them is the worse news:
`success` for a dangerous capability, `failure` for a safeguard. The rules:

1. Clean (scored inside the range, no error, no limit, not cut, not refused, not invalidated, not
   served by another model): both ends are the score.
2. Lost (errored, cancelled, or unscored without any other blemish): floor to ceiling. Another run
   of the same item and epoch takes its place.
3. Cut (stopped by a limit, truncated, filtered, refused, in a bad format, served by another
   model): floor to ceiling; it stays even if the same item and epoch ran again.
4. A lost or cut attempt that nevertheless scored the worse news keeps that score on both ends:
   a success under a limit is a success.
5. Void (invalidated, a failed grader or scorer, a score outside the range): floor to ceiling,
   whatever it scored; it stays.
6. Absent (planned by the header or by the plan, and not there): floor to ceiling.
7. Several runs of one item and epoch (retries, merged logs): lost ones give way to any other; of
   what remains the lowest low and the highest high end count. Never the best, never the last.
8. A run that appears twice (same uuid, same item, same epoch) counts once, with rule 7 where its
   copies differ. A uuid under several items or epochs counts for the first of them only; the
   others are absent.
9. The plan is the union of the planned ids and the largest planned counts. Planned items that no
   list names are units of their own, without a name.
10. With a family key, units are families: the mean over their items. An item without the key is
    a unit of its own; that is right for one that never ran, floor to ceiling, and for no other:
    who estimates refuses those (`gate.samples`).
11. Best of k: what the best of k attempts scores on average over every choice of k among those of
    the item. Fewer than k attempts: those wanting are absent (rule 6), never taken as failures.

Merging keeps the attempts and applies the rules again, so any partition of the samples, merged in
any order, gives the same units (law 8). Sums are exact (`fsum`) and units are ordered by name.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from scalegate.base.errors import UnknownName, UsageError
from scalegate.evidence.eval_log import (
    INSTRUMENT_NOTES,
    REFUSAL_NOTES,
    TRUNCATIONS,
    Detail,
    EvalLog,
    SampleTable,
    ScoreColumn,
)

Cautious = Literal["success", "failure"]
"""The worse news: that an attempt succeeded, or that it failed."""
OverEpochs = Literal["mean", "max"]
"""How the epochs of an item count: their mean, or the best of them (of all, or of so many)."""

_LOST, _KEPT = 0, 1
_ABSENT_SCORES = frozenset({"", "absent"})


class Attempt(NamedTuple):
    """One run of one item and epoch, as an interval."""

    item: str
    """The item's id."""
    epoch: int
    """Which repetition."""
    uuid: str
    """Id of the run, or empty."""
    state: int
    """0: lost, gives way to another run; 1: stays."""
    is_clean: bool
    """True when both ends are a clean score (rule 1)."""
    low: float
    """The low end."""
    high: float
    """The high end."""
    family: str
    """Family of the item, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRule:
    """What two sets of units must share to be merged."""

    subject: tuple[str, str, str]
    """Task, task version, model."""
    scorer: str
    """Which score."""
    floor: float
    """Lowest value of the measure."""
    ceiling: float
    """Highest value of the measure."""
    cautious: Cautious
    """Which end is the worse news."""
    over_epochs: OverEpochs
    """How epochs count."""
    family_key: str
    """Metadata key of the family, or empty: units are items."""
    best_of: int = 0
    """With `max`: the best of so many attempts (rule 11); 0 means of all there are."""

    @property
    def worse(self) -> float:
        """The score that is the worse news."""
        return self.ceiling if self.cautious == "success" else self.floor


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitScores:
    """Low and high score of every unit."""

    rule: UnitRule
    """How they were made."""
    unit_ids: tuple[str, ...]
    """Units in order of their names; an unnamed planned item is `?1`, `?2`, ..."""
    low: tuple[float, ...]
    """Score of each unit with every open attempt at the floor."""
    high: tuple[float, ...]
    """Score of each unit with every open attempt at the ceiling."""
    items: tuple[int, ...]
    """Items in each unit."""
    attempts: tuple[int, ...]
    """Attempts in each unit, absent ones included."""
    missing: tuple[int, ...]
    """Attempts in each unit that were not cleanly measured."""
    planned_ids: frozenset[str]
    """Items that were to run, where a list names them."""
    planned_id_count: int
    """Items that were to run, by the largest claim."""
    planned_epochs: int
    """Epochs that were to run."""
    runs: frozenset[Attempt]
    """Every run that went in: what merging needs."""

    @property
    def n_units(self) -> int:
        """How many units there are, absent ones included."""
        return len(self.unit_ids)

    @property
    def n_attempts(self) -> int:
        """How many attempts there are, absent ones included."""
        return sum(self.attempts)

    @property
    def n_missing(self) -> int:
        """How many attempts were not cleanly measured."""
        return sum(self.missing)

    @property
    def worse(self) -> tuple[float, ...]:
        """The scores of the cautious completion."""
        return self.high if self.rule.cautious == "success" else self.low


def cautious_units(
    log: EvalLog,
    scorer: str,
    *,
    family_key: str | None = None,
    cautious: Cautious = "success",
    over_epochs: OverEpochs = "mean",
    best_of: int = 0,
    score_range: tuple[float, float] = (0.0, 1.0),
    planned_samples: int | None = None,
    planned_epochs: int | None = None,
) -> UnitScores:
    """Return the units of one log by the rules above.

    Args:
        log: A log read in full detail.
        scorer: Name of the score column.
        family_key: Metadata column that names the family; None: units are items.
        cautious: The worse news.
        over_epochs: How the epochs of an item count.
        best_of: With `max`: of so many attempts; 0 means of all there are.
        score_range: Floor and ceiling of the measure.
        planned_samples: Items that an evaluation plan asked for, if one did.
        planned_epochs: Epochs that an evaluation plan asked for, if one did.

    Raises:
        UnknownName: no score column (in a log with scores) or metadata column of that name.
        UsageError: the log was not read in full, or the range is empty.
    """
    samples, header = log.samples, log.header
    if samples.detail is not Detail.FULL:
        raise UsageError("units need the whole log", hint="read it with `read_log`")
    floor, ceiling = score_range
    _require_measure(floor, ceiling, over_epochs=over_epochs, best_of=best_of)
    column = samples.score(scorer)
    if column is None and samples.scores:
        raise UnknownName("score", scorer, known=samples.score_names)
    rule = UnitRule(
        subject=(header.task, header.task_version, header.model),
        scorer=scorer,
        floor=floor,
        ceiling=ceiling,
        cautious=cautious,
        over_epochs=over_epochs,
        family_key=family_key or "",
        best_of=best_of,
    )
    planned_ids = frozenset(header.planned_ids)
    return _units(
        rule,
        frozenset(_attempts(samples, column, rule)),
        planned_ids=planned_ids,
        planned_id_count=max(len(planned_ids), header.planned_id_count or 0, planned_samples or 0),
        planned_epochs=max(header.planned_epochs, planned_epochs or 1),
    )


def _require_measure(
    floor: float, ceiling: float, *, over_epochs: OverEpochs, best_of: int
) -> None:
    if not (math.isfinite(floor) and math.isfinite(ceiling) and floor < ceiling):
        raise UsageError("the range of a measure must be finite and not empty")
    if best_of < 0 or (best_of and over_epochs != "max"):
        raise UsageError("best of so many attempts: a number from 1, and epochs that count by best")


def merge_units(parts: Iterable[UnitScores]) -> UnitScores:
    """Merge units of the same task, model, score and rule: shards of a log, or retries of a run.

    Guarantees:
        Neither the order nor the grouping of the parts matters, and a part may come twice.

    Raises:
        UsageError: no parts, or parts of different tasks, models, scores or rules.
    """
    found = tuple(parts)
    if not found:
        raise UsageError("nothing to merge", hint="give at least one set of units")
    rule = found[0].rule
    for part in found:
        if part.rule != rule:
            raise UsageError(
                "these units do not measure the same thing",
                hint=f"expected `{rule}`; got `{part.rule}`",
            )
    return _units(
        rule,
        frozenset().union(*(part.runs for part in found)),
        planned_ids=frozenset().union(*(part.planned_ids for part in found)),
        planned_id_count=max(part.planned_id_count for part in found),
        planned_epochs=max(part.planned_epochs for part in found),
    )


def _attempts(
    samples: SampleTable, column: ScoreColumn | None, rule: UnitRule
) -> Iterator[Attempt]:
    """Yield one interval per row (rules 1 to 5)."""
    families = _families(samples, rule.family_key) or ("",) * len(samples)
    nothing: tuple[float, str, str] = (rule.floor, "absent", "")
    for row, item in enumerate(samples.ids):
        score, unscored, note = nothing
        if column is not None:
            score, unscored, note = column.values[row], column.unscored[row], column.notes[row]
        is_lost = bool(samples.errors[row] or unscored)
        is_cut = _is_cut(samples, row, note)
        is_void = _is_void(rule, note, None if unscored else score, samples.invalidated[row])
        low, high = rule.floor, rule.ceiling
        is_clean = not (is_lost or is_void or is_cut)
        if is_clean or not (is_void or unscored or score != rule.worse):
            low = high = score
        gives_way = is_lost and low != high and not (is_cut or is_void)
        yield Attempt(
            item,
            samples.epochs[row],
            samples.uuids[row],
            _LOST if gives_way else _KEPT,
            is_clean,
            low,
            high,
            families[row],
        )


def _is_void(rule: UnitRule, note: str, score: float | None, invalidated: bool) -> bool:  # noqa: FBT001  # a column's cell
    return (
        invalidated
        or note in INSTRUMENT_NOTES
        or (score is not None and not rule.floor <= score <= rule.ceiling)
    )


def _is_cut(samples: SampleTable, row: int, note: str) -> bool:
    return (
        bool(samples.limits[row])
        or samples.stop_reasons[row] in TRUNCATIONS
        or samples.stop_reasons[row] == "content_filter"
        or samples.refused[row]
        or samples.fallbacks[row] > 0
        or note in REFUSAL_NOTES
        or note == "invalid_response_format"
    )


def _families(samples: SampleTable, family_key: str) -> tuple[str, ...]:
    if not family_key:
        return ()
    column = samples.field(family_key)
    if column is None:
        raise UnknownName(
            "metadata column", family_key, known=(field.name for field in samples.metadata)
        )
    return tuple("" if value is None else str(value) for value in column.values)


class _Interval(NamedTuple):
    """One attempt after rules 7 and 8."""

    low: float
    high: float
    is_clean: bool


def _units(
    rule: UnitRule,
    runs: frozenset[Attempt],
    *,
    planned_ids: frozenset[str],
    planned_id_count: int,
    planned_epochs: int,
) -> UnitScores:
    items, families = _by_item(runs)
    for item in planned_ids:
        items.setdefault(item, [])
    for name in _unnamed(planned_id_count - len(items), set(items)):
        items[name] = []
    by_unit: dict[str, list[str]] = {}
    for item in sorted(items):
        by_unit.setdefault(_unit_of(item, families, rule), []).append(item)
    names = sorted(by_unit)
    scored = {item: _of_item(rule, found, planned_epochs) for item, found in items.items()}
    return UnitScores(
        rule=rule,
        unit_ids=tuple(names),
        low=tuple(_mean([scored[item][0] for item in by_unit[name]]) for name in names),
        high=tuple(_mean([scored[item][1] for item in by_unit[name]]) for name in names),
        items=tuple(len(by_unit[name]) for name in names),
        attempts=tuple(sum(scored[item][2] for item in by_unit[name]) for name in names),
        missing=tuple(sum(scored[item][3] for item in by_unit[name]) for name in names),
        planned_ids=planned_ids,
        planned_id_count=planned_id_count,
        planned_epochs=planned_epochs,
        runs=runs,
    )


def _unnamed(count: int, taken: set[str]) -> Iterator[str]:
    """Yield `count` names that no item has, for planned items that no list names."""
    number = 0
    while count > 0:
        number += 1
        if f"?{number}" not in taken:
            count -= 1
            yield f"?{number}"


def _unit_of(item: str, families: dict[str, str], rule: UnitRule) -> str:
    if not rule.family_key:
        return item
    family = families.get(item, "")
    return f"family {family}" if family else f"item {item}"


def _by_item(runs: frozenset[Attempt]) -> tuple[dict[str, list[_Interval]], dict[str, str]]:
    """Apply rules 7 and 8: one interval per item and epoch, and the family of each item."""
    first_key: dict[str, tuple[str, int]] = {}
    for run in runs:
        if run.uuid:
            key = (run.item, run.epoch)
            first_key[run.uuid] = min(first_key.get(run.uuid, key), key)
    by_key: dict[tuple[str, int], list[Attempt]] = {}
    families: dict[str, str] = {}
    for run in runs:
        key = (run.item, run.epoch)
        if run.family:
            families[run.item] = min(families.get(run.item, run.family), run.family)
        if not run.uuid or first_key[run.uuid] == key:
            by_key.setdefault(key, []).append(run)
        else:
            by_key.setdefault(key, [])
    items: dict[str, list[_Interval]] = {}
    for (item, _), found in by_key.items():
        intervals = items.setdefault(item, [])
        kept = [run for run in found if run.state == _KEPT] or found
        if kept:
            intervals.append(
                _Interval(
                    min(run.low for run in kept),
                    max(run.high for run in kept),
                    all(run.is_clean for run in kept) and len({run.low for run in kept}) == 1,
                )
            )
    return items, families


def _of_item(
    rule: UnitRule, found: list[_Interval], planned_epochs: int
) -> tuple[float, float, int, int]:
    """Return low, high, attempts and missing attempts of one item."""
    absent = max(0, max(planned_epochs, rule.best_of) - len(found))
    lows = [interval.low for interval in found] + [rule.floor] * absent
    highs = [interval.high for interval in found] + [rule.ceiling] * absent
    missing = absent + sum(1 for interval in found if not interval.is_clean)
    if rule.best_of:
        best = [_best_of(values, rule.best_of) for values in (lows, highs)]
        return best[0], best[1], len(lows), missing
    if rule.over_epochs == "max":
        return max(lows), max(highs), len(lows), missing
    return _mean(lows), _mean(highs), len(lows), missing


def _best_of(values: list[float], k: int) -> float:
    """Return the mean, over every choice of k of the values, of the largest one (rule 11)."""
    ordered = sorted(values)
    choices = math.comb(len(ordered), k)
    mean = math.fsum(
        value * (math.comb(below, k - 1) / choices)
        for below, value in enumerate(ordered)
        if below >= k - 1
    )
    return min(ordered[-1], max(ordered[0], mean))


def _mean(values: list[float]) -> float:
    """Return the exact-sum mean: the order of the values does not matter."""
    return values[0] if len(values) == 1 else math.fsum(values) / len(values)
