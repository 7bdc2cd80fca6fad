"""Deliveries: one row for each event and endpoint that wants it, claimed for a while, tried on a schedule."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import structlog
from msgspec import Struct

from aurevoir.events.service import Event
from aurevoir.kit import db, ids, paging, sql
from aurevoir.kit.errors import NotFound
from aurevoir.webhooks import choice, schedule
from aurevoir.webhooks.attempts import Attempt, Outcome

log = structlog.get_logger()
# Longer than an attempt can take: what was not settled by then was lost with its sender.
LEASE = timedelta(seconds=60)
# Of each endpoint, so many at the same time.
AT_ONCE = 4
ATTEMPTS_KEPT = 20
KEPT = timedelta(days=30)
TEST_KIND = "webhook.test"

State = Literal["waiting", "delivered", "failed"]


class Delivery(Struct, frozen=True, kw_only=True):
    """An event on its way to an endpoint."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    event_kind: str
    state: State
    attempts: int
    log: tuple[Attempt, ...]
    not_before: datetime
    created_at: datetime


_COLUMNS = ", ".join(Delivery.__struct_fields__)


class _Listening(Struct, frozen=True):
    id: UUID
    workspace_id: UUID
    mode: str
    events: tuple[str, ...]


async def fan_out(batch: Sequence[Event], now: datetime) -> None:
    """Write a delivery for every endpoint that wants an event of these; told twice, it changes nothing."""
    workspaces = {event.workspace_id for event in batch}
    listening = await sql.fetch_all(
        "SELECT id, workspace_id, mode, events FROM webhook_endpoint WHERE disabled_at IS NULL "
        f"AND workspace_id IN ({sql.marks(len(workspaces))})",
        *workspaces,
        into=_Listening,
    )
    wanted = [
        (ids.new_id(), event.workspace_id, one.id, event.id, event.kind, now)
        for event in batch
        for one in listening
        if (one.workspace_id, one.mode) == (event.workspace_id, event.mode) and choice.wants(one.events, event.kind)
    ]
    if wanted:
        await db.transaction(lambda: sql.execute_many(_DELIVERY, wanted))


_DELIVERY = """
INSERT INTO webhook_delivery
  (id, workspace_id, endpoint_id, event_id, event_kind, state, attempts, log, not_before, created_at)
VALUES ($1, $2, $3, $4, $5, 'waiting', 0, '[]', $6, $6) ON CONFLICT (endpoint_id, event_id) DO NOTHING
"""


async def add(workspace: UUID, endpoint: UUID, event: UUID, kind: str, now: datetime) -> UUID:
    """A delivery that is due at once, unless there is one of this event already. Inside a unit."""
    delivery = ids.new_id()
    await sql.execute(_DELIVERY, delivery, workspace, endpoint, event, kind, now)
    return delivery


async def due_endpoints(now: datetime) -> list[UUID]:
    """The endpoints for which something is due."""
    rows = await sql.fetch_all(
        "SELECT id FROM webhook_endpoint WHERE disabled_at IS NULL AND EXISTS ("
        "SELECT 1 FROM webhook_delivery WHERE endpoint_id = webhook_endpoint.id "
        "AND state = 'waiting' AND not_before <= $1)",
        now,
    )
    return [UUID(str(row["id"])) for row in rows]


async def claim(endpoint: UUID, now: datetime) -> list[Delivery]:
    """The next few that are due, ours until the lease ends. Inside a unit."""
    due = (
        "SELECT id FROM webhook_delivery WHERE endpoint_id = $1 AND state = 'waiting' AND not_before <= $2 "
        f"ORDER BY not_before, id LIMIT {AT_ONCE} {db.skip_locked()}"
    )
    return await sql.fetch_all(
        "UPDATE webhook_delivery SET attempts = attempts + 1, not_before = $3 "
        f"WHERE id IN ({due}) RETURNING {_COLUMNS}",
        endpoint,
        now,
        now + LEASE,
        into=Delivery,
    )


async def settle(claimed: Delivery, outcome: Outcome, now: datetime) -> None:
    """Note what became of it, unless the lease was lost meanwhile. Inside a unit."""
    meaning = schedule.meaning(outcome.attempt.status)
    again = schedule.retry_at(claimed.attempts, now, chance=random.random(), asked=outcome.asked)  # noqa: S311
    state: State = "delivered" if meaning == "arrived" else "waiting" if again and meaning == "again" else "failed"
    settled = await sql.execute(
        "UPDATE webhook_delivery SET state = $1, log = $2, not_before = $3, settled_at = $4 "
        "WHERE id = $5 AND state = 'waiting' AND not_before = $6",
        state,
        [*claimed.log, outcome.attempt][-ATTEMPTS_KEPT:],
        again if state == "waiting" else now,
        None if state == "waiting" else now,
        claimed.id,
        claimed.not_before,
    )
    if settled and meaning == "gone":
        await _disable(claimed.endpoint_id, "gone", now)
    elif settled and state == "failed" and not await _anything_arrived_since(claimed):
        await _disable(claimed.endpoint_id, "failing", now)


async def _anything_arrived_since(failed: Delivery) -> bool:
    row = await sql.fetch_one(
        "SELECT 1 AS one FROM webhook_delivery WHERE endpoint_id = $1 AND state = 'delivered' AND settled_at >= $2",
        failed.endpoint_id,
        failed.log[0].at if failed.log else failed.created_at,
    )
    return row is not None


async def _disable(endpoint: UUID, because: str, now: datetime) -> None:
    changed = await sql.execute(
        "UPDATE webhook_endpoint SET disabled_at = $1, disabled_because = $2 WHERE id = $3 AND disabled_at IS NULL",
        now,
        because,
        endpoint,
    )
    if changed:
        log.warning("webhook_endpoint_disabled", endpoint=ids.shown("whe", endpoint), because=because)


async def list_deliveries(
    workspace: UUID, endpoint: UUID, state: State | None, before: UUID | None, limit: int
) -> list[Delivery]:
    """The newest first, `limit` of them, older than `before`."""
    return await sql.fetch_all(
        f"SELECT {_COLUMNS} FROM webhook_delivery WHERE workspace_id = $1 AND endpoint_id = $2 "
        "AND ($3 = '' OR state = $3) AND id < $4 ORDER BY id DESC LIMIT $5",
        workspace,
        endpoint,
        state or "",
        before or paging.BEYOND,
        limit,
        into=Delivery,
    )


async def replay(workspace: UUID, delivery: UUID, now: datetime) -> None:
    """Send it again under the same id, on a schedule of its own. Inside a unit; raises NotFound."""
    changed = await sql.execute(
        "UPDATE webhook_delivery SET state = 'waiting', attempts = 0, not_before = $1, settled_at = NULL "
        "WHERE id = $2 AND workspace_id = $3",
        now,
        delivery,
        workspace,
    )
    if not changed:
        raise NotFound


async def forget_old(now: datetime) -> int:
    """Let go of what was settled thirty days ago, of notifications as well; how many there were."""
    return await db.transaction(lambda: _forget(now - KEPT))


async def _forget(before: datetime) -> int:
    told = await sql.execute("DELETE FROM notification WHERE state <> 'waiting' AND settled_at < $1", before)
    return told + await sql.execute("DELETE FROM webhook_delivery WHERE state <> 'waiting' AND settled_at < $1", before)
