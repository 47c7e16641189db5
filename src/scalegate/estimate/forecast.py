"""Forecast a series of checkpoints: how long a finding below a line stays valid, at the latest.

1. A checkpoint lies at a place on the axis of growth, counted in steps: a factor of 4 in effective
   compute, or six months. Its result lies on the axis of its scale: shares on the logit axis,
   minutes on doublings.
2. Bounds of the result at a later place: *allowed* is the last upper bound and a gain per step;
   *trend* is the 1 - alpha quantile of a Gaussian process with a linear mean, averaged over a grid
   of its two parameters by their likelihood; *steepest*, only shown, is the last upper bound and
   the steepest step seen.
3. With four checkpoints or more the forecast is the larger of *trend* and *allowed* with the least
   gain. With fewer, or where the caller declares a gain, it is *allowed*.
4. The earliest crossing is the least growth at which the forecast reaches the line. Until then a
   finding of the last checkpoint that ruled the line out stays valid. A forecast rules nothing out
   by itself, and never extends a finding.

Guarantees: if the gain per step is at most the allowed one, *allowed* covers with probability
1 - alpha, whatever the series did. *trend* rests on a series that goes on as it went.

Source: Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, section 2.7 (explicit
basis functions); the pairing of 4x with six months is that of RSP 2.2, section 3.1. Least gains and
the grid are ours; docs/reference/forecast.md has what each method misses.
Does not check: that the checkpoints are of one recipe, tests and elicitation. No method sees a kink
or a jump that begins after the last checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise, product
from math import exp, inf, isfinite, log, log1p, log2
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from scalegate.base.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

ENOUGH = 4
"""Checkpoints from which on a series says more than a declared gain."""
FAR = 20.0
"""Steps up to which a crossing is looked for."""
_SPREADS = (0.05, 0.15, 0.3, 0.6, 1.2)
"""Sizes of the wander around the straight line, in units of the axis."""
_LENGTHS = (1.0, 2.0, 4.0)
"""Steps over which the wander goes one way."""
_LEAST_SD = 0.05
_NORMAL = NormalDist()
_BISECTIONS = 40
_LEAST_WEIGHT = 1e-6


class Axis(StrEnum):
    """On which axis results are added up."""

    SHARE = "share"
    """Shares between 0 and 1, by their logit."""
    MINUTES = "minutes"
    """Time horizons, by their binary logarithm."""


class Rule(StrEnum):
    """Which bound the forecast is."""

    SERIES = "series"
    """The larger of *trend* and *allowed*."""
    ALLOWED = "allowed"
    """The last upper bound and a gain per step."""


LEAST_GAIN = {Axis.SHARE: 0.7, Axis.MINUTES: 1.5}
"""Logits or doublings per step that are always allowed for, however flat the series was."""
FEW_GAIN = {Axis.SHARE: 2.0, Axis.MINUTES: 4.0}
"""What is allowed for per step where there are fewer checkpoints than `ENOUGH`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One measured model of a series."""

    name: str
    """What it is called."""
    at: float
    """Its place on the axis of growth, in steps."""
    point: float
    """The value seen: a share, or minutes."""
    upper: float
    """Its one-sided upper bound at level 1 - alpha of the question."""
    n: int = 1
    """Independent units behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a series."""

    axis: Axis
    line: float
    """The line, in the unit of the results; crossed from below."""
    ahead: float = 1.0
    """Steps to the next checkpoint."""
    gain: float | None = None
    """Gain per step that the caller declares, in logits or doublings; None: by the series."""
    alpha: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Where a series may stand at the next checkpoint, and when it may reach the line."""

    question: Question
    checkpoints: tuple[Checkpoint, ...]
    """In the order of growth."""
    rule: Rule
    gain: float
    """Gain per step that was allowed for, in logits or doublings."""
    upper: float
    """The forecast bound of the next checkpoint, in the unit of the results."""
    central: float | None
    """The middle of the trend there; None: fewer than two checkpoints."""
    bounds: dict[str, float]
    """Each bound by its name: *now*, *allowed*, *steepest*, *trend*."""
    earliest: float | None
    """Steps after the last checkpoint at which the line may be reached; None: not within `FAR`."""
    expected: float | None
    """Steps at which the middle of the trend reaches it; None: not within `FAR`, or no trend."""

    @property
    def stays_below(self) -> bool:
        """Whether the bound of the next checkpoint lies below the line."""
        return self.upper < self.question.line

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json`."""
        return {
            "axis": self.question.axis.value,
            "line": self.question.line,
            "ahead_steps": self.question.ahead,
            "alpha": self.question.alpha,
            "rule": self.rule.value,
            "gain_per_step": self.gain,
            "upper": self.upper,
            "central": self.central,
            "bounds": dict(self.bounds),
            "stays_below": self.stays_below,
            "earliest_steps": self.earliest,
            "expected_steps": self.expected,
            "checkpoints": [
                {"name": c.name, "at_steps": c.at, "point": c.point, "upper": c.upper, "n": c.n}
                for c in self.checkpoints
            ],
        }


def forecast(checkpoints: Sequence[Checkpoint], question: Question) -> Forecast:
    """Return the forecast of a series.

    Raises:
        UsageError: no checkpoint, two at one place, a value out of range, or a senseless question.
    """
    series = tuple(sorted(checkpoints, key=lambda each: each.at))
    _require(series, question)
    curve = Series(series, question)
    return Forecast(
        question=question,
        checkpoints=series,
        rule=curve.rule,
        gain=curve.gain,
        upper=curve.unit(curve.bound(question.ahead)),
        central=None if curve.middle is None else curve.unit(curve.middle(question.ahead)),
        bounds={name: curve.unit(value) for name, value in curve.parts(question.ahead).items()},
        earliest=_first(curve.bound, curve.line),
        expected=None if curve.middle is None else _first(curve.middle, curve.line),
    )


class Series:
    """A series on the axis of its scale; `bound` is its forecast at a growth after the last."""

    def __init__(self, series: Sequence[Checkpoint], question: Question) -> None:
        self._share = question.axis is Axis.SHARE
        self._alpha = question.alpha
        self.line = self.place(question.line)
        self._at = [each.at for each in series]
        self._now = self.place(series[-1].upper)
        values = [self.place(self._inside(each)) for each in series]
        is_short = len(series) < ENOUGH
        self.rule = Rule.ALLOWED if is_short or question.gain is not None else Rule.SERIES
        least = (FEW_GAIN if is_short else LEAST_GAIN)[question.axis]
        self.gain = least if question.gain is None else question.gain
        steps = pairwise(zip(self._at, values, strict=True))
        slopes = [(to - start) / (there - here) for (here, start), (there, to) in steps]
        self._steepest = max([self.gain, *slopes])
        self._trend = None
        self.middle: Callable[[float], float] | None = None
        if len(series) > 1:
            z = _NORMAL.inv_cdf(1.0 - question.alpha)
            spread = [
                max((self.place(each.upper) - value) / z, _LEAST_SD)
                for each, value in zip(series, values, strict=True)
            ]
            known = [i for i, sd in enumerate(spread) if isfinite(sd)]
            if len(known) > 1:
                trend = _Trend(
                    [self._at[i] for i in known],
                    [values[i] for i in known],
                    [spread[i] for i in known],
                )
                self._trend = trend
                self.middle = lambda ahead: trend.quantile(self._at[-1] + ahead, 0.5)

    def parts(self, ahead: float) -> dict[str, float]:
        """Return each bound at a growth after the last checkpoint, on the axis."""
        found = {
            "now": self._now,
            "allowed": self._now + self.gain * ahead,
            "steepest": self._now + self._steepest * ahead,
        }
        if self._trend is not None:
            found["trend"] = self._trend.quantile(self._at[-1] + ahead, 1.0 - self._alpha)
        return found

    def bound(self, ahead: float) -> float:
        """Return the forecast at a growth after the last checkpoint, on the axis."""
        parts = self.parts(ahead)
        if self.rule is Rule.ALLOWED:
            return parts["allowed"]
        return max(parts["allowed"], parts.get("trend", inf))

    def unit(self, value: float) -> float:
        """Return a place on the axis in the unit of the results."""
        if self._share:
            return 1.0 / (1.0 + exp(-value)) if value > -700 else 0.0
        minutes: float = 2.0 ** min(value, 1000.0)
        return minutes

    def place(self, value: float) -> float:
        """Return a value in the unit of the results as a place on the axis."""
        if not self._share:
            return log2(value) if value > 0 else -inf
        if value >= 1.0:
            return inf
        return log(value) - log1p(-value) if value > 0 else -inf

    def _inside(self, each: Checkpoint) -> float:
        """Return the value, brought in by half a unit where it lies at an end of its range."""
        if not self._share:
            return max(each.point, 1e-6)
        margin = 0.5 / (each.n + 1)
        return min(1.0 - margin, max(margin, each.point))


class _Trend:
    """A Gaussian process with a linear mean, for every pair of spread and length of the grid."""

    def __init__(self, at: Sequence[float], values: Sequence[float], sd: Sequence[float]) -> None:
        import numpy as np

        self._x = np.asarray(at)
        self._spread, self._length = (
            np.asarray(each) for each in zip(*product(_SPREADS, _LENGTHS), strict=True)
        )
        basis = np.stack([np.ones_like(self._x), self._x], axis=1)
        noise = np.diag(np.square(np.asarray(sd)))
        self._inverse = np.linalg.inv(self._kernel(self._x) + noise)
        self._basis = basis
        weighted = self._inverse @ basis
        gram = np.swapaxes(weighted, 1, 2) @ basis
        self._gram = np.linalg.inv(gram)
        y = np.asarray(values)
        self._line = np.einsum("hij,hj->hi", self._gram, np.swapaxes(weighted, 1, 2) @ y)
        left = y - self._line @ basis.T
        self._pull = np.einsum("hij,hj->hi", self._inverse, left)
        fit = np.einsum("hi,hi->h", left, self._pull)
        size = -np.linalg.slogdet(self._inverse)[1] + np.linalg.slogdet(gram)[1]
        score = -0.5 * (fit + size)
        weights = np.exp(score - score.max())
        self._weights = weights / weights.sum()

    def _kernel(self, other: FloatArray) -> FloatArray:
        """Return covariances of the places with others, one table per pair of the grid."""
        import numpy as np

        apart = self._x[:, None] - other[None, :]
        shape = np.exp(-0.5 * np.square(apart[None] / self._length[:, None, None]))
        table: FloatArray = np.square(self._spread)[:, None, None] * shape
        return table

    def quantile(self, place: float, level: float) -> float:
        """Return a quantile of the result at a place."""
        import numpy as np

        there = self._kernel(np.asarray([place]))[:, :, 0]
        rest = np.asarray([1.0, place]) - np.einsum(
            "hi,hij,jk->hk", there, self._inverse, self._basis
        )
        mean = self._line @ np.asarray([1.0, place]) + np.einsum("hi,hi->h", there, self._pull)
        var = np.square(self._spread) - np.einsum("hi,hij,hj->h", there, self._inverse, there)
        var = var + np.einsum("hi,hij,hj->h", rest, self._gram, rest)
        return _mixture(
            [NormalDist(m, max(v, 1e-12) ** 0.5) for m, v in zip(mean, var, strict=True)],
            self._weights.tolist(),
            level,
        )


def _mixture(parts: Sequence[NormalDist], weights: Sequence[float], level: float) -> float:
    """Return a quantile of a mixture; it lies between the least and largest of its parts'."""
    kept = [(w, each) for w, each in zip(weights, parts, strict=True) if w > _LEAST_WEIGHT]
    ends = [each.inv_cdf(level) for _, each in kept]
    low, high = min(ends), max(ends)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        below = sum(w * each.cdf(middle) for w, each in kept)
        low, high = (middle, high) if below < level else (low, middle)
    return high


def _first(curve: Callable[[float], float], line: float) -> float | None:
    """Return the least growth at which a curve reaches the line, cautiously; None: beyond `FAR`."""
    step = 0.5
    reached = next((i for i in range(int(FAR / step) + 1) if curve(i * step) >= line), None)
    if reached is None:
        return None
    low, high = max(0.0, (reached - 1) * step), reached * step
    for _ in range(20):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if curve(middle) < line else (low, middle)
    return low


def _require(series: Sequence[Checkpoint], question: Question) -> None:
    if not series:
        raise UsageError("no checkpoint to forecast from", hint="give at least one measured model")
    top = 1.0 if question.axis is Axis.SHARE else inf
    if not 0.0 < question.line < top:
        raise UsageError(f"the line must lie between 0 and {top:g}; got `{question.line}`")
    if not 0.0 < question.ahead <= FAR:
        raise UsageError(f"steps ahead must lie in (0, {FAR:g}]; got `{question.ahead}`")
    if question.gain is not None and not (question.gain >= 0.0 and isfinite(question.gain)):
        raise UsageError(f"a declared gain is a number from 0; got `{question.gain}`")
    for each, following in pairwise(series):
        if not each.at < following.at:
            raise UsageError(
                f"two checkpoints at one place: `{each.name}` and `{following.name}`",
                hint="keep the stricter of the two, or say how far apart they are",
            )
    for each in series:
        _require_checkpoint(each, top)


def _require_checkpoint(each: Checkpoint, top: float) -> None:
    is_inside = isfinite(each.at) and 0.0 <= each.point <= each.upper <= top and each.n >= 1
    if not is_inside or not isfinite(each.upper):
        raise UsageError(
            f"checkpoint `{each.name}`: value and upper bound out of range",
            hint=f"expected 0 <= value <= upper bound, at most {top:g}; "
            f"got {each.point} and {each.upper}",
        )
