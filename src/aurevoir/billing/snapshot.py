"""A subscription as billing knows it at one moment: what offers are worked out from. Pure."""

from datetime import UTC, datetime, time
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from aurevoir.access.facts import Interval, SubscriptionFacts
from aurevoir.kit import crypto

Status = Literal["active", "trialing", "past_due", "paused", "cancelled", "unknown"]


class DiscountHeld(Struct, frozen=True, kw_only=True):
    """A discount that the subscription has already; `percent_off` is a decimal in text."""

    reference: str
    percent_off: str | None = None
    amount_off: int | None = None
    ends_at: datetime | None = None


class Invoice(Struct, frozen=True, kw_only=True):
    """An invoice that is due, or overdue."""

    reference: str
    amount_due: int
    currency: str
    due_at: datetime | None = None


class Snapshot(Struct, frozen=True, kw_only=True):
    """What the provider says, or, for gateways that cannot be asked, what the customer token says."""

    source: Literal["provider", "token"]
    taken_at: datetime
    status: Status
    plan: str | None = None
    # What one renewal charges in total before discounts, in minor units.
    amount: int | None = None
    currency: str | None = None
    interval: Interval | None = None
    quantity: int | None = None
    # The next renewal; on trial, its end.
    renews_at: datetime | None = None
    # The day of the month that renewals fall on where a month has it: 31, though the next one is on 28 February.
    anchor_day: int | None = None
    trial_ends_at: datetime | None = None
    # Set once an end is scheduled.
    ends_at: datetime | None = None
    paused_until: datetime | None = None
    # Whether coming renewals will change by themselves: another plan is scheduled, or parts stand for one.
    is_changing: bool = False
    discounts: tuple[DiscountHeld, ...] = ()
    open_invoice: Invoice | None = None
    # What only the adapter understands: ids of items and prices, a schedule, …
    details: dict[str, Any] = {}

    @property
    def version(self) -> str:
        """A hash of everything but the moment: as long as it is the same, nothing has changed."""
        undated = replace(self, taken_at=datetime.fromtimestamp(0, UTC))
        return crypto.sha256(msgspec.json.encode(undated, order="sorted").decode())


_STATUSES: dict[str, Status] = {
    "active": "active",
    "trialing": "trialing",
    "past_due": "past_due",
    "unpaid": "past_due",
    "paused": "paused",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}


def stated(facts: SubscriptionFacts, now: datetime) -> Snapshot:
    """What the customer token says of the subscription; days begin at midnight UTC."""
    renews_at = datetime.combine(facts.renews_on, time(), UTC) if facts.renews_on else None
    # A word of the product's own may mean that it has lapsed: nothing is offered on a guess.
    status = _STATUSES.get(facts.status, "unknown") if facts.status else "active"
    return Snapshot(
        source="token",
        taken_at=now,
        status=status,
        plan=facts.plan,
        amount=facts.amount,
        currency=facts.currency,
        interval=facts.interval,
        quantity=facts.quantity,
        renews_at=renews_at,
        trial_ends_at=renews_at if status == "trialing" else None,
    )
