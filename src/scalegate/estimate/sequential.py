"""Ask after every unit whether a line is settled, with an error that looking does not raise.

1. Two questions run side by side, each with its own `alpha`: is the mean *below* the line (rule
   out), and is it *above* (rule in). Each holds the products of the bets of `proved.py`.
2. A question is settled at the first unit at which the mean of its products reaches 1 / alpha,
   and stays settled: units that arrive later cannot unsettle it.
3. A missing sample counts as a success for rule out and as a failure for rule in.

Guarantee: if no unit's mean, given the units before it, lies below the line, rule out is ever
settled with probability at most alpha, and likewise for rule in (Ville 1939). At a mean of exactly
the line both can err: at most 2 alpha together.

*Not checked here:* the order. Units must arrive in an order that was fixed without regard to their
results: a shuffled list, not the order of completion (quick samples finish first, and quickness
goes with success), not a list sorted by difficulty.

Source: Waudby-Smith and Ramdas, arXiv 2010.09686.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import exp, fsum, isfinite, log, log1p

from scalegate.base.errors import UsageError
from scalegate.estimate.proved import bet_grid


class Settled(StrEnum):
    """What a run of units has settled about its line."""

    OPEN = "open"
    """Neither question is settled."""
    BELOW = "below"
    """The mean is below the line: ruled out, by this error probability alone."""
    ABOVE = "above"
    """The mean is above the line: ruled in."""
    CONTRADICTION = "contradiction"
    """Both were settled at different times: the order or the units changed; believe neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One question: the mean of units is at least `line`, to be rejected."""

    line: float
    logs: tuple[float, ...]
    """Log products, one per bet."""
    settled_at: int | None = None
    """Number of the unit, from 1, at which it was settled."""

    def log_e(self) -> float:
        top = max(self.logs)
        return top + log(fsum(exp(value - top) for value in self.logs) / len(self.logs))

    def after(self, value: float, *, number: int, bar: float) -> _Side:
        bets = bet_grid(self.line)
        gain = self.line - value
        logs = tuple(a + log1p(bet * gain) for a, bet in zip(self.logs, bets, strict=True))
        moved = replace(self, logs=logs)
        is_new = self.settled_at is None and moved.log_e() >= bar
        return replace(moved, settled_at=number) if is_new else moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """The state after some units; a value, so any state can be kept and continued."""

    line: float
    alpha: float
    """Error probability of each of the two questions."""
    n_units: int
    below: _Side
    above: _Side

    @property
    def settled(self) -> Settled:
        """What is settled by now."""
        if self.below.settled_at and self.above.settled_at:
            return Settled.CONTRADICTION
        if self.below.settled_at:
            return Settled.BELOW
        return Settled.ABOVE if self.above.settled_at else Settled.OPEN

    @property
    def settled_at(self) -> int | None:
        """Units after which the first question was settled; None: open."""
        times = [t for t in (self.below.settled_at, self.above.settled_at) if t is not None]
        return min(times, default=None)

    @property
    def e_below(self) -> float:
        """Evidence now against "the mean is at least the line"; capped at e^700."""
        return exp(min(700.0, self.below.log_e()))

    @property
    def e_above(self) -> float:
        """Evidence now against "the mean is at most the line"; capped at e^700."""
        return exp(min(700.0, self.above.log_e()))

    def after(self, *, high: float, low: float) -> Looks:
        """Return the state after one more unit.

        Args:
            high: the unit's mean in [0, 1], every missing sample a success.
            low: likewise, every missing sample a failure.

        Raises:
            UsageError: a value outside [0, 1] or not a number, or `low` above `high`.
        """
        if not (isfinite(high) and isfinite(low) and 0.0 <= low <= high <= 1.0):
            raise UsageError(f"a unit needs 0 <= low <= high <= 1; got `{low}` and `{high}`")
        number, bar = self.n_units + 1, -log(self.alpha)
        return replace(
            self,
            n_units=number,
            below=self.below.after(high, number=number, bar=bar),
            above=self.above.after(1.0 - low, number=number, bar=bar),
        )


def begin(*, line: float, alpha: float) -> Looks:
    """Return the state before the first unit: both questions open, evidence 1.

    Args:
        line: the effective line, allowances already subtracted, in (0, 1).
        alpha: error probability of each question, in (0, 0.5].

    Raises:
        UsageError: an argument outside its range.
    """
    if not 0.0 < line < 1.0:
        raise UsageError(f"a line for bets must lie in (0, 1); got `{line}`")
    if not 0.0 < alpha <= 0.5:
        raise UsageError(f"alpha must lie in (0, 0.5]; got `{alpha}`")
    return Looks(line=line, alpha=alpha, n_units=0, below=_fresh(line), above=_fresh(1.0 - line))


def _fresh(line: float) -> _Side:
    return _Side(line=line, logs=(0.0,) * len(bet_grid(line)))
