"""What is to be done at a provider, frozen at the moment it was agreed: a retry sends these values again. Pure."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct


class CancelSubscription(Struct, frozen=True, kw_only=True, tag_field="kind", tag="cancel"):
    """End the subscription on a day (None: as soon as the provider can)."""

    customer: str
    subscription: str
    ends_on: date | None
    declared_at: datetime
    # For providers that take one: the common taxonomy's category, never the customer's words.
    category: str | None = None


class UndoCancellation(Struct, frozen=True, kw_only=True, tag_field="kind", tag="undo_cancel"):
    """Take a scheduled cancellation back."""

    customer: str
    subscription: str


Plan = CancelSubscription | UndoCancellation


class Order(Struct, frozen=True, kw_only=True):
    """One plan on its way: what a gateway is asked to do, under a key that never changes."""

    idempotency_key: str
    plan: Plan


class Verdict(Struct, frozen=True):
    """What a gateway knows of an order. `handed_over`: passed on, and only a person or a callback can tell the rest."""

    state: Literal["not_applied", "applied", "confirmed", "handed_over"]
