"""From one renewal to the next. Pure."""

from calendar import monthrange
from datetime import date

from aurevoir.kit.calendar import DAYS, Interval, later


def following(day: date, interval: Interval, anchor: int) -> date:
    """One interval after `day`, on the anchor's day of the month or the month's last one."""
    if interval in DAYS:
        return later(day, interval, 1)
    first = later(day.replace(day=1), interval, 1)
    return first.replace(day=min(anchor, monthrange(first.year, first.month)[1]))
