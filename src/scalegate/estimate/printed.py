"""Estimate from a published number: what was printed, how it was rounded, and no more.

1. A share with n: Clopper-Pearson on n, after widening by the rounding of the print. The printed
   n must be the number of independent units; epochs do not add to it.
2. A number with an interval: the caller says what the interval is. A two-sided interval whose
   one-sided error is at most alpha is used as printed; a narrower one is widened as if normal on
   the axis of its scale. With n and a share, the wider of this and rule 1.
3. A number alone is `Insufficient(no_sample_size)`: it can be shown, it bounds nothing.
4. A rating has no bound but its printed interval, whatever n was printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, exp, floor, isfinite, log, sqrt

from scalegate.base.errors import UsageError
from scalegate.estimate.bound import clopper_pearson_lower, clopper_pearson_upper
from scalegate.estimate.model import Estimate, Insufficient, InsufficientReason, Scale
from scalegate.estimate.scale import is_share, share_of, value_of

Support = tuple[float, float | None]


class IntervalKind(StrEnum):
    """What a printed interval means."""

    TWO_SIDED = "two_sided"
    """Lower and upper end of a confidence or credible interval at `level`."""
    SE = "se"
    """A standard error: point plus and minus one."""
    SD = "sd"
    """A standard deviation of single units: needs n."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedInterval:
    """An interval as printed, in the unit of the point."""

    kind: IntervalKind
    """What it means."""
    lower: float
    """Lower end; point minus the printed plus-minus for `se` and `sd`."""
    upper: float
    """Upper end; point plus the printed plus-minus for `se` and `sd`."""
    level: float = 0.95
    """Coverage of a two-sided interval."""


def estimate_printed(
    *,
    point: float,
    alpha: float,
    scale: Scale | str = Scale.PROBABILITY,
    n: int | None = None,
    interval: PrintedInterval | None = None,
    rounding: float = 0.0,
    support: Support = (0.0, 1.0),
    estimand: str = "printed",
    unit: str = "printed unit",
) -> Estimate | Insufficient:
    """Estimate from a published point, its n and its interval, as far as they were printed.

    Args:
        point: the printed value, in the unit of `scale`.
        alpha: error probability of each bound.
        scale: what kind of number it is.
        n: independent units; None when it was not printed.
        interval: None when none was printed.
        rounding: half a unit of the last printed digit, in the unit of the point.
        support: smallest and largest value of a share; ignored for ratios and minutes.
        estimand: what is estimated.
        unit: what n counts.

    Raises:
        UsageError: a negative n or rounding, an `alpha` outside (0, 0.5].
    """
    kind = Scale(scale)
    if (n is not None and n < 0) or rounding < 0.0 or not 0.0 < alpha <= 0.5:
        raise UsageError("n and rounding are at least 0 and alpha lies in (0, 0.5]")
    where: Support = support if is_share(kind) else (0.0, None)
    refusal = _refused(point, kind=kind, n=n, interval=interval, support=where)
    if refusal is not None:
        return refusal
    ends = _ends(
        point, kind=kind, n=n, interval=interval, support=where, rounding=rounding, alpha=alpha
    )
    if isinstance(ends, Insufficient):
        return ends
    units = n if n is not None else _implied_units(point, ends, support=where, alpha=alpha)
    return Estimate(
        estimand=estimand,
        unit=unit,
        n_units=units,
        n_samples=units,
        n_effective=float(units),
        point=point,
        lower=min(ends[0], point),
        upper=max(ends[1], point),
        alpha=alpha,
        method=ends[2],
        scale=kind,
        notes=_NOTES if n is not None else (*_NOTES, _ON_TRUST),
        support=where,
    )


_NOTES = ("as printed; nothing was computed from samples",)
_ON_TRUST = "n was not printed: the interval is taken on trust, and n is what it implies"


def _implied_units(
    point: float, ends: tuple[float, float, str], *, support: Support, alpha: float
) -> int:
    """Return how many 0/1 trials would give a bound as far from the point, at least 1."""
    from scipy.special import ndtri

    if support[1] is None:
        return 1
    share = share_of(point, support)
    farthest = max(point - ends[0], ends[1] - point) / (support[1] - support[0])
    error = farthest / float(ndtri(1.0 - alpha)) if farthest > 0.0 else 1.0
    return max(1, floor(share * (1.0 - share) / (error * error) + 1e-6))


def _refused(
    point: float, *, kind: Scale, n: int | None, interval: PrintedInterval | None, support: Support
) -> Insufficient | None:
    reason = InsufficientReason
    low, high = support
    beyond = high is not None and point > high
    if not isfinite(point) or point < low or beyond or (not is_share(kind) and point <= 0.0):
        text = f"the printed value {point:g} lies outside of its range"
        return Insufficient(reason=reason.OUT_OF_RANGE, detail=text)
    if n == 0:
        return Insufficient(reason=reason.NO_DATA, detail="the printed n is 0", observed=point)
    if interval is None:
        return _unbounded(point, kind=kind, n=n)
    ends = (interval.lower, interval.upper, interval.level)
    if not all(isfinite(x) for x in ends) or not interval.lower <= point <= interval.upper:
        text = "the printed interval does not enclose the printed value"
        return Insufficient(reason=reason.OUT_OF_RANGE, detail=text, observed=point)
    if interval.lower == interval.upper or not 0.0 < interval.level < 1.0:
        text = "the printed interval has no width, or no level between 0 and 1"
        return Insufficient(reason=reason.DEGENERATE, detail=text, observed=point)
    if interval.kind == IntervalKind.SD and n is None:
        text = "a standard deviation bounds no mean without n"
        return Insufficient(reason=reason.NO_SAMPLE_SIZE, detail=text, observed=point)
    return None


def _unbounded(point: float, *, kind: Scale, n: int | None) -> Insufficient | None:
    reason = InsufficientReason
    if n is None:
        text = "neither n nor an interval was printed"
        return Insufficient(reason=reason.NO_SAMPLE_SIZE, detail=text, observed=point)
    if not is_share(kind):
        text = f"a printed {kind.value} needs an interval: n alone does not bound it"
        return Insufficient(reason=reason.UNSUPPORTED, detail=text, observed=point)
    return None


def _ends(
    point: float,
    *,
    kind: Scale,
    n: int | None,
    interval: PrintedInterval | None,
    support: Support,
    rounding: float,
    alpha: float,
) -> tuple[float, float, str] | Insufficient:
    found: list[tuple[float, float, str]] = []
    if n is not None and is_share(kind):
        found.append(_exact(point, n=n, support=support, rounding=rounding, alpha=alpha))
    if interval is not None:
        given = _from_interval(point, interval, kind=kind, n=n, alpha=alpha)
        if isinstance(given, Insufficient):
            return given
        low, high = given[0] - rounding, given[1] + rounding
        top = support[1]
        low = max(low, support[0])
        found.append((low, high if top is None else min(high, top), "printed_interval"))
    method = "+".join(name for _, _, name in found)
    return min(row[0] for row in found), max(row[1] for row in found), method


def _exact(
    point: float, *, n: int, support: Support, rounding: float, alpha: float
) -> tuple[float, float, str]:
    """Return Clopper-Pearson bounds on whole successes enclosing the print (rule 1)."""
    width = value_of(1.0, support) - value_of(0.0, support)
    share, half = share_of(point, support), rounding / width
    most = min(n, ceil((share + half) * n - 1e-9))
    least = max(0, floor((share - half) * n + 1e-9))
    upper = clopper_pearson_upper(most, n, alpha)
    lower = clopper_pearson_lower(least, n, alpha)
    return value_of(lower, support), value_of(upper, support), "clopper_pearson_printed"


def _from_interval(
    point: float, interval: PrintedInterval, *, kind: Scale, n: int | None, alpha: float
) -> tuple[float, float] | Insufficient:
    """Return one-sided bounds from the printed interval (rule 2)."""
    from scipy.special import ndtri

    z = float(ndtri(1.0 - alpha))
    if interval.kind == IntervalKind.TWO_SIDED:
        side = (1.0 - interval.level) / 2.0
        if side <= alpha:
            return interval.lower, interval.upper
        factor = z / float(ndtri(1.0 - side))
        return _widened(point, interval, kind=kind, factor=factor)
    if interval.kind == IntervalKind.SE:
        return _linear(point, interval, factor=z)
    return _linear(point, interval, factor=z / sqrt(n or 1))


def _linear(point: float, interval: PrintedInterval, *, factor: float) -> tuple[float, float]:
    return (
        point - factor * (point - interval.lower),
        point + factor * (interval.upper - point),
    )


def _widened(
    point: float, interval: PrintedInterval, *, kind: Scale, factor: float
) -> tuple[float, float] | Insufficient:
    if is_share(kind) or kind is Scale.ELO:
        return _linear(point, interval, factor=factor)
    if interval.lower <= 0.0:
        text = "an interval that reaches 0 cannot be widened on the logarithm"
        return Insufficient(reason=InsufficientReason.UNSUPPORTED, detail=text, observed=point)
    low = log(point) - factor * (log(point) - log(interval.lower))
    high = log(point) + factor * (log(interval.upper) - log(point))
    return exp(low), exp(high)
