"""Errors outside of the grid: adversarial items, missing samples, families, graders, looks, trees.

In every row the truth is exactly at the line, so that whatever is ruled out is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import binom

from benchmarks.calibration.grid import (
    ALPHA,
    Cell,
    FloatArray,
    drawn_counts,
    unit_chances,
    unit_values,
)
from scalegate.app.organisms.bench import cautious_upper_bounds
from scalegate.estimate.bound import upper_bound, upper_bounds
from scalegate.estimate.combine import Combination, combine_alpha
from scalegate.estimate.grader import Audit, corrected_upper
from scalegate.estimate.proved import bet_grid

Row = dict[str, Any]
SCREENED = 2000
"""Draws by which a distribution is compared with others; the worst are measured again."""
AUDITED = 100
"""Items of either kind in the audit of a grader."""
FAMILY_SIZES = (1, 2, 3, 5, 8, 13)
"""Items in consecutive families, over and over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Atoms:
    """A distribution of item scores on a few values."""

    values: FloatArray
    chances: FloatArray


def _generator(*key: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))


# --- the worst item distribution ------------------------------------------------------------------


def error_of_atoms(
    atoms: Atoms, n: int, *, replicates: int, generator: np.random.Generator
) -> float:
    """Return how often the bound of n items lies below their true mean."""
    draws = generator.multinomial(n, atoms.chances, size=replicates)
    counts, times = np.unique(draws, axis=0, return_counts=True)
    rows = np.repeat(np.tile(atoms.values, len(counts)), counts.ravel()).reshape(-1, n)
    below = upper_bounds(rows, ALPHA) < float(atoms.values @ atoms.chances) - 1e-12
    return float(times[below].sum() / replicates)


def random_atoms(generator: np.random.Generator) -> Atoms:
    """Return two to five values, some at 0 or 1, with uneven chances."""
    size = int(generator.integers(2, 6))
    values = np.clip(generator.random(size) * 1.4 - 0.2, 0.0, 1.0)
    return Atoms(values=values, chances=generator.dirichlet(np.full(size, 0.7)))


def moved_atoms(atoms: Atoms, generator: np.random.Generator) -> Atoms:
    """Return a neighbour: values and chances a little elsewhere."""
    values = np.clip(atoms.values + generator.normal(0.0, 0.05, atoms.values.size), 0.0, 1.0)
    chances = atoms.chances * np.exp(generator.normal(0.0, 0.2, atoms.chances.size))
    return Atoms(values=values, chances=chances / chances.sum())


def worst_items(n: int, *, tried: int, climbs: int, final: int) -> Row:
    """Search for the item distribution with the largest error at n items.

    Args:
        n: items.
        tried: random distributions; the ten worst are improved.
        climbs: steps of improvement for each of the ten.
        final: fresh draws with which those ten are measured again.
    """
    generator = _generator(3, n)
    found: list[tuple[float, Atoms]] = []
    for _ in range(tried):
        atoms = random_atoms(generator)
        error = error_of_atoms(atoms, n, replicates=SCREENED, generator=generator)
        found.append((error, atoms))
    found.sort(key=lambda pair: -pair[0])
    best = found[:10]
    for place, (seen, atoms) in enumerate(best):
        error, kept = seen, atoms
        for _ in range(climbs):
            near = moved_atoms(kept, generator)
            tries = error_of_atoms(near, n, replicates=SCREENED, generator=generator)
            if tries > error:
                error, kept = tries, near
        best[place] = (error, kept)
    again = [
        error_of_atoms(atoms, n, replicates=final, generator=generator)
        for _, atoms in (*best, *found[:10])
    ]
    return {"n": n, "tried": tried + 10 * climbs, "error": max(again)}


# --- missing samples ------------------------------------------------------------------------------


def missing_error(cell: Cell, *, lost: float, replicates: int) -> float:
    """Return the error at the line where each sample is lost with probability `lost`."""
    m = cell.m
    outcomes = [(seen, gone) for gone in range(m + 1) for seen in range(m + 1 - gone)]
    chances = dict.fromkeys(outcomes, 0.0)
    for solved, chance in enumerate(unit_chances(cell, cell.tau)):
        kept = binom.pmf(np.arange(solved + 1), solved, 1.0 - lost)
        also = binom.pmf(np.arange(m - solved + 1), m - solved, lost)
        for seen, failed in product(range(solved + 1), range(m - solved + 1)):
            chances[seen, solved - seen + failed] += chance * kept[seen] * also[failed]
    shares = np.array(list(chances.values()))
    generator = _generator(
        5, cell.n, m, round(cell.rho * 10), round(cell.tau * 100), len(cell.shape)
    )
    counts = generator.multinomial(cell.n, shares / shares.sum(), size=replicates)
    picks = np.repeat(np.tile(np.arange(len(outcomes)), replicates), counts.ravel())
    pairs = np.array(outcomes, dtype=float)[picks].reshape(replicates, cell.n, 2)
    low, high = pairs[:, :, 0] / m, pairs.sum(axis=2) / m
    return float(np.mean(cautious_upper_bounds(high, low) < cell.tau))


# --- families of unequal size ---------------------------------------------------------------------


def family_row(*, families: int, spread: float, line: float, replicates: int) -> Row:
    """Return errors of family means, of size-weighted ones, and of items as if independent."""
    sizes = [FAMILY_SIZES[i % len(FAMILY_SIZES)] for i in range(families)]
    owner = np.repeat(np.arange(families), sizes)
    generator = _generator(7, families, round(spread * 10), round(line * 100))
    ability = _centre(line, spread)
    shift = generator.normal(0.0, spread, (replicates, families))[:, owner]
    rates = expit(ability + shift + generator.normal(0.0, 1.0, shift.shape))
    scores = generator.binomial(4, rates) / 4.0
    sums = np.zeros((replicates, families))
    for item, family in enumerate(owner):
        sums[:, family] += scores[:, item]
    means = np.minimum(1.0, sums / sizes)
    weighted = [upper_bound(row, ALPHA, weights=sizes) < line for row in means[:1000].tolist()]
    return {
        "families": families,
        "spread": spread,
        "line": line,
        "family means": float(np.mean(upper_bounds(means, ALPHA) < line)),
        "weighted by size": float(np.mean(weighted)),
        "items as independent": float(np.mean(upper_bounds(scores, ALPHA) < line)),
    }


def _centre(mean: float, spread: float) -> float:
    """Return the ability at which the mean over families and items (sd 1) is `mean`."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(64)
    weights = weights / weights.sum()
    wide = float(np.hypot(spread, 1.0))
    return float(brentq(lambda a: float(weights @ expit(a + wide * nodes)) - mean, -20.0, 20.0))


# --- a grader that errs ---------------------------------------------------------------------------


def grader_row(*, n: int, line: float, false_pass: float, replicates: int) -> Row:
    """Return errors with a grader of sensitivity .9: uncorrected, and corrected by its audit."""
    sensitivity = 0.9
    cell = Cell(shape="beta", n=n, m=5, rho=0.3, tau=line)
    generator = _generator(9, n, round(line * 100), round(false_pass * 100))
    spread = 1.0 / cell.rho - 1.0
    rates = generator.beta(line * spread, (1.0 - line) * spread, (replicates, n))
    shown = generator.binomial(5, false_pass + (sensitivity - false_pass) * rates) / 5.0
    hits = generator.binomial(AUDITED, sensitivity, replicates)
    slips = generator.binomial(AUDITED, false_pass, replicates)
    below = 0
    for row, hit, slip in zip(shown.tolist(), hits.tolist(), slips.tolist(), strict=True):
        audit = Audit(
            successes=AUDITED, passed_successes=hit, failures=AUDITED, passed_failures=slip
        )
        found = corrected_upper(row, ALPHA, audit=audit)
        below += isinstance(found, float) and found < line
    return {
        "n": n,
        "line": line,
        "false passes": false_pass,
        "corrected": below / replicates,
        "uncorrected": float(np.mean(upper_bounds(shown, ALPHA) < line)),
    }


# --- looks after every item -----------------------------------------------------------------------


def peeking_row(*, cell: Cell, replicates: int) -> Row:
    """Return how often looks after each of n items ever settle `below`, and the default bound."""
    generator = _generator(11, cell.m, len(cell.shape), round(cell.tau * 100))
    chances = unit_chances(cell, cell.tau)
    x = generator.choice(cell.m + 1, size=(replicates, cell.n), p=chances) / cell.m
    logs = [np.cumsum(np.log1p(bet * (cell.tau - x)), axis=1) for bet in bet_grid(cell.tau)]
    evidence = np.logaddexp.reduce(logs, axis=0) - np.log(len(logs))
    naive = np.zeros(replicates, dtype=np.bool_)
    for seen in range(5, cell.n + 1, 5):
        naive |= upper_bounds(x[:, :seen], ALPHA) < cell.tau
    return {
        "line": cell.tau,
        "items": f"{cell.shape}, {cell.m} epochs" if cell.m > 1 else "0 or 1",
        "sequential": float(np.mean((evidence >= -np.log(ALPHA)).any(axis=1))),
        "default bound": float(np.mean(naive)),
    }


# --- several evals --------------------------------------------------------------------------------


def tree_row(*, evals: int, cell: Cell, replicates: int) -> Row:
    """Return errors of `all must rule out` and `any may`, and of `any may` without correction.

    For `all` one eval is at the line and the others are solved never: the worst case. For `any`
    every eval is at the line, independently.
    """
    share = combine_alpha(Combination.ANY_MAY_RULE_OUT, evals, alpha=ALPHA)
    full = combine_alpha(Combination.ALL_MUST_RULE_OUT, evals, alpha=ALPHA)
    corrected = uncorrected = single = 0.0
    kept_corrected = kept_uncorrected = 1.0
    for arm in range(evals):
        counts, shares = drawn_counts(cell, cell.tau, replicates=replicates, stream=100 + arm)
        values = unit_values(counts)
        corrected = float(shares[upper_bounds(values, share) < cell.tau].sum())
        uncorrected = float(shares[upper_bounds(values, full) < cell.tau].sum())
        single = max(single, uncorrected) if arm else uncorrected
        kept_corrected *= 1.0 - corrected
        kept_uncorrected *= 1.0 - uncorrected
    return {
        "evals": evals,
        "design": cell.name,
        "all must": single,
        "any may": 1.0 - kept_corrected,
        "any may, uncorrected": 1.0 - kept_uncorrected,
    }
