"""Cancelling, and taking a cancellation back. Pure."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from aurevoir.billing.adapters.stripe import steps
from aurevoir.billing.adapters.stripe.connecting import Settings
from aurevoir.billing.adapters.stripe.moments import seconds
from aurevoir.billing.adapters.stripe.reading import Details, details_of
from aurevoir.billing.gateway import Impossible
from aurevoir.billing.plan import Cancel, Step, UndoCancel
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit.calendar import later

# The common taxonomy's categories as `cancellation_details.feedback`; `prefer_not_to_say` is deliberately absent.
FEEDBACK: Mapping[str, str] = MappingProxyType(
    {
        "too_expensive": "too_expensive",
        "price_increase": "too_expensive",
        "cannot_pay_now": "too_expensive",
        "payment_terms": "other",
        "no_value": "other",
        "unused": "unused",
        "missing_features": "missing_features",
        "low_quality": "low_quality",
        "technical_issues": "low_quality",
        "too_complex": "too_complex",
        "onboarding": "too_complex",
        "customer_service": "customer_service",
        "switched_service": "switched_service",
        "not_a_fit": "other",
        "temporary_need": "other",
        "business_closed": "other",
        "privacy_security": "other",
        "other": "other",
    }
)
# Days are told in the operator's zone, moments are Stripe's: they may differ by one.
_ONE_DAY = timedelta(days=1)
_MOST_PERIODS = 120


def cancel(
    settings: Settings, subscription: str, action: Cancel, snapshot: Snapshot | None, marker: str, _: datetime
) -> list[Step]:
    """With the period, on a later day, or now. Without a snapshot: with the period, which takes nothing away."""
    feedback = FEEDBACK.get(action.category or "")
    said: dict[str, Any] = {"cancellation_details": {"feedback": feedback}} if feedback else {}
    if _must_end_now(settings, action, snapshot):
        return [steps.end_now(subscription, **said)]
    if snapshot is None:
        return [steps.update(subscription, marker, cancel_at_period_end=True, **said)]
    details, later_on = details_of(snapshot), _later_than_the_period(snapshot, action.ends_on)
    when = (
        {"cancel_at": seconds(later_on), "proration_behavior": "none"} if later_on else {"cancel_at_period_end": True}
    )
    return [*_freed(details), steps.update(subscription, marker, **when, **said)]


def _must_end_now(settings: Settings, action: Cancel, snapshot: Snapshot | None) -> bool:
    if action.ends_on is not None and action.ends_on < action.declared_at.astimezone(UTC).date() - _ONE_DAY:
        return True
    # Stripe goes on trying to collect what is overdue until the subscription has ended.
    return snapshot is not None and snapshot.status == "past_due" and settings.past_due_cancel == "now"


def _later_than_the_period(snapshot: Snapshot, ends_on: date | None) -> datetime | None:
    """The renewal on that day, or about it, if it is not the next one; a day between renewals is taken as it is."""
    if ends_on is None or snapshot.renews_at is None or snapshot.renews_at.date() >= ends_on - _ONE_DAY:
        return None
    renewals = (later(snapshot.renews_at, snapshot.interval, number) for number in range(1, _MOST_PERIODS))
    near = next((one for one in renewals if one.date() >= ends_on - _ONE_DAY), None)
    if near is not None and near.date() <= ends_on + _ONE_DAY:
        return near
    return datetime.combine(ends_on, snapshot.renews_at.timetz())


def _freed(details: Details) -> list[Step]:
    """Under a schedule Stripe refuses to end a subscription: ours has no more purpose, another's is for a person."""
    if details.schedule is None:
        return []
    if not details.is_ours:
        raise Impossible("foreign_schedule")
    return [steps.release_schedule(details.schedule)]


def undo_cancel(
    _: Settings, subscription: str, __: UndoCancel, snapshot: Snapshot | None, marker: str, ___: datetime
) -> list[Step]:
    """Without a look at it both ways of ending are taken back: the one that it was, and the other for nothing."""
    with_period = steps.update(subscription, marker, cancel_at_period_end=False)
    on_a_day = steps.update(subscription, marker, cancel_at="")
    if snapshot is None or snapshot.source != "provider":
        return [with_period, on_a_day]
    return [with_period if details_of(snapshot).cancels_at_period_end else on_a_day]
