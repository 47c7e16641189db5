"""Instants and durations: always with a zone, never read from a clock.

1. An instant is written in RFC 3339 with a zone (`2025-05-22T16:00:00Z`).
2. A calendar date (`2025-05-22`) means the first instant of that day in UTC; policies and
   cards print dates, so a date is accepted where an instant is asked.
3. A date and time *without* a zone is refused: two readers would read two instants.
4. A duration is a whole number of days, weeks, months or years (`180d`, `26w`, `6m`, `1y`) or of
   hours or minutes (`24h`, `30min`); a month is 30 days and a year 365 days, said here because
   policies do not say.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from scalegate.base.errors import FormatError

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DURATION = re.compile(r"(\d{1,6})(min|h|d|w|m|y)")
_UNITS = {
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "m": timedelta(days=30),
    "y": timedelta(days=365),
}


def parse_instant(text: object, *, path: str = "") -> datetime:
    """Read an instant or a calendar date as an aware UTC datetime.

    Raises:
        FormatError: not RFC 3339, no zone, or not a real date.
    """
    if isinstance(text, datetime):
        return _aware(text, path=path)
    if isinstance(text, date):
        return datetime(text.year, text.month, text.day, tzinfo=UTC)
    if not isinstance(text, str):
        raise _refused(text, path)
    try:
        if _DATE.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        return _aware(datetime.fromisoformat(text), path=path)
    except ValueError:
        raise _refused(text, path) from None


def _aware(value: datetime, *, path: str) -> datetime:
    if value.tzinfo is None:
        raise FormatError(
            "instant without a zone",
            path=path,
            expected="an RFC 3339 instant such as `2025-05-22T16:00:00Z`",
            got=f"`{value.isoformat()}`",
            hint="add `Z` or an offset",
        )
    return value.astimezone(UTC)


def _refused(value: object, path: str) -> FormatError:
    return FormatError(
        "not an instant",
        path=path,
        expected="an RFC 3339 instant such as `2025-05-22T16:00:00Z`, or a date",
        got=f"`{str(value)[:60]}`",
    )


def format_instant(value: datetime) -> str:
    """Write an instant in RFC 3339, UTC, to the second where it has no fraction."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def format_day(value: datetime) -> str:
    """Write the UTC day of an instant, for readers."""
    return value.astimezone(UTC).date().isoformat()


def parse_duration(text: object, *, path: str = "") -> timedelta:
    """Read a duration such as `180d`, `6m`, `1y` or `24h`.

    Raises:
        FormatError: another form, or a length of zero.
    """
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None or int(match.group(1)) == 0:
        raise FormatError(
            "not a duration",
            path=path,
            expected="a whole number with min, h, d, w, m or y, such as `180d`",
            got=f"`{str(text)[:60]}`",
        )
    return int(match.group(1)) * _UNITS[match.group(2)]


def format_duration(value: timedelta) -> str:
    """Write a duration in the largest unit that divides it, of days, hours, minutes."""
    seconds = int(value.total_seconds())
    if seconds % 86_400 == 0:
        return f"{seconds // 86_400}d"
    if seconds % 3_600 == 0:
        return f"{seconds // 3_600}h"
    return f"{seconds // 60}min"
