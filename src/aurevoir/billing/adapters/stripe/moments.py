"""Moments as Stripe counts them, in seconds. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from typing import overload

from aurevoir.billing.gateway import Impossible
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit.calendar import Interval, later

# Renewal invoices are drafted at the renewal itself; a change must have arrived before.
MARGIN = timedelta(hours=1)
# A pause ends so long before the renewal that is to be charged again, and well after the last one that is not.
AHEAD = timedelta(hours=12)


def seconds(moment: datetime) -> int:
    """Since 1970."""
    return int(moment.timestamp())


@overload
def moment(seconds: int) -> datetime: ...
@overload
def moment(seconds: int | None) -> datetime | None: ...
def moment(seconds: int | None) -> datetime | None:
    """The same as an aware datetime."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def noon(day: date) -> datetime:
    """The middle of a day in UTC: the same day for almost everybody."""
    return datetime.combine(day, time(12), UTC)


def renewal(snapshot: Snapshot) -> tuple[datetime, Interval]:
    """The next renewal and how often they come; raises Impossible where billing does not say."""
    if snapshot.renews_at is None or snapshot.interval is None:
        raise Impossible("no_renewal")
    return snapshot.renews_at, snapshot.interval


def deadline(snapshot: Snapshot, now: datetime) -> datetime:
    """Until when a change of the next renewal must have arrived; raises Impossible when it is too late."""
    latest = renewal(snapshot)[0] - MARGIN
    if latest <= now:
        raise Impossible("too_close_to_renewal")
    return latest


def before_charging(charged_again: datetime, interval: Interval) -> datetime:
    """When a pause ends so that the renewal at `charged_again` is charged and the one before it is not."""
    length = charged_again - later(charged_again, interval, -1)
    return charged_again - min(AHEAD, length / 2)
