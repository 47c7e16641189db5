"""Draw a forecast as SVG: checkpoints with their bounds, the forecast, the line, and its text.

1. The axis of results is that of the forecast: logits for shares, doublings for minutes; ticks name
   the values.
2. What lies beyond the drawing is drawn to its edge. The drawing has a title and a description that
   say the same in words.
3. Names are escaped and cut; nothing in the drawing is fetched or run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite

from scalegate.base.plain_text import plain
from scalegate.estimate.forecast import Axis, Forecast, Series
from scalegate.report.numerals import rounded

_WIDTH, _HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 620, 40, 300
_STEPS = 24
_SHARES = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999)
_MINUTES = (0.1, 1.0, 4.0, 15.0, 60.0, 240.0, 960.0, 2400.0, 9600.0, 43200.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """Where places on the axes lie in the drawing."""

    last: float
    """Steps at the right edge."""
    low: float
    """Place on the axis of results at the bottom."""
    high: float
    """Place at the top."""

    def x(self, steps: float) -> float:
        return round(_LEFT + steps / self.last * (_RIGHT - _LEFT), 1)

    def y(self, place: float) -> float:
        share = (min(self.high, max(self.low, place)) - self.low) / (self.high - self.low)
        return round(_BOTTOM - share * (_BOTTOM - _TOP), 1)


def draw_forecast(found: Forecast, *, title: str, growth: str) -> str:
    """Return the drawing.

    Args:
        found: the forecast.
        title: what it is of.
        growth: what the axis of growth counts, in words.
    """
    series = Series(found.checkpoints, found.question)
    ahead = max(found.question.ahead, min(found.earliest or 0.0, 6.0)) * 1.1
    end = found.checkpoints[-1].at
    frame = _frame(found, series, end + ahead)
    parts = [
        *_axes(frame, found.question.axis, series, growth),
        _line(frame, series),
        *_forecast(frame, series, end, ahead),
        *_points(frame, found, series),
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        'font-family="sans-serif" font-size="12">'
    )
    said = f"<title>{_safe(title, 120)}</title><desc>{_safe(_described(found), 2000)}</desc>"
    ground = f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
    name = f'<text x="{_LEFT}" y="22" font-weight="bold">{_safe(title, 80)}</text>'
    return "\n".join([head, said, ground, name, *parts, "</svg>", ""])


def _frame(found: Forecast, series: Series, last: float) -> _Frame:
    ends = [series.line, series.bound(found.question.ahead)]
    for each in found.checkpoints:
        ends += [series.place(each.point), series.place(each.upper)]
    known = [end for end in ends if isfinite(end)]
    return _Frame(last=last, low=min(known) - 0.6, high=max(known) + 0.6)


def _axes(frame: _Frame, axis: Axis, series: Series, growth: str) -> list[str]:
    parts = [
        f'<path d="M{_LEFT} {_TOP}V{_BOTTOM}H{_RIGHT}" fill="none" stroke="#444"/>',
        f'<text x="{_RIGHT}" y="{_BOTTOM + 40}" text-anchor="end">{_safe(growth, 90)}</text>',
    ]
    for value in _SHARES if axis is Axis.SHARE else _MINUTES:
        place = series.place(value)
        if frame.low <= place <= frame.high:
            y = frame.y(place)
            parts.append(f'<path d="M{_LEFT} {y}H{_RIGHT}" stroke="#ddd"/>')
            parts.append(
                f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{rounded(value)}</text>'
            )
    return parts


def _line(frame: _Frame, series: Series) -> str:
    y = frame.y(series.line)
    return (
        f'<path d="M{_LEFT} {y}H{_RIGHT}" stroke="#b00020" stroke-width="2"/>'
        f'<text x="{_RIGHT}" y="{y - 6}" text-anchor="end" fill="#b00020">the line</text>'
    )


def _forecast(frame: _Frame, series: Series, end: float, ahead: float) -> list[str]:
    steps = [ahead * i / _STEPS for i in range(_STEPS + 1)]
    upper = _path(frame, [(end + step, series.bound(step)) for step in steps])
    parts = [f'<path d="{upper}" fill="none" stroke="#1f4e9c" stroke-width="2"/>']
    if series.middle is not None:
        middle = _path(frame, [(end + step, series.middle(step)) for step in steps])
        dashes = 'stroke="#1f4e9c" stroke-dasharray="4 4"'
        parts.append(f'<path d="{middle}" fill="none" {dashes}/>')
    return parts


def _path(frame: _Frame, places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{frame.x(step)} {frame.y(place)}" for step, place in places)


def _points(frame: _Frame, found: Forecast, series: Series) -> list[str]:
    parts = []
    for each in found.checkpoints:
        x, y = frame.x(each.at), frame.y(series.place(each.point))
        top = frame.y(series.place(each.upper))
        parts.append(f'<path d="M{x} {y}V{top}M{x - 4} {top}H{x + 4}" stroke="#333"/>')
        parts.append(f'<circle cx="{x}" cy="{y}" r="4" fill="#333"/>')
        parts.append(
            f'<text x="{x}" y="{_BOTTOM + 18}" text-anchor="middle" font-size="10">'
            f"{_safe(each.name.rpartition(':')[2], 16)}</text>"
        )
    return parts


def _described(found: Forecast) -> str:
    points = "; ".join(
        f"{each.name} {rounded(each.point)}, at most {rounded(each.upper)}"
        for each in found.checkpoints
    )
    reach = "not within the steps looked at" if found.earliest is None else f"{found.earliest:.2f}"
    return (
        f"{points}. Forecast bound {found.question.ahead:g} steps on: {rounded(found.upper)}. "
        f"Line: {rounded(found.question.line)}. Steps to the line, at the earliest: {reach}."
    )


def _safe(text: str, limit: int) -> str:
    return escape(plain(text, limit=limit))
