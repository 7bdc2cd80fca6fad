"""A discount at Stripe: a coupon of these terms, and the subscription's list of discounts with it. Pure."""

from datetime import datetime, time, timedelta
from typing import Any

from aurevoir.billing.adapters.stripe import amounts, moments, steps
from aurevoir.billing.adapters.stripe.connecting import Settings
from aurevoir.billing.adapters.stripe.reading import details_of
from aurevoir.billing.gateway import Impossible
from aurevoir.billing.plan import Discount, Step
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit.calendar import later

LONGEST = 60


def discount(
    _: Settings, subscription: str, action: Discount, snapshot: Snapshot, marker: str, now: datetime
) -> list[Step]:
    """The coupon first (the same terms share one), then the list: one that is not in it would be lost."""
    steps.unmanaged(details_of(snapshot))
    coupon = _coupon(action, snapshot, now)
    held = [{"discount": one.reference} for one in snapshot.discounts]
    return [
        Step(operation="coupons.create", parameters={"path": [], "body": coupon}),
        steps.update(subscription, marker, discounts=[*held, {"coupon": coupon["id"]}], expand=["discounts"]),
    ]


def _coupon(action: Discount, snapshot: Snapshot, now: datetime) -> dict[str, Any]:
    months = None if action.periods == 1 else _months(action, snapshot, now)
    duration = f"{months}m" if months else "once"
    lasting: dict[str, Any] = (
        {"duration": "repeating", "duration_in_months": months} if months else {"duration": "once"}
    )
    if action.amount_off is not None:
        amount, currency = amounts.written(action.amount_off), action.amount_off.currency.lower()
        if action.amount_off.currency != snapshot.currency:
            raise Impossible("other_currency")
        return {"id": f"exit-{amount}{currency}-{duration}", "amount_off": amount, "currency": currency, **lasting}
    return {"id": f"exit-{action.percent_off}pc-{duration}", "percent_off": action.percent_off, **lasting}


def _months(action: Discount, snapshot: Snapshot, now: datetime) -> int:
    """How many months the coupon must last to meet exactly the renewals that were agreed.

    Stripe counts calendar months from the moment it is applied, not invoices: too few for a long interval, too many for
    a short one. It may be applied at any moment until the deadline.
    """
    interval = moments.renewal(snapshot)[1]
    latest, following = moments.deadline(snapshot, now), later(action.ends_at, interval, 1)
    for months in range(1, LONGEST + 1):
        earliest_end, latest_end = _ends(now, latest, months)
        if earliest_end > action.ends_at:
            if latest_end < following:
                return months
            break
    raise Impossible("interval_not_in_months")


def _ends(now: datetime, latest: datetime, months: int) -> tuple[datetime, datetime]:
    """The first and the last moment at which it may run out, whenever it is applied between `now` and `latest`.

    The last days of a long month all lead to that of a short one, so the hour can go back where the day does not.
    """
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
    yesterday = datetime.combine(latest.date(), time(), latest.tzinfo) - timedelta(microseconds=1)
    moments_between = [now, latest, *(moment for moment in (tomorrow, yesterday) if now <= moment <= latest)]
    ends = [later(moment, "month", months) for moment in moments_between]
    return min(ends), max(ends)
