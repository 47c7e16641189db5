"""Move a line by an allowance on the axis of its scale, and round towards caution.

1. Shares (probability, score, count) move on the logit axis, ratios on the logarithm, minutes on
   doublings, ratings by points. Allowances add up.
2. Where high values are dangerous an allowance lowers the line that the bound must clear; where
   low values are dangerous it raises it.
3. A line exactly at the far end of its range (all of the tasks) lies at infinity on the logit
   axis, where no allowance would move it; it is first brought in by half a unit.
4. Decimal lines become floats, and moved lines are rounded, outwards: never easier to clear.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from math import exp, inf, log, log1p, nextafter

from scalegate.estimate.model import AllowanceUnit, ElicitationLevel, Scale

Support = tuple[float, float | None]
"""Smallest and largest possible value; None where there is no largest."""

_ULPS = 8
"""Steps of rounding by which a moved line is made stricter: covers the error of exp and log."""

LOGITS_PER_DOUBLING = 0.25
"""Logits of success lost per doubling of task length, used to turn a default allowance in logits
into doublings: below the slopes fitted to the models of METR's February 2025 runs (0.26 to 0.43),
so the allowance in doublings is not too small. A default of ours."""

POINTS_PER_LOGIT = 400.0 / log(10.0)
"""Elo points for one logit: 400 points multiply the odds by ten, by definition of the scale."""


def to_float(value: Decimal, *, towards: float) -> float:
    """Return the float nearest to `value` that is not beyond it against `towards` (+-inf)."""
    nearest = float(value)
    exact = Decimal(nearest)
    if (towards < 0 and exact > value) or (towards > 0 and exact < value):
        return nextafter(nearest, towards)
    return nearest


def share_of(value: float, support: Support) -> float:
    """Return where `value` lies between the ends of its range, 0 to 1."""
    low, high = support
    return value if high is None else (value - low) / (high - low)


def value_of(share: float, support: Support) -> float:
    """Return the value at a share of its range; the inverse of `share_of`."""
    low, high = support
    return share if high is None else low + share * (high - low)


def is_share(scale: Scale) -> bool:
    """Whether values of the scale lie between two ends, so that the logit axis applies."""
    return scale in (Scale.PROBABILITY, Scale.SCORE, Scale.COUNT)


@lru_cache(maxsize=4096)
def moved_line(line: float, *, gap: float, axis: tuple[Scale, Support, int], is_up: bool) -> float:
    """Return `line` moved by `gap` (unit of the scale), outwards by rule 4.

    Args:
        line: value in the unit of the estimate, already a float on the cautious side.
        gap: sum of allowances, at least 0.
        axis: scale and range of the estimate, and how many units it was made from.
        is_up: True where low values are dangerous, so the line moves up.
    """
    scale, support, n_units = axis
    sign = 1.0 if is_up else -1.0
    if gap == 0.0:
        return line
    if is_share(scale):
        inside = _inside(share_of(line, support), n_units=n_units, is_up=is_up)
        return _outwards(value_of(shifted_share(inside, sign * gap), support), sign)
    if scale is Scale.ELO:
        return _outwards(line + sign * gap, sign)
    factor = 2.0 ** (sign * gap) if scale is Scale.MINUTES else exp(sign * gap)
    return _outwards(line * factor, sign)


def moved_share(share: float, *, gap: float) -> float:
    """Return a line on a share, crossed from below and inside (0, 1), as `moved_line` moves it."""
    return share if gap == 0.0 else _outwards(shifted_share(share, -gap), -1.0)


def shifted_share(share: float, logits: float) -> float:
    """Return a share moved on the logit axis; 0 and 1 stay where they are."""
    if share <= 0.0 or share >= 1.0:
        return min(1.0, max(0.0, share))
    logit = log(share) - log1p(-share) + logits
    return 1.0 / (1.0 + exp(-logit)) if logit > -700 else 0.0


def default_allowance(level: ElicitationLevel, unit: AllowanceUnit) -> float | None:
    """Return the default elicitation allowance of a level in `unit`; None for E0.

    See `in_unit`.
    """
    logits = level.default_logits
    return None if logits is None else in_unit(logits, unit)


def in_unit(logits: float, unit: AllowanceUnit) -> float:
    """Return an allowance in logits on another axis.

    A gain of g logits multiplies a mean by at most e to the g, so the same number is a safe one
    for ratios; for minutes it is divided by `LOGITS_PER_DOUBLING`. On an Elo scale a logit is
    `POINTS_PER_LOGIT`.
    """
    if unit is AllowanceUnit.ELO_POINTS:
        return logits * POINTS_PER_LOGIT
    return logits / LOGITS_PER_DOUBLING if unit is AllowanceUnit.DOUBLINGS else logits


def axis(value: float, scale: Scale) -> float:
    """Return `value` on the additive axis of what is no share; minus infinity for 0 on a log."""
    if scale is Scale.ELO:
        return value
    return log(value) if value > 0 else -inf


def off_axis(place: float, scale: Scale) -> float:
    """Return the value at a place of that axis; the inverse of `axis`."""
    return place if scale is Scale.ELO else exp(place)


def _inside(share: float, *, n_units: int, is_up: bool) -> float:
    margin = 0.5 / max(1, n_units)
    if is_up:
        return max(share, margin)
    return min(share, 1.0 - margin)


def _outwards(value: float, sign: float) -> float:
    for _ in range(_ULPS):
        value = nextafter(value, sign * inf)
    return value
