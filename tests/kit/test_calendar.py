"""Intervals on the calendar: month ends, leap years, days that are no days."""

from datetime import UTC, date, datetime

import pytest

from aurevoir.kit.calendar import Interval, later


@pytest.mark.parametrize(
    ("interval", "day", "expected"),
    [
        ("month", date(2027, 1, 31), [date(2027, 2, 28), date(2027, 3, 31)]),
        ("quarter", date(2026, 11, 30), [date(2027, 2, 28), date(2027, 5, 30)]),
        ("year", date(2028, 2, 29), [date(2029, 2, 28), date(2030, 2, 28)]),
        ("week", date(2026, 12, 28), [date(2027, 1, 4), date(2027, 1, 11)]),
    ],
)
def test_the_last_day_of_a_month_is_kept(interval: Interval, day: date, expected: list[date]) -> None:
    """Counted from the first renewal, so a short month does not move the later ones."""
    assert [later(day, interval, periods) for periods in (1, 2)] == expected


def test_an_anchor_outlives_a_short_month() -> None:
    """Who renews on the 31st does so again after February."""
    assert later(date(2027, 2, 28), "month", 1, anchor=31) == date(2027, 3, 31)
    assert later(date(2027, 2, 28), "month", 2, anchor=31) == date(2027, 4, 30)
    assert later(date(2027, 2, 28), "week", 1, anchor=31) == date(2027, 3, 7)


def test_a_moment_keeps_its_time() -> None:
    """Only the day moves."""
    moment = datetime(2027, 1, 31, 13, 30, tzinfo=UTC)

    assert later(moment, "month", 1) == datetime(2027, 2, 28, 13, 30, tzinfo=UTC)
    assert later(moment, "day", 2) == datetime(2027, 2, 2, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize("interval", ["day", "month", "year"])
def test_there_is_a_last_day(interval: Interval) -> None:
    """Whoever asks for a later one hears of it."""
    with pytest.raises((OverflowError, ValueError)):
        later(date.max, interval, 1)
