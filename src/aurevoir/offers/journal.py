"""The rows of redemptions on their way: claimed by lease, and every later word fenced by who holds it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from aurevoir.billing.plan import Order, Plan
from aurevoir.events import service as events
from aurevoir.events.catalogue import EventKind
from aurevoir.kit import crypto, ids, sql
from aurevoir.offers import redemption as rules
from aurevoir.offers.redemption import Course, RedemptionState, StepState

# What the customer declared: it outranks every offer.
DECLARED = "('cancel', 'undo_cancel')"
OPEN = "('accepted', 'waiting', 'unknown', 'sending', 'applied')"
_EVENTS: dict[RedemptionState, EventKind] = {
    "handed_over": "redemption.handed_over",
    "confirmed": "redemption.confirmed",
    "completed": "redemption.completed",
    "failed": "redemption.failed",
    "attention": "redemption.attention",
    "superseded": "redemption.superseded",
    "reverted": "redemption.reverted",
}
# From here on another offer may be accepted.
_OVER = ("confirmed", "failed", "superseded")


class Redemption(Struct, frozen=True, kw_only=True):
    """A redemption as the worker holds it."""

    id: UUID
    workspace_id: UUID
    mode: str
    kind: str
    session_id: UUID
    subscription: str
    gateway: str
    offer: str | None
    reverts_id: UUID | None
    state: RedemptionState
    plan: bytes
    attempts: int
    apply_before: datetime | None

    @property
    def is_declared(self) -> bool:
        """Whether it is the customer's own word, and no offer."""
        return self.kind in ("cancel", "undo_cancel")


COLUMNS = ", ".join(Redemption.__struct_fields__)


class StepRow(Struct, frozen=True, kw_only=True):
    """One request of the plan; `generation` is the part of its key that a fault raises."""

    number: int
    generation: int = 0
    state: StepState = "waiting"
    sent_at: datetime | None = None
    provider_references: dict[str, str] = {}


_STEP = ", ".join(StepRow.__struct_fields__)


class Claim(Struct, frozen=True, kw_only=True):
    """A redemption in one worker's hands, with the steps that were ever sent."""

    redemption: Redemption
    owner: str
    # A cancellation was declared after it, and not taken back before it was sent.
    outranked: bool
    steps: dict[int, StepRow]

    def step(self, number: int) -> StepRow:
        """That step, whether it was sent already or not."""
        return self.steps.get(number) or StepRow(number=number)

    def order(self, plan: Plan, step: StepRow) -> Order:
        """The step as a gateway is asked for it: its key, and what the steps before it brought back."""
        references: dict[str, str] = {}
        for _, row in sorted(self.steps.items()):
            references |= row.provider_references
        key = f"exit:{self.redemption.id.hex}:{step.number}:{step.generation}"
        return Order(idempotency_key=key, plan=plan, number=step.number, references=references)


OUTRANKED = """EXISTS (SELECT 1 FROM redemption AS later WHERE later.workspace_id = redemption.workspace_id
AND later.mode = redemption.mode AND later.subscription = redemption.subscription AND later.id > redemption.id
AND later.kind = 'cancel' AND later.state <> 'superseded')"""


async def list_steps(redemption: UUID) -> list[StepRow]:
    """Every step that was ever sent, in order."""
    return await sql.fetch_all(
        f"SELECT {_STEP} FROM redemption_step WHERE redemption_id = $1 ORDER BY number", redemption, into=StepRow
    )


async def mark_sending(claim: Claim, step: StepRow, now: datetime) -> bool:
    """Committed before the request leaves; False where it must not leave any more. Inside a unit."""
    unless = "" if claim.redemption.is_declared else f" AND NOT {OUTRANKED}"
    marked = await sql.execute(
        "UPDATE redemption SET state = 'sending', lease_until = $1, changed_at = $2 "
        f"WHERE id = $3 AND lease_by = $4 AND state IN {OPEN}{unless}",
        now + rules.LEASE,
        now,
        claim.redemption.id,
        claim.owner,
    )
    if marked:
        await _store_step(claim.redemption.id, step)
    return marked > 0


async def note(claim: Claim, step: StepRow | None, course: Course, now: datetime) -> bool:
    """Write down where it stands now, and let go of it where nothing follows at once. Inside a unit.

    Fenced: False where the lease was lost, and then whoever lost it has no say any more.
    """
    one, released = claim.redemption, course.do == "stop"
    noted = await sql.execute(
        f"UPDATE redemption SET state = $1, attention = $2, not_before = $3, changed_at = $4"
        f"{', lease_by = NULL, lease_until = NULL' if released else ''}"
        f"{', live_key = NULL' if course.state in _OVER else ''} WHERE id = $5 AND lease_by = $6",
        course.state,
        course.code and course.code[:60],
        course.again_at or now,
        now,
        one.id,
        claim.owner,
    )
    if not noted:
        return False
    if step is not None:
        await _store_step(one.id, step)
    if released:
        await tell(one, course.state, "worker", now, course.code)
    return True


async def keep_plan(claim: Claim, sealed: bytes, plan: Plan, now: datetime) -> bool:
    """Another plan in the first one's place: its steps begin anew, each with a key never used before. In a unit."""
    kept = await sql.execute(
        "UPDATE redemption SET plan = $1, apply_before = $2, ends_at = $3, changed_at = $4 "
        "WHERE id = $5 AND lease_by = $6",
        sealed,
        plan.apply_before,
        plan.ends_at,
        now,
        claim.redemption.id,
        claim.owner,
    )
    if kept:
        await sql.execute(
            "UPDATE redemption_step SET state = 'waiting', generation = generation + 1, sent_at = NULL, "
            "provider_references = '{}' WHERE redemption_id = $1",
            claim.redemption.id,
        )
    return kept > 0


async def withdraw(which: str, now: datetime, *args: Any) -> int:
    """Supersede what was agreed and certainly not sent, among `which`; how many. Inside a unit."""
    withdrawn = await sql.fetch_all(
        "UPDATE redemption SET state = 'superseded', live_key = NULL, lease_by = NULL, lease_until = NULL, "
        f"changed_at = $1 WHERE {which} AND state IN ('accepted', 'waiting') AND NOT EXISTS (SELECT 1 "
        "FROM redemption_step AS step WHERE step.redemption_id = redemption.id AND step.state <> 'waiting') "
        f"RETURNING {COLUMNS}",
        now,
        *args,
        into=Redemption,
    )
    for one in withdrawn:
        await tell(one, "superseded", "worker", now)
    return len(withdrawn)


async def tell(one: Redemption, state: RedemptionState, actor: str, now: datetime, code: str | None = None) -> None:
    """The fact of a new state, where it is one that others hear of; of a revert, the original's as well."""
    if state in _EVENTS:
        payload = {"redemption": ids.shown("rdm", one.id), "kind": one.kind, "gateway": one.gateway, "offer": one.offer}
        if code is not None:
            payload["code"] = code
        await events.record(
            _EVENTS[state],
            workspace=one.workspace_id,
            actor=actor,
            now=now,
            mode=one.mode,
            session=one.session_id,
            payload=payload,
        )
    if state == "confirmed" and one.reverts_id is not None:
        await _reverted(one.reverts_id, actor, now)


async def _reverted(original: UUID, actor: str, now: datetime) -> None:
    rows = await sql.fetch_all(
        "UPDATE redemption SET state = 'reverted', changed_at = $1 WHERE id = $2 AND state = 'confirmed' "
        f"RETURNING {COLUMNS}",
        now,
        original,
        into=Redemption,
    )
    for row in rows:
        await tell(row, "reverted", actor, now)


async def _store_step(redemption: UUID, step: StepRow) -> None:
    await sql.execute(
        "INSERT INTO redemption_step (id, redemption_id, number, generation, state, sent_at, provider_references) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (redemption_id, number) DO UPDATE SET "
        "generation = excluded.generation, state = excluded.state, sent_at = excluded.sent_at, "
        "provider_references = excluded.provider_references",
        ids.new_id(),
        redemption,
        step.number,
        step.generation,
        step.state,
        step.sent_at,
        step.provider_references,
    )


def seal(data_key: bytes, plan: Plan) -> bytes:
    """A plan as it is kept."""
    return crypto.seal(data_key, msgspec.json.encode(plan))


_plans = msgspec.json.Decoder(Plan)


def unseal(data_key: bytes, sealed: bytes) -> Plan:
    """What was frozen; raises ValueError where it was sealed with another key."""
    return _plans.decode(crypto.unseal(data_key, sealed))
