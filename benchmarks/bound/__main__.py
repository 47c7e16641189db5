"""Decisions per second: our bound and full verdict beside scipy and statsmodels, in one run.

    python -m benchmarks.bound            measure, print, fail where it is short of the promise
    python -m benchmarks.bound --write    the same, and write docs/reference/benchmarks-bound.md

Every row decides "is the rate below 0.5?" for the same simulated evals of 50 units, 4 samples each.
Peers give Clopper-Pearson intervals of the pooled counts, which hold only for one sample per unit;
with 0/1 units the three agree, and the run checks that first. CPU seconds of this process, imports
and simulation excluded; best of twenty.

A *full verdict* starts from the means of units: the estimate with both bounds is made, then judged
with allowances and power. Evals of one threshold share their design and so their power, which is
kept; the row "designs all different" gives each eval a safe level of its own, so that nothing is.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from decimal import Decimal
from importlib.metadata import version
from itertools import count
from pathlib import Path
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
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "benchmarks-bound.md"
BATCH, FULL = "ours, bound, many at once", "ours, full verdict"
PROMISED = {BATCH: 200_000, FULL: 20_000}


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


def figures() -> dict[str, float]:
    """Return decisions per CPU second by what decides.

    Raises:
        SystemExit: the bounds of 0/1 units are not Clopper-Pearson's.
    """
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
    return {
        BATCH: rate(lambda: upper_bounds(means, 0.05), ROWS),
        "ours, bound, one at a time": rate(
            lambda: [upper_bound(row, 0.05) for row in rows], SINGLE
        ),
        FULL: rate(lambda: [verdict(row, design) for row in rows], SINGLE),
        "ours, full verdict, designs all different": rate(
            lambda: [verdict(row, Design(p_safe=next(levels))) for row in rows], SINGLE
        ),
        "ours, verdict of an estimate": rate(
            lambda: [judge_line(first, LINE, elicitation="E3c", design=design) for _ in rows],
            SINGLE,
        ),
        "statsmodels, `proportion_confint(beta)`, many at once": rate(
            lambda: proportion_confint(columns, UNITS, alpha=0.1, method="beta"), ROWS
        ),
        "statsmodels, `proportion_confint(beta)`, one at a time": rate(
            lambda: [proportion_confint(k, UNITS, alpha=0.1, method="beta") for k in counts],
            SINGLE,
        ),
        "scipy, `binomtest().proportion_ci(exact)`, one at a time": rate(
            lambda: [
                binomtest(int(k), UNITS, alternative="less").proportion_ci(0.95, "exact")
                for k in counts
            ],
            SINGLE,
        ),
    }


def page(found: dict[str, float]) -> str:
    """Return the page of the documentation."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "statsmodels"))
    promised = {name: f"{least:,}" for name, least in PROMISED.items()}
    rows = "\n".join(
        f"| {name} | {round(value, -2):,.0f} | {promised.get(name, '')} |"
        for name, value in found.items()
    )
    return f"""# Benchmark: bounds and verdicts

Written by `python -m benchmarks.bound --write`. Decisions per CPU second of one process, best of
twenty; imports and simulation excluded; Python {platform.python_version()}, {versions}.

| what decides | per second | promised |
|---|---|---|
{rows}

Each decides "is the rate below 0.5?" for the same {UNITS} units of {EPOCHS} samples. A *full
verdict* makes the estimate with both bounds from the means of units, then judges it with allowances
and power. Evals of one threshold share their design, and what the line asks of it (the moved line,
the power, the smallest detectable excess) is kept; where designs are all different, nothing is.
The peers give Clopper-Pearson intervals of pooled counts, which hold only for one sample per unit;
there all three agree to 1e-9, and the run checks that first.
"""


def main() -> int:
    """Print the page; return 1 where a promise is not kept."""
    found = figures()
    text = page(found)
    print(text)
    if "--write" in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
    return int(any(found[name] < least for name, least in PROMISED.items()))


if __name__ == "__main__":
    sys.exit(main())
