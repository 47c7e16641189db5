"""False rule-outs at the line stay within the stated error; the slow grid is the certificate."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from scalegate.estimate.bound import upper_bounds
from scalegate.estimate.horizon import HorizonRun, estimate_time_horizon, summarise_runs
from scalegate.estimate.model import Estimate
from scalegate.estimate.proved import e_upper_bound
from scalegate.estimate.uplift import ArmScores, estimate_fold_uplift

FloatArray = NDArray[np.float64]
ALPHA = 0.05


def item_rates(
    family: str, rng: np.random.Generator, shape: tuple[int, int], mean: float, rho: float
) -> FloatArray:
    """Draw item success rates with a mean and an intra-item correlation, in one of three shapes."""
    if rho == 0.0:
        return np.full(shape, mean)
    if family == "beta":
        spread = 1.0 / rho - 1.0
        return rng.beta(mean * spread, (1.0 - mean) * spread, shape)
    if family == "two_point":  # some impossible, the rest equally hard
        other = mean + rho * (1.0 - mean)
        return np.where(rng.random(shape) < mean / other, other, 0.0)
    other = mean * (1.0 - rho)  # one_zero: some always solved, the rest equally hard
    return np.where(rng.random(shape) < (mean - other) / (1.0 - other), 1.0, other)


def false_rule_out(
    family: str, n: int, m: int, *, rho: float, tau: float, replicates: int, seed: int
) -> float:
    rng = np.random.default_rng([seed, n, m, int(rho * 100), int(tau * 100), len(family)])
    rates = item_rates(family, rng, (replicates, n), tau, rho)
    scores = rng.binomial(m, rates) / m
    return float(np.mean(upper_bounds(scores, ALPHA) < tau))


FAMILIES = ("beta", "two_point", "one_zero")


@pytest.mark.parametrize(("family", "tau"), list(product(FAMILIES, (0.05, 0.5, 0.8))))
def test_a_small_grid_stays_within_the_error(family: str, tau: float) -> None:
    worst = max(
        false_rule_out(family, n, m, rho=rho, tau=tau, replicates=4000, seed=1)
        for n, m, rho in product((5, 20, 60), (1, 5), (0.1, 0.6))
    )
    assert worst <= 0.05 + 4 * (0.05 * 0.95 / 4000) ** 0.5


def test_the_pooled_interval_fails_where_ours_holds() -> None:
    """The check above can fail: pooled Clopper-Pearson over epochs does, by a factor of four."""
    from scipy.special import betaincinv

    rng = np.random.default_rng(5)
    rates = item_rates("two_point", rng, (4000, 20), 0.5, 0.6)
    k = rng.binomial(10, rates).sum(axis=1)
    pooled = betaincinv(k + 1, 200 - k, 1 - ALPHA)
    assert np.mean(pooled < 0.5) > 0.2


def test_family_means_hold_where_items_share_a_family() -> None:
    rng = np.random.default_rng(11)
    families, items = 12, 8
    shift = rng.normal(0, 1.0, (3000, families, 1))
    rates = 1 / (1 + np.exp(-(shift + rng.normal(0, 0.7, (3000, families, items)))))
    won = rng.random(rates.shape) < rates
    assert np.mean(upper_bounds(won.mean(axis=2), ALPHA) < 0.5) <= 0.05
    as_items = upper_bounds(won.reshape(3000, -1).astype(float), ALPHA)
    assert np.mean(as_items < 0.5) > 0.07


def test_looking_after_every_fifth_unit_keeps_the_sequential_error() -> None:
    rng = np.random.default_rng(12)
    x = (rng.random((200, 100)) < 0.5).astype(float)
    errors = sum(e_upper_bound(row.tolist(), ALPHA) < 0.5 for row in x)
    assert errors / 200 <= 0.05
    peeked = np.minimum.reduce([upper_bounds(x[:, :t], ALPHA) for t in range(5, 101, 5)])
    assert np.mean(peeked < 0.5) > 0.08


@pytest.mark.parametrize(("control", "ratio", "n"), [(0.25, 2.8, 10), (0.15, 2.8, 20)])
def test_uplift_at_the_line_is_ruled_out_within_the_error(
    control: float, ratio: float, n: int
) -> None:
    rng = np.random.default_rng(13)
    errors, replicates = 0, 400
    for _ in range(replicates):
        c = rng.beta(control * 10, (1 - control) * 10, n)
        t = rng.beta(control * ratio * 10, (1 - control * ratio) * 10, n)
        found = estimate_fold_uplift(
            treated=ArmScores(scores=tuple(t)), control=ArmScores(scores=tuple(c)), alpha=ALPHA
        )
        upper = found.upper if isinstance(found, Estimate) else None
        errors += upper is not None and upper < ratio
    assert errors / replicates <= 0.05 + 3 * (0.05 * 0.95 / replicates) ** 0.5


@pytest.mark.slow
@pytest.mark.parametrize("families", [20, 40])
def test_the_horizon_is_ruled_out_within_the_error(families: int) -> None:
    rng = np.random.default_rng([14, families])
    errors, replicates, truth = 0, 200, 30.0
    for number in range(replicates):
        runs = []
        for family in range(families):
            shift = rng.normal()
            for task in range(2):
                length = rng.uniform(-1, 9)
                eta = 0.8 * (np.log2(truth) - length) + shift + rng.normal()
                for _ in range(6):
                    won = rng.random() < 1 / (1 + np.exp(-eta))
                    runs.append(
                        HorizonRun(
                            family=str(family),
                            task=str(task),
                            human_minutes=2.0**length,
                            succeeded=bool(won),
                        )
                    )
        found = estimate_time_horizon(
            summarise_runs(runs), alpha=ALPHA, evidence_digest=str(number), draws=400
        )
        upper = found.upper if isinstance(found, Estimate) else None
        errors += upper is not None and upper < truth
    assert errors / replicates <= 0.05 + 3 * (0.05 * 0.95 / replicates) ** 0.5
