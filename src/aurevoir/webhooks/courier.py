"""Carrying deliveries to their endpoint: the payload filled in, signed, sent, and what became of it noted."""

import asyncio
from datetime import datetime
from uuid import UUID

import msgspec
import structlog

from aurevoir.access import workspaces
from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import service as events
from aurevoir.kit import db, ids, sql
from aurevoir.webhooks import attempts, deliveries, endpoints, payload
from aurevoir.webhooks.deliveries import Delivery
from aurevoir.webhooks.endpoints import Endpoint
from aurevoir.webhooks.lanes import Clock, Lanes
from aurevoir.webhooks.payload import Envelope

log = structlog.get_logger()


def lanes(installation: Installation) -> Lanes:
    """One lane for each endpoint."""
    return Lanes(deliveries.due_endpoints, lambda endpoint, now: send_due(installation, endpoint, now))


async def send_due(installation: Installation, endpoint: UUID, now: Clock) -> int:
    """Everything that is due for this endpoint, a few at a time; how many attempts were made."""
    made = 0
    while claimed := await db.transaction(lambda: deliveries.claim(endpoint, now())):
        known = await _endpoint(endpoint)
        if known is None or known.disabled_at is not None:
            break
        workspace = await workspaces.get(installation.keyring, known.workspace_id)
        secrets = await endpoints.find_secrets(workspace, endpoint, now())
        sending = (_send(installation, workspace, known, one, secrets, now) for one in claimed)
        await asyncio.gather(*sending)
        made += len(claimed)
    return made


async def _endpoint(endpoint: UUID) -> Endpoint | None:
    row = await sql.fetch_one("SELECT workspace_id FROM webhook_endpoint WHERE id = $1", endpoint)
    return await endpoints.get(UUID(str(row["workspace_id"])), endpoint) if row else None


async def _send(
    installation: Installation,
    workspace: WorkspaceSettings,
    endpoint: Endpoint,
    one: Delivery,
    secrets: list[str],
    now: Clock,
) -> None:
    try:
        envelope = await _envelope(installation, workspace, endpoint, one)
        outcome = await attempts.make(endpoint.url, envelope.id, msgspec.json.encode(envelope), secrets, now())
    except Exception:
        # A mistake of ours counts as an attempt, or it would be made every minute for ever.
        log.exception("delivery_failed", kind=one.event_kind, delivery=str(one.id))
        outcome = attempts.failed("internal", now())
    await db.transaction(lambda: deliveries.settle(one, outcome, now()))


async def _envelope(
    installation: Installation, workspace: WorkspaceSettings, endpoint: Endpoint, one: Delivery
) -> Envelope:
    event = await events.find(one.event_id)
    named = ids.shown("evt", one.event_id)
    if event is None:
        data: payload.Data = payload.Data(mode=endpoint.mode, workspace=workspace.key, details={})
        return Envelope(id=named, type=one.event_kind, timestamp=one.created_at, data=data)
    data = await payload.of_event(workspace, installation.base_url, event, comments=endpoint.include_comments)
    return Envelope(id=named, type=event.kind, timestamp=event.at, data=data)


async def test(workspace: UUID, endpoint: UUID, now: datetime) -> UUID:
    """A delivery of a fact that never happened, `webhook.test`. Inside a unit; raises NotFound."""
    await endpoints.get(workspace, endpoint)
    return await deliveries.add(workspace, endpoint, ids.new_id(), deliveries.TEST_KIND, now)
