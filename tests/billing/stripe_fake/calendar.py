"""Stripe's calendar: months later, the 31st becoming the last day of a shorter month."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta


def later(moment: int, interval: str, count: int) -> int:
    """So many intervals after `moment`, both in seconds."""
    start = datetime.fromtimestamp(moment, UTC)
    if interval in ("day", "week"):
        return int((start + timedelta(days=count * (7 if interval == "week" else 1))).timestamp())
    months = start.month - 1 + count * (12 if interval == "year" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    return int(start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1])).timestamp())
