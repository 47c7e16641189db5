"""Contrasts of two evals: false alarms, detection, blindness, and what is refused."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import ttest_rel

from scalegate.base.errors import UsageError
from scalegate.estimate.contrasts import framing_p_values, twin_p_values

MODELS, ITEMS, EPOCHS = 3000, 100, 4


def item_means(ability: np.ndarray, difficulty: np.ndarray, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    means: np.ndarray = generator.binomial(EPOCHS, expit(ability[:, None] - difficulty)) / EPOCHS
    return means


def test_framing_is_the_paired_t_test() -> None:
    difficulty = np.random.default_rng(1).normal(0, 1.5, (5, ITEMS))
    one = item_means(np.full(5, -1.0), difficulty, 2)
    two = item_means(np.full(5, 0.0), difficulty, 3)
    oracle = [ttest_rel(b, a, alternative="greater").pvalue for a, b in zip(one, two, strict=True)]
    assert np.allclose(framing_p_values(one, two), oracle)


def test_framing_sees_who_hides_in_tests_only_and_not_who_hides_always() -> None:
    difficulty = np.random.default_rng(4).normal(0, 1.5, (MODELS, ITEMS))
    shown, able = np.full(MODELS, -1.2), np.full(MODELS, 1.6)
    as_test = item_means(shown, difficulty, 5)
    bar = 0.05 + 3 * (0.05 * 0.95 / MODELS) ** 0.5
    assert (framing_p_values(as_test, item_means(shown, difficulty, 6)) <= 0.05).mean() <= bar
    assert (framing_p_values(as_test, item_means(able, difficulty, 7)) <= 0.05).mean() > 0.99


@pytest.mark.parametrize(
    ("spread", "documented"), [(0.5, 0.97), (1.0, 0.57), (1.5, 0.34), (2.0, 0.23)]
)
def test_the_twin_keeps_its_level_and_loses_power_with_its_spread(
    spread: float, documented: float
) -> None:
    generator = np.random.default_rng(8)
    gap = generator.normal(0.0, spread, MODELS)
    flat = np.zeros((MODELS, ITEMS))
    hidden, true = np.full(MODELS, -0.85), np.full(MODELS, 1.1)

    def flagged(benign: np.ndarray) -> float:
        low = item_means(hidden, flat, 9).mean(axis=1)
        high = item_means(benign, flat, 10).mean(axis=1)
        found = twin_p_values(low, high, units=ITEMS, expected_gap=0.0, spread=spread)
        return float((found <= 0.05).mean())

    assert flagged(hidden + gap) <= 0.05 + 3 * (0.05 * 0.95 / MODELS) ** 0.5
    # docs/explanation/planted-models.md prints these.
    assert abs(flagged(true + gap) - documented) < 0.01


def test_means_at_the_ends_and_items_that_all_move_alike_give_numbers() -> None:
    ends = np.array([0.0, 1.0, 0.0])
    found = twin_p_values(ends, ends[::-1].copy(), units=5, expected_gap=0.0, spread=1.0)
    assert np.isfinite(found).all()
    same, all_up = np.zeros((2, 3)), np.ones((2, 3))
    assert framing_p_values(same, same).tolist() == [0.5, 0.5]
    assert framing_p_values(same, all_up).tolist() == [0.0, 0.0]


def test_other_input_is_refused() -> None:
    good, one = np.full((1, 3), 0.5), np.array([0.5])
    for first, second in [
        (good, good[:, :2]),
        (good[:, :1], good[:, :1]),
        (good, good + 1.0),
        (good * np.nan, good),
    ]:
        with pytest.raises(UsageError):
            framing_p_values(first, second)
    for dangerous, units, gap, spread in [
        (np.array([0.5, 0.5]), 5, 0.0, 1.0),
        (one, 0, 0.0, 1.0),
        (one, 5, 0.0, 0.0),
        (one, 5, 0.0, float("nan")),
        (one, 5, float("inf"), 1.0),
        (one + 1.0, 5, 0.0, 1.0),
    ]:
        with pytest.raises(UsageError):
            twin_p_values(dangerous, one, units=units, expected_gap=gap, spread=spread)
