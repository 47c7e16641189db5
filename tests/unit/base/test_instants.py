from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalegate.base.errors import FormatError
from scalegate.base.instants import (
    format_day,
    format_duration,
    format_instant,
    parse_duration,
    parse_instant,
)

NOON = datetime(2025, 5, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given_value", "instant"),
    [
        ("2025-05-22", datetime(2025, 5, 22, tzinfo=UTC)),
        ("2025-05-22T12:00:00Z", NOON),
        ("2025-05-22T14:00:00+02:00", NOON),
        (date(2025, 5, 22), datetime(2025, 5, 22, tzinfo=UTC)),
        (datetime(2025, 5, 22, 14, tzinfo=timezone(timedelta(hours=2))), NOON),
    ],
)
def test_an_instant_is_read_in_utc(given_value: object, instant: datetime) -> None:
    read = parse_instant(given_value)
    assert read == instant
    assert read.tzinfo is UTC


@pytest.mark.parametrize("value", ["2025-05-22T12:00:00", datetime(2025, 5, 22, 12)])
def test_an_instant_without_a_zone_is_refused(value: object) -> None:
    with pytest.raises(FormatError) as caught:
        parse_instant(value, path="known_from")
    assert caught.value.what == "instant without a zone"
    assert caught.value.path == "known_from"


@pytest.mark.parametrize("value", ["2025-02-30", "yesterday", "", 20250522, None, True])
def test_what_is_no_instant_is_refused(value: object) -> None:
    with pytest.raises(FormatError) as caught:
        parse_instant(value)
    assert caught.value.what == "not an instant"


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_survives_writing_and_reading(instant: datetime) -> None:
    assert parse_instant(format_instant(instant)) == instant


def test_the_day_is_the_day_in_utc() -> None:
    late = datetime(2025, 5, 22, 23, tzinfo=timezone(timedelta(hours=-5)))
    assert format_day(late) == "2025-05-23"


@pytest.mark.parametrize(
    ("text", "length", "written"),
    [
        ("30min", timedelta(minutes=30), "30min"),
        ("24h", timedelta(days=1), "1d"),
        ("5h", timedelta(hours=5), "5h"),
        ("180d", timedelta(days=180), "180d"),
        ("2w", timedelta(days=14), "14d"),
        ("6m", timedelta(days=180), "180d"),
        ("1y", timedelta(days=365), "365d"),
    ],
)
def test_a_duration_is_read_and_written(text: str, length: timedelta, written: str) -> None:
    assert parse_duration(text) == length
    assert format_duration(length) == written


@pytest.mark.parametrize("value", ["0d", "6", "-1d", "1.5h", "1 d", "6months", "1234567d", 6, None])
def test_what_is_no_duration_is_refused(value: object) -> None:
    with pytest.raises(FormatError, match="not a duration"):
        parse_duration(value, path="freshness")
