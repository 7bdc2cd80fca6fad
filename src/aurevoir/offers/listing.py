"""Redemptions as the operator sees them: the list, and one with its steps and what was agreed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing.plan import Action, SubscriptionRef
from aurevoir.kit import paging, sql
from aurevoir.kit.errors import NotFound
from aurevoir.offers import journal
from aurevoir.offers.journal import StepRow
from aurevoir.offers.redemption import RedemptionState


class RedemptionSummary(Struct, frozen=True, kw_only=True):
    """A redemption in a list; `attention` says why it failed or what a person is asked for."""

    id: UUID
    mode: str
    kind: str
    session_id: UUID
    gateway: str
    offer: str | None
    reverts_id: UUID | None
    state: RedemptionState
    attempts: int
    attention: str | None
    apply_before: datetime | None
    ends_at: datetime | None
    created_at: datetime
    changed_at: datetime


_COLUMNS = ", ".join(RedemptionSummary.__struct_fields__)


class RedemptionDetail(Struct, frozen=True, kw_only=True):
    """One redemption whole: what was agreed for whom, in the operator's own ids, and every step that was sent."""

    summary: RedemptionSummary
    subscription: SubscriptionRef
    action: Action
    # The terms as the customer saw them.
    terms: Any
    terms_hash: str | None
    steps: list[StepRow]


async def list_redemptions(
    workspace: UUID, state: str | None, before: UUID | None, limit: int
) -> list[RedemptionSummary]:
    """The newest first, `limit` of them, older than `before`."""
    return await sql.fetch_all(
        f"SELECT {_COLUMNS} FROM redemption WHERE workspace_id = $1 AND ($2 = '' OR state = $2) AND id < $3 "
        "ORDER BY id DESC LIMIT $4",
        workspace,
        state or "",
        before or paging.BEYOND,
        limit,
        into=RedemptionSummary,
    )


class _Kept(Struct, frozen=True, kw_only=True):
    plan: bytes
    terms: Any
    terms_hash: str | None


async def get_redemption(workspace: WorkspaceSettings, redemption: UUID) -> RedemptionDetail:
    """One of the workspace's; raises NotFound."""
    row = await sql.fetch_one(
        f"SELECT {_COLUMNS}, plan, terms, terms_hash FROM redemption WHERE id = $1 AND workspace_id = $2",
        redemption,
        workspace.id,
    )
    if row is None:
        raise NotFound
    kept = sql.read(row, _Kept)
    plan = journal.unseal(workspace.data_key, kept.plan)
    return RedemptionDetail(
        summary=sql.read(row, RedemptionSummary),
        subscription=plan.subscription,
        action=plan.action,
        terms=kept.terms,
        terms_hash=kept.terms_hash,
        steps=await journal.list_steps(redemption),
    )
