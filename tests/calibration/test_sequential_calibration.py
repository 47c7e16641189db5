"""Peeking after every item keeps the error."""

from __future__ import annotations

import numpy as np
import pytest

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
