"""The verbs of a session: start, look, move; each move's answer, fact and state are one transaction."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from msgspec.structs import replace

from aurevoir.access import workspaces
from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import snapshots
from aurevoir.flows import service as flows
from aurevoir.kit import crypto, db, ids
from aurevoir.kit.errors import Unauthorised
from aurevoir.sessions import machine, offering, phrases, queries, screens, showing, starting, writing
from aurevoir.sessions.context import Context, context
from aurevoir.sessions.moves import Accept, Move
from aurevoir.sessions.queries import SessionRow
from aurevoir.sessions.schemas import SessionShown, Shown, Visitor
from aurevoir.sessions.screen import ReceiptShown
from aurevoir.sessions.visit import WORKING

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
    row, is_new = await db.transaction(lambda: starting.get_or_create(workspace, version, visitor, now))
    return await _looked_at(installation, await _context(workspace, row, now), now), is_new


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

    async def unit(*, patient: bool) -> tuple[Context, ReceiptShown | None]:
        row = await queries.find_for_change(session)
        found = await _in_time(installation, row, now)
        admit(found.workspace)
        here, weighed = await offering.weigh(found, made, now, patient=patient)
        outcome = machine.apply(here.visit, made, here.rules)
        if outcome.visit == here.visit:
            return here, None
        receipt = await writing.fact(installation, here, weighed, outcome, now, actor)
        presented = await offering.present(here, weighed, made, outcome.visit, now) if weighed else None
        return replace(await writing.visit(here, outcome, now), presented=presented), receipt

    alone = not db.in_unit()
    try:
        after, receipt = await db.transaction(lambda: unit(patient=alone))
    except offering.BillingIsAsked:
        await _hear_billing(session)
        after, receipt = await db.transaction(lambda: unit(patient=False))
    if isinstance(made, Accept) and alone:
        after = await _good_news(after, now)
    return await _shown(installation, after, receipt)


async def abandon_idle(now: datetime, limit: int = 200) -> int:
    """Mark as abandoned what nobody touched for 30 minutes; how many there were."""
    idle = await queries.list_idle(now - IDLE, limit)
    for session in idle:
        await db.transaction(lambda session=session: writing.abandon(session, now - IDLE, now))  # type: ignore[misc]
    return len(idle)


async def forget_old_tokens(now: datetime) -> int:
    """Let go of customer tokens that expired long ago; how many there were."""
    return await db.transaction(lambda: writing.forget_tokens(now))


async def settle(session: UUID, now: datetime, *, confirmed: bool, kind: str) -> None:
    """Billing had the last word on a redemption of this session; told twice, it changes nothing."""
    await db.transaction(lambda: writing.settle(session, now, confirmed=confirmed, kind=kind))


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
    return await _context(await workspaces.get(installation.keyring, row.workspace_id), row, now)


async def _context(workspace: WorkspaceSettings, row: SessionRow, now: datetime) -> Context:
    return context(row, workspace, await flows.version(row.version_id), workspace.local(now).date())


async def _looked_at(installation: Installation, found: Context, now: datetime) -> Shown:
    here, _ = await offering.weigh(found, None, now)
    return await _shown(installation, here)


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
            found = await _context(found.workspace, row, now)
    return found


async def _shown(installation: Installation, found: Context, receipt: ReceiptShown | None = None) -> Shown:
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
    screen = screens.draw(visit, found.rules, await showing.look_of(installation, found, receipt))
    return Shown(session=session, screen=screen, phrases=phrases.of(found.language))
