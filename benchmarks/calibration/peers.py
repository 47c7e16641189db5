"""One-sided upper bounds as they are customarily computed, and ours, on counts of items.

Every function takes counts (evals, m + 1): how many items solved 0, 1, ..., m of m epochs. It
returns one bound at level 1 - alpha per eval. Where an interval has no width the bound is the
point: that is what the method says, and a reason why it errs.

Sources: Wilson 1927; Clopper and Pearson 1934; Miller 2024 (clustered errors); Korn and Graubard
1998; the hierarchical model is Beta-binomial items with uniform priors on mean and correlation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import betaincinv, betaln, gammaln, ndtri, stdtrit

from benchmarks.calibration.grid import FloatArray, IntArray, unit_values
from scalegate.estimate.bound import upper_bounds

_CACHED = 100_000
"""Most item means at a time."""
_CHUNK = 3_000_000
"""Most numbers in one intermediate array."""


def ours(counts: IntArray, alpha: float) -> FloatArray:
    """Shifted Gaffke-Beta on item means, some evals at a time so that they fit into the cache."""
    step = max(1, _CACHED // int(counts[0].sum()))
    parts = [counts[start : start + step] for start in range(0, counts.shape[0], step)]
    return np.concatenate([upper_bounds(unit_values(part), alpha) for part in parts])


def wald(counts: IntArray, alpha: float) -> FloatArray:
    """Normal interval of the pooled rate."""
    rate, trials = _pooled(counts)
    bound: FloatArray = rate + ndtri(1.0 - alpha) * np.sqrt(rate * (1.0 - rate) / trials)
    return bound


def wilson(counts: IntArray, alpha: float) -> FloatArray:
    """Wilson's score interval of the pooled rate."""
    rate, trials = _pooled(counts)
    z = float(ndtri(1.0 - alpha))
    middle = rate + z * z / (2.0 * trials)
    reach = z * np.sqrt(rate * (1.0 - rate) / trials + z * z / (4.0 * trials**2))
    bound: FloatArray = (middle + reach) / (1.0 + z * z / trials)
    return bound


def pooled_clopper_pearson(counts: IntArray, alpha: float) -> FloatArray:
    """Clopper-Pearson of all epochs as if they were independent."""
    rate, trials = _pooled(counts)
    return _exact(rate * trials, np.full(rate.shape, float(trials)), alpha)


def clustered_t(counts: IntArray, alpha: float) -> FloatArray:
    """Student's interval of the item means."""
    n, mean, variance = _item_moments(counts)
    bound: FloatArray = mean + stdtrit(n - 1.0, 1.0 - alpha) * np.sqrt(variance / n)
    return bound


def bootstrap(counts: IntArray, alpha: float) -> FloatArray:
    """Percentile bootstrap over items; resampling is carried out exactly, not by draws."""
    evals, levels = counts.shape
    n, m = int(counts[0].sum()), levels - 1
    size = next_fast_len(n * m + 1)
    step = max(1, _CHUNK // size)
    found = np.empty(evals)
    for start in range(0, evals, step):
        part = counts[start : start + step] / n
        total = irfft(rfft(part, size, axis=1) ** n, size, axis=1)[:, : n * m + 1]
        reached = np.cumsum(total, axis=1) >= 1.0 - alpha - 1e-9
        found[start : start + step] = reached.argmax(axis=1) / (n * m)
    return found


def korn_graubard(counts: IntArray, alpha: float) -> FloatArray:
    """Clopper-Pearson with the effective sample size seen, corrected for degrees of freedom."""
    rate, trials = _pooled(counts)
    n, _, variance = _item_moments(counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = rate * (1.0 - rate) / (variance / n)
    if trials > n:  # with one epoch the effective size needs no estimate
        seen = seen * (stdtrit(trials - 1.0, 1.0 - alpha) / stdtrit(n - 1.0, 1.0 - alpha)) ** 2
    effective = np.where(np.isfinite(seen) & (seen > 0.0), np.minimum(seen, trials), trials)
    return _exact(rate * effective, effective, alpha)


def hierarchical(counts: IntArray, alpha: float) -> FloatArray:
    """Quantile of the posterior mean of Beta-binomial items, integrated on a grid."""
    levels = counts.shape[1]
    m = levels - 1
    means, weights = _mean_grid()
    correlations = (np.arange(12) + 0.5) / 12.0
    spread = 1.0 / correlations - 1.0
    a, b = means[:, None] * spread, (1.0 - means)[:, None] * spread
    solved = np.arange(levels)
    ways = gammaln(m + 1.0) - gammaln(solved + 1.0) - gammaln(m - solved + 1.0)
    logs: NDArray[Any] = (
        ways[:, None, None]
        + betaln(solved[:, None, None] + a, m - solved[:, None, None] + b)
        - betaln(a, b)
    )
    found = np.empty(counts.shape[0])
    step = max(1, _CHUNK // a.size)
    for start in range(0, counts.shape[0], step):
        fit = counts[start : start + step].astype(float) @ logs.reshape(levels, -1)
        fit = np.exp(fit - fit.max(axis=1, keepdims=True)).reshape(-1, *a.shape)
        mass = np.cumsum(fit.sum(axis=2) * weights, axis=1)
        mass /= mass[:, -1:]
        found[start : start + step] = [np.interp(1.0 - alpha, row, means) for row in mass]
    return found


METHODS: dict[str, Callable[[IntArray, float], FloatArray]] = {
    "ours": ours,
    "wald": wald,
    "wilson": wilson,
    "clopper_pearson_pooled": pooled_clopper_pearson,
    "clustered_t": clustered_t,
    "bootstrap": bootstrap,
    "korn_graubard": korn_graubard,
    "hierarchical": hierarchical,
}
"""Ours first. `slow_methods` are measured with fewer replicates."""

SLOW = frozenset({"bootstrap", "hierarchical"})
"""Methods that cost a hundred times more per eval."""


def _pooled(counts: IntArray) -> tuple[FloatArray, int]:
    m, n = counts.shape[1] - 1, int(counts[0].sum())
    return counts @ np.arange(m + 1) / (n * m), n * m


def _item_moments(counts: IntArray) -> tuple[int, FloatArray, FloatArray]:
    values = np.arange(counts.shape[1]) / (counts.shape[1] - 1)
    n = int(counts[0].sum())
    mean = counts @ values / n
    variance = (counts * (values - mean[:, None]) ** 2).sum(axis=1) / (n - 1)
    return n, mean, variance


def _exact(successes: FloatArray, trials: FloatArray, alpha: float) -> FloatArray:
    failures = np.maximum(trials - successes, 1e-12)
    bound = betaincinv(successes + 1.0, failures, 1.0 - alpha)
    capped: FloatArray = np.where(trials - successes <= 1e-9, 1.0, bound)
    return capped


def _mean_grid() -> tuple[FloatArray, FloatArray]:
    """Return means, densest at the ends, and the width of each for a uniform prior."""
    edges = np.sin(np.linspace(0.0, np.pi / 2.0, 241)) ** 2
    return (edges[1:] + edges[:-1]) / 2.0, np.diff(edges)
