"""Bounds that rest on no conjecture: one epoch by a recorded seed, and the betting e-value.

1. One-epoch Clopper-Pearson: pick one 0/1 epoch of every unit by a seed that was recorded before
   the run; the picks are independent trials, whatever happens inside a unit. Exact, less sharp.
2. Betting: E_t is the mean over bets b of the products of 1 + b (line - X_i), i up to t, with b on
   a geometric grid in (0, 0.98 / (1 - line)]. If the mean of X is at least `line`, E exceeds
   1 / alpha at *any* time with probability at most alpha (Ville 1939): looking early is allowed.

Source: Clopper and Pearson 1934; Waudby-Smith and Ramdas, arXiv 2010.09686.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, fsum, isfinite, log1p

from scalegate.base.canonical import sha256_hex
from scalegate.base.errors import UsageError
from scalegate.estimate.bound import clopper_pearson_lower, clopper_pearson_upper
from scalegate.estimate.model import Estimate, Insufficient, InsufficientReason, Scale

_BETS = 20
"""Bets on the grid."""
_SMALLEST_BET = 0.01
"""Smallest bet as a share of the largest one."""
_STEPS = 50
"""Halvings of the search for a bound: exact to 1e-15."""


def estimate_one_epoch(
    *, epochs: Mapping[str, Sequence[int | None]], seed: str, alpha: float, unit: str = "item"
) -> Estimate | Insufficient:
    """Estimate a rate from one epoch per unit, picked by a recorded seed (rule 1).

    Args:
        epochs: per unit id its outcomes, 1, 0 or None (missing: success for the upper bound,
            failure for the lower one).
        seed: text recorded before the run; the pick of a unit depends on it and the unit's id.
        alpha: error probability of each bound.
        unit: what the units are called.

    Raises:
        UsageError: an outcome other than 0, 1, None, or an `alpha` outside (0, 0.5].
    """
    picks = [_pick(name, outcomes, seed) for name, outcomes in sorted(epochs.items()) if outcomes]
    if not picks:
        return Insufficient(reason=InsufficientReason.NO_DATA, detail="no unit has an epoch")
    missing = picks.count(None)
    if missing == len(picks):
        return Insufficient(
            reason=InsufficientReason.ALL_MISSING, detail="every picked epoch is missing"
        )
    low = sum(1 for pick in picks if pick == 1)
    n = len(picks)
    return Estimate(
        estimand="proportion",
        unit=unit,
        n_units=n,
        n_samples=n,
        n_effective=float(n),
        point=(low + missing / 2.0) / n,
        lower=clopper_pearson_lower(low, n, alpha),
        upper=clopper_pearson_upper(low + missing, n, alpha),
        alpha=alpha,
        method="clopper_pearson_one_epoch",
        scale=Scale.PROBABILITY,
        missing=missing,
        notes=(f"one epoch per unit, picked by seed `{seed}`",),
    )


def bet_grid(line: float) -> list[float]:
    """Return the bets against a mean of at least `line`, in (0, 1), largest first."""
    largest = 0.98 / (1.0 - line)
    ratio = _SMALLEST_BET ** (1.0 / (_BETS - 1))
    return [largest * ratio**step for step in range(_BETS)]


def e_value(x: Sequence[float], line: float) -> float:
    """Return the evidence against "the mean is at least `line`" after all of `x`, in order.

    Args:
        x: values in [0, 1] in the order in which they were observed.
        line: in (0, 1).

    Raises:
        UsageError: a value outside [0, 1], or a line outside (0, 1).
    """
    if not 0.0 < line < 1.0:
        raise UsageError(f"a line for bets must lie in (0, 1); got `{line}`")
    values = _checked(x)
    products = [fsum(log1p(bet * (line - value)) for value in values) for bet in bet_grid(line)]
    top = max(products)
    mean = fsum(exp(product - top) for product in products) / len(products)
    return exp(min(700.0, top)) * mean


def e_upper_bound(x: Sequence[float], alpha: float) -> float:
    """Return the smallest line that some prefix of `x` has rejected at 1 / alpha, or 1.

    Valid at any stopping time. `x` in the order of observation.

    Raises:
        UsageError: a value outside [0, 1], or an `alpha` outside (0, 0.5].
    """
    if not 0.0 < alpha <= 0.5:
        raise UsageError(f"alpha must lie in (0, 0.5]; got `{alpha}`")
    values = _checked(x)
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        if 0.0 < middle < 1.0 and _ever_rejects(values, middle, 1.0 / alpha):
            high = middle
        else:
            low = middle
    return high


def estimate_betting(
    *, high: Sequence[float], low: Sequence[float], alpha: float, unit: str = "item"
) -> Estimate | Insufficient:
    """Estimate a mean by the e-value over all units at once, whatever their order.

    The mean of the products over independent units is at most 1 where the mean of their means is
    at least the line, also for units of unequal means (inequality of the means): so this is proved
    for a fixed list and for a sample, at a number of units that was fixed before.

    Args:
        high: per unit its mean in [0, 1], every missing sample a success.
        low: likewise, every missing sample a failure.
        alpha: error probability of each bound, in (0, 0.5].
        unit: what the units are called.

    Raises:
        UsageError: lists of unequal length, values outside [0, 1], `low` above `high`.
    """
    tops, ends = _checked_pair(high, low)
    if not tops:
        return Insufficient(reason=InsufficientReason.NO_DATA, detail="no unit was observed")
    n = len(tops)
    point = min(1.0, fsum((h + w) / 2.0 for h, w in zip(tops, ends, strict=True)) / n)
    return Estimate(
        estimand="proportion",
        unit=unit,
        n_units=n,
        n_samples=n,
        n_effective=float(n),
        point=point,
        lower=min(point, 1.0 - betting_upper_bound([1.0 - w for w in ends], alpha)),
        upper=max(point, betting_upper_bound(tops, alpha)),
        alpha=alpha,
        method="betting_e_value_at_once",
        scale=Scale.PROBABILITY,
    )


def betting_upper_bound(values: Sequence[float], alpha: float) -> float:
    """Return the smallest line that all of the values at once reject at 1 / alpha, or 1.

    Args:
        values: one number in [0, 1] per independent unit, any order.
        alpha: error probability in (0, 0.5].

    Raises:
        UsageError: a value outside [0, 1].
    """
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        if 0.0 < middle < 1.0 and e_value(values, middle) >= 1.0 / alpha:
            high = middle
        else:
            low = middle
    return high


def estimate_sequential(
    *,
    high: Sequence[float],
    low: Sequence[float],
    alpha: float,
    n_samples: int | None = None,
    missing: int = 0,
    unit: str = "item",
) -> Estimate | Insufficient:
    """Estimate a rate with bounds that hold under any number of looks (rule 2).

    Args:
        high: per unit, in the order of observation, every missing sample a success.
        low: likewise, every missing sample a failure.
        alpha: error probability of each bound.
        n_samples: samples in all units; None: one per unit.
        missing: how many of them are missing.
        unit: what the units are called.

    Raises:
        UsageError: lists of unequal length, values outside [0, 1], `low` above `high`.
    """
    tops, ends = _checked_pair(high, low)
    if not tops:
        return Insufficient(reason=InsufficientReason.NO_DATA, detail="no unit was observed")
    n = len(tops)
    samples = n if n_samples is None else n_samples
    if samples == missing:
        return Insufficient(
            reason=InsufficientReason.ALL_MISSING, detail=f"all {samples} samples are missing"
        )
    point = min(1.0, fsum((h + w) / 2.0 for h, w in zip(tops, ends, strict=True)) / n)
    return Estimate(
        estimand="proportion",
        unit=unit,
        n_units=n,
        n_samples=samples,
        n_effective=float(n),
        point=point,
        lower=min(point, 1.0 - e_upper_bound([1.0 - w for w in ends], alpha)),
        upper=max(point, e_upper_bound(tops, alpha)),
        alpha=alpha,
        method="betting_e_value",
        scale=Scale.PROBABILITY,
        missing=missing,
        anytime_valid=True,
    )


def _pick(name: str, outcomes: Sequence[int | None], seed: str) -> int | None:
    if any(outcome not in (0, 1, None) for outcome in outcomes):
        raise UsageError("one-epoch bounds take outcomes 0, 1 or None")
    number = int(sha256_hex(f"{seed}\x00{name}".encode()), 16)
    return outcomes[number % len(outcomes)]


def _ever_rejects(values: list[float], line: float, bar: float) -> bool:
    products = [1.0] * _BETS
    bets = bet_grid(line)
    for value in values:
        gain = line - value
        products = [p * (1.0 + bet * gain) for p, bet in zip(products, bets, strict=True)]
        if fsum(products) >= bar * _BETS:
            return True
    return False


def _checked_pair(
    high: Sequence[float], low: Sequence[float]
) -> tuple[Sequence[float], Sequence[float]]:
    """Return both completions of the same units, each a number in [0, 1], `low` at most `high`."""
    tops, ends = _checked(high), _checked(low)
    if len(tops) != len(ends) or any(w > h for h, w in zip(tops, ends, strict=True)):
        raise UsageError("`high` and `low` must name the same units, `low` at most `high`")
    return tops, ends


def _checked(x: Sequence[float]) -> list[float]:
    values = [float(value) for value in x]
    if not all(isfinite(value) and 0.0 <= value <= 1.0 for value in values):
        raise UsageError("values must lie in [0, 1]")
    return values
