"""One-sided bounds for the mean of independent values in [0, 1] (shifted Gaffke-Beta).

1. With x0 the smallest value and Y = (X - x0) / (1 - x0), take the mean `mu` and variance `v` of
   Gaffke's variable: a Dirichlet-weighted mean of the n values Y and one further value 1.
2. Match a Beta distribution to them on [x0, 1]; its 1 - alpha quantile is the upper bound.
3. The lower bound is one minus the upper bound of the complements.
4. For values of only 0 and 1 this is Clopper-Pearson exactly.
5. With weights w (size-weighted families), n becomes 1 / sum of squared weights and means become
   weighted means.
6. No values: the bounds are 1 and 0. All ones: the upper bound is 1.
7. Guard: raising the smallest unit moves the floor, and the matched Beta can then *fall* (by up
   to 0.014 at alpha 0.05). The bound is therefore the larger of rules 1 to 2 on the values and on
   the values with one smallest unit set to 0. With it, turning a failed unit into a solved one
   lowered no bound in any trial; other raises did by at most 0.003 (0.001 for 10 or more units).

Source: Gaffke 2005; Learned-Miller and Thomas 2019, arXiv 1905.06208. The coverage of that bound
is conjectured, with no counterexample known, and proved for two-point supports; the Beta match
and the shift are ours, measured by `tests/calibration`. `proved.py` has bounds without conjecture.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from math import fsum, isfinite, isnan
from typing import TYPE_CHECKING, Any, NamedTuple

from scalegate.base.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]


class Gathered(NamedTuple):
    """Units gathered by their value: cheap where few values differ, as with few epochs."""

    pairs: list[tuple[float, float]]
    """Values in ascending order, each with its weight; weights sum to `n`."""
    n: float
    """Units, or what unequal ones are worth (rule 5)."""
    is_equal: bool
    """Whether every unit weighs 1; otherwise each unit has a pair of its own."""
    mean: float
    """Their mean; 1 where there are none."""


class _Match(NamedTuple):
    floor: float
    """Smallest value."""
    a: float
    """First parameter of the matched Beta distribution on [floor, 1]."""
    b: float
    """Second parameter; 0 means that the bound is 1."""


def upper_bound(
    x: Sequence[float], alpha: float, *, weights: Sequence[float] | None = None
) -> float:
    """Return the upper bound of the mean at level 1 - alpha.

    Args:
        x: one value in [0, 1] per independent unit, any order.
        alpha: error probability in (0, 0.5].
        weights: one positive weight per unit for a size-weighted mean; None means equal.

    Guarantees:
        Never below the mean, never above 1, the same for every order of `x`.

    Raises:
        UsageError: a value outside [0, 1], an `alpha` outside (0, 0.5], wrong weights.
    """
    _check_alpha(alpha)
    return _upper(gathered(x, weights), alpha)


def lower_bound(
    x: Sequence[float], alpha: float, *, weights: Sequence[float] | None = None
) -> float:
    """Return the lower bound of the mean at level 1 - alpha; arguments as `upper_bound`."""
    _check_alpha(alpha)
    return _lower(gathered(x, weights), alpha)


def bounds_of(units: Gathered, alpha: float) -> tuple[float, float]:
    """Return the lower and the upper bound, each at level 1 - alpha, as `upper_bound` does.

    Raises:
        UsageError: an `alpha` outside (0, 0.5].
    """
    _check_alpha(alpha)
    return _lower(units, alpha), _upper(units, alpha)


def gathered(x: Sequence[float], weights: Sequence[float] | None = None) -> Gathered:
    """Return units gathered by value, for several figures of the same units.

    Raises:
        UsageError: as `upper_bound`.
    """
    if isnan(sum(x)):  # what is not a number has no place in any order
        raise _out_of_range()
    units = collected(x, weights)
    if units.pairs and not 0.0 <= units.pairs[0][0] <= units.pairs[-1][0] <= 1.0:
        raise _out_of_range()
    return units


def collected(x: Sequence[float], weights: Sequence[float] | None = None) -> Gathered:
    """Return numbers gathered by value as `gathered` does, without looking at their range.

    Raises:
        UsageError: wrong weights.
    """
    values = list(map(float, x))
    if weights is not None and len(weights) != len(values):
        raise UsageError("there must be one weight per value")
    if weights is not None and not all(isfinite(weight) and weight > 0 for weight in weights):
        raise UsageError("weights must be finite and above 0")
    if weights is None or len(set(weights)) <= 1:
        counted, count = _counted(values), float(len(values))
        return Gathered(counted, count, is_equal=True, mean=_mean(counted, count))
    total = fsum(weights)
    shares = [weight / total for weight in weights]
    n = 1.0 / fsum(share * share for share in shares)
    pairs = sorted((value, n * share) for value, share in zip(values, shares, strict=True))
    return Gathered(pairs, n, is_equal=False, mean=_mean(pairs, n))


def _counted(values: list[float]) -> list[tuple[float, float]]:
    """Return values in ascending order, each with how often it occurs; sorts `values`."""
    values.sort()
    # Jumping is faster than a Counter: hashing floats costs more than sorting them.
    pairs, start, n = [], 0, len(values)
    while start < n:
        value = values[start]
        end = bisect_right(values, value, start)
        pairs.append((value, float(end - start)))
        start = end
    return pairs


def p_value(x: Sequence[float], line: float, *, weights: Sequence[float] | None = None) -> float:
    """Return the p-value of "the mean is at least `line`"; 1 when no value lies below it.

    Raises:
        UsageError: as `upper_bound`.
    """
    units = gathered(x, weights)
    if not units.pairs:
        return 1.0
    guarded = _guarded(units)
    found = _p_value(_match(units), line)
    return found if guarded is None else max(found, _p_value(_match(guarded), line))


def upper_bounds(x: FloatArray, alpha: float) -> FloatArray:
    """Return one upper bound per row, for many designs at once.

    Shapes:
        x: (n_rows, n_units), float64 in [0, 1], nothing missing; result: (n_rows,).

    Raises:
        UsageError: not two axes, a value outside [0, 1], `alpha` outside (0, 0.5].
    """
    import numpy as np

    _check_alpha(alpha)
    values = np.asarray(x, dtype=np.float64)
    if values.ndim != 2 or not bool(np.all((values >= 0.0) & (values <= 1.0))):
        raise UsageError("values must form rows of numbers in [0, 1]")
    rows, n = values.shape
    if n == 0:
        return np.ones(rows)
    bound = np.maximum(_raw_upper_bounds(values, alpha), values.mean(axis=1))
    raised = np.flatnonzero((values.min(axis=1) > 0.0) & (bound < 1.0))
    if raised.size:
        guarded = values[raised]
        guarded[np.arange(raised.size), guarded.argmin(axis=1)] = 0.0
        bound[raised] = np.maximum(bound[raised], _raw_upper_bounds(guarded, alpha))
    capped: FloatArray = np.minimum(bound, 1.0)
    return capped


def upper_bounds_of_counts(counts: IntArray, values: FloatArray, alpha: float) -> FloatArray:
    """Return one upper bound per row of counts, as `upper_bounds` does for the units themselves.

    Shapes:
        counts: (n_rows, n_values), how many units have each value, the same number in each row,
            at least 1; values: (n_values,), ascending in [0, 1]; result: (n_rows,).

    Raises:
        UsageError: `alpha` outside (0, 0.5].
    """
    import numpy as np

    _check_alpha(alpha)
    n = float(counts[0].sum())
    total, squares = counts @ values, counts @ (values * values)
    floor = values[(counts > 0).argmax(axis=1)]
    room = np.where(floor < 1.0, 1.0 - floor, 1.0)
    first = (total - n * floor) / room
    second = (squares - 2.0 * floor * total + n * floor * floor) / (room * room)
    bound = np.maximum(floor + room * _quantiles(n, first, second, alpha), total / n)
    raised = np.flatnonzero(floor > 0.0)
    if raised.size:
        least, rest, rest_squares = floor[raised], total[raised], squares[raised]
        guarded = _quantiles(n, rest - least, rest_squares - least * least, alpha)
        bound[raised] = np.maximum(bound[raised], guarded)
    return np.where(floor < 1.0, np.minimum(bound, 1.0), 1.0)


def _quantiles(n: float, first: FloatArray, second: FloatArray, alpha: float) -> FloatArray:
    from scipy.special import betaincinv

    found: FloatArray = betaincinv(*_beta_of(n=n, first=first, second=second), 1.0 - alpha)
    return found


def _raw_upper_bounds(values: FloatArray, alpha: float) -> FloatArray:
    import numpy as np

    n = values.shape[1]
    floor = values.min(axis=1)
    room = 1.0 - floor
    is_open = room > 0.0
    shifted = (values - floor[:, None]) / np.where(is_open, room, 1.0)[:, None]
    first = shifted.sum(axis=1)
    second = np.einsum("ij,ij->i", shifted, shifted)
    bound = floor + room * _quantiles(float(n), first, second, alpha)
    return np.where(is_open, bound, 1.0)


def lower_bounds(x: FloatArray, alpha: float) -> FloatArray:
    """Return one lower bound per row; shapes and errors as `upper_bounds`."""
    import numpy as np

    return 1.0 - upper_bounds(1.0 - np.asarray(x, dtype=np.float64), alpha)


def clopper_pearson_upper(successes: int, trials: int, alpha: float) -> float:
    """Return the exact upper bound of a rate from independent 0/1 trials; 1 for no trials.

    Source: Clopper and Pearson 1934.

    Raises:
        UsageError: a count out of order, or `alpha` outside (0, 0.5].
    """
    _check_alpha(alpha)
    if not 0 <= successes <= trials:
        raise UsageError(
            f"successes must lie between 0 and trials; got `{successes}` of `{trials}`"
        )
    if successes == trials:
        return 1.0
    return float(single().betaincinv(successes + 1.0, trials - successes, 1.0 - alpha))


def clopper_pearson_lower(successes: int, trials: int, alpha: float) -> float:
    """Return the exact lower bound of a rate; 0 for no trials; errors as the upper one."""
    return 1.0 - clopper_pearson_upper(trials - successes, trials, alpha)


def _mean(pairs: list[tuple[float, float]], n: float) -> float:
    if not pairs:
        return 1.0
    return min(1.0, fsum([value * weight for value, weight in pairs]) / n)


def _guarded(units: Gathered) -> Gathered | None:
    """Return the units with one smallest set to 0 (rule 7); None where it is 0, or all are 1."""
    pairs = units.pairs
    value, weight = pairs[0]
    if not 0.0 < value < 1.0:
        return None
    if units.is_equal:
        unit, rest = 1.0, ([(value, weight - 1.0)] if weight > 1.0 else []) + pairs[1:]
    else:
        unit = max(weight for other, weight in pairs if other == value)
        rest = list(pairs)
        rest.remove((value, unit))
    return units._replace(pairs=[(0.0, unit), *rest])


def _lower(units: Gathered, alpha: float) -> float:
    if not units.pairs:
        return 0.0
    mirrored = [(1.0 - value, weight) for value, weight in reversed(units.pairs)]
    flipped = Gathered(mirrored, units.n, units.is_equal, 1.0 - units.mean)
    return min(units.mean, 1.0 - _upper(flipped, alpha))


def _upper(units: Gathered, alpha: float) -> float:
    if not units.pairs:
        return 1.0
    bound = max(units.mean, _quantile(_match(units), alpha))
    guarded = _guarded(units)
    if guarded is not None:
        bound = max(bound, _quantile(_match(guarded), alpha))
    return min(1.0, bound)


def _quantile(match: _Match, alpha: float) -> float:
    """Return the 1 - alpha quantile of a matched Beta distribution."""
    floor, a, b = match
    if b <= 0.0:
        return 1.0
    quantile: float = floor + (1.0 - floor) * single().betaincinv(a, b, 1.0 - alpha)
    return quantile


@cache
def single() -> Any:
    """Return scipy's functions for single numbers, imported once.

    They give the bits of those for arrays, which take twice as long for one number.
    """
    from scipy.special import cython_special

    return cython_special


def _p_value(match: _Match, line: float) -> float:
    if match.b <= 0.0 or line <= match.floor:
        return 1.0
    position = min(1.0, (line - match.floor) / (1.0 - match.floor))
    return float(1.0 - single().betainc(match.a, match.b, position))


def _match(units: Gathered) -> _Match:
    """Match the Beta distribution (rules 1, 2, 5); `b` is 0 when nothing lies below 1."""
    floor = units.pairs[0][0]
    if floor >= 1.0:
        return _Match(floor=1.0, a=1.0, b=0.0)
    room, first, second = 1.0 - floor, 0.0, 0.0
    for value, weight in units.pairs:  # in ascending order, so that no sum depends on theirs
        y = (value - floor) / room
        weighted = weight * y
        first += weighted
        second += weighted * y
    return _Match(floor, *_beta_of(n=units.n, first=first, second=second))


def _beta_of(*, n: float, first: Any, second: Any) -> tuple[Any, Any]:
    """Return the two Beta parameters from n, the sum and the sum of squares (rule 1 and 2)."""
    mu = (1.0 + first) / (n + 1.0)
    above = (n - first) / (n + 1.0)
    variance = ((1.0 + second) / (n + 1.0) - mu * mu) / (n + 2.0)
    nu = mu * above / variance - 1.0
    return mu * nu, above * nu


def _out_of_range() -> UsageError:
    return UsageError("values must lie in [0, 1]", hint="rescale by the declared range")


def _check_alpha(alpha: float) -> None:
    if not 0.0 < alpha <= 0.5:
        raise UsageError(f"alpha must lie in (0, 0.5]; got `{alpha}`")
