"""What billing told of a customer: subscriptions and their states, payments, exits that took place elsewhere."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing.source import State
from aurevoir.kit import crypto, sql


class SubscriptionHeld(Struct, frozen=True, kw_only=True):
    """A subscription that billing told of, or whose end was declared here, and the reason's category."""

    mode: str
    subscription: str
    customer: str
    declared_at: datetime | None
    declared_reason: str | None
    seen_at: datetime


class StateHeld(State, frozen=True, kw_only=True):
    """What held of a subscription for a while, by whom it was told; `is_assumed`: worked back from a later look."""

    mode: str
    subscription: str
    valid_from: datetime
    valid_to: datetime | None
    source: str
    told_at: datetime
    is_assumed: bool


class PaymentHeld(Struct, frozen=True, kw_only=True):
    """A payment, or an invoice that awaits one; `reference` is the provider's."""

    mode: str
    subscription: str | None
    reference: str
    amount: int
    currency: str
    status: str
    paid_at: datetime | None
    source: str
    told_at: datetime


class ExitHeld(Struct, frozen=True, kw_only=True):
    """An exit that took place elsewhere, with what was said there."""

    mode: str
    subscription: str
    ended_at: datetime
    ended_by: str
    channel: str
    category: str | None
    feedback: str | None
    comment: str | None
    source: str
    told_at: datetime


class SubscriptionsHeld(Struct, frozen=True, kw_only=True):
    """All of it, the oldest first."""

    subscriptions: Sequence[SubscriptionHeld]
    states: Sequence[StateHeld]
    payments: Sequence[PaymentHeld]
    exits: Sequence[ExitHeld]


_WHOSE = "workspace_id = $1 AND customer = $2 AND ($3 = '' OR mode = $3)"


async def tell(workspace: WorkspaceSettings, customer: str, mode: str | None) -> SubscriptionsHeld:
    """Everything about a customer (the pseudonym); `mode` None: of both."""
    whose = workspace.id, customer, mode or ""
    exits = await sql.fetch_all(f"SELECT * FROM past_exit WHERE {_WHOSE} ORDER BY ended_at, id", *whose)
    return SubscriptionsHeld(
        subscriptions=await sql.fetch_all(
            f"SELECT * FROM subscription WHERE {_WHOSE} ORDER BY id", *whose, into=SubscriptionHeld
        ),
        states=await sql.fetch_all(
            f"SELECT * FROM subscription_state WHERE {_WHOSE} ORDER BY subscription, valid_from", *whose, into=StateHeld
        ),
        payments=await sql.fetch_all(
            f"SELECT * FROM payment WHERE {_WHOSE} ORDER BY told_at, reference", *whose, into=PaymentHeld
        ),
        exits=[sql.read(row | _comment(workspace, row), ExitHeld) for row in exits],
    )


def _comment(workspace: WorkspaceSettings, row: dict[str, Any]) -> dict[str, str | None]:
    sealed = row["comment"]
    return {"comment": None if sealed is None else crypto.unseal(workspace.data_key, bytes(sealed)).decode()}


def references(held: SubscriptionsHeld) -> set[str]:
    """The pseudonyms of all subscriptions that it speaks of."""
    rows: Sequence[SubscriptionHeld | StateHeld | PaymentHeld | ExitHeld] = (
        *held.subscriptions,
        *held.states,
        *held.payments,
        *held.exits,
    )
    return {row.subscription for row in rows if row.subscription}
