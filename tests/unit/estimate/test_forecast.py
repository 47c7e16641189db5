"""Laws of forecasts, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalegate.base.errors import UsageError
from scalegate.estimate.bound import upper_bound
from scalegate.estimate.forecast import (
    FEW_GAIN,
    LEAST_GAIN,
    Axis,
    Checkpoint,
    Question,
    Rule,
    forecast,
)

HALF = Question(axis=Axis.SHARE, line=0.5)


def series(*solved: int, n: int = 100, gap: float = 1.0) -> list[Checkpoint]:
    return [
        Checkpoint(
            name=f"m-{i}",
            at=i * gap,
            point=k / n,
            upper=upper_bound([1.0] * k + [0.0] * (n - k), 0.05),
            n=n,
        )
        for i, k in enumerate(solved)
    ]


counts = st.lists(st.integers(0, 60), min_size=1, max_size=6)


@settings(max_examples=25)
@given(solved=counts, extra=st.floats(0.0, 2.0), ahead=st.floats(0.1, 3.0))
def test_more_allowed_for_and_further_ahead_never_lowers_the_bound(
    solved: list[int], extra: float, ahead: float
) -> None:
    least = forecast(series(*solved), replace(HALF, gain=0.5, ahead=ahead))
    more = forecast(series(*solved), replace(HALF, gain=0.5 + extra, ahead=ahead))
    later = forecast(series(*solved), replace(HALF, gain=0.5, ahead=ahead + 0.5))
    assert least.upper <= more.upper
    assert least.upper <= later.upper
    assert (more.earliest or 0.0) <= (least.earliest if least.earliest is not None else 99.0)


@settings(max_examples=25)
@given(solved=counts, order=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(solved: list[int], order: object) -> None:
    points = series(*solved)
    shuffled = list(points)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert forecast(shuffled, HALF) == forecast(points, HALF)


@settings(max_examples=25)
@given(solved=counts)
def test_a_forecast_lies_above_what_is_known_now_and_the_crossing_fits_it(
    solved: list[int],
) -> None:
    found = forecast(series(*solved), HALF)
    assert found.upper >= found.checkpoints[-1].upper
    if found.earliest is not None:
        before = forecast(series(*solved), replace(HALF, ahead=max(found.earliest, 1e-3)))
        assert before.upper <= 0.5 + 1e-3 or found.earliest == 0.0
        after = forecast(series(*solved), replace(HALF, ahead=found.earliest + 0.26))
        assert not after.stays_below


def test_a_short_series_says_nothing_by_itself() -> None:
    short, long = forecast(series(2, 5, 9), HALF), forecast(series(2, 5, 9, 14), HALF)
    assert (short.rule, short.gain) == (Rule.ALLOWED, FEW_GAIN[Axis.SHARE])
    assert (long.rule, long.gain) == (Rule.SERIES, LEAST_GAIN[Axis.SHARE])
    assert forecast(series(5), HALF).central is None


def test_a_flat_series_is_still_allowed_a_gain() -> None:
    found = forecast(series(10, 10, 10, 10, 10), HALF)
    assert found.upper >= found.bounds["allowed"] > found.bounds["now"]


def test_a_line_that_may_be_reached_already_leaves_no_validity() -> None:
    found = forecast(series(10, 20, 35, 45), HALF)
    assert found.checkpoints[-1].upper > 0.5
    assert found.earliest == 0.0
    assert not found.stays_below


def test_a_checkpoint_that_solves_everything_bounds_nothing() -> None:
    found = forecast(series(60, 80, 95, 100), replace(HALF, line=0.99))
    assert (found.upper, found.earliest) == (1.0, 0.0)


def test_minutes_add_up_in_doublings() -> None:
    one = [Checkpoint(name="m", at=0.0, point=10.0, upper=20.0)]
    found = forecast(one, Question(axis=Axis.MINUTES, line=640.0, gain=1.0))
    assert found.upper == pytest.approx(40.0)
    assert found.earliest == pytest.approx(5.0, abs=1e-3)


@pytest.mark.parametrize(
    ("points", "change", "said"),
    [
        ([], {}, "no checkpoint"),
        (series(1, 2, gap=0.0), {}, "at one place"),
        (series(1), {"line": 1.0}, "line must lie"),
        (series(1), {"line": float("nan")}, "line must lie"),
        (series(1), {"ahead": 0.0}, "steps ahead"),
        (series(1), {"gain": -1.0}, "declared gain"),
        (series(1), {"gain": float("inf")}, "declared gain"),
        ([Checkpoint(name="m", at=0.0, point=0.5, upper=0.4)], {}, "out of range"),
        ([Checkpoint(name="m", at=0.0, point=0.5, upper=float("nan"))], {}, "out of range"),
        ([Checkpoint(name="m", at=float("nan"), point=0.5, upper=0.6)], {}, "out of range"),
        ([Checkpoint(name="m", at=0.0, point=0.5, upper=1.5)], {}, "out of range"),
    ],
)
def test_what_is_no_series_is_refused(
    points: list[Checkpoint], change: dict[str, float], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        forecast(points, replace(HALF, **change))  # type: ignore[arg-type]
