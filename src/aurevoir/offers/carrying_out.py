"""Carrying redemptions out: step by step, each written down before its request leaves, read before it is repeated."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import structlog
from msgspec.structs import replace

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import registry
from aurevoir.billing.gateway import (
    Conflicting,
    Gateway,
    GatewayError,
    Impossible,
    NeedsPerson,
    NotSent,
    Rejected,
    Unknown,
)
from aurevoir.billing.plan import Cancel, Verdict
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit import clock, db
from aurevoir.kit.crew import Crew
from aurevoir.offers import claiming, journal
from aurevoir.offers import redemption as rules
from aurevoir.offers.claiming import Due
from aurevoir.offers.errand import WITHOUT_TERMS, Errand, next_step
from aurevoir.offers.redemption import Course

log = structlog.get_logger()
WorkspaceOf = Callable[[UUID], Awaitable[WorkspaceSettings]]
Clock = Callable[[], datetime]
# Seconds; longer than any adapter's own timeout, and much shorter than a lease.
PATIENCE = 15.0


async def carry_out(workspace_of: WorkspaceOf, owner: str, time: Clock = clock.now) -> int:
    """Take up everything that is due, several at once; how many there were."""
    return await Crew(
        lambda: claiming.list_due(time()), lambda due: carry_out_one(due, workspace_of, owner, time)
    ).look()


async def carry_out_one(due: Due, workspace_of: WorkspaceOf, owner: str, time: Clock = clock.now) -> bool:
    """Take up one redemption and bring it as far as it goes now; False where it was not ours to take."""
    claim = await db.transaction(lambda: claiming.claim(due.id, owner, time()))
    if claim is None:
        return False
    try:
        workspace = await workspace_of(due.workspace_id)
        plan = journal.unseal(workspace.data_key, claim.redemption.plan)
        errand = Errand(claim=claim, workspace=workspace, plan=plan, step=next_step(claim, plan))
        await _carry(errand, time)
    except Exception:
        # A mistake of ours or of the adapter: nobody knows how far it came, so it is read before it is sent again.
        log.exception("redemption_failed", redemption=str(due.id), gateway=due.gateway)
        course = rules.broken(claim.redemption.attempts + 1, time())
        await db.transaction(lambda: journal.note(claim, None, course, time()))
    return True


async def _carry(errand: Errand, time: Clock) -> None:
    one = errand.claim.redemption
    try:
        gateway = await registry.named(errand.workspace, one.mode, one.gateway)
    except GatewayError as error:
        await _note(errand, rules.verified(errand.stand(), error, time()), time)
        return
    at: Moved = (errand, rules.begin(errand.stand(), time()))
    while at is not None:
        errand, course = at
        match course.do:
            case "send":
                at = await _send(errand, gateway, time)
            case "verify":
                at = await _verify(errand, course, gateway, time)
            case "plan_anew":
                at = await _plan_anew(errand, gateway, time)
            case "onward":
                at = await _onward(errand, course, time)
            case "stop":
                await _note(errand, course, time)
                at = None


# The errand and what is done next; None where the redemption is not ours any more.
Moved = tuple[Errand, Course] | None


async def _send(errand: Errand, gateway: Gateway, time: Clock) -> Moved:
    if errand.is_first and gateway.reads:
        if errand.claim.redemption.kind in WITHOUT_TERMS and not errand.plannings:
            return await _plan_anew(errand, gateway, time)
        hindrance = await _hindrance(errand, gateway)
        if hindrance is not None:
            return errand, rules.sent(errand.stand(), hindrance, time())
    now = time()
    errand = errand.at(replace(errand.step, state="sending", sent_at=now))
    if not await db.transaction(lambda: journal.mark_sending(errand.claim, errand.step, now)):
        await db.transaction(lambda: claiming.let_go(errand.claim))
        return None
    outcome = await _outcome(gateway.send(errand.order()))
    course = rules.sent(errand.stand(), outcome, time())
    errand = errand.after(outcome, course)
    # What it brought back is kept before anything else can happen; a crash before this finds it by reading.
    if course.state == "applied" and not await _note(errand, course, time):
        return None
    return errand, course


async def _verify(errand: Errand, course: Course, gateway: Gateway, time: Clock) -> Moved:
    outcome = await _outcome(gateway.verify(errand.order()))
    then = rules.verified(errand.stand(course.conflict), outcome, time())
    return errand.after(outcome, then), then


async def _onward(errand: Errand, course: Course, time: Clock) -> Moved:
    if not await _note(errand, course, time):
        return None
    errand = errand.at(errand.claim.step(errand.step.number + 1))
    return errand, Course(do="send", state="sending", step=errand.step.state, generation=errand.step.generation)


async def _plan_anew(errand: Errand, gateway: Gateway, time: Clock) -> Moved:
    """For what has no terms: by what billing says now."""
    before, now = errand.plan, time()
    found = await _read(gateway.snapshot(before.subscription))
    if isinstance(found, NeedsPerson | Rejected) and isinstance(before.action, Cancel) and not errand.plannings:
        # A key that may not look may still end it, and whoever leaves what billing does not know is let go.
        return errand.as_frozen(), _again(errand)
    if isinstance(found, GatewayError):
        return errand, rules.sent(errand.stand(), found, now)
    try:
        plan = gateway.plan(before.subscription, before.action, found, before.marker, now)
    except Impossible as impossible:
        return errand, rules.sent(errand.stand(), NeedsPerson(impossible.code), now)
    sealed = journal.seal(errand.workspace.data_key, plan)
    if not await db.transaction(lambda: journal.keep_plan(errand.claim, sealed, plan, now)):
        return None
    errand = errand.with_plan(plan)
    return errand, _again(errand)


def _again(errand: Errand) -> Course:
    return Course(do="send", state="sending", step="waiting", generation=errand.step.generation)


async def _hindrance(errand: Errand, gateway: Gateway) -> GatewayError | None:
    """Why an offer's first step must not leave: its terms were worked out from a subscription that has changed."""
    version = errand.plan.snapshot_version
    if version is None or errand.claim.redemption.kind in WITHOUT_TERMS:
        return None
    found = await _read(gateway.snapshot(errand.plan.subscription))
    if isinstance(found, GatewayError):
        return found
    return None if found.version == version else NeedsPerson("terms_changed")


async def _outcome(call: Awaitable[Verdict]) -> Verdict | GatewayError:
    try:
        async with asyncio.timeout(PATIENCE):
            return await call
    except GatewayError as error:
        return error
    except Exception:
        # Not one of the adapter's own errors: nobody knows how far it came, so it is verified before anything else.
        log.exception("gateway_failed")
        return Unknown()


async def _read(call: Awaitable[Snapshot]) -> Snapshot | GatewayError:
    """A snapshot, or why there is none; a read changes nothing, so whatever went wrong, nothing was sent."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await call
    except (Unknown, TimeoutError):
        return NotSent()
    except Conflicting as error:
        return NeedsPerson(error.code)
    except GatewayError as error:
        return error


async def _note(errand: Errand, course: Course, time: Clock) -> bool:
    step = replace(errand.step, state=course.step, generation=course.generation)
    return await db.transaction(lambda: journal.note(errand.claim, step, course, time()))
