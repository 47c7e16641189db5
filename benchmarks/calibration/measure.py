"""Measure one cell of the grid: errors at the line, and power where an oracle has .80."""

from __future__ import annotations

from scipy.stats import binom

from benchmarks.calibration.grid import ALPHA, Cell, drawn_counts, oracle_rate
from benchmarks.calibration.peers import METHODS, SLOW
from scalegate.estimate.power import clearing_count

ONE_EPOCH = "one_epoch"
"""Clopper-Pearson on one epoch per item, picked by a recorded seed: proved, computed exactly."""
REPLICATES, SLOW_REPLICATES = 16_000, 4_000
"""Draws a cell on the page: for bounds that cost microseconds, and for the others."""
ERROR, POWER = 0, 1
"""Streams of draws: at the line, and at the rate of the oracle."""


def cleared_share(
    cell: Cell, mean: float, *, method: str, replicates: int, stream: int = ERROR
) -> float:
    """Return the share of evals at a mean rate of `mean` whose bound lies below the line."""
    counts, shares = drawn_counts(cell, mean, replicates=replicates, stream=stream)
    return float(shares[METHODS[method](counts, ALPHA) < cell.tau].sum())


def measured(cell: Cell, *, replicates: int, slow_replicates: int) -> dict[str, float | None]:
    """Return `error METHOD` and `power METHOD` for every method; power None without an oracle.

    Args:
        cell: what to measure.
        replicates: draws for bounds that cost microseconds.
        slow_replicates: draws for the others.
    """
    rate = oracle_rate(cell)
    found: dict[str, float | None] = {"oracle rate": rate}
    for method in METHODS:
        draws = slow_replicates if method in SLOW else replicates
        found |= _of_method(cell, rate, method=method, replicates=draws)
    count = clearing_count(cell.tau, float(cell.n), ALPHA)
    found[f"error {ONE_EPOCH}"] = float(binom.cdf(count, cell.n, cell.tau))
    found[f"power {ONE_EPOCH}"] = None if rate is None else float(binom.cdf(count, cell.n, rate))
    return found


def _of_method(
    cell: Cell, rate: float | None, *, method: str, replicates: int
) -> dict[str, float | None]:
    error = cleared_share(cell, cell.tau, method=method, replicates=replicates)
    power = None
    if rate is not None:
        power = cleared_share(cell, rate, method=method, replicates=replicates, stream=POWER)
    return {f"error {method}": error, f"power {method}": power}


def slow_for_page(cell: Cell) -> dict[str, float | None]:
    """Return the errors and powers of the slow methods alone, with the draws of the page."""
    found: dict[str, float | None] = {}
    for method in METHODS:
        if method in SLOW:
            found |= _of_method(cell, oracle_rate(cell), method=method, replicates=SLOW_REPLICATES)
    return found


def measured_for_page(cell: Cell) -> dict[str, float | None]:
    """Return `measured` with the draws of the page."""
    return measured(cell, replicates=REPLICATES, slow_replicates=SLOW_REPLICATES)
