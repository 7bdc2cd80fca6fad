"""Weeks, months, quarters and years, at their edges."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurevoir.insights.periods import GRAINS, Grain, last_twelve_months, period_of, periods_between, whole

DAYS = st.dates(date(1970, 1, 1), date(2199, 12, 31))
SPANS = st.tuples(DAYS, st.integers(1, 800)).map(lambda span: (span[0], span[0] + timedelta(days=span[1])))


@pytest.mark.parametrize(
    ("day", "grain", "label", "start", "end"),
    [
        # ISO 8601: the week of the year's first Thursday is week 1.
        (date(2026, 1, 1), "week", "2026-W01", date(2025, 12, 29), date(2026, 1, 5)),
        (date(2027, 1, 3), "week", "2026-W53", date(2026, 12, 28), date(2027, 1, 4)),
        (date(2026, 2, 28), "month", "2026-02", date(2026, 2, 1), date(2026, 3, 1)),
        (date(2026, 12, 31), "month", "2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        (date(2026, 5, 5), "quarter", "2026-Q2", date(2026, 4, 1), date(2026, 7, 1)),
        (date(2026, 12, 1), "quarter", "2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
        (date(2024, 2, 29), "year", "2024", date(2024, 1, 1), date(2025, 1, 1)),
    ],
)
def test_a_day_has_its_period(day: date, grain: Grain, label: str, start: date, end: date) -> None:
    """With the label that calendars give it, from its first day up to the first of the next."""
    found = period_of(day, grain)

    assert (found.label, found.start, found.end) == (label, start, end)


@given(DAYS, st.sampled_from(GRAINS))
def test_a_day_is_in_exactly_one_period(day: date, grain: Grain) -> None:
    """Every day of a period leads to that period, and the day after it to another."""
    period = period_of(day, grain)

    assert period.start <= day < period.end
    assert period_of(period.start, grain) == period_of(period.end - timedelta(days=1), grain) == period
    assert period_of(period.end, grain).start == period.end


@given(SPANS, st.sampled_from(GRAINS))
def test_periods_between_two_days_leave_no_gap(span: tuple[date, date], grain: Grain) -> None:
    """Each follows the one before; cut to the span they make it up exactly."""
    since, until = span
    found = list(periods_between(since, until, grain))
    cut = [period.within(whole(since, until)) for period in found]

    assert [period.start for period in found[1:]] == [period.end for period in found[:-1]]
    assert (cut[0].start, cut[-1].end) == (since, until)
    assert sum((period.end - period.start).days for period in cut) == (until - since).days


def test_no_days_are_no_periods() -> None:
    """Half-open: from a day up to the same day is nothing."""
    assert list(periods_between(date(2026, 1, 1), date(2026, 1, 1), "month")) == []


@pytest.mark.parametrize(
    ("until", "since"),
    [
        (date(2026, 11, 23), date(2025, 12, 1)),
        (date(2026, 12, 1), date(2025, 12, 1)),
        (date(2026, 12, 2), date(2026, 1, 1)),
    ],
)
def test_twelve_months_are_whole_months(until: date, since: date) -> None:
    """The present month counts as one of them, however young it is."""
    assert last_twelve_months(until) == since
    assert len(list(periods_between(since, until, "month"))) == 12
