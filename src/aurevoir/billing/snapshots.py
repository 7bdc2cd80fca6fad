"""What billing said of a subscription when a visit began: asked for by the worker, and sealed."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from aurevoir.access import vault
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import registry
from aurevoir.billing.gateway import Gateway, GatewayError, NeedsPerson, Rejected
from aurevoir.billing.plan import SubscriptionRef
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit import crypto, db, ids, sql

log = structlog.get_logger()
_snapshots = msgspec.json.Decoder(Snapshot)
WorkspaceOf = Callable[[UUID], Awaitable[WorkspaceSettings]]
LISTED = 50
# As long as a visit may last.
FRESH = timedelta(days=1)
# Seconds; longer than any adapter's own timeout.
PATIENCE = 15.0


async def want(workspace: UUID, mode: str, subscription: str, now: datetime) -> None:
    """Have the worker ask billing about a subscription (its pseudonym); what it said before is void. Inside a unit."""
    await _store(workspace, mode, subscription, gateway="", sealed=None, problem="wanted", now=now)


async def want_many(subscriptions: Collection[tuple[UUID, str, str]], now: datetime) -> None:
    """The same of many at once: workspace, mode and pseudonym of each. Inside a unit."""
    await sql.execute_many(_STORE, [(ids.new_id(), *which, "", None, "wanted", now) for which in sorted(subscriptions)])


class Wanted(Struct, frozen=True):
    """A subscription (its pseudonym) that billing is to be asked about."""

    id: UUID
    workspace_id: UUID
    mode: str
    subscription: str

    @property
    def shares(self) -> tuple[UUID, str]:
        """The billing that is asked."""
        return self.workspace_id, self.mode


async def list_wanted() -> list[Wanted]:
    """What was wanted first, first."""
    return await sql.fetch_all(
        "SELECT id, workspace_id, mode, subscription FROM billing_snapshot WHERE problem = 'wanted' "
        "ORDER BY taken_at LIMIT $1",
        LISTED,
        into=Wanted,
    )


async def refresh_wanted(wanted: Wanted, workspace_of: WorkspaceOf, now: datetime) -> bool:
    """Ask for what is wanted; False where another worker does. Worker only."""
    if not await db.transaction(lambda: _take(wanted)):
        return False
    workspace = await workspace_of(wanted.workspace_id)
    clear = await vault.find(workspace.id, workspace.data_key, wanted.subscription)
    # Erased meanwhile: there is nobody to ask about.
    if clear is not None:
        known = SubscriptionRef(clear.customer, clear.subscription)
        await refresh(workspace, wanted.mode, wanted.subscription, known, now)
    return True


async def refresh(
    workspace: WorkspaceSettings, mode: str, subscription: str, clear: SubscriptionRef, now: datetime
) -> None:
    """Ask billing and keep what it says, or why it said nothing. Worker only; `subscription` is the pseudonym."""
    gateway = await registry.connected(workspace, mode)
    if not gateway.reads:
        return
    sealed, problem = None, None
    try:
        sealed = crypto.seal(workspace.data_key, msgspec.json.encode(await _asked(gateway, clear)))
    except (NeedsPerson, Rejected) as error:
        problem = error.code[:60]
    except (GatewayError, TimeoutError):
        problem = "not_reached"
    except Exception:
        # A mistake of the adapter must not take the others' answers along.
        log.exception("snapshot_failed", gateway=gateway.name)
        problem = "not_reached"
    await db.transaction(
        lambda: _store(workspace.id, mode, subscription, gateway=gateway.name, sealed=sealed, problem=problem, now=now)
    )


async def find(
    workspace: WorkspaceSettings, mode: str, subscription: str, since: datetime | None = None
) -> Snapshot | None:
    """What billing said of a subscription (its pseudonym); None where it was not reached, or not `since` then."""
    gateway = await registry.connected(workspace, mode)
    row = await sql.fetch_one(
        "SELECT sealed FROM billing_snapshot WHERE workspace_id = $1 AND mode = $2 AND subscription = $3 "
        "AND gateway = $4",
        workspace.id,
        mode,
        subscription,
        gateway.name,
    )
    if row is None or row["sealed"] is None:
        return None
    snapshot = _snapshots.decode(crypto.unseal(workspace.data_key, bytes(row["sealed"])))
    return snapshot if since is None or snapshot.taken_at >= since else None


class SnapshotHeld(Struct, frozen=True, kw_only=True):
    """What billing said of a subscription when it was last asked, or why it said nothing."""

    mode: str
    subscription: str
    gateway: str
    problem: str | None
    taken_at: datetime
    snapshot: Any


async def tell(workspace: WorkspaceSettings, subscriptions: Collection[str], mode: str | None) -> list[SnapshotHeld]:
    """What is kept of it for these subscriptions (their pseudonyms); `mode` None: of both."""
    if not subscriptions:
        return []
    rows = await sql.fetch_all(
        "SELECT mode, subscription, gateway, problem, taken_at, sealed FROM billing_snapshot WHERE workspace_id = $1 "
        f"AND ($2 = '' OR mode = $2) AND subscription IN ({sql.marks(len(subscriptions), first=3)}) "
        "ORDER BY subscription, mode",
        workspace.id,
        mode or "",
        *subscriptions,
    )
    return [sql.read(row | {"snapshot": _opened(workspace, row["sealed"])}, SnapshotHeld) for row in rows]


def _opened(workspace: WorkspaceSettings, sealed: Any) -> Any:
    return None if sealed is None else msgspec.json.decode(crypto.unseal(workspace.data_key, bytes(sealed)))


async def hear(workspace: UUID, mode: str, subscription: str, patience: float) -> None:
    """Wait until billing has said something of a subscription (its pseudonym), so many seconds at most."""
    for _ in range(10):
        if not await is_asked(workspace, mode, subscription):
            return
        await asyncio.sleep(patience / 10)


async def is_asked(workspace: UUID, mode: str, subscription: str) -> bool:
    """Whether billing was asked, or is about to be, and has not answered yet."""
    row = await sql.fetch_one(
        "SELECT problem FROM billing_snapshot WHERE workspace_id = $1 AND mode = $2 AND subscription = $3",
        workspace,
        mode,
        subscription,
    )
    return row is None or row["problem"] in ("wanted", "asking")


async def _take(wanted: Wanted) -> bool:
    taken = await sql.execute(
        "UPDATE billing_snapshot SET problem = 'asking' WHERE id = $1 AND problem = 'wanted'", wanted.id
    )
    return taken > 0


async def _asked(gateway: Gateway, clear: SubscriptionRef) -> Snapshot:
    async with asyncio.timeout(PATIENCE):
        return await gateway.snapshot(clear)


async def _store(
    workspace: UUID,
    mode: str,
    subscription: str,
    *,
    gateway: str,
    sealed: bytes | None,
    problem: str | None,
    now: datetime,
) -> None:
    await sql.execute(_STORE, ids.new_id(), workspace, mode, subscription, gateway, sealed, problem, now)


_STORE = """
INSERT INTO billing_snapshot (id, workspace_id, mode, subscription, gateway, sealed, problem, taken_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (workspace_id, mode, subscription) DO UPDATE SET
  gateway = excluded.gateway, sealed = excluded.sealed, problem = excluded.problem, taken_at = excluded.taken_at
"""
