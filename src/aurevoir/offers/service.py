"""Redemptions: agreed inside the customer's transaction, carried out by the worker and nobody else."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from aurevoir.billing import registry
from aurevoir.billing.gateway import Gateway, GatewayError, NotSent, Rejected, Unknown
from aurevoir.billing.plan import Order, Plan, Verdict
from aurevoir.events import service as events
from aurevoir.events.catalogue import EventKind
from aurevoir.kit import crypto, db, ids, sql
from aurevoir.kit.errors import NotFound
from aurevoir.offers import redemption as rules
from aurevoir.offers.redemption import RedemptionState

log = structlog.get_logger()
_plans = msgspec.json.Decoder(Plan)
# How many orders are taken at one look.
AT_ONCE = 50
_OPEN = "('accepted', 'waiting', 'unknown', 'sending', 'applied')"


class Redemption(Struct, frozen=True, kw_only=True):
    """A redemption as the worker holds it."""

    id: UUID
    workspace_id: UUID
    mode: str
    kind: str
    idempotency_key: str
    session_id: UUID
    gateway: str
    state: RedemptionState
    plan: bytes
    attempts: int


_EVENTS: dict[RedemptionState, EventKind] = {
    "handed_over": "redemption.handed_over",
    "confirmed": "redemption.confirmed",
    "failed": "redemption.failed",
    "attention": "redemption.attention",
    "superseded": "redemption.superseded",
}
_COLUMNS = "id, workspace_id, mode, kind, idempotency_key, session_id, gateway, state, plan, attempts"


async def agree(
    workspace: UUID,
    data_key: bytes,
    plan: Plan,
    *,
    mode: str,
    session: UUID,
    subscription: str,
    idempotency_key: str,
    now: datetime,
) -> UUID:
    """Freeze and seal what was agreed; the worker takes it from here. Inside the unit of the declaration."""
    redemption = ids.new_id()
    kind = str(plan.__struct_config__.tag)
    await sql.insert(
        "redemption",
        id=redemption,
        workspace_id=workspace,
        mode=mode,
        kind=kind,
        idempotency_key=idempotency_key,
        session_id=session,
        subscription=subscription,
        gateway=await registry.connected(workspace, mode),
        state="accepted",
        plan=crypto.seal(data_key, msgspec.json.encode(plan)),
        attempts=0,
        not_before=now,
        created_at=now,
        changed_at=now,
    )
    return redemption


async def supersede(session: UUID, kind: str, now: datetime) -> bool:
    """Withdraw what was agreed and certainly not sent yet. Inside a unit. Whether there was something to withdraw."""
    withdrawn = await sql.execute(
        "UPDATE redemption SET state = 'superseded', changed_at = $1 "
        "WHERE session_id = $2 AND kind = $3 AND state IN ('accepted', 'waiting')",
        now,
        session,
        kind,
    )
    return withdrawn > 0


async def carry_out(
    data_key_of: Callable[[UUID], Awaitable[bytes]],
    owner: str,
    now: datetime,
    gateways: Mapping[str, Gateway] = registry.GATEWAYS,
) -> int:
    """Take the most urgent redemptions one by one and move each a step on; how many were taken."""
    taken = 0
    for redemption in await _list_due(now):
        claimed = await db.transaction(lambda: _claim(redemption, owner, now))  # noqa: B023 - awaited at once
        if claimed is None:
            continue
        outcome = await _ask(claimed, await data_key_of(claimed.workspace_id), gateways[claimed.gateway])
        await db.transaction(lambda: _settle(claimed, outcome, owner, now))  # noqa: B023 - awaited at once
        taken += 1
    return taken


# Orders of one subscription go one after another: an undo that overtook its cancellation would be undone by it.
_DUE = (
    f"state IN {_OPEN} AND not_before <= $1 AND (lease_until IS NULL OR lease_until < $1) AND NOT EXISTS ("
    "SELECT 1 FROM redemption AS earlier WHERE earlier.workspace_id = redemption.workspace_id "
    "AND earlier.mode = redemption.mode AND earlier.subscription = redemption.subscription "
    f"AND earlier.state IN {_OPEN} AND earlier.id < redemption.id)"
)


async def _list_due(now: datetime) -> list[UUID]:
    """The most urgent ones, looked up once for many: a backlog is not searched again for each of its orders."""
    rows = await sql.fetch_all(
        f"SELECT id FROM redemption WHERE {_DUE} "
        f"ORDER BY CASE kind WHEN 'cancel' THEN 0 ELSE 1 END, not_before LIMIT {AT_ONCE}",
        now,
    )
    return [UUID(str(row["id"])) for row in rows]


async def _claim(redemption: UUID, owner: str, now: datetime) -> Redemption | None:
    # FOR UPDATE SKIP LOCKED lets PostgreSQL's workers pass each other; SQLite has one writer and ignores it.
    lock = "FOR UPDATE SKIP LOCKED" if db.dialect() == "postgres" else ""
    found = await sql.fetch_one(
        f"SELECT {_COLUMNS} FROM redemption WHERE id = $2 AND {_DUE} {lock}", now, redemption, into=Redemption
    )
    if found is None:
        return None
    # Committed before the request leaves: whoever finds `sending` with an expired lease verifies before it sends.
    await sql.execute(
        "UPDATE redemption SET state = CASE WHEN state IN ('accepted', 'waiting') THEN 'sending' ELSE state END, "
        "attempts = attempts + 1, lease_by = $1, lease_until = $2, changed_at = $3 WHERE id = $4",
        owner,
        now + rules.LEASE,
        now,
        found.id,
    )
    return found


async def _ask(claimed: Redemption, data_key: bytes, gateway: Gateway) -> Verdict | GatewayError:
    order = Order(idempotency_key=claimed.idempotency_key, plan=_plans.decode(crypto.unseal(data_key, claimed.plan)))
    try:
        if rules.must_verify_first(claimed.state):
            known = await gateway.verify(order)
            if known.state != "not_applied":
                return known
        return await gateway.send(order)
    except GatewayError as error:
        return error
    except Exception:
        # Not one of the adapter's own errors: nobody knows how far it came, so it is verified before anything else.
        log.exception("gateway_failed", gateway=claimed.gateway, redemption=str(claimed.id))
        return Unknown()


async def _settle(claimed: Redemption, outcome: Verdict | GatewayError, owner: str, now: datetime) -> None:
    attempts = claimed.attempts + 1
    if isinstance(outcome, Verdict):
        state, why = rules.after(outcome), None
    elif isinstance(outcome, Rejected):
        state, why = "failed", outcome.code
    else:
        state, why = ("waiting" if isinstance(outcome, NotSent) else "unknown"), None
    again = rules.retry_at(attempts, now) if state in ("waiting", "unknown", "applied") else now
    if again is None:
        state, why, again = "attention", "tried_too_often", now
    changed = await sql.execute(
        "UPDATE redemption SET state = $1, attention = $2, not_before = $3, lease_by = NULL, lease_until = NULL, "
        "changed_at = $4 WHERE id = $5 AND lease_by = $6",
        state,
        why,
        again,
        now,
        claimed.id,
        owner,
    )
    # Fenced: whoever lost the lease has no say any more.
    if changed and state in _EVENTS:
        await _record(claimed.workspace_id, claimed, state, "worker", now)


async def _record(workspace: UUID, one: Redemption, state: RedemptionState, actor: str, now: datetime) -> None:
    payload = {"redemption": ids.shown("rdm", one.id), "kind": one.kind, "gateway": one.gateway}
    await events.record(
        _EVENTS[state],
        workspace=workspace,
        actor=actor,
        now=now,
        mode=one.mode,
        session=one.session_id,
        payload=payload,
    )


class RedemptionSummary(Struct, frozen=True, kw_only=True):
    """A redemption as the operator sees it."""

    id: UUID
    mode: str
    kind: str
    session_id: UUID
    gateway: str
    state: RedemptionState
    attempts: int
    attention: str | None
    created_at: datetime
    changed_at: datetime


async def list_redemptions(
    workspace: UUID, state: str | None, before: UUID | None, limit: int
) -> list[RedemptionSummary]:
    """The newest first, `limit` of them, older than `before`."""
    return await sql.fetch_all(
        "SELECT id, mode, kind, session_id, gateway, state, attempts, attention, created_at, changed_at "
        "FROM redemption WHERE workspace_id = $1 AND ($2 = '' OR state = $2) AND id < $3 ORDER BY id DESC LIMIT $4",
        workspace,
        state or "",
        before or UUID(int=2**128 - 1),
        limit,
        into=RedemptionSummary,
    )


async def resolve(workspace: UUID, redemption: UUID, actor: str, now: datetime, *, carried_out: bool) -> None:
    """The operator says what became of it: done by hand, or not to be done. Inside a unit; raises NotFound."""
    row = await sql.fetch_one(
        f"SELECT {_COLUMNS} FROM redemption WHERE id = $1 AND workspace_id = $2", redemption, workspace, into=Redemption
    )
    if row is None:
        raise NotFound
    state: RedemptionState = "confirmed" if carried_out else "failed"
    changed = await sql.execute(
        "UPDATE redemption SET state = $1, lease_by = NULL, lease_until = NULL, changed_at = $2 "
        "WHERE id = $3 AND state NOT IN ('confirmed', 'completed', 'superseded', 'reverted') AND state <> $1",
        state,
        now,
        redemption,
    )
    if changed:
        await _record(workspace, row, state, actor, now)
