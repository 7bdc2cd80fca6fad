"""Sets the demo up: its workspace, keys, gateway and flows, and a year of invented visits through the real service."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from aurevoir.access import keys, vault, workspaces
from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import registry
from aurevoir.events import service as events
from aurevoir.flows import service as flows
from aurevoir.flows import starters
from aurevoir.kit import db
from aurevoir.offers import service as offers
from aurevoir.sessions import queries
from aurevoir.sessions import service as sessions
from aurevoir.web.demo import history, product
from aurevoir.web.demo.rehearsal import Play

KEY = "demo"
ZONE = "Europe/Paris"
# Visits under way at once: enough for the database to write many of them with one commit.
_AT_ONCE = 24
Progress = Callable[[int, int], None]


async def prepare(
    installation: Installation, *, sessions: int = 300, now: datetime, progress: Progress | None = None
) -> None:
    """Make the demo workspace and its invented past; what is there already stays as it is.

    `progress` hears how many visits of how many are written. Stopped halfway, the next call writes what is missing.
    """
    workspace = await workspaces.find_by_key(installation.keyring, KEY)
    is_new = workspace is None
    if workspace is None:
        created = await db.transaction(lambda: _create(installation, now))
        workspace = await workspaces.get(installation.keyring, created)
    there = {row["key"] for row in await flows.list_flows(workspace.id)}
    for key in sorted(set(starters.list_starters()) - there):
        await flows.load(workspace.id, starters.starter(key), "demo", now, publish_it=True)
    await _write_history(installation, workspace, sessions, now, progress)
    # What the past says was long ago and is told to nobody; later on there are facts of today, for the worker to tell.
    while is_new and await events.dispatch({}, now):
        pass


async def _create(installation: Installation, now: datetime) -> UUID:
    workspace = await workspaces.create(
        installation.keyring,
        KEY,
        product.NAME,
        now,
        zone=ZONE,
        default_flow="saas_classic",
        data_after_exit=product.DATA_AFTER_EXIT,
        synthetic=True,
    )
    made = await workspaces.get(installation.keyring, workspace)
    for mode in ("live", "test"):
        await keys.create_signing_key(installation.keyring, workspace, mode, now)
        await registry.connect(made, mode, "sandbox", now)
    return workspace


async def _write_history(
    installation: Installation, workspace: WorkspaceSettings, count: int, now: datetime, progress: Progress | None
) -> None:
    there = await queries.list_subscriptions(workspace.id)
    plays = [
        (Play(installation, workspace, visitor), visitor)
        for visitor in history.visitors(count, now, ZONE)
        if _pseudonym(workspace, visitor) not in there
    ]
    done = 0

    async def first(play: Play) -> None:
        nonlocal done
        await play.first_visit()
        done += 1
        if progress is not None:
            progress(done, len(plays))

    everybody = [play for play, _ in plays]
    await _all([lambda play=play: first(play) for play in everybody])  # type: ignore[misc]
    await _look_after(installation, workspace, everybody)
    returning = [play for play, visitor in plays if visitor.returns_at is not None]
    await _all([play.second_visit for play in returning])
    changed = [play for play, visitor in plays if visitor.ending == "undo"]
    await _all([play.take_back for play in changed])
    await _look_after(installation, workspace, [*returning, *changed])


def _pseudonym(workspace: WorkspaceSettings, visitor: history.Visitor) -> str:
    subscription = visitor.facts["subscription"]["id"]
    return vault.pseudonyms(workspace.data_key, visitor.facts["sub"], subscription).subscription


async def _all(visits: Sequence[Callable[[], Awaitable[None]]]) -> None:
    waiting = iter(visits)

    async def one_after_another() -> None:
        for visit in waiting:
            await visit()

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(one_after_another())


async def _look_after(installation: Installation, workspace: WorkspaceSettings, plays: Sequence[Play]) -> None:
    """What the worker would have done at the time: tell the gateway, and notice who went away."""

    async def this_one(_: UUID) -> WorkspaceSettings:
        return workspace

    for play in sorted(plays, key=lambda play: play.moved_at):
        if play.ordered is None:
            await sessions.abandon_idle(installation, play.moved_at + timedelta(minutes=31))
            continue
        soon = play.moved_at + timedelta(seconds=2)
        await offers.carry_out(this_one, "demo", lambda soon=soon: soon)  # type: ignore[misc]
        assert play.session is not None
        await sessions.settle(installation, play.session, soon, confirmed=True, kind=play.ordered)
