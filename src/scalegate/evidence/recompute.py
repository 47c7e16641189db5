"""Compare what a header says with what its samples bear out.

The rules; every disagreement is one flag with both sides:

1. Planned sample runs (`results.total_samples`, or planned ids times epochs) against rows.
2. Runs without error (`results.completed_samples`) against rows without error.
3. The size of the data set against the items present, also where a limit explains it: a score
   over three items is not a score of a data set of 2,376.
4. `accuracy` and `mean` of a score, over the mean of its epochs, against the recomputed value
   over every scored row. Other metrics and reducers are not recomputed and not compared.
5. Settings: an epoch beyond the planned ones.

Does not check: standard errors, grouped metrics, metrics of other names.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import compress
from operator import truediv

from scalegate.evidence.eval_log import (
    Flag,
    FlagKind,
    LogHeader,
    ReportedMetric,
    SampleTable,
    ScoreColumn,
)

_TOLERANCE = 1e-9
_COMPARED = frozenset({"accuracy", "mean"})


def header_mismatches(header: LogHeader, samples: SampleTable) -> tuple[Flag, ...]:
    """Return one `header_mismatch` flag per disagreement, in the order of the rules."""
    found = [*_counts(header, samples), *_metrics(header, samples)]
    if samples.epochs and max(samples.epochs) > header.planned_epochs:
        found.append(
            _mismatch("eval.config.epochs", str(header.planned_epochs), str(max(samples.epochs)))
        )
    return tuple(found)


def _counts(header: LogHeader, samples: SampleTable) -> Iterator[Flag]:
    present = epochs_by_item(samples)
    rows = sum(present.values())
    planned = header.reported_total
    if planned is None and header.is_finished:
        planned = header.planned_total
    if planned is not None and planned != rows:
        yield _mismatch("results.total_samples", f"{planned} sample runs", f"{rows} present")
    completed = header.reported_completed
    clean = samples.errors.count("")
    if completed is not None and completed != clean:
        yield _mismatch(
            "results.completed_samples", f"{completed} without error", f"{clean} present"
        )
    if header.dataset_size is not None and header.dataset_size != len(present):
        yield _mismatch(
            "eval.dataset.samples", f"{header.dataset_size} items", f"{len(present)} present"
        )


def epochs_by_item(samples: SampleTable) -> Counter[str]:
    """Count the different epochs of each item."""
    counts = Counter(samples.ids)
    if len(counts) == len(samples):
        return counts
    # One set per epoch, not one of pairs: a hundred thousand pairs would keep the collector busy.
    items: dict[int, list[str]] = {}
    for item, epoch in zip(samples.ids, samples.epochs, strict=True):
        items.setdefault(epoch, []).append(item)
    different = [set(found) for found in items.values()]
    if sum(map(len, different)) == len(samples):
        return counts
    return Counter(item for found in different for item in sorted(found))


def _metrics(header: LogHeader, samples: SampleTable) -> Iterator[Flag]:
    for reported in header.reported_metrics:
        if reported.metric not in _COMPARED or reported.reducer not in ("", "mean"):
            continue
        if header.epochs_reducers and "mean" not in header.epochs_reducers:
            continue
        column = _column_of(reported, samples)
        got = None if column is None else mean_of(samples, column)
        if column is None and samples.scores and _is_composite(reported, samples):
            continue
        if _differ(reported.value, got):
            where = f"results.scores.{reported.score}.{reported.metric}"
            shown = "no number" if reported.value is None else f"{reported.value:.6g}"
            found = "no scored sample" if got is None else f"{got:.6g} recomputed"
            yield _mismatch(where, shown, found)


def _column_of(reported: ReportedMetric, samples: SampleTable) -> ScoreColumn | None:
    for name in (f"{reported.scorer}/{reported.score}", reported.score, reported.scorer):
        column = samples.score(name)
        if column is not None:
            return column
    return None


def _is_composite(reported: ReportedMetric, samples: SampleTable) -> bool:
    """Say whether the score has entries that a plain mean was not taken over one by one."""
    prefixes = (f"{reported.score}/", f"{reported.scorer}/")
    return any(name.startswith(prefixes) for name in samples.score_names)


def mean_of(samples: SampleTable, column: ScoreColumn) -> float | None:
    """Return the mean over items of the mean over scored epochs; None without a scored row."""
    items: Iterable[str] = samples.ids
    values: Iterable[float] = column.values
    if any(column.unscored):
        scored = [not unscored for unscored in column.unscored]
        items, values = list(compress(items, scored)), compress(values, scored)
    epochs = Counter(items)
    if not epochs:
        return None
    # The mean of means, as one exact sum: each value weighs one over its item's scored epochs.
    shares = map(truediv, values, map(epochs.__getitem__, items))
    return math.fsum(shares) / len(epochs)


def _differ(reported: float | None, got: float | None) -> bool:
    if reported is None or got is None:
        return reported is not got
    return not math.isclose(reported, got, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)


def _mismatch(where: str, expected: str, got: str) -> Flag:
    return Flag(kind=FlagKind.HEADER_MISMATCH, where=where, expected=expected, got=got)
