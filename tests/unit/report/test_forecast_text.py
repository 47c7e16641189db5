"""A forecast in words: what it says at each end, and what it admits."""

from __future__ import annotations

import pytest

from scalegate.estimate.forecast import Axis, Checkpoint, Question, forecast
from scalegate.gate.readiness import Need
from scalegate.report.forecast_chart import draw_forecast
from scalegate.report.forecast_text import bound_rows, forecast_sentences, limits, need_rows


def series(*points: tuple[float, float]) -> list[Checkpoint]:
    return [
        Checkpoint(name=f"m-{i}", at=float(i), point=point, upper=upper, n=50)
        for i, (point, upper) in enumerate(points)
    ]


def said(points: list[Checkpoint], question: Question) -> str:
    found = forecast(points, question)
    words = forecast_sentences(found, lambda steps: f"{steps:.1f} steps on")
    return " ".join([*words, *limits(found), *(row[2] for row in bound_rows(found))])


FLAT = series((0.01, 0.05), (0.01, 0.05), (0.01, 0.05), (0.01, 0.05))
HALF = Question(axis=Axis.SHARE, line=0.5)


@pytest.mark.parametrize(
    ("points", "question", "words"),
    [
        (FLAT[:1], HALF, ["Fewer than 4 checkpoints", "the bound `allowed`", "2 logits"]),
        (FLAT, Question(axis=Axis.SHARE, line=0.5, gain=0.0), ["not reached within 20 steps"]),
        (series((0.4, 0.6)), HALF, ["nothing is left of its validity", "may reach the line"]),
        (FLAT, HALF, ["stay below the line", "the larger of allowed and trend"]),
        (
            series((10.0, 20.0)),
            Question(axis=Axis.MINUTES, line=480.0),
            ["4 doublings", "It may bind from 1.1 steps on"],
        ),
    ],
)
def test_each_end_of_a_forecast_is_said(
    points: list[Checkpoint], question: Question, words: list[str]
) -> None:
    text = said(points, question)
    for each in words:
        assert each in text


def test_a_safeguard_is_live_late_in_time_or_cannot_be_said() -> None:
    needs = [
        Need(name="a", state="live and sufficient", is_live=True, rows=("R",)),
        Need(name="b", state="absent", is_live=False, rows=("R",), owner="ops", lead_days=30),
        Need(name="c", state="absent", is_live=False, rows=("R",)),
    ]
    assert [row[4] for row in need_rows(needs, 60.0)] == ["live", "in time", "too late"]
    assert [row[4] for row in need_rows(needs, None)] == [
        "live",
        "cannot be said",
        "cannot be said",
    ]
    assert need_rows(needs, 10.0)[1][2:] == ("ops", "30 d", "too late")


def test_one_checkpoint_is_drawn_without_a_trend() -> None:
    text = draw_forecast(forecast(FLAT[:1], HALF), title="T", growth="G")
    assert text.count("<circle") == 1
    assert "stroke-dasharray" not in text
