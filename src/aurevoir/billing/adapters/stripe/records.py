"""Stripe's subscriptions and invoices in neutral words: who was active, for how much, who paid, who left. Pure."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from aurevoir.billing.adapters.stripe import amounts
from aurevoir.billing.adapters.stripe.connecting import Settings
from aurevoir.billing.adapters.stripe.leaving import FEEDBACK
from aurevoir.billing.adapters.stripe.moments import moment
from aurevoir.billing.adapters.stripe.reading import interval_of, plan_of
from aurevoir.billing.plan import SubscriptionRef
from aurevoir.billing.revenue import per_month
from aurevoir.billing.source import EndedBy, ExitTold, PaymentStatus, PaymentTold, State, StateTold, Status

Object = Mapping[str, Any]

_STATUS: dict[str, Status] = {
    "active": "active",
    "trialing": "trialing",
    "past_due": "past_due",
    "unpaid": "past_due",
    "paused": "paused",
    "incomplete": "incomplete",
    "canceled": "cancelled",
}
# https://docs.stripe.com/api/subscriptions/object#subscription_object-cancellation_details-reason
_ENDED_BY: dict[str | None, EndedBy] = {
    "cancellation_requested": "customer",
    "payment_failed": "payment",
    "payment_disputed": "payment",
    "canceled_by_retention_policy": "provider_policy",
}
# Stripe's feedback codes: each is a category of the common taxonomy, too.
CATEGORIES = frozenset(FEEDBACK.values())


def looked_at(subscription: Object, now: datetime, settings: Settings) -> list[StateTold]:
    """What one look shows: the present state, and what can be worked back from it."""
    if subscription["status"] not in _STATUS:
        return []  # `incomplete_expired`: it never began.
    told = _worked_back(subscription, now, settings)
    if subscription["status"] == "canceled":
        return [*told, _ended(subscription, now, settings)]
    return [*told, _told(subscription, state(subscription, settings), None, now)]


def changed(subscription: Object, previous: Object | None, at: datetime, settings: Settings) -> list[StateTold]:
    """What an event says: the state since its second. `previous` are the old values, as the event has them.

    Most events tell of a renewal or of metadata, and of no other state.
    """
    if subscription["status"] not in _STATUS:
        return []
    if subscription["status"] == "canceled":
        return [_ended(subscription, at, settings)]
    present = state(subscription, settings)
    if previous and _before(subscription, previous, settings) == present:
        return []
    return [_told(subscription, present, at.replace(microsecond=0), at)]


def _before(subscription: Object, previous: Object, settings: Settings) -> State | None:
    try:
        return state({**subscription, **previous}, settings)
    except (KeyError, TypeError):
        return None  # only parts of the old values: something did change


def state(subscription: Object, settings: Settings) -> State:
    """The subscription as the object has it."""
    status = _STATUS[subscription["status"]]
    if status == "active" and subscription.get("pause_collection"):
        status = "paused"
    items = _items(subscription)
    price = items[0]["price"] if items else None
    return State(
        status=status,
        mrr=0 if status in ("trialing", "cancelled") else _mrr(subscription, items),
        currency=subscription["currency"].upper(),
        plan=plan_of(settings, price) if price else None,
        interval=interval_of(price) if price else None,
        quantity=items[0].get("quantity") if len(items) == 1 else None,
        **(_why(subscription) if status == "cancelled" else {}),
    )


def exit_of(subscription: Object, told_at: datetime) -> ExitTold | None:
    """The exit, once the subscription has ended and Stripe knows anything of why."""
    details = subscription.get("cancellation_details") or {}
    if subscription["status"] != "canceled" or not any(details.values()):
        return None
    feedback = details.get("feedback")
    return ExitTold(
        subscription=_reference(subscription),
        ended_at=_ended_at(subscription),
        ended_by=_ended_by(details),
        category=feedback if feedback in CATEGORIES else None,
        feedback=feedback,
        comment=details.get("comment"),
        told_at=told_at,
    )


def payment_of(invoice: Object, told_at: datetime) -> PaymentTold | None:
    """The invoice as a payment; None for drafts, and where there is nothing to pay."""
    status = _payment_status(invoice)
    if status is None or not invoice["total"] or not invoice.get("customer"):
        return None
    # Before API version 2025-03-31 the subscription stood on the invoice itself: events keep their account's version.
    parent = (invoice.get("parent") or {}).get("subscription_details") or invoice
    paid_at = (invoice.get("status_transitions") or {}).get("paid_at")
    return PaymentTold(
        reference=invoice["id"],
        customer=_id(invoice["customer"]),
        subscription=_id(parent["subscription"]) if parent.get("subscription") else None,
        amount=amounts.read(invoice["amount_paid" if status == "paid" else "amount_due"], invoice["currency"]),
        currency=invoice["currency"].upper(),
        status=status,
        paid_at=moment(paid_at) if paid_at else None,
        told_at=told_at,
    )


def _worked_back(subscription: Object, now: datetime, settings: Settings) -> list[StateTold]:
    """Today's price since the start or the end of the trial: what a look can only assume."""
    start, trial_start, trial_end = (subscription.get(name) for name in ("start_date", "trial_start", "trial_end"))
    present = state({**subscription, "status": "active", "pause_collection": None}, settings)
    told = []
    if trial_start and trial_end:
        trial = state({**subscription, "status": "trialing"}, settings)
        told.append(_told(subscription, trial, moment(trial_start), now, assumed=True))
        start = trial_end
    until = _ended_at(subscription) if subscription["status"] == "canceled" else now
    if subscription["status"] != "incomplete" and start and moment(start) < until:
        told.append(_told(subscription, present, moment(start), now, assumed=True))
    return told


def _ended(subscription: Object, told_at: datetime, settings: Settings) -> StateTold:
    return _told(subscription, state(subscription, settings), _ended_at(subscription), told_at)


def _ended_at(subscription: Object) -> datetime:
    return moment(subscription.get("ended_at") or subscription.get("canceled_at") or subscription["created"])


def _told(
    subscription: Object, what: State, since: datetime | None, told_at: datetime, *, assumed: bool = False
) -> StateTold:
    return StateTold(subscription=_reference(subscription), state=what, since=since, told_at=told_at, assumed=assumed)


def _reference(subscription: Object) -> SubscriptionRef:
    return SubscriptionRef(_id(subscription["customer"]), subscription["id"])


def _id(found: str | Object) -> str:
    return found if isinstance(found, str) else str(found["id"])


def _items(subscription: Object) -> list[Object]:
    """Licensed items: what is metered is no recurring revenue."""
    items = subscription["items"]["data"]
    return [item for item in items if (item["price"].get("recurring") or {}).get("usage_type") != "metered"]


def _mrr(subscription: Object, items: list[Object]) -> int | None:
    """Rounded once; None where only Stripe can tell: a price has tiers, or its amount in another currency."""
    currency = subscription["currency"]
    monthly = [_by_month(item) for item in items]
    if None in monthly or any(item["price"].get("currency", currency) != currency for item in items):
        return None
    total = Fraction(sum(amount for amount in monthly if amount is not None))
    for discount in subscription.get("discounts") or ():
        total = _less(total, _coupon(discount), items)
    return round(amounts.read_exactly(total, currency))


def _by_month(item: Object) -> Fraction | None:
    price = item["price"]
    exact, recurring = price.get("unit_amount_decimal") or price.get("unit_amount"), price.get("recurring")
    if exact is None or not recurring:
        return None
    amount = Decimal(str(exact)) * item.get("quantity", 1)
    return per_month(amount, recurring["interval"], recurring.get("interval_count") or 1)


def _coupon(discount: str | Object) -> Object:
    if isinstance(discount, str):
        return {}
    found = discount.get("coupon") or (discount.get("source") or {}).get("coupon")
    return cast(Object, found) if isinstance(found, Mapping) else {}


def _less(total: Fraction, coupon: Object, items: list[Object]) -> Fraction:
    """Only what lasts for ever lowers the recurring revenue; what runs out is a cost of the offer."""
    if coupon.get("duration") != "forever" or not items:
        return total
    if coupon.get("percent_off"):
        return total * (100 - Fraction(str(coupon["percent_off"]))) / 100
    recurring = items[0]["price"]["recurring"]
    off = per_month(coupon["amount_off"], recurring["interval"], recurring.get("interval_count") or 1)
    return max(Fraction(0), total - off)


def _why(subscription: Object) -> dict[str, Any]:
    details = subscription.get("cancellation_details") or {}
    feedback, reason = details.get("feedback"), details.get("reason")
    code = feedback if feedback in CATEGORIES else reason if _ENDED_BY.get(reason) == "payment" else None
    return {"ended_by": _ended_by(details), "reason_code": code}


def _ended_by(details: Object) -> EndedBy:
    return _ENDED_BY.get(details.get("reason"), "unknown")


def _payment_status(invoice: Object) -> PaymentStatus | None:
    if invoice["status"] == "open":
        return "failed" if invoice.get("attempt_count") else "open"
    return cast(PaymentStatus, invoice["status"]) if invoice["status"] in ("paid", "void", "uncollectible") else None
