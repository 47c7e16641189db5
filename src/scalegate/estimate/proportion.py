"""Estimate a rate or a mean score from one number per unit.

1. The unit is the highest level that would be drawn again if the eval were rebuilt: task family,
   else item. Everything below it was averaged to one number per unit (`summary.py`).
2. `high` is the mean of a unit had every missing sample succeeded, `low` had it failed. The upper
   bound comes from `high`, the lower one from `low`; with missing data the bound is also taken
   over completions in between, so that a missing sample never lowers the upper bound.
3. Equal weights unless weights are given (size-weighted families).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import fsum, isfinite
from operator import le

from scalegate.base.errors import UsageError
from scalegate.estimate.bound import Gathered, bounds_of, collected, gathered
from scalegate.estimate.model import Estimate, Insufficient, InsufficientReason, Scale
from scalegate.estimate.power import effective_trials

MOST_BETWEEN = 12
"""Most completions in between that are tried."""

PLANNED_RHO = 0.5
"""Correlation inside a unit assumed when the data cannot tell."""


def estimate_proportion(
    *,
    high: Sequence[float],
    low: Sequence[float],
    alpha: float,
    weights: Sequence[float] | None = None,
    n_samples: int | None = None,
    missing: int = 0,
    unit: str = "item",
    estimand: str = "proportion",
) -> Estimate | Insufficient:
    """Estimate a rate from per-unit means under the two completions (rule 2).

    Args:
        high: per unit in [0, 1], every missing sample a success.
        low: per unit in [0, 1], every missing sample a failure; at most `high`.
        alpha: error probability of each bound.
        weights: one positive weight per unit; None means equal.
        n_samples: samples in all units, missing ones included; None: one per unit.
        missing: how many of them are missing.
        unit: what the units are called.
        estimand: what is estimated.

    Raises:
        UsageError: lists of unequal length, `low` above `high`, wrong weights, impossible counts
            or `alpha`.
    """
    is_complete = high == low  # most logs miss nothing
    _check_pair(high, low, is_complete=is_complete)
    samples = _checked_count(len(high), n_samples, missing)
    tops = collected(high, weights)
    ends = tops if is_complete else collected(low, weights)
    refusal = _refused(high, (ends, tops), samples=samples, missing=missing, unit=unit)
    if refusal is not None:
        return refusal
    lower, upper = bounds_of(tops, alpha)
    if not is_complete:
        others = [bounds_of(case, alpha) for case in (ends, *_between(high, low, weights))]
        lower, upper = min((lower, upper), *others)[0], max(upper, *[top for _, top in others])
    middles = high if is_complete else _middles(high, low)
    middle = tops if is_complete and weights is None else gathered(middles)
    return Estimate(
        estimand=estimand,
        unit=unit,
        n_units=len(high),
        n_samples=samples,
        n_effective=_n_effective(middle, samples=samples),
        point=min(upper, max(lower, _point(middles, weights))),
        lower=lower,
        upper=upper,
        alpha=alpha,
        method="gaffke_beta_weighted" if weights is not None else "gaffke_beta",
        scale=Scale.PROBABILITY,
        missing=missing,
        notes=_notes(missing),
    )


def estimate_mean_score(
    *,
    high: Sequence[float],
    low: Sequence[float],
    alpha: float,
    declared_range: tuple[float, float] = (0.0, 1.0),
    weights: Sequence[float] | None = None,
    n_samples: int | None = None,
    missing: int = 0,
    unit: str = "item",
    estimand: str = "mean_score",
) -> Estimate | Insufficient:
    """Estimate a mean score whose range was declared, in the unit of the score.

    Arguments as `estimate_proportion`, with values in `declared_range`. A value outside of that
    range is `Insufficient(out_of_range)`: the declaration is wrong and every bound with it.

    Raises:
        UsageError: as `estimate_proportion`, or a range that is empty or not finite.
    """
    floor, top = declared_range
    if not (isfinite(floor) and isfinite(top) and floor < top):
        raise UsageError("the declared range must be finite, smallest value first")
    outside = [x for x in (*high, *low) if not floor <= x <= top]
    if outside:
        return Insufficient(
            reason=InsufficientReason.OUT_OF_RANGE,
            detail=f"{len(outside)} scores outside of the declared range {floor:g} to {top:g}",
        )
    width = top - floor
    found = estimate_proportion(
        high=[min(1.0, (x - floor) / width) for x in high],
        low=[min(1.0, (x - floor) / width) for x in low],
        alpha=alpha,
        weights=weights,
        n_samples=n_samples,
        missing=missing,
        unit=unit,
        estimand=estimand,
    )
    return found if isinstance(found, Insufficient) else rescaled(found, declared_range)


def rescaled(
    estimate: Estimate, support: tuple[float, float], *, scale: Scale = Scale.SCORE
) -> Estimate:
    """Return an estimate of a share in the unit of its range, such as points or tasks."""
    floor, top = support
    width = top - floor
    upper = None if estimate.upper is None else min(top, floor + width * estimate.upper)
    return replace(
        estimate,
        point=floor + width * estimate.point,
        lower=max(floor, floor + width * estimate.lower),
        upper=upper,
        scale=scale,
        support=(floor, top),
    )


def _check_pair(high: Sequence[float], low: Sequence[float], *, is_complete: bool) -> None:
    if len(high) != len(low):
        raise UsageError("`high` and `low` must name the same units")
    is_fine = _is_finite(high)
    if not is_complete:
        is_fine = is_fine and _is_finite(low) and all(map(le, low, high))
    if not is_fine:
        raise UsageError("every unit needs finite values with `low` at most `high`")


def _checked_count(n_units: int, n_samples: int | None, missing: int) -> int:
    samples = n_units if n_samples is None else n_samples
    if missing < 0 or missing > samples or samples < n_units:
        raise UsageError("counts must satisfy 0 <= missing <= samples and units <= samples")
    return samples


def _is_finite(values: Sequence[float]) -> bool:
    """Whether all are: a finite sum says so fastest, and one that is not may have overflowed."""
    return isfinite(sum(values)) or all(map(isfinite, values))


def _refused(
    high: Sequence[float], ends: tuple[Gathered, Gathered], *, samples: int, missing: int, unit: str
) -> Insufficient | None:
    if not high:
        return Insufficient(reason=InsufficientReason.NO_DATA, detail="no unit was observed")
    if missing == samples:
        return Insufficient(
            reason=InsufficientReason.ALL_MISSING, detail=f"all {samples} samples are missing"
        )
    lowest, highest = ends[0].pairs[0][0], ends[1].pairs[-1][0]
    if lowest < 0.0 or highest > 1.0:
        return Insufficient(
            reason=InsufficientReason.OUT_OF_RANGE, detail="a unit mean lies outside of 0 to 1"
        )
    if unit != "item" and len(high) == 1:
        detail = f"one {unit} only: it says nothing of how others would differ from it"
        return Insufficient(reason=InsufficientReason.TOO_FEW_UNITS, detail=detail)
    return None


def _point(middles: Sequence[float], weights: Sequence[float] | None) -> float:
    if weights is None:
        return fsum(middles) / len(middles)
    return fsum(w * x for w, x in zip(weights, middles, strict=True)) / fsum(weights)


def _middles(high: Sequence[float], low: Sequence[float]) -> Sequence[float]:
    return [(h + w) / 2.0 for h, w in zip(high, low, strict=True)]


def _between(
    high: Sequence[float], low: Sequence[float], weights: Sequence[float] | None
) -> Iterator[Gathered]:
    """Yield completions from the high end downwards, units with the lowest `low` first."""
    current = list(high)
    open_units = sorted(
        (i for i in range(len(current)) if low[i] < current[i]),
        key=lambda i: (low[i], current[i]),
    )
    for unit in open_units[:MOST_BETWEEN]:
        current[unit] = low[unit]
        yield gathered(current, weights)


def _n_effective(units: Gathered, *, samples: int) -> float:
    """Return how many independent 0/1 trials would be as precise as these units."""
    n, mean = round(units.n), units.mean
    spread = fsum([count * (x - mean) ** 2 for x, count in units.pairs])
    if n < 2 or spread <= 0.0:
        return effective_trials(n, samples, PLANNED_RHO)
    trials = n * mean * (1.0 - mean) / (spread / (n - 1))
    return min(float(samples), max(float(n), trials))


def _notes(missing: int) -> tuple[str, ...]:
    if not missing:
        return ()
    text = (
        f"{missing} missing samples: successes for the upper bound, failures for the lower one;"
        " the point is the middle of that range"
    )
    return (text,)
