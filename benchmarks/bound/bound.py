"""Decisions per second: our bound and full verdict beside scipy and statsmodels, in one run.

    python benchmarks/bound/bound.py

Every row decides "is the rate below 0.5?" for the same simulated evals of 50 units, 4 samples each.
Peers give Clopper-Pearson intervals of the pooled counts, which hold only for one sample per unit;
with 0/1 units the three agree, and the run checks that first. CPU seconds of this process, imports
and simulation excluded; best of twenty.

A *full verdict* starts from the means of units: the estimate with both bounds is made, then judged
with allowances and power. Evals of one threshold share their design and so their power, which is
kept; the row "designs all different" gives each eval a safe level of its own, so that nothing is.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable
from decimal import Decimal
from importlib.metadata import version
from itertools import count
from time import process_time

import numpy as np
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from scalegate.estimate.bound import upper_bound, upper_bounds
from scalegate.estimate.model import CrossedWhen, Design, Line, Verdict
from scalegate.estimate.proportion import estimate_proportion
from scalegate.estimate.verdict import judge_line

LINE = Line(value=Decimal("0.5"), crossed_when=CrossedWhen.AT_LEAST)
UNITS, EPOCHS, ROWS, SINGLE = 50, 4, 5_000, 500


def rate(work: Callable[[], object], decisions: int) -> float:
    """Return decisions per CPU second, the best of twenty."""
    best = float("inf")
    for _ in range(20):
        start = process_time()
        work()
        best = min(best, process_time() - start)
    return decisions / best


def verdict(means: list[float], design: Design) -> Verdict:
    """Return the whole verdict of one eval, from the means of its units."""
    found = estimate_proportion(high=means, low=means, alpha=0.05, n_samples=UNITS * EPOCHS)
    return judge_line(found, LINE, elicitation="E3c", design=design)


def main() -> None:
    """Print one JSON object."""
    rng = np.random.Generator(np.random.PCG64(1))
    means = rng.binomial(EPOCHS, rng.beta(0.4, 0.6, (ROWS, UNITS))) / EPOCHS
    zero_one = (rng.random((SINGLE, UNITS)) < 0.4).astype(np.float64)
    counts = zero_one.sum(axis=1).astype(int)
    ours = upper_bounds(zero_one, 0.05)
    peer = proportion_confint(counts, UNITS, alpha=0.1, method="beta")[1]
    largest = float(np.max(np.abs(ours - peer)))
    if largest > 1e-9:
        sys.exit(f"bounds of 0/1 units differ by {largest}")
    rows = [row.tolist() for row in means[:SINGLE]]
    levels = (0.1 + number * 1e-6 for number in count())
    design = Design(p_safe=0.2)
    first = verdict(rows[0], design).estimate
    columns = rng.integers(0, UNITS, ROWS)
    figures = {
        "ours, bound, batch": rate(lambda: upper_bounds(means, 0.05), ROWS),
        "ours, bound, one at a time": rate(
            lambda: [upper_bound(row, 0.05) for row in rows], SINGLE
        ),
        "ours, full verdict": rate(lambda: [verdict(row, design) for row in rows], SINGLE),
        "ours, full verdict, designs all different": rate(
            lambda: [verdict(row, Design(p_safe=next(levels))) for row in rows], SINGLE
        ),
        "ours, verdict of an estimate": rate(
            lambda: [judge_line(first, LINE, elicitation="E3c", design=design) for _ in rows],
            SINGLE,
        ),
        "statsmodels proportion_confint(beta), batch": rate(
            lambda: proportion_confint(columns, UNITS, alpha=0.1, method="beta"), ROWS
        ),
        "statsmodels proportion_confint(beta), one at a time": rate(
            lambda: [proportion_confint(k, UNITS, alpha=0.1, method="beta") for k in counts],
            SINGLE,
        ),
        "scipy binomtest().proportion_ci(exact), one at a time": rate(
            lambda: [
                binomtest(int(k), UNITS, alternative="less").proportion_ci(0.95, "exact")
                for k in counts
            ],
            SINGLE,
        ),
    }
    print(
        json.dumps(
            {
                "decisions_per_cpu_second": {name: round(value) for name, value in figures.items()},
                "largest_difference_on_0_1_units": largest,
                "units": UNITS,
                "epochs": EPOCHS,
                "versions": {name: version(name) for name in ("numpy", "scipy", "statsmodels")},
                "python": platform.python_version(),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
