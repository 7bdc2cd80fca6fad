"""Calendar arithmetic in intervals: the 31st of one month is the last day of a shorter one. Pure."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal, TypeVar

Interval = Literal["day", "week", "month", "quarter", "year"]
Day = TypeVar("Day", bound=date)

SHORT_TO_LONG: tuple[Interval, ...] = ("day", "week", "month", "quarter", "year")
MONTHS: Mapping[Interval, int] = MappingProxyType({"month": 1, "quarter": 3, "year": 12})
DAYS: Mapping[Interval, int] = MappingProxyType({"day": 1, "week": 7})


def later(day: Day, interval: Interval | None, periods: int, anchor: int | None = None) -> Day:
    """`day` (or moment) plus so many intervals, months where there is none.

    In months that have it, it falls on the day of the month that `anchor` names: that of `day`, where none is given.
    Raises OverflowError or ValueError beyond the last day there is.
    """
    if interval is not None and interval in DAYS:
        return day + timedelta(days=DAYS[interval] * periods)
    months = day.month - 1 + MONTHS.get(interval or "month", 1) * periods
    year, month = day.year + months // 12, months % 12 + 1
    return day.replace(year=year, month=month, day=min(anchor or day.day, monthrange(year, month)[1]))
