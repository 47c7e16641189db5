"""Place intervals and lines on one axis, in the units of a drawing.

1. Tracks on one chart share one axis: one scale of number and one range.
2. Minutes and folds lie on a logarithmic axis, all else on a linear one from its smallest to its
   largest possible value.
3. What lies outside the axis, or has no end, is drawn to the edge and marked as going on.
4. Each chart has a text that says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import floor, log10

from scalegate.estimate.model import CrossedWhen, Estimate, Scale, Verdict
from scalegate.report.model import Bar, Chart
from scalegate.report.numerals import UNITS, exact, rounded, with_unit
from scalegate.report.words import Word

WIDTH = 480.0
_LEFT, _RIGHT, _TOP, _ROW, _FOOT = 8.0, 472.0, 6.0, 68.0, 40.0
_LOGARITHMIC = (Scale.RATIO, Scale.MINUTES)
_MOST_TICKS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """What one track of a chart is to show."""

    label: str
    state: Word
    verdict: Verdict | None
    """None where the threshold has no estimate at all."""
    reading: str = ""
    """Under which reading of what was printed; empty where there is one meaning."""

    @property
    def estimate(self) -> Estimate | None:
        """The estimate, if the verdict rests on one."""
        found = self.verdict.estimate if self.verdict is not None else None
        return found if isinstance(found, Estimate) else None


def group_key(estimate: Estimate) -> tuple[str, float]:
    """Return what two estimates must share to stand on one axis."""
    logarithmic = estimate.scale in _LOGARITHMIC
    return estimate.scale.value, 0.0 if logarithmic else (estimate.support[1] or 0.0)


def draw_chart(anchor: str, title: str, tracks: Sequence[Track]) -> Chart:
    """Arrange tracks on one axis; at least one of them has an estimate."""
    estimates = [track.estimate for track in tracks if track.estimate is not None]
    scale = estimates[0].scale
    span = _span(tracks, scale)
    place = _placer(span, logarithmic=scale in _LOGARITHMIC)
    bars = tuple(
        _bar(track, place, span, _TOP + number * _ROW) for number, track in enumerate(tracks)
    )
    axis_y = _TOP + len(tracks) * _ROW + 4
    kind = ", logarithmic axis" if scale in _LOGARITHMIC else ""
    return Chart(
        anchor=anchor,
        title=title,
        description=" ".join(_sentence(track) for track in tracks),
        axis=f"{UNITS[scale]}{kind}",
        ticks=tuple((place(value), _tick_text(value)) for value in _ticks(span, scale)),
        bars=bars,
        width=WIDTH,
        height=axis_y + _FOOT,
        axis_y=axis_y,
        has_effective=any(bar.effective is not None for bar in bars),
    )


def caption(track: Track) -> str:
    """Say the numbers of one track in one line."""
    said = _numbers(track)
    return f"{track.reading}: {said}" if track.reading else said


def _numbers(track: Track) -> str:
    verdict, estimate = track.verdict, track.estimate
    if verdict is None:
        return "no estimate"
    line = f"line {exact(verdict.line.value)}"
    if estimate is None:
        return f"no estimate, {line}"
    scale = estimate.scale
    parts = [
        f"{rounded(estimate.lower)} to {with_unit(estimate.upper, scale)}",
        line,
    ]
    effective = verdict.effective_line
    if effective is not None and effective != float(verdict.line.value):
        parts.append(f"after allowances {rounded(effective)}")
    return ", ".join(parts)


def _sentence(track: Track) -> str:
    return f"{track.label}: {track.state.word}; {caption(track)}."


def _span(tracks: Iterable[Track], scale: Scale) -> tuple[float, float]:
    verdicts = [track.verdict for track in tracks if track.verdict is not None]
    estimates = [each.estimate for each in verdicts if isinstance(each.estimate, Estimate)]
    values = [float(each.line.value) for each in verdicts]
    ends = [each.effective_line for each in verdicts]
    ends += [end for each in estimates for end in (each.lower, each.point, each.upper)]
    if scale not in _LOGARITHMIC:
        ends += [end for each in estimates for end in each.support]
    values += [end for end in ends if end is not None]
    if scale not in _LOGARITHMIC:
        return min(values), max(values)
    positive = [value for value in values if value > 0]
    # An interval that reaches down to nothing must not squeeze the line into a corner.
    high = max(positive) * 1.6
    return max(min(positive) / 1.6, high / 1e6), high


def _placer(span: tuple[float, float], *, logarithmic: bool) -> Callable[[float], float]:
    low, high = span

    def place(value: float) -> float:
        if logarithmic:
            share = log10(max(value, low) / low) / log10(high / low)
        else:
            share = (value - low) / (high - low)
        return round(_LEFT + min(1.0, max(0.0, share)) * (_RIGHT - _LEFT), 1)

    return place


def _bar(track: Track, place: Callable[[float], float], span: tuple[float, float], y: float) -> Bar:
    verdict, estimate = track.verdict, track.estimate
    if verdict is None:
        return Bar(label=track.label, state=track.state, caption=caption(track), y=y)
    line = place(float(verdict.line.value))
    effective = verdict.effective_line
    higher = CrossedWhen(verdict.line.crossed_when).higher_is_dangerous
    bare = Bar(
        label=track.label,
        state=track.state,
        caption=caption(track),
        y=y,
        line=line,
        effective=None if effective is None else place(effective),
        danger_start=line if higher else _LEFT,
        danger_end=_RIGHT if higher else line,
    )
    if estimate is None:
        return bare
    upper = estimate.upper
    return replace(
        bare,
        start=place(estimate.lower),
        end=_RIGHT if upper is None else place(upper),
        point=place(estimate.point),
        open_right=upper is None,
        open_left=estimate.lower < span[0],
    )


def _ticks(span: tuple[float, float], scale: Scale) -> list[float]:
    low, high = span
    if scale not in _LOGARITHMIC:
        step = (high - low) / 5
        return [low + step * number for number in range(6)]
    steps = (1, 2, 5) if high / low < 2000 else (1,)
    if scale is Scale.MINUTES:
        candidates = [0.1, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 240, 480, 960, 2400, 9600, 43200]
    else:
        decades = range(floor(log10(low)), floor(log10(high)) + 1)
        candidates = [step * 10.0**decade for decade in decades for step in steps]
    inside = [value for value in candidates if low <= value <= high]
    every = -(-len(inside) // _MOST_TICKS) if inside else 1
    return inside[::every]


def _tick_text(value: float) -> str:
    return rounded(value)
