"""The default bound keeps its error in the grid and outside of it; the slow tests are the whole."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from benchmarks.calibration.grid import Cell, cells, drawn_counts, unit_values
from benchmarks.calibration.measure import REPLICATES, cleared_share, measured
from benchmarks.calibration.page import LIMIT
from benchmarks.calibration.stress import (
    family_row,
    grader_row,
    missing_error,
    peeking_row,
    tree_row,
    worst_items,
)
from benchmarks.calibration.stresses import FULL, in_trees, looked_at, missing_row, stresses
from scalegate.adapters.compute import ProcessPool
from scalegate.estimate.bound import upper_bounds

WORST_ITEMS = 0.053
CELLS = list(cells())


def test_the_grid_is_that_of_the_reference() -> None:
    assert Counter(cell.shape for cell in CELLS) == {"beta": 416, "two_point": 288, "one_zero": 288}


def test_every_method_is_measured_in_a_cell() -> None:
    found = measured(CELLS[200], replicates=300, slow_replicates=100)
    assert all(value is None or 0.0 <= value <= 1.0 for value in found.values())


@pytest.mark.parametrize("shape", ["beta", "two_point", "one_zero"])
def test_counts_are_drawn_as_items_would_be(shape: str) -> None:
    cell = Cell(shape=shape, n=20, m=5, rho=0.3, tau=0.5)
    rng = np.random.default_rng(4)
    if shape == "beta":
        rates = rng.beta(0.5 * 7 / 3, 0.5 * 7 / 3, (8000, 20))
    elif shape == "two_point":
        rates = np.where(rng.random((8000, 20)) < 0.5 / 0.65, 0.65, 0.0)
    else:
        rates = np.where(rng.random((8000, 20)) < 0.15 / 0.65, 1.0, 0.35)
    items = rng.binomial(5, rates) / 5.0
    counts, shares = drawn_counts(cell, 0.5, replicates=8000)
    ours = unit_values(counts)
    assert float(shares @ ours.mean(axis=1)) == pytest.approx(float(items.mean()), abs=0.005)
    spread = float(shares @ (ours.mean(axis=1) - 0.5) ** 2)
    assert spread == pytest.approx(float(items.mean(axis=1).var()), rel=0.08)
    by_item = float(np.mean(upper_bounds(items, 0.05) < 0.5))
    by_count = float(shares[upper_bounds(ours, 0.05) < 0.5].sum())
    assert by_count == pytest.approx(by_item, abs=0.012)


def test_small_cells_keep_the_error() -> None:
    for cell in CELLS:
        if cell.n <= 10:
            found = cleared_share(cell, cell.tau, method="ours", replicates=4000)
            assert found <= 0.05 + 4 * (0.05 * 0.95 / 4000) ** 0.5, cell.name


def test_stresses_keep_the_error() -> None:
    slack = 4 * (0.05 * 0.95 / 1000) ** 0.5
    assert worst_items(10, tried=60, climbs=3, final=20_000)["error"] <= WORST_ITEMS + 0.003
    cell = Cell(shape="two_point", n=50, m=5, rho=0.6, tau=0.5)
    assert missing_error(cell, lost=0.05, replicates=1000) <= 0.05 + slack
    row = family_row(families=10, spread=1.5, line=0.5, replicates=1000)
    assert row["family means"] <= 0.05 + slack
    assert row["items as independent"] > 0.1
    row = grader_row(n=100, line=0.5, false_pass=0.0, replicates=300)
    assert row["corrected"] <= 0.05 + slack
    assert row["uncorrected"] > 0.1
    row = peeking_row(cell=looked_at()[10], replicates=300)
    assert row["sequential"] <= 0.05 + 2 * slack
    assert row["default bound"] > 0.08
    row = tree_row(evals=16, cell=in_trees()[1], replicates=4000)
    assert row["all must"] <= 0.05 + slack
    assert row["any may"] <= 0.05 + slack
    assert row["any may, uncorrected"] > 0.2


@pytest.mark.slow
@pytest.mark.parametrize("n", [5, 10, 20, 30, 50, 100, 200, 500])
def test_the_whole_grid_keeps_the_error(n: int) -> None:
    for cell in CELLS:
        if cell.n == n:
            found = cleared_share(cell, cell.tau, method="ours", replicates=REPLICATES)
            assert found <= LIMIT, cell.name


@pytest.mark.slow
@pytest.mark.parametrize("n", [5, 10, 20, 50, 200])
def test_no_item_distribution_that_was_searched_errs_more(n: int) -> None:
    found = worst_items(n, tried=FULL.tried, climbs=FULL.climbs, final=FULL.final)
    assert found["error"] <= WORST_ITEMS


@pytest.mark.slow
@pytest.mark.parametrize("lost", [0.05, 0.20])
def test_missing_samples_keep_the_error_in_the_whole_grid(lost: float) -> None:
    assert missing_row(lost=lost, size=FULL)["error"] <= LIMIT


@pytest.mark.slow
def test_the_other_stresses_keep_the_error() -> None:
    found = stresses(FULL, ProcessPool(2), leave_out=("items", "missing"))
    for table, column in (
        ("families", "family means"),
        ("families", "weighted by size"),
        ("graders", "corrected"),
        ("looks", "sequential"),
        ("trees", "all must"),
        ("trees", "any may"),
    ):
        assert max(row[column] for row in found[table]) <= LIMIT, (table, column)
