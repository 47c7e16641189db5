"""Numbers and instants as a reader wants them.

1. A line of a policy is exact and is shown with all its digits.
2. An estimate is rounded to three significant digits, for reading only; JSON carries all of them.
   Beside a line it gets as many digits as it takes to tell the two apart.
3. A bound that does not exist is said in words, never shown as a number.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from scalegate.base.instants import format_day
from scalegate.estimate.model import CrossedWhen, Scale

UNITS = {
    Scale.PROBABILITY: "share",
    Scale.SCORE: "score",
    Scale.COUNT: "count",
    Scale.RATIO: "fold",
    Scale.MINUTES: "minutes",
    Scale.ELO: "Elo points",
}
SHORT_UNITS = {Scale.RATIO: "×", Scale.MINUTES: " min"}
CROSSED_SIGNS = {
    CrossedWhen.AT_LEAST: "≥",
    CrossedWhen.ABOVE: ">",
    CrossedWhen.AT_MOST: "≤",
    CrossedWhen.BELOW: "<",
}
NO_UPPER = "no upper bound"


def rounded(value: float, *, digits: int = 3) -> str:
    """Write a float with `digits` significant digits, without an exponent where it stays short."""
    if value == 0:
        return "0"
    if 1e-4 <= abs(value) < 1e6:
        places = max(0, digits - 1 - _magnitude(value))
        text = f"{value:,.{places}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.{digits - 1}e}"


def rounded_beside(value: float, line: float) -> str:
    """Write a float with enough digits that it does not read like `line` unless it equals it."""
    for digits in range(3, 18):
        text = rounded(value, digits=digits)
        if value == line or text != rounded(line, digits=digits):
            return text
    return repr(value)


def _magnitude(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])


def exact(value: Decimal) -> str:
    """Write a decimal with all its digits and no exponent or trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def with_unit(value: float | None, scale: Scale) -> str:
    """Write an estimate's number with the sign of its unit; None in words."""
    if value is None:
        return NO_UPPER
    return rounded(value) + SHORT_UNITS.get(scale, "")


def day(value: datetime | None) -> str:
    """Write the UTC day of an instant, or a dash where there is none."""
    return format_day(value) if value is not None else "–"


def in_days(value: datetime, as_of: datetime) -> str:
    """Say how far an instant lies from the instant asked about, in whole days."""
    days = (value - as_of).days
    if days == 0:
        return "within a day"
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"in {count}" if days > 0 else f"{count} ago"
