"""What a forecast misses, on planted series: little where they go on, much where they change."""

from __future__ import annotations

import pytest

from scalegate.app.organisms.series import CHANGES, GOES_ON, measured
from scalegate.report.forecast_text import MISSED


@pytest.mark.parametrize("family", GOES_ON)
def test_where_a_series_goes_on_few_crossings_are_missed(family: str) -> None:
    found = measured(family, checkpoints=5, cases=300, seed=3)["forecast"]
    assert found.crossing >= 10
    assert found.missed <= 0.05 * found.crossing + 3 * (0.05 * 0.95 * found.crossing) ** 0.5


@pytest.mark.slow
@pytest.mark.parametrize("family", GOES_ON)
def test_at_most_five_percent_are_missed_and_forty_percent_cleared(family: str) -> None:
    found = measured(family, checkpoints=5, cases=12_000, seed=5)["forecast"]
    assert found.missed_share <= 0.05
    assert found.cleared_share >= 0.40


@pytest.mark.slow
@pytest.mark.parametrize("family", CHANGES)
def test_the_shares_that_are_printed_beside_a_forecast_are_measured(family: str) -> None:
    found = measured(family, checkpoints=5, cases=6_000, seed=5)["forecast"]
    assert found.missed_share == pytest.approx(MISSED[family], abs=0.03)
