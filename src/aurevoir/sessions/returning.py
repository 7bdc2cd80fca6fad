"""Coming back to a session that is there already: whether it goes on, and where it stands then."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from aurevoir.access.facts import to_store
from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import service as events
from aurevoir.flows import service as flows
from aurevoir.kit import sql
from aurevoir.kit.i18n import missed, negotiate
from aurevoir.sessions import context as contexts
from aurevoir.sessions import evidence, machine, offering, opening
from aurevoir.sessions.context import Context
from aurevoir.sessions.queries import CurrentRow, SessionRow
from aurevoir.sessions.schemas import Visitor
from aurevoir.sessions.screen import Screen

EPISODE = timedelta(days=30)
LIFETIME = timedelta(hours=24)


class Begun(Struct, frozen=True, kw_only=True):
    """The session; `screen` is None where it goes on just as it was, and nothing was recorded."""

    found: Context
    screen: Screen | None = None
    is_new: bool = False


async def may_go_on(workspace: WorkspaceSettings, row: CurrentRow, now: datetime) -> bool:
    """Whether this very session is the one to go on with, or another begins."""
    if row.by_token:
        return True
    if row.state == "left":
        return row.channel == "after_exit" or row.ends_on is None or workspace.local(now).date() < row.ends_on
    if row.state == "saved" and contexts.offer_took_effect(row, await flows.version(row.version_id)):
        return False
    if row.state in ("kept", "saved", "abandoned"):
        return now - row.started_at < EPISODE
    return row.state != "undone"


def was_declined(before: SessionRow | None, episode: UUID | None, now: datetime) -> bool:
    """Whether an offer was declined earlier in this episode: to ask again would be to ask until somebody gives in.

    Tests have no episodes; theirs last as long.
    """
    if before is None:
        return False
    is_same = before.episode_id == episode if episode else now - before.started_at < EPISODE
    return is_same and contexts.visit_of(before).declined


async def resume(
    installation: Installation, workspace: WorkspaceSettings, row: SessionRow, visitor: Visitor, now: datetime
) -> Begun:
    """The session for another while, with what its customer's token says now. Inside a unit, on a row that is locked.

    Nothing is recorded of somebody who just finds the same screen again.
    """
    found = await _found(workspace, row, visitor, now)
    visit = machine.reopen(found.visit, found.rules)
    resumed = replace(
        found.row,
        state=visit.state,
        revision=visit.revision,
        step=visit.step,
        visit=msgspec.json.encode(visit).decode(),
        moved_at=now if visit != found.visit else row.moved_at,
    )
    found = replace(found, row=resumed, visit=visit)
    if (resumed.visit, resumed.facts, resumed.locale) == (row.visit, row.facts, row.locale):
        await _store(resumed)
        return Begun(found=found)
    return await _recorded(installation, found, row, visitor.actor, now)


async def _found(workspace: WorkspaceSettings, row: SessionRow, visitor: Visitor, now: datetime) -> Context:
    """The session as it was left, with the facts, the language and the time that the visitor brings."""
    version, wanted = await flows.version(row.version_id), visitor.locale or visitor.facts.locale
    locale = negotiate(wanted or row.locale, version.flow.locales)
    brought = to_store(visitor.facts, missed(wanted, locale))
    facts = row.facts if row.declarations else msgspec.json.encode(brought).decode()
    current = replace(row, facts=facts, locale=locale, expires_at=now + LIFETIME)
    found = await opening.context_in(workspace, current, now)
    if machine.on_offer(found.visit, found.rules):
        found, _ = await offering.weigh(found, None, now)
    return found


async def _recorded(installation: Installation, found: Context, before: SessionRow, actor: str, now: datetime) -> Begun:
    """The return with its exhibit and, where it opened what was closed, its event."""
    here, _ = await offering.weigh(found, None, now)
    screen = await opening.screen_of(installation, here)
    reopened = found.row.state != before.state
    with events.noted() as noted:
        if reopened:
            await events.record(
                "session.started",
                workspace=before.workspace_id,
                actor="customer",
                now=now,
                mode=before.mode,
                session=before.id,
                payload={"resumed": before.state},
            )
    happened: dict[str, object] = {"actor": actor, "from": before.state, "state": found.row.state}
    happened |= {"locale": found.row.locale, "events": evidence.named(noted, before.id)}
    kind = "reopened" if reopened else "resumed"
    row, exhibit = evidence.mount(found.workspace, found.row, kind, happened, screen, now)
    await _store(row)
    await evidence.keep(exhibit)
    return Begun(found=replace(here, row=row), screen=screen)


async def _store(row: SessionRow) -> None:
    await sql.execute(
        "UPDATE session SET facts = $1, locale = $2, expires_at = $3, state = $4, revision = $5, step = $6, "
        "visit = $7, moved_at = $8, exhibits = $9, evidence_head = $10 WHERE id = $11",
        row.facts,
        row.locale,
        row.expires_at,
        row.state,
        row.revision,
        row.step,
        row.visit,
        row.moved_at,
        row.exhibits,
        row.evidence_head,
        row.id,
    )
