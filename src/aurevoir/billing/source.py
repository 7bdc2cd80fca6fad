"""The interface for reading what billing knows: who was active, for how much, who paid, and who left and why."""

from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from aurevoir.access.facts import Interval
from aurevoir.billing.plan import SubscriptionRef

Status = Literal["active", "trialing", "past_due", "paused", "cancelled", "incomplete"]
# Only `customer` counts as voluntary; `replaced` is no churn; `unknown` is shown, never guessed into anything else.
EndedBy = Literal["customer", "operator", "payment", "provider_policy", "store", "replaced", "unknown"]
PaymentStatus = Literal["open", "failed", "paid", "void", "uncollectible"]


class State(Struct, frozen=True, kw_only=True):
    """What holds of a subscription for a while; None is unknown, never zero."""

    status: Status
    # Monthly, in minor units, without tax, after lasting discounts; 0 on trial and after the end.
    mrr: int | None = None
    currency: str | None = None
    plan: str | None = None
    interval: Interval | None = None
    quantity: int | None = None
    ended_by: EndedBy | None = None
    # A category of the common taxonomy, or what only a provider can say, such as `payment_failed`.
    reason_code: str | None = None


class StateTold(Struct, frozen=True, kw_only=True):
    """That a state holds since a moment; None: the provider shows it now and does not say since when.

    `assumed`: worked back from a later look, such as today's price since the start. Anything that was stated, and
    any look nearer to that moment, is worth more.
    """

    subscription: SubscriptionRef
    state: State
    since: datetime | None
    told_at: datetime
    assumed: bool = False


class PaymentTold(Struct, frozen=True, kw_only=True):
    """A payment, or an invoice that awaits one; `reference` is the provider's own id of it."""

    reference: str
    customer: str
    subscription: str | None
    amount: int
    currency: str
    status: PaymentStatus
    paid_at: datetime | None
    told_at: datetime


class ExitTold(Struct, frozen=True, kw_only=True):
    """An exit that took place elsewhere; `feedback` is the provider's word for the reason, `category` ours."""

    subscription: SubscriptionRef
    ended_at: datetime
    ended_by: EndedBy
    category: str | None
    feedback: str | None
    comment: str | None
    told_at: datetime


class Page(Struct, frozen=True, kw_only=True):
    """Some of it, and where to go on; `position` None: that was all."""

    states: tuple[StateTold, ...] = ()
    payments: tuple[PaymentTold, ...] = ()
    exits: tuple[ExitTold, ...] = ()
    position: str | None = None


class Source(Protocol):
    """A billing system whose records can be read. One `page` is at most a few requests, and changes nothing there."""

    async def page(self, since: datetime | None, position: str | None, now: datetime, /) -> Page:
        """Everything, or what has changed since a moment, page by page; raises NotSent, Rejected or NeedsPerson."""
        ...
