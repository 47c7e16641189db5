"""Peeking after every item keeps the error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scalegate.estimate.bound import upper_bounds
from scalegate.estimate.proved import bet_grid
from scalegate.estimate.sequential import Settled, begin

ALPHA = 0.05


def stops(*, line: float, truth: float, items: int, replicates: int, seed: int) -> list[int | None]:
    """Return per run the number of items at which `below` was settled; looks after each item."""
    draws = np.random.default_rng(seed).random((replicates, items)) < truth
    found: list[int | None] = []
    for row in draws:
        looks = begin(line=line, alpha=ALPHA)
        for hit in row:
            looks = looks.after(high=float(hit), low=float(hit))
            if looks.settled is not Settled.OPEN:
                break
        found.append(looks.below.settled_at)
    return found


@pytest.mark.parametrize("line", [0.2, 0.5])
def test_peeking_after_every_item_keeps_the_error(line: float) -> None:
    runs = stops(line=line, truth=line, items=150, replicates=250, seed=5)
    wrong = sum(stop is not None for stop in runs) / len(runs)
    assert wrong <= ALPHA


def medians(
    *, line: float, truth: float, items: int, replicates: int, seed: int
) -> tuple[float, float]:
    """Return the share of runs settled below, and their median stop (unsettled: all items)."""
    draws = (np.random.default_rng(seed).random((replicates, items)) < truth).astype(float)
    logs = [np.cumsum(np.log1p(bet * (line - draws)), axis=1) for bet in bet_grid(line)]
    crossed = np.logaddexp.reduce(logs, axis=0) - np.log(len(logs)) >= -np.log(ALPHA)
    first = np.where(crossed.any(axis=1), crossed.argmax(axis=1) + 1, items)
    return float(crossed.any(axis=1).mean()), float(np.median(first))


def oracle_median(*, line: float, truth: float, items: int, replicates: int, seed: int) -> float:
    """Return the median stop of the likelihood ratio of this truth, which nobody has beforehand."""
    draws = np.random.default_rng(seed).random((replicates, items)) < truth
    gains = np.where(draws, np.log(truth / line), np.log((1.0 - truth) / (1.0 - line)))
    crossed = np.cumsum(gains, axis=1) >= -np.log(ALPHA)
    return float(np.median(np.where(crossed.any(axis=1), crossed.argmax(axis=1) + 1, items)))


@pytest.mark.slow
def test_the_table_of_stops(capsys: pytest.CaptureFixture[str]) -> None:
    rows = []
    for line in (0.05, 0.2, 0.5, 0.8):
        wrong, _ = medians(line=line, truth=line, items=300, replicates=4000, seed=11)
        power, stop = medians(line=line, truth=0.6 * line, items=300, replicates=4000, seed=12)
        assert wrong <= ALPHA
        best = oracle_median(line=line, truth=0.6 * line, items=300, replicates=4000, seed=12)
        rows.append(f"| {line} | {wrong:.3f} | {power:.2f} | {stop:.0f} | {best:.0f} |")
    with capsys.disabled():
        print("\n" + "\n".join(rows))
    page = Path(__file__).parents[2] / "docs/explanation/statistics.md"
    assert "\n".join(rows) in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "units"), [(0.5, "solved or not"), (0.2, "solved or not"), (0.5, "two attempts each")]
)
def test_looks_at_promised_sizes_keep_the_error(line: float, units: str) -> None:
    """P(some look rules out | the truth is at the line), the error shared out over three looks."""
    sizes, runs = (30, 60, 120), 3000
    generator = np.random.default_rng(17)
    each = 2 if units == "two attempts each" else 1
    draws = generator.binomial(each, line, size=(runs, sizes[-1])) / each
    shared, whole = (
        np.logical_or.reduce([upper_bounds(draws[:, :size], error) < line for size in sizes]).mean()
        for error in (ALPHA / len(sizes), ALPHA)
    )
    assert shared <= 0.055
    assert shared < whole
