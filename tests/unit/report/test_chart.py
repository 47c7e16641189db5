"""Charts put bounds and lines where they belong, and say the same in words."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from scalegate.estimate.model import (
    CrossedWhen,
    Estimate,
    Insufficient,
    InsufficientReason,
    Line,
    Scale,
    Verdict,
)
from scalegate.report.chart import WIDTH, Track, caption, draw_chart, group_key
from scalegate.report.words import verdict_word
from tests.strategies.report_case import report_case


def measured() -> Verdict:
    finding = report_case().assessments[0].findings["BIO-1"]
    return finding.indicators[0].verdicts[0].verdict


def horizon(lower: float, point: float, upper: float | None, line: int = 480) -> Verdict:
    estimate = Estimate(
        estimand="time_horizon_50", unit="task", n_units=30, n_samples=200, n_effective=30,
        point=point, lower=lower, upper=upper, alpha=0.05, method="made up", scale=Scale.MINUTES,
        support=(0.0, None),
    )  # fmt: skip
    return dataclasses.replace(
        measured(),
        estimate=estimate,
        line=Line(value=Decimal(line), crossed_when=CrossedWhen.AT_LEAST),
        effective_line=line / 4,
        bound=upper,
    )


def track(verdict: Verdict | None, reading: str = "") -> Track:
    word = verdict_word(measured().outcome)
    return Track(label="T", state=word, verdict=verdict, reading=reading)


def test_minutes_lie_on_a_logarithmic_axis_in_the_right_order() -> None:
    chart = draw_chart("c", "t", [track(horizon(30, 60, 240))])
    (bar,) = chart.bars
    places = [bar.start, bar.point, bar.effective, bar.end, bar.line]
    start, point, effective, end, line = [place for place in places if place is not None]
    assert 0 < start < point < effective < end < line < WIDTH
    # Twice as long is equally far everywhere.
    assert point - start == pytest.approx(line - end, abs=0.2)
    assert "logarithmic" in chart.axis
    assert (bar.danger_start, bar.danger_end) == (bar.line, 472.0)


def test_ticks_are_round_few_and_inside() -> None:
    for lower in (0.001, 0.5, 30):
        chart = draw_chart("c", "t", [track(horizon(lower, 60, 240))])
        assert 2 <= len(chart.ticks) <= 8
        assert all(8 <= place <= 472 for place, _ in chart.ticks)
        places = [place for place, _ in chart.ticks]
        assert places == sorted(places)


def test_no_upper_bound_runs_to_the_edge_and_is_said() -> None:
    (bar,) = draw_chart("c", "t", [track(horizon(30, 60, None))]).bars
    assert (bar.end, bar.open_right) == (472.0, True)
    assert "no upper bound" in bar.caption


def test_an_interval_that_reaches_down_to_nothing_leaves_the_drawing() -> None:
    (bar,) = draw_chart("c", "t", [track(horizon(0, 60, 240))]).bars
    assert (bar.start, bar.open_left) == (8.0, True)


def test_a_share_lies_on_its_whole_range() -> None:
    chart = draw_chart("c", "t", [track(measured())])
    (bar,) = chart.bars
    assert [text for _, text in chart.ticks] == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    assert bar.line == pytest.approx(8 + 0.6 * 464, abs=0.1)
    assert bar.point == pytest.approx(8 + 0.35 * 464, abs=0.1)


def test_where_low_is_dangerous_the_left_side_is_hatched() -> None:
    line = Line(value=Decimal("0.6"), crossed_when=CrossedWhen.BELOW)
    (bar,) = draw_chart("c", "t", [track(dataclasses.replace(measured(), line=line))]).bars
    assert (bar.danger_start, bar.danger_end) == (8.0, bar.line)


def test_a_threshold_without_an_estimate_keeps_an_empty_track() -> None:
    lacking = Insufficient(reason=InsufficientReason.NO_DATA, detail="nothing ran")
    unmeasured = dataclasses.replace(measured(), estimate=lacking, effective_line=None, bound=None)
    bars = draw_chart("c", "t", [track(None), track(unmeasured), track(measured())]).bars
    assert [bar.start is None for bar in bars] == [True, True, False]
    assert [bar.line is None for bar in bars] == [True, False, False]
    assert bars[0].caption == "no estimate"
    assert bars[1].caption == "no estimate, line 0.6"


def test_the_description_has_every_number_of_every_track() -> None:
    chart = draw_chart("c", "t", [track(None), track(measured(), "plus-minus read as SD")])
    for bar in chart.bars:
        assert bar.caption in chart.description
    assert caption(track(measured(), "read so")).startswith("read so: 0.289 to 0.415, line 0.6")


def test_only_numbers_of_one_kind_share_an_axis() -> None:
    share, minutes = measured().estimate, horizon(30, 60, 240).estimate
    assert isinstance(share, Estimate)
    assert isinstance(minutes, Estimate)
    assert group_key(share) != group_key(minutes)
    longer = dataclasses.replace(share, support=(0.0, 5.0))
    assert group_key(share) != group_key(longer)
