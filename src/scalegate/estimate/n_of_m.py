"""Estimate how many of m tasks a model does, for a fixed list or for tasks drawn from a domain.

1. *Sampled*: the tasks stand for a domain. Units are tasks; the bound of `proportion.py` times m.
2. *Fixed list*: the claim is about these m tasks only, so only epochs are random. All trials are
   pooled; with equally many trials per task Clopper-Pearson is conservative (Hoeffding 1956).
   Using it for a claim about a domain would be wrong: the caller must say which it is.
3. A listed task without any result counts as done for the upper bound, not done for the lower.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from scalegate.base.errors import UsageError
from scalegate.estimate.bound import clopper_pearson_lower, clopper_pearson_upper
from scalegate.estimate.model import Estimate, Insufficient, InsufficientReason, Scale
from scalegate.estimate.proportion import estimate_proportion, rescaled


class Tasks(StrEnum):
    """What the tasks of a battery stand for."""

    FIXED = "fixed"
    SAMPLED = "sampled"


def estimate_n_of_m(
    *,
    successes: Sequence[int],
    missing: Sequence[int],
    trials: Sequence[int],
    m: int,
    tasks: Tasks | str,
    alpha: float,
) -> Estimate | Insufficient:
    """Estimate the expected number of tasks done, out of m.

    Args:
        successes: per task with results, how many attempts succeeded.
        missing: per task, how many attempts have no result.
        trials: per task, how many attempts were planned.
        m: tasks on the list, those without any result included.
        tasks: fixed list or sample of a domain (rules 1 and 2).
        alpha: error probability of each bound.

    Raises:
        UsageError: lists of unequal length, impossible counts.
    """
    if not len(successes) == len(missing) == len(trials) <= m:
        raise UsageError("there must be one count per task, and at most m tasks")
    rows = list(zip(successes, missing, trials, strict=True))
    if not all(s >= 0 and gone >= 0 and t >= 1 and s + gone <= t for s, gone, t in rows):
        raise UsageError("successes and missing attempts must fit into the trials of each task")
    if m == 0 or not rows:
        return Insufficient(reason=InsufficientReason.NO_DATA, detail="no task has a result")
    if sum(missing) == sum(trials):
        return Insufficient(
            reason=InsufficientReason.ALL_MISSING, detail="every attempt is missing"
        )
    found = (_fixed if Tasks(tasks) is Tasks.FIXED else _sampled)(rows, m, alpha)
    if isinstance(found, Insufficient):
        return found
    note = f"{Tasks(tasks).value} tasks; {m - len(rows)} of {m} without any result"
    counted = rescaled(found, (0.0, float(m)), scale=Scale.COUNT)
    return replace(counted, notes=(*counted.notes, note))


def _sampled(rows: list[tuple[int, int, int]], m: int, alpha: float) -> Estimate | Insufficient:
    absent = m - len(rows)
    per_task = max(trials for _, _, trials in rows)
    return estimate_proportion(
        high=[*((s + gone) / t for s, gone, t in rows), *([1.0] * absent)],
        low=[*(s / t for s, _, t in rows), *([0.0] * absent)],
        alpha=alpha,
        n_samples=sum(t for _, _, t in rows) + absent * per_task,
        missing=sum(gone for _, gone, _ in rows) + absent * per_task,
        unit="task",
        estimand="n_of_m",
    )


def _fixed(rows: list[tuple[int, int, int]], m: int, alpha: float) -> Estimate | Insufficient:
    per_task = {trials for _, _, trials in rows}
    if len(per_task) != 1:
        return Insufficient(
            reason=InsufficientReason.UNSUPPORTED,
            detail="a fixed list needs equally many planned attempts per task",
        )
    each = per_task.pop()
    absent = (m - len(rows)) * each
    total, done = m * each, sum(s for s, _, _ in rows)
    gone = sum(missing for _, missing, _ in rows) + absent
    return Estimate(
        estimand="n_of_m",
        unit="attempt at a listed task",
        n_units=total,
        n_samples=total,
        n_effective=float(total),
        point=(done + gone / 2.0) / total,
        lower=clopper_pearson_lower(done, total, alpha),
        upper=clopper_pearson_upper(done + gone, total, alpha),
        alpha=alpha,
        method="clopper_pearson_fixed_list",
        scale=Scale.COUNT,
        missing=gone,
    )
