"""What offers hold about a customer: what was weighed and shown, what was agreed, taken and promised."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing.plan import Action, SubscriptionRef
from aurevoir.kit import ids, sql
from aurevoir.offers import journal
from aurevoir.offers.journal import StepRow


class PresentationHeld(Struct, frozen=True, kw_only=True):
    """What became of one offer in one visit; `why_not` null: it was shown, with these terms."""

    session: str
    offer: str
    kind: str
    rank: int
    why_not: str | None
    agreement: Any
    honoured_until: datetime | None
    at: datetime


class RedemptionHeld(Struct, frozen=True, kw_only=True):
    """What was agreed or declared on its way through `gateway`; `action` says it in plain values, `terms` as shown."""

    id: str
    session: str
    mode: str
    kind: str
    gateway: str
    state: str
    attention: str | None
    offer: str | None
    subscription: SubscriptionRef
    action: Action
    terms: Any
    # Within which limits it was taken, and what it cost.
    taken: Any
    steps: Sequence[StepRow]
    ends_at: datetime | None
    created_at: datetime
    changed_at: datetime


class GrantHeld(Struct, frozen=True, kw_only=True):
    """That an offer was taken, and from when on it may be had again."""

    mode: str
    offer: str
    granted_at: datetime
    again_at: datetime | None


class FavourHeld(Struct, frozen=True, kw_only=True):
    """What the customer would do in return for an offer."""

    session: str
    offer: str
    favour: str
    promised_at: datetime
    done_at: datetime | None


class OffersHeld(Struct, frozen=True, kw_only=True):
    """All of it, the oldest first."""

    presentations: Sequence[PresentationHeld]
    redemptions: Sequence[RedemptionHeld]
    grants: Sequence[GrantHeld]
    favours: Sequence[FavourHeld]


async def tell(workspace: WorkspaceSettings, customer: str, mode: str | None, sessions: Collection[UUID]) -> OffersHeld:
    """Everything about a customer (the pseudonym) and these sessions; `mode` None: of both."""
    grants = await sql.fetch_all(
        "SELECT mode, offer, granted_at, again_at FROM offer_grant WHERE workspace_id = $1 AND customer = $2 "
        "AND ($3 = '' OR mode = $3) ORDER BY granted_at, offer",
        workspace.id,
        customer,
        mode or "",
        into=GrantHeld,
    )
    if not sessions:
        return OffersHeld(presentations=(), redemptions=(), grants=grants, favours=())
    marks = sql.marks(len(sessions))
    shown = await sql.fetch_all(
        "SELECT session_id, offer, kind, rank, why_not, agreement, honoured_until, at FROM presentation "
        f"WHERE session_id IN ({marks}) ORDER BY at, session_id, rank",
        *sessions,
    )
    favours = await sql.fetch_all(
        f"SELECT session_id, offer, favour, promised_at, done_at FROM favour WHERE session_id IN ({marks}) ORDER BY id",
        *sessions,
    )
    agreed = await sql.fetch_all(
        "SELECT id, session_id, mode, kind, gateway, state, attention, offer, terms, taken, plan, ends_at, created_at, "
        f"changed_at FROM redemption WHERE session_id IN ({marks}) ORDER BY id",
        *sessions,
    )
    return OffersHeld(
        presentations=[sql.read(row | _session(row), PresentationHeld) for row in shown],
        redemptions=[await _redemption(workspace, row) for row in agreed],
        grants=grants,
        favours=[sql.read(row | _session(row), FavourHeld) for row in favours],
    )


def _session(row: dict[str, Any]) -> dict[str, str]:
    return {"session": ids.shown("ses", UUID(str(row["session_id"])))}


async def _redemption(workspace: WorkspaceSettings, row: dict[str, Any]) -> RedemptionHeld:
    redemption = UUID(str(row["id"]))
    plan = journal.unseal(workspace.data_key, bytes(row["plan"]))
    unsealed = {
        "id": ids.shown("rdm", redemption),
        "subscription": msgspec.to_builtins(plan.subscription),
        "action": msgspec.to_builtins(plan.action),
        "steps": msgspec.to_builtins(await journal.list_steps(redemption)),
    }
    return sql.read(row | _session(row) | unsealed, RedemptionHeld)
