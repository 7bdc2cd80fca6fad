"""When what was agreed must be carried out at the latest, and when it is over by itself. Pure."""

from datetime import UTC, date, datetime, time, timedelta

from aurevoir.billing.plan import (
    Action,
    ChangePlan,
    Discount,
    ExtendTrial,
    GrantFeature,
    Holiday,
    Relief,
    Split,
)
from aurevoir.billing.snapshot import Snapshot


def apply_before(action: Action, snapshot: Snapshot | None) -> datetime | None:
    """After this moment it would not be what was agreed; None: it never comes too late."""
    match action:
        case Discount() | Split(source="next_renewal") | Relief(invoice=None):
            # The renewal that it is about will have been charged.
            return snapshot.renews_at if snapshot else None
        case Holiday(starts_at=moment) | ChangePlan(at="period_end", effective_at=moment):
            return moment
        case ExtendTrial():
            return snapshot.trial_ends_at if snapshot else None
        case GrantFeature(until=day):
            return _end_of(day)
        case _:
            return None


def ends_at(action: Action) -> datetime | None:
    """When it has run out and everything is as before; None: it does not run out, or is over at once."""
    match action:
        case Discount(ends_at=moment) | Holiday(resumes_at=moment) | ExtendTrial(until=moment):
            return moment
        case Split(parts=parts):
            return _end_of(parts[-1].due_on)
        case Relief(due_on=date() as day) | GrantFeature(until=day):
            return _end_of(day)
        case _:
            return None


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(days=1)
