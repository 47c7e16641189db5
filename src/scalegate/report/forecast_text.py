"""Write a forecast for a terminal: its points, its bounds, when it may bind, what it cannot see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from scalegate.estimate.forecast import ENOUGH, FAR, Axis, Forecast, Rule
from scalegate.gate.readiness import Need
from scalegate.report.numerals import rounded

MISSED = {"gain times 4 after": 0.25, "jump after": 0.61}
"""Share of planted crossings that a forecast from five checkpoints misses where the change comes
after the last one (docs/reference/forecast.md; `tests/calibration` measures it again)."""
_BOUNDS = {
    "now": "the last upper bound itself: no growth at all",
    "allowed": "that bound and the gain per step that is allowed for",
    "steepest": "that bound and the steepest step seen (shown only)",
    "trend": "the trend of the series, upper end",
}


def checkpoint_rows(found: Forecast) -> list[tuple[str, str, str, str]]:
    """Return a row per checkpoint: name, steps, value, upper bound."""
    return [
        (each.name, f"{each.at:.2f}", rounded(each.point), rounded(each.upper))
        for each in found.checkpoints
    ]


def bound_rows(found: Forecast) -> list[tuple[str, str, str]]:
    """Return a row per bound at the next checkpoint, the forecast first."""
    used = {"allowed"} if found.rule is Rule.ALLOWED else {"allowed", "trend"}
    rows = [("forecast", rounded(found.upper), f"the larger of {' and '.join(sorted(used))}")]
    if len(used) == 1:
        rows = [("forecast", rounded(found.upper), "the bound `allowed`")]
    rows += [(name, rounded(value), _BOUNDS[name]) for name, value in found.bounds.items()]
    if found.central is not None:
        rows.append(("middle", rounded(found.central), "the middle of the trend"))
    return rows


def forecast_sentences(found: Forecast, growth: Callable[[float], str]) -> Iterator[str]:
    """Yield what the forecast says, in words."""
    line = rounded(found.question.line)
    if found.stays_below:
        yield f"The next checkpoint is forecast to stay below the line of {line}."
    else:
        yield f"The next checkpoint may reach the line of {line}."
    if found.earliest is None:
        yield f"The line is not reached within {FAR:g} steps, at the gain allowed for."
    elif found.earliest == 0.0:
        yield "The last checkpoint itself may have reached it: nothing is left of its validity."
    else:
        yield (
            f"It may bind from {growth(found.earliest)} on ({found.earliest:.2f} steps): a finding "
            "of the last checkpoint below the line stays valid until then at most."
        )
    if found.expected is not None:
        yield f"The middle of the trend reaches it at {growth(found.expected)}."


def limits(found: Forecast) -> Iterator[str]:
    """Yield what a forecast cannot see, with measured shares."""
    unit = "logits" if found.question.axis is Axis.SHARE else "doublings"
    yield (
        f"It covers, whatever the series did, if no step gains more than {found.gain:g} {unit}; "
        "that is an assumption, and nothing here proves it."
    )
    if found.rule is Rule.ALLOWED and len(found.checkpoints) < ENOUGH:
        yield f"Fewer than {ENOUGH} checkpoints: the series itself says nothing."
    yield (
        "A change after the last checkpoint: of planted series that cross the line, "
        f"{MISSED['gain times 4 after']:.0%} are missed where the gain then becomes four times as "
        f"large, and {MISSED['jump after']:.0%} where the score jumps by 2 to 4 logits "
        "(five checkpoints of 100 items)."
    )
    yield "Whether the checkpoints are of one recipe, tests and elicitation: it is taken as said."


def need_rows(needs: Sequence[Need], days: float | None) -> list[tuple[str, str, str, str, str]]:
    """Return a row per safeguard: name, state, owner, lead time, whether it is in time."""
    return [
        (
            need.name,
            need.state,
            need.owner or "nobody named",
            "not said" if need.lead_days is None else f"{need.lead_days} d",
            _in_time(need, days),
        )
        for need in needs
    ]


def _in_time(need: Need, days: float | None) -> str:
    if need.is_live:
        return "live"
    if days is None:
        return "cannot be said"
    return "too late" if need.is_late(days) else "in time"
