"""The verbs of a session: start, look, move; each move's answer, fact and state are one transaction."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from aurevoir.access import workspaces
from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.flows import service as flows
from aurevoir.kit import crypto, db, ids
from aurevoir.kit.errors import Unauthorised
from aurevoir.sessions import machine, phrases, queries, receipts, screens, starting, writing
from aurevoir.sessions.context import Context, context
from aurevoir.sessions.machine import Outcome
from aurevoir.sessions.moves import Move
from aurevoir.sessions.queries import SessionRow
from aurevoir.sessions.schemas import SessionShown, Shown, Visitor
from aurevoir.sessions.screen import ReceiptShown
from aurevoir.sessions.screens import Look

IDLE = timedelta(minutes=30)
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
    return await _shown(installation, await _context(workspace, row, now)), is_new


async def look(installation: Installation, session: UUID, now: datetime, admit: Admit = anyone) -> Shown:
    """Where the session stands; raises SessionExpired."""
    found = await _in_time(installation, await queries.find_session(session), now)
    admit(found.workspace)
    return await _shown(installation, found)


async def move(
    installation: Installation,
    session: UUID,
    made: Move,
    now: datetime,
    admit: Admit = anyone,
    *,
    actor: str = "customer",
) -> Shown:
    """Carry out a move and show what comes next; raises what `machine.apply` raises, and SessionExpired."""

    async def unit() -> tuple[Context, ReceiptShown | None]:
        row = await queries.find_for_change(session)
        found = await _in_time(installation, row, now)
        admit(found.workspace)
        outcome = machine.apply(found.visit, made, found.rules)
        return await _write(installation, found, outcome, now, actor)

    after, receipt = await db.transaction(unit)
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


async def settle(session: UUID, now: datetime, *, confirmed: bool) -> None:
    """Billing had the last word on what this session agreed; told twice, it changes nothing."""
    await db.transaction(lambda: writing.settle(session, now, confirmed=confirmed))


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


async def _write(
    installation: Installation, found: Context, outcome: Outcome, now: datetime, actor: str
) -> tuple[Context, ReceiptShown | None]:
    if outcome.visit == found.visit:
        return found, None
    receipt = await writing.fact(installation, found, outcome, now, actor)
    return await writing.visit(found, outcome, now), receipt


async def _shown(installation: Installation, found: Context, receipt: ReceiptShown | None = None) -> Shown:
    visit, row = found.visit, found.row
    if visit.declared and receipt is None:
        receipt = await receipts.shown(installation, found.workspace, row.id, found.language, found.zone)
    plan = machine.survey_screen(visit, found.rules)
    returning = [] if plan is None else [step.id for step in (plan.step, *plan.also) if step.id in visit.given]
    drawing = Look(
        language=found.language,
        seed=row.seed,
        subscription=found.facts.subscription,
        ending=found.ending,
        data_after_exit=found.data_after_exit,
        texts=await queries.get_texts(row.id, returning) if returning else {},
        receipt=receipt,
    )
    session = SessionShown(
        id=ids.shown("ses", row.id),
        token=session_token(installation, row.id),
        revision=visit.revision,
        state=visit.state,
        mode=row.mode,
        pack=row.pack,
        expires_at=row.expires_at,
    )
    return Shown(session=session, screen=screens.draw(visit, found.rules, drawing), phrases=phrases.of(found.language))
