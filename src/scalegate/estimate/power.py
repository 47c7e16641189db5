"""What a design can clear or detect: power at a safe level, clearable deficit, excess.

1. n units of m samples with correlation rho weigh as n_eff = n / (rho + (1 - rho) / m) trials.
2. x is the largest count whose Clopper-Pearson bound still clears the effective line; power is
   the probability of at most x at the safe level. Both are evaluated at real n_eff through the
   Beta distribution. Against simulation this is up to 10 points optimistic below 50 units and up
   to 6 above; `simulated_power` is the certificate.
3. For ratios and durations the width of the estimate on its logarithm takes the place of n, for
   ratings its width in points: the bound is normal around the safe level with the width seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, isfinite, log, log1p, sqrt
from typing import TYPE_CHECKING

from scalegate.base.errors import UsageError
from scalegate.estimate.bound import single, upper_bounds_of_counts
from scalegate.estimate.model import UNIT_OF_SCALE, Design, Estimate, Scale
from scalegate.estimate.scale import Support, axis, in_unit, off_axis, share_of, value_of

Planned = tuple[int, int, float]
"""Units, samples in all of them, and the error probability of the bound."""

if TYPE_CHECKING:
    from scalegate.estimate.bound import FloatArray

MOST_UNITS = 5_000
"""More units than this are never proposed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharpness:
    """What a design can do at one line; distances in the unit of the estimate."""

    power_at_safe: float
    """Probability of clearing a model at the safe level."""
    clearable_deficit: float | None
    """Smallest distance on the safe side of the line that is cleared with power 1 - beta."""
    minimum_detectable_excess: float | None
    """Smallest distance beyond the line that is ruled in with power 1 - beta."""


def effective_trials(n_units: int, n_samples: float, rho: float) -> float:
    """Return n_eff of rule 1, between `n_units` and `n_samples`."""
    if n_units < 1:
        return 0.0
    per_unit = max(1.0, n_samples / n_units)
    return n_units / (rho + (1.0 - rho) / per_unit)


def fewest_units(line: float, alpha: float) -> int:
    """Return how many units without any success are needed to clear a rate of `line`.

    Raises:
        UsageError: a line outside (0, 1).
    """
    if not 0.0 < line < 1.0:
        raise UsageError(f"a rate to clear must lie in (0, 1); got `{line}`")
    return ceil(log(alpha) / log1p(-line) - 1e-12)


@lru_cache(maxsize=4096)
def clearing_count(line: float, n_eff: float, alpha: float) -> int:
    """Return the largest success count whose bound lies below `line`, or -1 if there is none."""
    betainc = single().betainc

    def clears(count: int) -> bool:
        return bool(betainc(count + 1.0, n_eff - count, line) > 1.0 - alpha)

    if line >= 1.0:
        return int(n_eff)
    if line <= 0.0 or n_eff <= 0.0 or not clears(0):
        return -1
    # The normal quantile is at most a few counts off, so this walks a step or two.
    guess = n_eff * line + single().ndtri(alpha) * sqrt(n_eff * line * (1.0 - line))
    count = min(max(0, int(guess)), max(0, ceil(n_eff) - 1))
    while count > 0 and not clears(count):
        count -= 1
    while count + 1 < n_eff and clears(count + 1):
        count += 1
    return count


def power_of_share(line: float, safe: float, *, n_eff: float, alpha: float) -> float:
    """Return the probability of clearing `line` (a share) at a true share of `safe`."""
    count = clearing_count(line, n_eff, alpha)
    if count < 0:
        return 0.0
    if count >= n_eff:
        return 1.0
    return float(1.0 - single().betainc(count + 1.0, n_eff - count, min(1.0, max(0.0, safe))))


def share_sharpness(
    lines: tuple[float, float], design: Design, planned: Planned, axis: tuple[Support, bool]
) -> Sharpness:
    """Return what the design of a share can clear and detect at a line.

    Args:
        lines: the line, and the line after allowances, in the unit of the estimate.
        design: error rates, the safe level, correlation for planning.
        planned: units, samples, and the error of the bound.
        axis: the range of the estimate, and whether high values are dangerous.
    """
    (n_units, n_samples, alpha), (support, higher) = planned, axis

    def danger(value: float) -> float:
        share = share_of(value, support)
        return share if higher else 1.0 - share

    (tau, effective), beta = map(danger, lines), design.beta
    quantile_of = single().betaincinv
    n_eff = effective_trials(n_units, n_samples, design.rho)
    width = value_of(1.0, support) - value_of(0.0, support)
    power, deficit, excess = 0.0, None, None
    count = clearing_count(effective, n_eff, alpha)
    if count >= n_eff:
        power = 1.0
    elif count >= 0:
        deficit = width * (tau - quantile_of(count + 1.0, n_eff - count, beta))
        safe = 0.0 if design.p_safe is None else min(1.0, max(0.0, danger(design.p_safe)))
        power = 1.0 - single().betainc(count + 1.0, n_eff - count, safe)
    count = clearing_count(1.0 - tau, n_eff, alpha)
    if 0 <= count < n_eff:
        excess = width * (1.0 - tau - quantile_of(count + 1.0, n_eff - count, beta))
    return Sharpness(
        power_at_safe=power, clearable_deficit=deficit, minimum_detectable_excess=excess
    )


def width_sharpness(
    estimate: Estimate, lines: tuple[float, float], design: Design, *, higher: bool
) -> Sharpness:
    """Return what the width of what is no share can clear and detect; as `share_sharpness`."""
    scale = estimate.scale
    line, effective_line = lines
    z = single().ndtri(1.0 - estimate.alpha)
    error = _standard_error(estimate, z=z, higher=higher)
    if error is None or line <= 0.0 or effective_line <= 0.0:
        return Sharpness(power_at_safe=0.0, clearable_deficit=None, minimum_detectable_excess=None)
    sign = 1.0 if higher else -1.0
    at = axis(effective_line, scale)
    safe = _safe_axis(estimate, design, higher=higher)
    slack = sign * (at - safe) / error - z if isfinite(safe) else 50.0
    reach = single().ndtri(1.0 - design.beta) + z
    return Sharpness(
        power_at_safe=single().ndtr(slack),
        clearable_deficit=abs(line - off_axis(at - sign * reach * error, scale)),
        minimum_detectable_excess=abs(
            off_axis(axis(line, scale) + sign * reach * error, scale) - line
        ),
    )


def width_detection(estimate: Estimate, *, unallowed: float, higher: bool) -> float | None:
    """Return P(not ruled out) of what is no share at the line, with a gap beyond all allowances.

    Args:
        estimate: whose width is taken as it was seen.
        unallowed: the gap beyond all allowances, in logits.
        higher: whether high values are the dangerous ones.

    Returns:
        None where nothing bounds the dangerous side.
    """
    z = single().ndtri(1.0 - estimate.alpha)
    error = _standard_error(estimate, z=z, higher=higher)
    if error is None:
        return None
    gap = in_unit(unallowed, UNIT_OF_SCALE[estimate.scale])
    shift = gap * log(2.0) if estimate.scale is Scale.MINUTES else gap
    return 1.0 - float(single().ndtr(shift / error - z))


def units_by_width(
    estimate: Estimate, effective_line: float, design: Design, *, higher: bool
) -> int | None:
    """Return how many units of what is no share give the power that was promised.

    The width is taken to shrink with the root of their number. Ratings are left out: what n they
    would need is not known. None: no safe level, or no number up to `MOST_UNITS` is enough.
    """
    z = single().ndtri(1.0 - estimate.alpha)
    error = _standard_error(estimate, z=z, higher=higher)
    if error is None or design.p_safe is None or estimate.scale is Scale.ELO:
        return None
    if effective_line <= 0.0:
        return None
    sign = 1.0 if higher else -1.0
    room = sign * (axis(effective_line, estimate.scale) - axis(design.p_safe, estimate.scale))
    if not isfinite(room):
        return estimate.n_units
    if room <= 0.0:
        return None
    needed = (single().ndtri(1.0 - design.beta) + z) * error / room
    units = ceil(estimate.n_units * needed * needed - 1e-9)
    return max(estimate.n_units, units) if units <= MOST_UNITS else None


def _standard_error(estimate: Estimate, *, z: float, higher: bool) -> float | None:
    """Return the width of the bound on the dangerous side as a standard error on the axis."""
    bound = estimate.upper if higher else estimate.lower
    if bound is None or bound <= 0.0 or estimate.point <= 0.0:
        return None
    width = axis(bound, estimate.scale) - axis(estimate.point, estimate.scale)
    return abs(width) / z if width else None


def _safe_axis(estimate: Estimate, design: Design, *, higher: bool) -> float:
    if design.p_safe is not None:
        return axis(design.p_safe, estimate.scale)
    if estimate.scale is Scale.RATIO:
        return 0.0
    return float("-inf") if higher else float("inf")


def simulated_power(
    *,
    safe: float,
    line: float,
    n_units: int,
    epochs: int,
    rho: float,
    alpha: float,
    seed: int,
    replicates: int = 20_000,
) -> float:
    """Return the share of simulated evals that clear `line`, by the default bound.

    Unit means are Beta-distributed around `safe` with intra-unit correlation `rho`.

    Raises:
        UsageError: a rate outside [0, 1] or a count below 1.
    """
    import numpy as np

    if not (0.0 <= safe <= 1.0 and 0.0 <= rho <= 1.0) or min(n_units, epochs, replicates) < 1:
        raise UsageError("rates must lie in [0, 1] and counts be at least 1")
    generator = np.random.Generator(np.random.PCG64(seed))
    # Units are alike, so that how many of them solved 0, 1, ... epochs says all: one draw for each.
    counts = generator.multinomial(n_units, _shares(safe, rho, epochs), size=replicates)
    values = np.arange(epochs + 1) / epochs
    return float(np.mean(upper_bounds_of_counts(counts, values, alpha) < line))


def _shares(safe: float, rho: float, epochs: int) -> FloatArray:
    """Return the share of units that solve 0, 1, ... of their epochs (Beta-binomial)."""
    import numpy as np
    from scipy.special import betaln, gammaln, xlog1py, xlogy

    solved = np.arange(epochs + 1)
    if rho == 1.0 or safe in (0.0, 1.0):
        return np.where(solved == epochs, safe, np.where(solved == 0, 1.0 - safe, 0.0))
    ways = gammaln(epochs + 1.0) - gammaln(solved + 1.0) - gammaln(epochs - solved + 1.0)
    if rho == 0.0:
        logs = xlogy(solved, safe) + xlog1py(epochs - solved, -safe)
    else:
        a, b = safe * (1.0 / rho - 1.0), (1.0 - safe) * (1.0 / rho - 1.0)
        logs = betaln(solved + a, epochs - solved + b) - betaln(a, b)
    shares: FloatArray = np.exp(ways + logs)
    whole: float = shares.sum()
    return shares / whole
