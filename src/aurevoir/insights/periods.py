"""Weeks, months, quarters and years of the workspace's days: half-open, so that each day is in exactly one. Pure."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, get_args

from msgspec import Struct, field

Grain = Literal["week", "month", "quarter", "year"]
GRAINS: tuple[Grain, ...] = get_args(Grain)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Period(Struct, frozen=True, kw_only=True):
    """The days from `start` up to, and without, `end`; outside they are called `from` and `to`."""

    start: date = field(name="from")
    end: date = field(name="to")
    label: str

    def within(self, other: "Period") -> "Period":
        """The part of it that lies in `other`, under the same label."""
        return Period(start=max(self.start, other.start), end=min(self.end, other.end), label=self.label)


def period_of(day: date, grain: Grain) -> Period:
    """The period that `day` lies in; weeks are those of ISO 8601 and begin on Monday. `day` is before the year 9999."""
    if grain == "week":
        start = day - timedelta(days=day.weekday())
        year, week, _ = day.isocalendar()
        return Period(start=start, end=start + timedelta(days=7), label=f"{year}-W{week:02}")
    months = _MONTHS[grain]
    first = (day.month - 1) // months
    start = date(day.year, first * months + 1, 1)
    labels = {"month": f"{day.year}-{day.month:02}", "quarter": f"{day.year}-Q{first + 1}", "year": f"{day.year}"}
    return Period(start=start, end=_later(start, months), label=labels[grain])


def periods_between(since: date, until: date, grain: Grain) -> Iterator[Period]:
    """Every period with a day in [since, until), in order; the first and the last may reach beyond."""
    while since < until:
        period = period_of(since, grain)
        yield period
        since = period.end


def whole(since: date, until: date) -> Period:
    """All days of [since, until) as one period."""
    return Period(start=since, end=until, label=f"{since}/{until}")


def last_twelve_months(until: date) -> date:
    """The first day of the twelve calendar months of which the last one holds the day before `until`."""
    month = (until - timedelta(days=1)).replace(day=1)
    return _later(month, -11)


def _later(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)
