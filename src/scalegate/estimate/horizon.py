"""Estimate a time horizon: the human task length at which a model succeeds at a given level.

1. Success of a run falls with the binary logarithm of the human minutes of its task: a weighted
   logistic fit with two parameters. The horizon at level p is where the fit passes p.
2. A run weighs 1 / (runs of its task * sqrt(tasks of its family)): METR's `invsqrt_task_weight`
   up to a constant. No task counts for its repeats, no family for its size.
3. Bounds: hierarchical bootstrap. Families are drawn with replacement, tasks inside each drawn
   family, runs inside each drawn task (a binomial draw); quantiles at alpha and 1 - alpha. Drawing
   runs, tasks or families alone rules out falsely up to 25, 16 and 10 % of the time.
4. Cautious completion: a run that a limit stopped without success counts as a success for the
   upper bound and as a failure for the lower one.
5. A draw in which success does not fall with length has no horizon: it counts as unbounded above
   for the upper and as 0 for the lower bound. When the quantile falls there, `upper` is None.
6. No suite speaks about tasks longer than its own: `ceiling` is the 90th percentile of human
   minutes over tasks, and a line above it is blunt by construction.
7. Draws come from the evidence digest, and from tasks in the order of their names: the same
   evidence gives the same bytes. `summarise_runs` and `merge_runs` count exactly.

Source: METR, "Measuring AI ability to complete long tasks", arXiv 2503.14499 (fit, weights,
hierarchical bootstrap). We depart in rule 4, in one-sided quantiles, and fit without a penalty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite, log, log1p, log2, sqrt
from types import MappingProxyType
from typing import TYPE_CHECKING

from scalegate.base.canonical import sha256_hex
from scalegate.base.errors import UsageError
from scalegate.estimate.model import Estimate, Insufficient, InsufficientReason, Scale

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

_FEWEST_FAMILIES = 10
_ENOUGH_FAMILIES = 20
_FEWEST_DRAWS = 200
_STEPS = 60
_RIDGE = 1e-9
"""Penalty on the slope relative to the total weight: keeps separable draws finite, moves no
other fit by more than 1e-6 of a doubling."""
_LARGEST_STEP = 4.0
_STEEPEST = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizonRun:
    """One attempt at one task."""

    family: str
    """Task family: the unit that would be drawn again."""
    task: str
    """Task."""
    human_minutes: float
    """How long the task takes a skilled human, above 0."""
    succeeded: bool
    """Whether the attempt succeeded."""
    limit_stopped: bool = False
    """Whether a limit of time, tokens or cost stopped it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTally:
    """Exact counts of one task."""

    runs: int
    """Attempts."""
    successes: int
    """Attempts that succeeded."""
    stopped: int
    """Attempts that a limit stopped without success."""


TaskKey = tuple[str, str, float]
"""Family, task, human minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizonSummary:
    """Exact counts per task: all that the estimate needs."""

    tasks: Mapping[TaskKey, RunTally]
    """Read-only, one entry per task."""


def summarise_runs(shard: Iterable[HorizonRun]) -> HorizonSummary:
    """Count one part of the runs.

    Raises:
        UsageError: human minutes that are not finite and above 0.
    """
    counts: dict[TaskKey, list[int]] = {}
    for run in shard:
        if not isfinite(run.human_minutes) or run.human_minutes <= 0.0:
            raise UsageError(f"human minutes must be above 0; got `{run.human_minutes}`")
        row = counts.setdefault((run.family, run.task, run.human_minutes), [0, 0, 0])
        row[0] += 1
        row[1] += run.succeeded
        row[2] += run.limit_stopped and not run.succeeded
    return _frozen(
        {key: RunTally(runs=r, successes=s, stopped=p) for key, (r, s, p) in counts.items()}
    )


def merge_runs(a: HorizonSummary, b: HorizonSummary) -> HorizonSummary:
    """Add two summaries. Associative, commutative, `summarise_runs([])` is neutral."""
    tasks = dict(a.tasks)
    for key, tally in b.tasks.items():
        seen = tasks.get(key, RunTally(runs=0, successes=0, stopped=0))
        tasks[key] = RunTally(
            runs=seen.runs + tally.runs,
            successes=seen.successes + tally.successes,
            stopped=seen.stopped + tally.stopped,
        )
    return _frozen(tasks)


def estimate_time_horizon(
    summary: HorizonSummary,
    *,
    alpha: float,
    evidence_digest: str,
    success_level: float = 0.5,
    draws: int = 1000,
) -> Estimate | Insufficient:
    """Estimate the horizon in minutes at a success level.

    Args:
        summary: counts per task.
        alpha: error probability of each bound.
        evidence_digest: text that the bootstrap draws are derived from.
        success_level: in (0, 1); 0.5 and 0.8 are the published ones.
        draws: bootstrap draws, at least 200.

    Raises:
        UsageError: a level, `alpha` or number of draws out of range.
    """
    if not 0.0 < success_level < 1.0 or not 0.0 < alpha <= 0.5 or draws < _FEWEST_DRAWS:
        raise UsageError("a horizon needs a level in (0, 1), alpha in (0, 0.5], 200 draws or more")
    refusal = _refused(summary)
    if refusal is not None:
        return refusal
    table = _table(summary)
    logit = log(success_level) - log1p(-success_level)
    as_scored = _horizons(table, _one_row(table, table.successes), logit)[0]
    completed = _horizons(table, _one_row(table, table.completed), logit)[0]
    if not (isfinite(as_scored) and as_scored > -1000.0):
        text = "success does not fall with task length: there is no horizon to estimate"
        return Insufficient(reason=InsufficientReason.DEGENERATE, detail=text)
    upper, lower = _bounds(table, logit, digest=evidence_digest, draws=draws, alpha=alpha)
    point = float(2.0**as_scored)
    return Estimate(
        estimand=f"time_horizon_{success_level:.0%}".rstrip("%"),
        unit="task family",
        n_units=len(table.families),
        n_samples=sum(tally.runs for tally in summary.tasks.values()),
        n_effective=float(len(summary.tasks)),
        point=point,
        lower=min(lower, point),
        upper=None if upper is None else max(upper, point),
        alpha=alpha,
        method="logistic_hierarchical_bootstrap",
        scale=Scale.MINUTES,
        missing=sum(tally.stopped for tally in summary.tasks.values()),
        notes=_notes(table, completed=completed, upper=upper, draws=draws),
        support=(0.0, None),
        ceiling=_ceiling(summary),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """Counts per task as arrays, tasks in the order of their names.

    Shapes: every array (n_tasks,), float64; `families` holds the task indices of each family.
    """

    log2_minutes: FloatArray
    runs: FloatArray
    successes: FloatArray
    completed: FloatArray
    weights: FloatArray
    families: tuple[tuple[int, ...], ...]


def _refused(summary: HorizonSummary) -> Insufficient | None:
    reason, tallies = InsufficientReason, summary.tasks.values()
    if not summary.tasks:
        return Insufficient(reason=reason.NO_DATA, detail="no run was observed")
    runs = sum(tally.runs for tally in tallies)
    if runs == sum(tally.stopped for tally in tallies):
        return Insufficient(reason=reason.ALL_MISSING, detail=f"a limit stopped all {runs} runs")
    families = len({family for family, _, _ in summary.tasks})
    if families < _FEWEST_FAMILIES:
        text = f"{families} task families, at least {_FEWEST_FAMILIES} needed"
        return Insufficient(reason=reason.TOO_FEW_UNITS, detail=text)
    if len({minutes for _, _, minutes in summary.tasks}) < 2:
        return Insufficient(reason=reason.DEGENERATE, detail="all tasks have the same length")
    if sum(tally.successes for tally in tallies) in (0, runs):
        text = "all runs succeeded, or none did: no length separates them"
        return Insufficient(reason=reason.DEGENERATE, detail=text)
    return None


def _table(summary: HorizonSummary) -> _Table:
    import numpy as np

    keys = sorted(summary.tasks)
    tallies = [summary.tasks[key] for key in keys]
    members: dict[str, list[int]] = {}
    for index, (family, _, _) in enumerate(keys):
        members.setdefault(family, []).append(index)
    return _Table(
        log2_minutes=np.array([log2(minutes) for _, _, minutes in keys]),
        runs=np.array([float(tally.runs) for tally in tallies]),
        successes=np.array([float(tally.successes) for tally in tallies]),
        completed=np.array([float(tally.successes + tally.stopped) for tally in tallies]),
        weights=np.array(
            [
                1.0 / (tally.runs * sqrt(len(members[family])))
                for (family, _, _), tally in zip(keys, tallies, strict=True)
            ]
        ),
        families=tuple(tuple(rows) for rows in members.values()),
    )


def _one_row(table: _Table, successes: FloatArray) -> tuple[FloatArray, FloatArray]:
    row = (table.weights * successes)[None, :]
    return row, (table.weights * (table.runs - successes))[None, :]


def _bounds(
    table: _Table, logit: float, *, digest: str, draws: int, alpha: float
) -> tuple[float | None, float]:
    """Return the upper and lower bound in minutes by the hierarchical bootstrap (rule 3)."""
    import numpy as np

    seed = int(sha256_hex(f"time_horizon\x00{digest}".encode()), 16)
    generator = np.random.Generator(np.random.PCG64(seed))
    copies = _copies(table, generator, draws)
    runs = np.rint(table.runs).astype(np.int64)
    # One uniform draw decides both completions, so that the completed one is never below.
    low = _resampled(table.successes, copies, runs, generator)
    extra = _resampled_extra(table, copies, low, generator)
    ends = []
    for successes in (low + extra, low):
        won = table.weights * successes
        lost = table.weights * (copies * table.runs - successes)
        ends.append(np.sort(_horizons(table, (won, lost), logit)))
    high, small = ends
    top = float(high[min(draws - 1, int(np.ceil((1.0 - alpha) * draws)))])
    floor = np.sort(np.where(np.isfinite(small), small, -np.inf))
    bottom = float(floor[max(0, int(np.floor(alpha * draws)) - 1)])
    upper = 2.0**top if top < 1000.0 else None
    return upper, 2.0**bottom if isfinite(bottom) and bottom > -1000.0 else 0.0


def _copies(table: _Table, generator: np.random.Generator, draws: int) -> FloatArray:
    """Return how often each task enters each draw: (draws, n_tasks)."""
    import numpy as np

    count = len(table.families)
    picked = generator.multinomial(count, np.full(count, 1.0 / count), size=draws)
    copies = np.zeros((draws, table.runs.size))
    for family, rows in enumerate(table.families):
        size = len(rows)
        trials = picked[:, family] * size
        copies[:, rows] = generator.multinomial(trials, np.full(size, 1.0 / size))
    return copies


def _resampled(
    successes: FloatArray,
    copies: FloatArray,
    runs: NDArray[np.int64],
    generator: np.random.Generator,
) -> FloatArray:
    """Draw successes among all copies of each task's runs (runs drawn inside the task)."""
    import numpy as np

    trials = np.rint(copies).astype(np.int64) * runs
    return generator.binomial(trials, successes / runs).astype(np.float64)


def _resampled_extra(
    table: _Table, copies: FloatArray, low: FloatArray, generator: np.random.Generator
) -> FloatArray:
    """Draw how many of the failed runs a limit had stopped."""
    import numpy as np

    failed = np.rint(copies * table.runs - low).astype(np.int64)
    lost = table.runs - table.successes
    share = np.where(lost > 0, (table.completed - table.successes) / np.maximum(lost, 1.0), 0.0)
    return generator.binomial(failed, np.clip(share, 0.0, 1.0)).astype(np.float64)


def _horizons(table: _Table, outcomes: tuple[FloatArray, FloatArray], logit: float) -> FloatArray:
    """Fit every row by Newton steps and return log2 horizons; infinity where there is none.

    Shapes:
        outcomes: weighted successes and failures, each (n_rows, n_tasks); result: (n_rows,).
        Minus infinity for a row without success, plus infinity for one without failure or
        whose success does not fall with length.
    """
    import numpy as np
    from scipy.special import expit

    won, lost = outcomes
    total = won + lost
    mass = total.sum(axis=1)
    x = table.log2_minutes
    centre = (total @ x) / mass
    z = x[None, :] - centre[:, None]
    share = np.clip(won.sum(axis=1) / mass, 1e-6, 1.0 - 1e-6)
    a, b = np.log(share / (1.0 - share)), np.zeros(mass.size)
    ridge = _RIDGE * mass
    for _ in range(_STEPS):
        p = expit(a[:, None] + b[:, None] * z)
        gap, curve = won - total * p, total * p * (1.0 - p)
        g0, g1 = gap.sum(axis=1), (gap * z).sum(axis=1) - ridge * b
        h00 = curve.sum(axis=1) + ridge
        h01, h11 = (curve * z).sum(axis=1), (curve * z * z).sum(axis=1) + ridge
        determinant = np.maximum(h00 * h11 - h01 * h01, 1e-300)
        da = np.clip((h11 * g0 - h01 * g1) / determinant, -_LARGEST_STEP, _LARGEST_STEP)
        db = np.clip((h00 * g1 - h01 * g0) / determinant, -_LARGEST_STEP, _LARGEST_STEP)
        a, b = a + da, np.clip(b + db, -_STEEPEST, _STEEPEST)
        if float(np.max(np.abs(da) + np.abs(db))) < 1e-10:
            break
    falls = b < -1e-9
    horizon = centre + (logit - a) / np.where(falls, b, -1.0)
    horizon = np.where(falls, horizon, np.inf)
    horizon = np.where(lost.sum(axis=1) <= 0.0, np.inf, horizon)
    fitted: FloatArray = np.where(won.sum(axis=1) <= 0.0, -np.inf, horizon)
    return fitted


def _ceiling(summary: HorizonSummary) -> float:
    """Return the 90th percentile of human minutes over tasks, rounded down to a task's."""
    minutes = sorted(minutes for _, _, minutes in summary.tasks)
    return minutes[int(0.9 * (len(minutes) - 1))]


def _notes(table: _Table, *, completed: float, upper: float | None, draws: int) -> tuple[str, ...]:
    notes = [f"{draws} draws of families, tasks and runs"]
    stopped = int((table.completed - table.successes).sum())
    if stopped:
        shown = f"{2.0**completed:.3g} minutes" if completed < 1000.0 else "no finite horizon"
        notes.append(
            f"runs stopped by a limit ({stopped}) count as successes for the upper bound:"
            f" with all of them the fit gives {shown}"
        )
    if len(table.families) < _ENOUGH_FAMILIES:
        notes.append(f"fewer than {_ENOUGH_FAMILIES} task families")
    if upper is None:
        notes.append("more than alpha of the draws have no finite horizon: no upper bound")
    return tuple(notes)


def _frozen(tasks: dict[TaskKey, RunTally]) -> HorizonSummary:
    return HorizonSummary(tasks=MappingProxyType(tasks))
