"""What people and the product's own systems say of a redemption: its result, try again, done by hand, take it back."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import registry, snapshots
from aurevoir.billing.gateway import GatewayError, Impossible
from aurevoir.billing.plan import Agreed, Plan, Revert
from aurevoir.kit import db, ids, sql
from aurevoir.kit.errors import NotFound
from aurevoir.offers import agreeing, grants, journal
from aurevoir.offers.errors import (
    AlreadySettled,
    BeingSent,
    LimitReached,
    NotHandedOver,
    NotRevertible,
    NotStuck,
    TooLate,
    UnderWay,
)
from aurevoir.offers.journal import Redemption

# Whose outcome the product reports: nobody else can see it.
_REPORTED = ("manual", "webhook")
_FINAL = ("confirmed", "completed", "superseded", "reverted")
_LIVE = ("accepted", "waiting", "sending", "unknown", "applied")


async def report(
    workspace: UUID,
    redemption: UUID,
    status: Literal["applied", "failed"],
    reference: str | None,
    actor: str,
    now: datetime,
) -> None:
    """The product says what became of what was handed over; said twice, it changes nothing. Inside a unit.

    Raises NotFound, NotHandedOver, AlreadySettled.
    """
    one = await _get(workspace, redemption)
    if one.gateway not in _REPORTED or one.state == "accepted":
        raise NotHandedOver
    changed = await _settle(one, "confirmed" if status == "applied" else "failed", actor, now, code="reported_failed")
    if changed and reference is not None:
        await sql.execute(
            "UPDATE redemption_step SET provider_references = $1 WHERE redemption_id = $2",
            {"reported": reference},
            redemption,
        )


async def resolve(workspace: UUID, redemption: UUID, actor: str, now: datetime, *, carried_out: bool) -> None:
    """A person says what became of it: done by hand, or not to be done. Said twice, it changes nothing. Inside a unit.

    Raises NotFound, AlreadySettled, and BeingSent while a request is on its way.
    """
    one = await _get(workspace, redemption)
    if one.state in ("sending", "applied") and await _is_leased(one, now):
        raise BeingSent
    await _settle(one, "confirmed" if carried_out else "failed", actor, now, code="refused_by_hand")


async def retry(workspace: WorkspaceSettings, redemption: UUID, now: datetime) -> None:
    """Try again what failed or needs attention; what is under way stays so. Inside a unit.

    Raises NotFound, NotStuck, TooLate, UnderWay where another offer has taken its place, and LimitReached.
    """
    one = await _get(workspace.id, redemption)
    if one.state in _LIVE:
        return
    if one.state not in ("failed", "attention"):
        raise NotStuck
    if not one.is_declared and one.apply_before is not None and now >= one.apply_before:
        raise TooLate
    sent = any(step.state != "waiting" for step in await journal.list_steps(one.id))
    await _take_place(one)
    # When it failed it made room for others.
    if not await grants.take_again(workspace, one.id, now):
        raise LimitReached
    # What was refused was not carried out, and some refusals are given again under the old key for a day.
    await sql.execute(
        "UPDATE redemption_step SET generation = generation + 1 WHERE redemption_id = $1 AND state = 'waiting'", one.id
    )
    await sql.execute(
        "UPDATE redemption SET state = $1, attention = NULL, attempts = 0, not_before = $2, changed_at = $2, "
        "lease_by = NULL, lease_until = NULL WHERE id = $3 AND state IN ('failed', 'attention')",
        # What was ever sent is read before it is sent again.
        "unknown" if sent else "waiting",
        now,
        one.id,
    )


async def revert(workspace: WorkspaceSettings, redemption: UUID, now: datetime) -> tuple[UUID, bool]:
    """Have the worker take back what was confirmed: the redemption that does it, and whether it is new. Inside a unit.

    Raises NotFound and NotRevertible.
    """
    one = await _get(workspace.id, redemption)
    key = f"exit:{one.id.hex}:revert"
    there = await sql.fetch_one("SELECT id FROM redemption WHERE idempotency_key = $1", key)
    if there is not None:
        return UUID(str(there["id"])), False
    if one.state != "confirmed":
        raise NotRevertible
    new = ids.new_id()
    plan = await _revert_plan(workspace, one, ids.shown("rdm", new), now)
    row = agreeing.redemption_row(workspace, plan, one.gateway, new, now) | {
        "mode": one.mode,
        "session_id": one.session_id,
        "subscription": one.subscription,
        "idempotency_key": key,
        "offer": one.offer,
        "reverts_id": one.id,
    }
    return await agreeing.insert(row), True


async def _revert_plan(workspace: WorkspaceSettings, one: Redemption, marker: str, now: datetime) -> Plan:
    """By what billing said last; the worker plans it anew by what it says when the time has come."""
    agreed = journal.unseal(workspace.data_key, one.plan)
    if not isinstance(agreed.action, get_args(Agreed)):
        raise NotRevertible
    references: dict[str, str] = {}
    for step in await journal.list_steps(one.id):
        references |= step.provider_references
    action = Revert(redemption=agreed.marker, agreed=agreed.action, references=references)
    try:
        gateway = await registry.named(workspace, one.mode, one.gateway)
        if "revert" in gateway.capabilities:
            snapshot = await snapshots.find(workspace, one.mode, one.subscription)
            return gateway.plan(agreed.subscription, action, snapshot, marker, now)
    except (GatewayError, Impossible) as error:
        raise NotRevertible from error
    raise NotRevertible


async def _get(workspace: UUID, redemption: UUID) -> Redemption:
    lock = " FOR UPDATE" if db.dialect() == "postgres" else ""
    row = await sql.fetch_one(
        f"SELECT {journal.COLUMNS} FROM redemption WHERE id = $1 AND workspace_id = $2{lock}",
        redemption,
        workspace,
        into=Redemption,
    )
    if row is None:
        raise NotFound
    return row


async def _settle(one: Redemption, state: Literal["confirmed", "failed"], actor: str, now: datetime, code: str) -> bool:
    """Whether it changed anything; whoever holds the lease loses it with that."""
    if one.state == state:
        return False
    if one.state in _FINAL:
        raise AlreadySettled
    why = code if state == "failed" else None
    await sql.execute(
        "UPDATE redemption SET state = $1, attention = $2, live_key = NULL, lease_by = NULL, lease_until = NULL, "
        "changed_at = $3 WHERE id = $4",
        state,
        why,
        now,
        one.id,
    )
    await journal.tell(one, state, actor, now, why)
    return True


async def _is_leased(one: Redemption, now: datetime) -> bool:
    row = await sql.fetch_one("SELECT 1 AS held FROM redemption WHERE id = $1 AND lease_until >= $2", one.id, now)
    return row is not None


async def _take_place(one: Redemption) -> None:
    """An offer that failed made way for the next one: it comes back only where there is none."""
    if one.is_declared or one.reverts_id is not None:
        return
    key = agreeing.live_key(one.mode, one.subscription)
    taken = await sql.execute(
        "UPDATE redemption SET live_key = $1 WHERE id = $2 AND NOT EXISTS (SELECT 1 FROM redemption AS other "
        "WHERE other.workspace_id = $3 AND other.live_key = $1 AND other.id <> $2)",
        key,
        one.id,
        one.workspace_id,
    )
    if not taken:
        raise UnderWay
