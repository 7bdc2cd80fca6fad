"""Reading subscriptions: who they are now, and the whole of one."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing.source import State
from aurevoir.kit import crypto, paging, sql


class Present(State, frozen=True, kw_only=True):
    """A subscription as it is now, under its pseudonyms."""

    id: UUID
    subscription: str
    customer: str
    seen_at: datetime


class Period(State, frozen=True, kw_only=True):
    """What held for a while; `is_assumed`: worked back from a later look."""

    valid_from: datetime
    valid_to: datetime | None
    source: str
    is_assumed: bool


class PaymentSummary(Struct, frozen=True, kw_only=True):
    """A payment, or an invoice that awaits one; amounts in minor units."""

    reference: str
    amount: int
    currency: str
    status: str
    paid_at: datetime | None


class ExitSummary(Struct, frozen=True, kw_only=True):
    """An exit that did not go through a flow; `feedback` is the provider's word, `category` the common taxonomy's."""

    ended_at: datetime
    channel: str
    ended_by: str
    category: str | None
    feedback: str | None
    comment: str | None
    source: str


class Subscriber(Struct, frozen=True, kw_only=True):
    """A subscription's own row."""

    subscription: str
    customer: str
    declared_at: datetime | None
    declared_reason: str | None
    seen_at: datetime


_STATE = ", ".join(f'st."{name}"' for name in State.__struct_fields__)


async def list_present(
    workspace: UUID, mode: str, status: str | None, before: UUID | None, limit: int, now: datetime
) -> list[Present]:
    """The subscriptions as they are now, those first told of last, older than `before`."""
    return await sql.fetch_all(
        f"SELECT s.id, s.subscription, s.customer, s.seen_at, {_STATE} "
        "FROM subscription s JOIN subscription_state st ON st.workspace_id = s.workspace_id AND st.mode = s.mode "
        "AND st.subscription = s.subscription AND st.valid_from <= $5 AND (st.valid_to IS NULL OR st.valid_to > $5) "
        "WHERE s.workspace_id = $1 AND s.mode = $2 AND s.id < $3 AND ($4 = '' OR st.status = $4) "
        "ORDER BY s.id DESC LIMIT $6",
        workspace,
        mode,
        before or paging.BEYOND,
        status or "",
        now,
        limit,
        into=Present,
    )


async def find_subscriber(workspace: UUID, mode: str, subscription: str) -> Subscriber | None:
    """One subscription, by its pseudonym."""
    return await sql.fetch_one(
        "SELECT subscription, customer, declared_at, declared_reason, seen_at FROM subscription "
        "WHERE workspace_id = $1 AND mode = $2 AND subscription = $3",
        workspace,
        mode,
        subscription,
        into=Subscriber,
    )


async def find_status(workspace: UUID, mode: str, subscription: str, now: datetime) -> str | None:
    """What billing says that it is at a moment, if it ever told of it."""
    row = await sql.fetch_one(
        "SELECT status FROM subscription_state WHERE workspace_id = $1 AND mode = $2 AND subscription = $3 "
        "AND valid_from <= $4 AND (valid_to IS NULL OR valid_to > $4)",
        workspace,
        mode,
        subscription,
        now,
    )
    return row["status"] if row else None


async def list_periods(workspace: UUID, mode: str, subscription: str) -> list[Period]:
    """Its history, from the beginning; what was told again and again is one period."""
    rows = await sql.fetch_all(
        f"SELECT st.valid_from, st.valid_to, st.source, st.is_assumed, {_STATE} FROM subscription_state st "
        "WHERE st.workspace_id = $1 AND st.mode = $2 AND st.subscription = $3 ORDER BY st.valid_from",
        workspace,
        mode,
        subscription,
        into=Period,
    )
    joined: list[Period] = []
    for row in rows:
        if joined and _state(joined[-1]) == _state(row):
            joined[-1] = replace(joined[-1], valid_to=row.valid_to)
        else:
            joined.append(row)
    return joined


def _state(period: Period) -> list[object]:
    return [getattr(period, name) for name in State.__struct_fields__]


async def list_payments(workspace: UUID, mode: str, subscription: str, limit: int) -> list[PaymentSummary]:
    """Its payments, the latest first; what awaits payment before them."""
    return await sql.fetch_all(
        "SELECT reference, amount, currency, status, paid_at FROM payment "
        "WHERE workspace_id = $1 AND mode = $2 AND subscription = $3 "
        "ORDER BY CASE WHEN paid_at IS NULL THEN 0 ELSE 1 END, paid_at DESC, reference LIMIT $4",
        workspace,
        mode,
        subscription,
        limit,
        into=PaymentSummary,
    )


async def list_exits(workspace: WorkspaceSettings, mode: str, subscription: str) -> list[ExitSummary]:
    """The exits that were imported for it, with what the customer wrote there."""
    rows = await sql.fetch_all(
        "SELECT ended_at, channel, ended_by, category, feedback, comment, source FROM past_exit "
        "WHERE workspace_id = $1 AND mode = $2 AND subscription = $3 ORDER BY ended_at",
        workspace.id,
        mode,
        subscription,
    )
    return [
        sql.read(row | {"comment": _unsealed(workspace.data_key, row["comment"])}, into=ExitSummary) for row in rows
    ]


def _unsealed(key: bytes, sealed: bytes | None) -> str | None:
    return None if sealed is None else crypto.unseal(key, bytes(sealed)).decode()
