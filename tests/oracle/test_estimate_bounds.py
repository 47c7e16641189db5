"""Bounds against second implementations: statsmodels, scipy, and Gaffke's variable drawn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from scalegate.estimate.bound import (
    clopper_pearson_lower,
    clopper_pearson_upper,
    lower_bound,
    upper_bound,
)


@pytest.mark.parametrize("n", [1, 2, 5, 19, 100, 1000])
def test_zero_one_bounds_are_those_of_statsmodels_and_scipy(n: int) -> None:
    from statsmodels.stats.proportion import proportion_confint

    for k in sorted({0, 1, n // 3, n // 2, n - 1, n}):
        for alpha in (0.05, 0.01):
            low, high = proportion_confint(k, n, alpha=2 * alpha, method="beta")
            x = [1.0] * k + [0.0] * (n - k)
            assert upper_bound(x, alpha) == pytest.approx(high, abs=1e-9)
            assert lower_bound(x, alpha) == pytest.approx(low, abs=1e-9)
            exact = stats.binomtest(k, n, alternative="less").proportion_ci(1 - alpha, "exact")
            assert clopper_pearson_upper(k, n, alpha) == pytest.approx(exact.high, abs=1e-9)
            exact = stats.binomtest(k, n, alternative="greater").proportion_ci(1 - alpha, "exact")
            assert clopper_pearson_lower(k, n, alpha) == pytest.approx(exact.low, abs=1e-9)


@pytest.mark.parametrize("n", [5, 10, 20, 50])
def test_the_matched_beta_is_close_to_the_quantile_of_gaffkes_variable(n: int) -> None:
    generator = np.random.default_rng(7)
    weights = generator.dirichlet(np.ones(n + 1), size=40_000)
    for _ in range(12):
        x = generator.binomial(5, generator.beta(0.4, 0.8, n)) / 5
        drawn = np.quantile(weights @ np.append(np.sort(x), 1.0), 0.95)
        assert upper_bound(x.tolist(), 0.05) == pytest.approx(drawn, abs=0.02)


@pytest.mark.parametrize("n", [3, 8, 25])
def test_mean_and_variance_match_those_of_gaffkes_variable_exactly(n: int) -> None:
    """Moments of Dirichlet(1, .., 1) in exact arithmetic against the two Beta parameters."""
    from fractions import Fraction

    from scalegate.estimate.bound import _beta_of

    x = [Fraction(i * i % 7, 7) for i in range(n)]
    nodes = [*x, Fraction(1)]
    mean = sum(nodes, Fraction(0)) / (n + 1)
    second = sum((v * v for v in nodes), Fraction(0))
    variance = (second / (n + 1) - mean * mean) / (n + 2)
    a, b = _beta_of(
        n=float(n),
        first=float(sum(x, Fraction(0))),
        second=float(sum((v * v for v in x), Fraction(0))),
    )
    assert a / (a + b) == pytest.approx(float(mean), rel=1e-12)
    assert a * b / ((a + b) ** 2 * (a + b + 1)) == pytest.approx(float(variance), rel=1e-10)
