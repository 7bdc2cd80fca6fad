"""What providers tell us: kept before it is answered, taken up by the worker, believed only after reading again."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from aurevoir.access import vault, workspaces
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import registry, snapshots
from aurevoir.billing.adapters.stripe import inbound
from aurevoir.billing.adapters.stripe.inbound import Told
from aurevoir.kit import crypto, db, ids, sql
from aurevoir.kit.crypto import Keyring
from aurevoir.kit.errors import BadRequest, NotFound

log = structlog.get_logger()
AT_ONCE = 50
# Stripe repeats an event for three days, and lists them for thirty.
KEPT = timedelta(days=30)
# Orders of one subscription (workspace, mode, pseudonym) are to be looked at now.
Wake = Callable[[UUID, str, str, datetime], Awaitable[int]]


class NotGenuine(BadRequest):
    """The signature does not hold, or is not of this moment."""

    code: ClassVar[str] = "signature_invalid"
    message = "The signature does not hold, or its time is too far from ours."


class _Received(Struct, frozen=True, kw_only=True):
    id: UUID
    workspace_id: UUID
    mode: str
    sealed: bytes


async def receive(keyring: Keyring, connection: UUID, signature: str, body: bytes, now: datetime) -> None:
    """Keep an event of Stripe's; the same one again changes nothing. Raises NotFound, NotGenuine or BadRequest."""
    row = await sql.fetch_one(
        "SELECT workspace_id, mode FROM gateway_connection WHERE id = $1 AND gateway = 'stripe'", connection
    )
    if row is None:
        raise NotFound
    workspace = await workspaces.get(keyring, UUID(str(row["workspace_id"])))
    secret = (await registry.connection(workspace, row["mode"])).settings.get("webhook_secret")
    if not secret or not inbound.is_genuine(secret, signature, body, now):
        raise NotGenuine
    try:
        told = inbound.read(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest from None
    sealed = crypto.seal(workspace.data_key, body)
    await db.transaction(lambda: _keep(connection, told, sealed, now))


async def _keep(connection: UUID, told: Told, sealed: bytes, now: datetime) -> None:
    understood = inbound.is_understood(told)
    if not understood:
        log.warning("provider_event_parked", provider="stripe", api_version=told.api_version, kind=told.type)
    await sql.execute(
        "INSERT INTO provider_event (id, connection_id, event_id, kind, sealed, received_at, processed_at, problem) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (connection_id, event_id) DO NOTHING",
        ids.new_id(),
        connection,
        told.id,
        told.type,
        sealed,
        now,
        None if understood else now,
        None if understood else "api_version",
    )


async def take_up(workspace_of: Callable[[UUID], Awaitable[WorkspaceSettings]], wake: Wake, now: datetime) -> int:
    """Have what the new events are about read again, whatever they say and in whatever order they came; how many."""
    received = await sql.fetch_all(
        "SELECT event.id, connection.workspace_id, connection.mode, event.sealed FROM provider_event AS event "
        "JOIN gateway_connection AS connection ON connection.id = event.connection_id "
        "WHERE event.processed_at IS NULL ORDER BY event.id LIMIT $1",
        AT_ONCE,
        into=_Received,
    )
    for event in received:
        workspace = await workspace_of(event.workspace_id)
        await db.transaction(lambda: _take_up(event, workspace, wake, now))  # noqa: B023 - awaited at once
    return len(received)


async def _take_up(event: _Received, workspace: WorkspaceSettings, wake: Wake, now: datetime) -> None:
    problem = subscription = None
    try:
        subscription = inbound.subscription_of(inbound.read(crypto.unseal(workspace.data_key, event.sealed)))
    except ValueError:
        # One that cannot be opened must not hold up those after it.
        problem = "unreadable"
    if subscription is not None:
        pseudonym = vault.pseudonyms(workspace.data_key, "", subscription).subscription
        await wake(workspace.id, event.mode, pseudonym, now)
        # Only of those who have visited: nobody else's snapshot is ever needed.
        if await _has_visited(workspace.id, event.mode, pseudonym):
            await snapshots.want(workspace.id, event.mode, pseudonym, now)
    await sql.execute("UPDATE provider_event SET processed_at = $1, problem = $2 WHERE id = $3", now, problem, event.id)


async def _has_visited(workspace: UUID, mode: str, subscription: str) -> bool:
    found = await sql.fetch_one(
        "SELECT 1 AS one FROM billing_snapshot WHERE workspace_id = $1 AND mode = $2 AND subscription = $3",
        workspace,
        mode,
        subscription,
    )
    return found is not None


async def forget_old(now: datetime) -> int:
    """Let go of what was taken up long ago; how many there were."""
    return await db.transaction(lambda: sql.execute("DELETE FROM provider_event WHERE processed_at < $1", now - KEPT))
