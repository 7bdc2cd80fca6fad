"""The verbs of a session: start, look, move; each move's answer, fact and state are one transaction."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

import structlog

from aurevoir.access import workspaces
from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import snapshots
from aurevoir.flows import service as flows
from aurevoir.kit import crypto, db, ids
from aurevoir.kit.errors import AurevoirError, Unauthorised
from aurevoir.sessions import machine, meanwhile, offering, opening, phrases, queries, starting, writing
from aurevoir.sessions.context import Context
from aurevoir.sessions.moves import Accept, Cancel, Move
from aurevoir.sessions.queries import SessionRow
from aurevoir.sessions.schemas import SessionShown, Shown, Visitor
from aurevoir.sessions.screen import Screen
from aurevoir.sessions.visit import WORKING

log = structlog.get_logger()
IDLE = timedelta(minutes=30)
# How long, in seconds, an answer waits for what billing says of the subscription, and an acceptance for the worker's
# good news before it says "we are applying it".
PATIENCE = 0.25
# Raises where a workspace does not let the caller in.
Admit = Callable[[WorkspaceSettings], None]


def anyone(_: WorkspaceSettings) -> None:
    """No further condition."""


class SessionExpired(Unauthorised):
    """The visit is over; a fresh customer token opens it again, with everything that was given."""

    code: ClassVar[str] = "session_expired"
    message = "This visit is over. Open the cancellation again: your answers are kept."


async def start(
    installation: Installation, visitor: Visitor, now: datetime, admit: Admit = anyone
) -> tuple[Shown, bool]:
    """The one open session of this subscription, begun or resumed; True when it was begun now."""
    workspace = await workspaces.get(installation.keyring, visitor.workspace)
    admit(workspace)
    version = await flows.live_version(workspace.id, visitor.flow, workspace.default_flow)
    begun = await db.transaction(lambda: starting.get_or_create(installation, workspace, version, visitor, now))
    if begun.screen is None:
        return await _looked_at(installation, begun.found, now), begun.is_new
    return _shown(installation, begun.found, begun.screen), begun.is_new


async def look(installation: Installation, session: UUID, now: datetime, admit: Admit = anyone) -> Shown:
    """Where the session stands; raises SessionExpired."""
    found = await _in_time(installation, await queries.find_session(session), now)
    admit(found.workspace)
    return await _looked_at(installation, found, now)


async def move(
    installation: Installation,
    session: UUID,
    made: Move,
    now: datetime,
    admit: Admit = anyone,
    *,
    actor: str = "customer",
) -> Shown:
    """Carry out a move and show what comes next; raises what `machine.apply` raises, SessionExpired and UnderWay."""

    async def unit(made: Move, *, patient: bool = False, alone: bool = False) -> tuple[Context, Screen | None]:
        row = await queries.find_for_change(session)
        found = await _in_time(installation, row, now)
        admit(found.workspace)
        here, weighed = (found, None) if alone else await offering.weigh(found, made, now, patient=patient)
        outcome = machine.apply(here.visit, made, here.rules)
        if outcome.visit == here.visit:
            return here, None
        return await writing.carry_out(installation, here, weighed, made, outcome, now, actor)

    outermost = not db.in_unit()
    try:
        after, screen = await db.transaction(lambda: unit(made, patient=outermost))
    except offering.BillingIsAsked:
        await _hear_billing(session)
        after, screen = await db.transaction(lambda: unit(made))
    except AurevoirError:
        raise
    except Exception:
        if not (isinstance(made, Cancel) and outermost):
            raise
        # Nothing that came along with it may stop a cancellation: neither an answer nor an offer.
        log.exception("cancel_went_on_alone", session=str(session))
        only = Cancel(step=made.step, revision=made.revision)
        after, screen = await db.transaction(lambda: unit(only, alone=True))
    if isinstance(made, Accept) and outermost and (news := await _good_news(after, now)) is not after:
        # Its exhibit was written with billing's word, and shows this very screen.
        after, screen = news, None
    return _shown(installation, after, screen or await opening.screen_of(installation, after))


async def abandon_idle(installation: Installation, now: datetime, limit: int = 200) -> int:
    """Mark as abandoned what nobody touched for 30 minutes; how many there were."""
    idle = await queries.list_idle(now - IDLE, limit)
    for session in idle:
        await db.transaction(
            lambda session=session: meanwhile.abandon(installation, session, now - IDLE, now)  # type: ignore[misc]
        )
    return len(idle)


async def forget_old_tokens(now: datetime) -> int:
    """Let go of customer tokens that expired long ago; how many there were."""
    return await db.transaction(lambda: writing.forget_tokens(now))


async def settle(installation: Installation, session: UUID, now: datetime, *, confirmed: bool, kind: str) -> None:
    """Billing had the last word on a redemption of this session; told twice, it changes nothing."""
    await db.transaction(lambda: meanwhile.settle(installation, session, now, confirmed=confirmed, kind=kind))


def session_token(installation: Installation, session: UUID) -> str:
    """The session's token: an HMAC over its id, never stored, so it can be given again."""
    name = ids.shown("ses", session)
    return f"{name}.{installation.keyring.sign('session token', name.encode()).hex()}"


def read_session_token(installation: Installation, token: str) -> UUID:
    """The session that the token was made for; raises Unauthorised."""
    name, _, signature = token.partition(".")
    session = ids.read("ses", name)
    try:
        holds = installation.keyring.signed("session token", name.encode(), bytes.fromhex(signature))
    except ValueError:
        holds = False
    if session is None or not holds:
        raise Unauthorised("The session token is not valid.")
    return session


async def open_capability(secret: str) -> UUID:
    """The session of a hosted page; raises SessionExpired, also for a page that never was."""
    row = await queries.find_by_capability(crypto.sha256(secret))
    if row is None:
        raise SessionExpired
    return row.id


async def capability(workspace: UUID, installation: Installation, session: UUID) -> str:
    """The secret of the session's hosted page; the same for a session each time."""
    settings = await workspaces.get(installation.keyring, workspace)
    return await db.transaction(lambda: writing.capability(settings, session))


async def _in_time(installation: Installation, row: SessionRow | None, now: datetime) -> Context:
    if row is None or row.expires_at < now:
        raise SessionExpired
    return await opening.context_of(installation, row, now)


async def _looked_at(installation: Installation, found: Context, now: datetime) -> Shown:
    here, _ = await offering.weigh(found, None, now)
    return _shown(installation, here, await opening.screen_of(installation, here))


async def _hear_billing(session: UUID) -> None:
    """The worker asks as soon as a visit begins: a moment of patience, and then without an offer."""
    row = await queries.find_session(session)
    if row is not None:
        await snapshots.hear(row.workspace_id, row.mode, row.subscription, PATIENCE)


async def _good_news(found: Context, now: datetime) -> Context:
    """What was accepted is committed, and the worker awake: a moment of patience, and then the truth as it is."""
    patience = time.monotonic() + PATIENCE
    while found.visit.step == WORKING and found.visit.state == "saving" and time.monotonic() < patience:
        await asyncio.sleep(PATIENCE / 10)
        row = await queries.find_session(found.row.id)
        if row is not None and row.state != found.row.state:
            found = await opening.context_in(found.workspace, row, now)
    return found


def _shown(installation: Installation, found: Context, screen: Screen) -> Shown:
    visit, row = found.visit, found.row
    session = SessionShown(
        id=ids.shown("ses", row.id),
        token=session_token(installation, row.id),
        revision=visit.revision,
        state=visit.state,
        mode=row.mode,
        pack=row.pack,
        expires_at=row.expires_at,
    )
    return Shown(
        session=session,
        screen=screen,
        phrases=phrases.of(found.language),
        style_sheet=found.workspace.style_sheet,
    )
