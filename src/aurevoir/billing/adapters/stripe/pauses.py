"""Renewals that are skipped, and renewals that come later. Pure."""

from datetime import datetime, timedelta

from aurevoir.billing.adapters.stripe import moments, steps
from aurevoir.billing.adapters.stripe.connecting import Settings
from aurevoir.billing.adapters.stripe.moments import seconds
from aurevoir.billing.adapters.stripe.reading import MARKER, Details, details_of
from aurevoir.billing.gateway import Impossible
from aurevoir.billing.plan import ExtendTrial, Holiday, Relief, Step
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit.calendar import later

# Stripe allows no longer trial.
LONGEST = timedelta(days=730)
# Access stops so long before the renewal that is not to be charged.
BEFORE = timedelta(minutes=10)


def holiday(
    _: Settings, subscription: str, action: Holiday, snapshot: Snapshot, marker: str, now: datetime
) -> list[Step]:
    """With access: collection pauses and ends by itself. Without: Stripe's own pause, where the account has it."""
    details = steps.unmanaged(details_of(snapshot))
    if snapshot.status == "paused":
        raise Impossible("already_paused")
    moments.deadline(snapshot, now)
    if action.access == "stop":
        return _stopped(subscription, action, details, marker, now)
    interval = moments.renewal(snapshot)[1]
    if interval == "year":
        # A pause of months would skip nothing there; the renewal itself moves.
        return [_postponed(subscription, action.resumes_at, marker, now)]
    return [_paused(subscription, moments.before_charging(action.resumes_at, interval), marker)]


def waive_next(subscription: str, snapshot: Snapshot, marker: str, now: datetime) -> list[Step]:
    """The next renewal is not charged; the one after it is."""
    steps.unmanaged(details_of(snapshot))
    renews_at, interval = moments.renewal(snapshot)
    moments.deadline(snapshot, now)
    return [_paused(subscription, moments.before_charging(later(renews_at, interval, 1), interval), marker)]


def extend_trial(
    _: Settings, subscription: str, action: ExtendTrial, snapshot: Snapshot, marker: str, now: datetime
) -> list[Step]:
    """A later end, and with it the first payment."""
    steps.unmanaged(details_of(snapshot))
    if snapshot.status != "trialing":
        raise Impossible("not_on_trial")
    moments.deadline(snapshot, now)
    return [_postponed(subscription, action.until, marker, now)]


def relief(
    _: Settings, subscription: str, action: Relief, snapshot: Snapshot, marker: str, now: datetime
) -> list[Step]:
    """An invoice that is due is voided; one that is still a draft can wait; nothing else can be done honestly."""
    details = details_of(snapshot)
    if action.relief == "defer":
        return [_deferred(action, details, marker)]
    if action.invoice is None:
        return waive_next(subscription, snapshot, marker, now)
    if details.partly_paid:
        raise Impossible("partly_paid")
    return [Step(operation="invoices.void_invoice", parameters={"path": [action.invoice], "body": {}})]


def _deferred(action: Relief, details: Details, marker: str) -> Step:
    # What is final has its date; a renewal that moved would move all later ones with it.
    if details.draft is None or action.invoice not in (None, details.draft) or action.due_on is None:
        raise Impossible("only_drafts_can_wait")
    due = seconds(moments.noon(action.due_on))
    waiting = {"due_date": due} if details.collection == "send_invoice" else {"automatically_finalizes_at": due}
    return Step(
        operation="invoices.update",
        parameters={"path": [details.draft], "body": {**waiting, "metadata": {MARKER: marker}}},
    )


def _paused(subscription: str, until: datetime, marker: str) -> Step:
    return steps.update(subscription, marker, pause_collection={"behavior": "void", "resumes_at": seconds(until)})


def _postponed(subscription: str, until: datetime, marker: str, now: datetime) -> Step:
    if until - now > LONGEST:
        raise Impossible("too_long")
    return steps.update(subscription, marker, trial_end=seconds(until), proration_behavior="none")


def _stopped(subscription: str, action: Holiday, details: Details, marker: str, now: datetime) -> list[Step]:
    # Moving a subscription to flexible billing cannot be taken back: never as part of an offer.
    if not details.flexible:
        raise Impossible("needs_flexible_billing")
    if details.collection != "charge_automatically":
        raise Impossible("paid_by_invoice")
    pause = {
        "pause_at": {"type": "timestamp", "timestamp": seconds(action.starts_at - BEFORE)},
        "settings": {"type": "subscription", "bill_for": {"unused_time_from": {"type": "none"}}},
    }
    resume = {
        "resume_at": {"type": "timestamp", "timestamp": seconds(action.resumes_at)},
        "settings": {"billing_cycle_anchor": "resume_at", "proration_behavior": "none"},
    }
    return [
        steps.begin_schedule(subscription, now),
        steps.fill_schedule(marker, pause_schedules=[{"pause": pause, "resume": resume}]),
    ]
