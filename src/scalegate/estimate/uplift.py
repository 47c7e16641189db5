"""Estimate the fold uplift of a treated arm over a control arm, from scores or printed summaries.

1. For a ratio r test "treated mean >= r times control mean" by Welch's statistic on the
   difference; the bounds are the ratios where it is just not rejected (Fieller's method with
   unequal variances). No log transform, no normal quantile.
2. A printed plus-minus may be a standard deviation or a standard error: the caller says which.
3. Scores have a ceiling, so the ratio cannot exceed ceiling / control mean: `Estimate.ceiling`.
   A line above it can never be reached, and so never be evidence that it was not.
4. A drop-out counts as the largest score in the treated arm and the smallest in the control arm
   for the upper bound, the other way round for the lower one.
5. Fewer than 5 per arm is insufficient, fewer than 20 is said in the notes: error rates were
   measured for 8 to 50 per arm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum, isfinite, sqrt

from scalegate.base.errors import UsageError
from scalegate.estimate.model import Estimate, Insufficient, InsufficientReason, Scale

_FEWEST = 5
_ENOUGH = 20
_FARTHEST = 1e6
"""Ratio beyond which an upper bound counts as unbounded."""


class Spread(StrEnum):
    """What a printed plus-minus means."""

    SD = "sd"
    SE = "se"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmSummary:
    """One arm as printed: mean, plus-minus, participants."""

    mean: float
    """Mean score."""
    spread: float
    """The printed plus-minus, above 0."""
    n: int
    """Participants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmScores:
    """One arm by participant."""

    scores: tuple[float, ...]
    """One score per participant who finished."""
    dropped: int = 0
    """Participants without a score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arm:
    mean: float
    variance: float
    """Squared standard error of the mean."""
    n: int


def estimate_fold_uplift(
    *,
    treated: ArmSummary | ArmScores,
    control: ArmSummary | ArmScores,
    alpha: float,
    spread: Spread | str = Spread.SD,
    score_range: tuple[float, float] = (0.0, 1.0),
) -> Estimate | Insufficient:
    """Estimate treated mean over control mean.

    Args:
        treated: the arm with the model.
        control: the arm without.
        alpha: error probability of each bound.
        spread: reading of a printed plus-minus; without effect on scores.
        score_range: smallest and largest possible score.

    Raises:
        UsageError: an empty range, or an `alpha` outside (0, 0.5].
    """
    if not 0.0 < alpha <= 0.5 or not score_range[0] < score_range[1]:
        raise UsageError("alpha must lie in (0, 0.5] and the score range must not be empty")
    floor, top = score_range
    reading = Spread(spread)
    highs = _arm(treated, reading, fill=top), _arm(control, reading, fill=floor)
    lows = _arm(treated, reading, fill=floor), _arm(control, reading, fill=top)
    refusal = _refused([treated, control], (*highs, *lows), score_range)
    if refusal is not None:
        return refusal
    upper = _upper(*highs, alpha=alpha)
    lower = _lower(*lows, alpha=alpha)
    point = (highs[0].mean + lows[0].mean) / (highs[1].mean + lows[1].mean)
    point = max(lower, point if upper is None else min(upper, point))
    n = highs[0].n + highs[1].n
    return Estimate(
        estimand="fold_uplift",
        unit="participant",
        n_units=n,
        n_samples=n,
        n_effective=float(n),
        point=point,
        lower=lower,
        upper=upper,
        alpha=alpha,
        method="fieller_welch",
        scale=Scale.RATIO,
        missing=_dropped(treated) + _dropped(control),
        notes=_notes(treated, control, reading=reading, upper=upper),
        support=(0.0, None),
        ceiling=top / ((highs[1].mean + lows[1].mean) / 2.0),
    )


def _dropped(arm: ArmSummary | ArmScores) -> int:
    return arm.dropped if isinstance(arm, ArmScores) else 0


def _arm(arm: ArmSummary | ArmScores, reading: Spread, *, fill: float) -> _Arm:
    if isinstance(arm, ArmSummary):
        error = arm.spread if reading is Spread.SE else arm.spread / sqrt(max(1, arm.n))
        return _Arm(mean=arm.mean, variance=error * error, n=arm.n)
    scores = [*arm.scores, *([fill] * arm.dropped)]
    n = len(scores)
    mean = fsum(scores) / n if n else 0.0
    squares = fsum((score - mean) ** 2 for score in scores)
    return _Arm(mean=mean, variance=squares / (n - 1) / n if n > 1 else 0.0, n=n)


def _refused(
    given: Sequence[ArmSummary | ArmScores],
    arms: Sequence[_Arm],
    score_range: tuple[float, float],
) -> Insufficient | None:
    reason = InsufficientReason
    if any(isinstance(arm, ArmScores) and arm.dropped < 0 for arm in given):
        return Insufficient(reason=reason.OUT_OF_RANGE, detail="a negative number of drop-outs")
    if any(
        arm.n == 0 or (isinstance(g, ArmScores) and not g.scores)
        for g, arm in zip(given, arms[:2], strict=True)
    ):
        return Insufficient(reason=reason.NO_DATA, detail="an arm has no participant with a score")
    fewest = min(arm.n for arm in arms)
    if fewest < _FEWEST:
        text = f"{fewest} participants in the smaller arm, at least {_FEWEST} needed"
        return Insufficient(reason=reason.TOO_FEW_UNITS, detail=text)
    numbers = [x for arm in given for x in _numbers(arm)]
    floor, top = score_range
    means = [x for arm in given for x in _scores(arm)]
    if not all(isfinite(x) for x in numbers) or not all(floor <= x <= top for x in means):
        return Insufficient(
            reason=reason.OUT_OF_RANGE, detail=f"a score lies outside of {floor:g} to {top:g}"
        )
    if any(arm.variance <= 0.0 for arm in arms) or any(arm.mean <= 0.0 for arm in arms):
        text = "an arm has no spread, or a mean of 0: no ratio can be bounded"
        return Insufficient(reason=reason.DEGENERATE, detail=text)
    return None


def _numbers(arm: ArmSummary | ArmScores) -> tuple[float, ...]:
    return (arm.mean, arm.spread) if isinstance(arm, ArmSummary) else arm.scores


def _scores(arm: ArmSummary | ArmScores) -> tuple[float, ...]:
    return (arm.mean,) if isinstance(arm, ArmSummary) else arm.scores


def _excess(treated: _Arm, control: _Arm, *, ratio: float, alpha: float) -> tuple[float, float]:
    """Return the difference at `ratio` in standard errors, and the Welch quantile."""
    from scipy.special import stdtrit

    a, b = treated.variance, ratio * ratio * control.variance
    freedom = (a + b) ** 2 / (a * a / (treated.n - 1) + b * b / (control.n - 1))
    difference = (treated.mean - ratio * control.mean) / sqrt(a + b)
    return difference, float(stdtrit(freedom, 1.0 - alpha))


def _upper(treated: _Arm, control: _Arm, *, alpha: float) -> float | None:
    """Return the smallest ratio from which on every ratio is rejected, or None (rule 1)."""

    def is_rejected(ratio: float) -> bool:
        difference, quantile = _excess(treated, control, ratio=ratio, alpha=alpha)
        return difference < -quantile

    if not is_rejected(_FARTHEST):
        return None
    low, high = treated.mean / control.mean, _FARTHEST
    for _ in range(200):
        middle = sqrt(low * high)
        if is_rejected(middle):
            high = middle
        else:
            low = middle
    return high


def _lower(treated: _Arm, control: _Arm, *, alpha: float) -> float:
    """Return the largest ratio up to which every ratio is exceeded, or 0."""

    def is_exceeded(ratio: float) -> bool:
        difference, quantile = _excess(treated, control, ratio=ratio, alpha=alpha)
        return difference > quantile

    if not is_exceeded(0.0):
        return 0.0
    low, high = 0.0, treated.mean / control.mean
    for _ in range(200):
        middle = (low + high) / 2.0
        if is_exceeded(middle):
            low = middle
        else:
            high = middle
    return low


def _notes(
    treated: ArmSummary | ArmScores,
    control: ArmSummary | ArmScores,
    *,
    reading: Spread,
    upper: float | None,
) -> tuple[str, ...]:
    notes = []
    if isinstance(treated, ArmSummary) or isinstance(control, ArmSummary):
        word = "standard deviation" if reading is Spread.SD else "standard error"
        notes.append(f"the printed plus-minus is read as a {word}")
    sizes = [
        arm.n if isinstance(arm, ArmSummary) else len(arm.scores) for arm in (treated, control)
    ]
    if min(sizes) < _ENOUGH:
        notes.append(f"fewer than {_ENOUGH} participants in an arm")
    if upper is None:
        notes.append("the control mean is not told apart from 0: the ratio has no upper bound")
    return tuple(notes)
