"""What happens to a session while its customer is elsewhere: it idles, billing speaks, another visit undoes it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from aurevoir.access import workspaces
from aurevoir.access.installation import Installation
from aurevoir.events import service as events
from aurevoir.events.catalogue import EventKind
from aurevoir.kit import ids
from aurevoir.sessions import evidence, machine, opening, queries, storing
from aurevoir.sessions.evidence import Happened
from aurevoir.sessions.queries import SessionRow
from aurevoir.sessions.visit import Visit

_visit = msgspec.json.Decoder(Visit)


async def abandon(installation: Installation, session: UUID, idle_since: datetime, now: datetime) -> None:
    """Mark a session that is still open and still idle."""
    row = await queries.find_for_change(session)
    if row is None or row.state != "open" or row.moved_at >= idle_since:
        return
    workspace = await workspaces.get(installation.keyring, row.workspace_id)
    with events.noted() as noted:
        await _record("session.abandoned", row, "worker", now, {"bounced": row.moves == 0})
    # The revision stays: whoever comes back to a tab left open just goes on. Nobody is there to see a screen.
    left = storing.standing(row, replace(_visit.decode(row.visit), state="abandoned"))
    happened = {"actor": "worker", "state": "abandoned", "events": evidence.named(noted, session)}
    await storing.store(workspace, left, "abandoned", happened, None, now)


_SETTLED: dict[str, EventKind] = {"saved": "session.saved", "left": "session.left", "needs_help": "session.needs_help"}


async def settle(installation: Installation, session: UUID, now: datetime, *, confirmed: bool, kind: str) -> None:
    """Billing's last word on a redemption of this kind, as far as the machine knows what to do with it."""
    row = await queries.find_for_change(session)
    if row is None:
        return
    before = _visit.decode(row.visit)
    after = machine.settled(before, confirmed=confirmed, kind=kind)
    if after == before:
        return
    with events.noted() as noted:
        # That the cancellation was taken back was told when the customer said so.
        if after.state in _SETTLED:
            await _record(_SETTLED[after.state], row, "worker", now, {})
    happened: dict[str, object] = {
        "actor": "worker",
        "state": after.state,
        "billing": "confirmed" if confirmed else "refused",
    }
    happened |= {"of": kind, "events": evidence.named(noted, session)}
    await _changed(installation, storing.standing(row, after), "settled", happened, now)


async def taken_back(installation: Installation, session: UUID, by: UUID, actor: str, now: datetime) -> None:
    """The same in an earlier visit, which declared the end of the same subscription."""
    row = await queries.find_for_change(session)
    assert row is not None, "it has a declaration"
    after = machine.taken_back(_visit.decode(row.visit))
    after = replace(after, revision=after.revision + 1)
    with events.noted() as noted:
        await _record("cancellation.undone", row, actor, now, {})
    happened: dict[str, object] = {"actor": actor, "state": after.state, "in": ids.shown("ses", by)}
    happened |= {"events": evidence.named(noted, session)}
    await _changed(installation, replace(storing.standing(row, after), decided_at=now), "taken_back", happened, now)


async def _changed(installation: Installation, row: SessionRow, kind: str, happened: Happened, now: datetime) -> None:
    """What changed the session while its customer was elsewhere, with the screen that is there from now on."""
    found = await opening.context_of(installation, row, now)
    # Whatever billing says of a cancellation, its receipt stays as it is.
    screen = None if found.visit.declared else await opening.screen_of(installation, found)
    await storing.store(found.workspace, row, kind, happened, screen, now)


async def _record(kind: EventKind, row: SessionRow, actor: str, now: datetime, payload: Mapping[str, object]) -> None:
    await events.record(
        kind, workspace=row.workspace_id, actor=actor, now=now, mode=row.mode, session=row.id, payload=payload
    )
