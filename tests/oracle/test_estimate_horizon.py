"""The horizon fit on METR's real runs, against a second fit and against reference values."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_expit

from scalegate.estimate.horizon import (
    HorizonRun,
    HorizonSummary,
    estimate_time_horizon,
    summarise_runs,
)
from scalegate.estimate.model import Estimate, Insufficient

FILE = (
    Path(__file__).parents[2] / "examples/metr-horizon/documents/data/metr_all_runs_2025-02.jsonl"
)

# Weighted logistic in log2 minutes with METR's weights; a hierarchical bootstrap of 300 draws,
# quantiles 2.5 and 97.5 %. A check of the estimator, not a claim of METR's.
REFERENCE = {
    "Claude 3.5 Sonnet (New)": (802, 60.9, 15.7, 201.0, 4.3),
    "o1": (1014, 43.3, 2.1, 190.0, 1.0),
    "o1-preview": (567, 38.2, 10.3, 125.0, 2.4),
    "Claude 3.5 Sonnet (Old)": (845, 23.3, 3.5, 64.6, 1.8),
    "GPT-4o": (885, 7.8, 0.9, 30.2, 0.5),
}


@cache
def rows() -> tuple[dict[str, object], ...]:
    return tuple(json.loads(line) for line in FILE.read_text().splitlines())


def summary(alias: str, *, as_scored: bool) -> HorizonSummary:
    return summarise_runs(
        HorizonRun(
            family=str(row["task_family"]),
            task=str(row["task_id"]),
            human_minutes=float(str(row["human_minutes"])),
            succeeded=row["score_binarized"] == 1,
            limit_stopped=not as_scored and row["fatal_error_from"] == "usageLimits",
        )
        for row in rows()
        if row["alias"] == alias
    )


def estimate(alias: str, *, as_scored: bool = True, level: float = 0.5) -> Estimate:
    found = estimate_time_horizon(
        summary(alias, as_scored=as_scored),
        alpha=0.025,
        evidence_digest="oracle",
        success_level=level,
    )
    assert isinstance(found, Estimate)
    return found


def test_the_file_is_the_one_that_its_readme_describes() -> None:
    assert len(rows()) == 7063
    assert len({row["task_id"] for row in rows()}) == 83
    assert Counter(row["fatal_error_from"] for row in rows())["usageLimits"] == 1912


@pytest.mark.parametrize("alias", REFERENCE)
def test_points_equal_the_reference_and_bounds_are_within_a_factor_of_two(alias: str) -> None:
    runs, p50, low, high, p80 = REFERENCE[alias]
    found = estimate(alias)
    assert found.n_samples == runs
    assert found.point == pytest.approx(p50, rel=0.005, abs=0.051)
    assert found.upper is not None
    assert low / 2 < found.lower < low * 2
    assert high / 1.35 < found.upper < high * 1.35
    assert estimate(alias, level=0.8).point == pytest.approx(p80, abs=0.051)


@pytest.mark.parametrize("alias", REFERENCE)
def test_the_fit_equals_a_general_optimiser_on_the_published_weights(alias: str) -> None:
    mine = [row for row in rows() if row["alias"] == alias]
    x = np.log2([float(str(row["human_minutes"])) for row in mine])
    y = np.array([row["score_binarized"] == 1 for row in mine])
    w = np.array([float(str(row["invsqrt_task_weight"])) for row in mine])

    def loss(theta: np.ndarray) -> float:
        eta = theta[0] + theta[1] * x
        return -float(np.sum(w * np.where(y, log_expit(eta), log_expit(-eta))))

    fit = minimize(loss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-14})
    horizon = -fit.x[0] / fit.x[1]
    assert np.log2(estimate(alias).point) == pytest.approx(horizon, abs=1e-4)


def test_runs_stopped_by_a_limit_can_leave_no_upper_bound_at_all() -> None:
    """42 % of o1's runs were stopped by a limit: these data cannot rule a horizon out."""
    found = estimate("o1", as_scored=False)
    assert found.missing > 400
    assert found.upper is None
    scored = estimate("o1")
    assert (found.point, found.lower) == pytest.approx((scored.point, scored.lower))


def test_a_line_beyond_the_suite_is_beyond_its_ceiling() -> None:
    assert estimate("GPT-4o").ceiling == pytest.approx(484.29)


def test_nine_families_are_too_few() -> None:
    found = estimate_time_horizon(
        summary("davinci-002", as_scored=True), alpha=0.05, evidence_digest="x"
    )
    assert isinstance(found, Insufficient)
    assert found.reason == "too_few_units"
