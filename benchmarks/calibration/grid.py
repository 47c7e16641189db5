"""The cells of the calibration grid, and simulated evals in them.

1. A cell is a shape of items, `n` items with `m` epochs each, a correlation `rho` of epochs inside
   an item, and a line `tau`. There are 992: without a correlation the three shapes are the same,
   and with one epoch the correlation shows nowhere.
2. `beta`: item rates follow a Beta distribution. `two_point`: some items are impossible, the rest
   equally hard. `one_zero`: some are always solved, the rest equally hard. All have the mean asked
   for, and rates vary by rho times mean times (1 - mean).
3. Items are alike before they are drawn, so an eval is drawn as the *counts* of items that solved
   0, 1, ..., m epochs: multinomial, and the same distribution as drawing item by item
   (`tests/calibration` compares the two).
4. The seed of a cell depends on the cell alone: cells can be measured in any order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import betabinom, binom

from scalegate.estimate.power import effective_trials, power_of_share

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ALPHA = 0.05
SIZES = (5, 10, 20, 30, 50, 100, 200, 500)
EPOCHS = (1, 2, 5, 10)
CORRELATIONS = (0.0, 0.1, 0.3, 0.6)
LINES = (0.05, 0.2, 0.5, 0.8)
SHAPES = ("beta", "two_point", "one_zero")
ORACLE_POWER = 0.80


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One design at one line."""

    shape: str
    n: int
    m: int
    rho: float
    tau: float

    @property
    def name(self) -> str:
        """Its key in files and seeds."""
        return f"{self.shape} n={self.n} m={self.m} rho={self.rho:g} tau={self.tau:g}"


def cells() -> Iterator[Cell]:
    """Yield the 992 cells (rule 1), small ones first."""
    for n, m, shape, rho, tau in product(SIZES, EPOCHS, SHAPES, CORRELATIONS, LINES):
        tells_shapes_apart = m > 1 and rho > 0.0
        if tells_shapes_apart or (shape == "beta" and (m > 1 or rho == 0.0)):
            yield Cell(shape=shape, n=n, m=m, rho=rho, tau=tau)


def unit_chances(cell: Cell, mean: float) -> FloatArray:
    """Return the chances that an item solves 0, 1, ..., m epochs, at a mean rate (rule 2)."""
    solved = np.arange(cell.m + 1)
    if cell.rho == 0.0:
        chances = binom.pmf(solved, cell.m, mean)
    elif cell.shape == "beta":
        spread = 1.0 / cell.rho - 1.0
        chances = betabinom.pmf(solved, cell.m, mean * spread, (1.0 - mean) * spread)
    elif cell.shape == "two_point":
        rate = mean + cell.rho * (1.0 - mean)
        chances = binom.pmf(solved, cell.m, rate) * (mean / rate)
        chances[0] += 1.0 - mean / rate
    else:
        rate = mean * (1.0 - cell.rho)
        always = (mean - rate) / (1.0 - rate)
        chances = binom.pmf(solved, cell.m, rate) * (1.0 - always)
        chances[-1] += always
    shares: FloatArray = chances / chances.sum()
    return shares


@lru_cache(maxsize=4)
def drawn_counts(
    cell: Cell, mean: float, *, replicates: int, stream: int = 0
) -> tuple[IntArray, FloatArray]:
    """Return the different evals that were drawn, and the share of draws that gave each.

    Shapes:
        counts (different, m + 1), each row summing to n; shares (different,).
    """
    seed = np.random.SeedSequence([crc32(cell.name.encode()), stream])
    generator = np.random.Generator(np.random.PCG64(seed))
    draws = generator.multinomial(cell.n, unit_chances(cell, mean), size=replicates)
    counts, times = np.unique(draws, axis=0, return_counts=True)
    return counts, times / replicates


def unit_values(counts: IntArray) -> FloatArray:
    """Return the mean of every unit: (evals, n), from (evals, m + 1) counts."""
    evals, levels = counts.shape
    solved = np.tile(np.arange(levels), evals)
    values: FloatArray = np.repeat(solved, counts.ravel()).reshape(evals, -1) / max(1, levels - 1)
    return values


def oracle_rate(cell: Cell) -> float | None:
    """Return the rate that an oracle clears with power .80, or None if it clears none.

    The oracle knows rho, and so how many independent trials the eval is worth; its bound is
    Clopper-Pearson with that many. It is not available outside of a simulation.
    """
    n_eff = effective_trials(cell.n, cell.n * cell.m, cell.rho)

    def short_of(rate: float) -> float:
        return power_of_share(cell.tau, rate, n_eff=n_eff, alpha=ALPHA) - ORACLE_POWER

    if short_of(0.0) < 0.0:
        return None
    return float(brentq(short_of, 1e-9, cell.tau, xtol=1e-9))
