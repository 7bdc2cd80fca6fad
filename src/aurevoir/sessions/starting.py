"""Get-or-create of the one open session; unique keys decide every race."""

import secrets
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from aurevoir.access import vault
from aurevoir.access.customer_tokens import InvalidToken
from aurevoir.access.facts import Facts, to_store
from aurevoir.access.installation import Installation
from aurevoir.access.vault import Pseudonyms
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import service as events
from aurevoir.flows import experiments, packs
from aurevoir.flows import service as flows
from aurevoir.flows.experiments import Arms
from aurevoir.flows.service import FlowNotFound, Version
from aurevoir.kit import crypto, ids, sql
from aurevoir.kit.i18n import missed, negotiate
from aurevoir.sessions import context as contexts
from aurevoir.sessions import ending, evidence, machine, opening, queries, returning, storing
from aurevoir.sessions.context import Context
from aurevoir.sessions.queries import CurrentRow, SessionRow
from aurevoir.sessions.returning import EPISODE, LIFETIME, Begun
from aurevoir.sessions.schemas import Visitor

log = structlog.get_logger()


async def get_or_create(
    installation: Installation, workspace: WorkspaceSettings, version: Version, visitor: Visitor, now: datetime
) -> Begun:
    """The one open session of the visitor's subscription. Inside a unit."""
    names = vault.pseudonyms(workspace.data_key, visitor.facts.sub, visitor.facts.subscription.id)
    key = _open_key(visitor, names)
    jti_hash = visitor.jti and crypto.sha256(visitor.jti)
    found = _ours(await queries.find_current(workspace.id, key, jti_hash), visitor, names)
    is_new = found is None or not await returning.may_go_on(workspace, found, now)
    if found is not None and not is_new:
        begun = await returning.resume(installation, workspace, found, visitor, now)
    else:
        await vault.store(workspace.id, workspace.data_key, visitor.facts, names, now)
        newcomer = Newcomer(workspace=workspace, version=version, visitor=visitor, names=names, key=key)
        begun = await _create(installation, newcomer, found, now)
    if jti_hash:
        await _remember(workspace.id, jti_hash, begun.found.row.id, now)
    return begun


def _open_key(visitor: Visitor, names: Pseudonyms) -> str:
    # A survey after the end is a visit of its own beside the one that ended the subscription.
    after = "after:" if visitor.channel == "after_exit" else ""
    return f"{visitor.mode}:{after}{names.subscription}"


def _ours(rows: list[CurrentRow], visitor: Visitor, names: Pseudonyms) -> CurrentRow | None:
    """The token's own session where it has one, else the open one."""
    own = next((row for row in rows if row.by_token), None)
    if own is not None and (own.mode, own.subscription) != (visitor.mode, names.subscription):
        # A server that signs the same jti for everybody must not show one customer's visit to another.
        raise InvalidToken("The customer token's jti was used for another subscription.")
    return own or (rows[0] if rows else None)


class Newcomer(Struct, frozen=True, kw_only=True):
    """Somebody for whom a session begins."""

    workspace: WorkspaceSettings
    version: Version
    visitor: Visitor
    names: Pseudonyms
    key: str


async def _create(installation: Installation, who: Newcomer, before: SessionRow | None, now: datetime) -> Begun:
    if before is not None:
        await sql.execute("UPDATE session SET open_key = NULL WHERE id = $1", before.id)
    workspace, is_live = who.workspace, who.visitor.mode == "live"
    episode = await _episode(workspace, who.names, now) if is_live else None
    # Tests take no part in experiments: they see the flow itself, and are counted nowhere.
    arms = await _arms(workspace, who.names, now) if is_live else Arms()
    who = replace(who, version=await _variant(workspace, who.version, arms))
    found = _first(who, episode, arms, now, declined=returning.was_declined(before, episode, now))
    screen = await opening.screen_of(installation, found)
    row, exhibit = evidence.mount(workspace, found.row, "started", _happened(who, found.row), screen, now)
    if not await _insert(row, workspace.local(now).date()):
        # Another tab was first: its session is the one.
        other = (await queries.find_current(workspace.id, who.key, None))[0]
        return Begun(found=await opening.context_in(workspace, other, now))
    await evidence.keep(exhibit)
    await _tell(who, row, arms, now)
    return Begun(found=replace(found, row=row), screen=screen, is_new=True)


async def _arms(workspace: WorkspaceSettings, names: Pseudonyms, now: datetime) -> Arms:
    try:
        return await experiments.assigned(workspace.id, names.subscription, now)
    except Exception:
        # Nobody is kept from leaving by an experiment: they see the flow itself.
        log.exception("arms_not_assigned", workspace=workspace.key)
        return Arms()


def _happened(who: Newcomer, row: SessionRow) -> dict[str, object]:
    """The beginning, as its exhibit tells it: the template that is followed, word for word, and the rules with why."""
    return {
        "actor": who.visitor.actor,
        "mode": row.mode,
        "channel": row.channel,
        "state": row.state,
        "locale": row.locale,
        "pack": row.pack,
        "pack_reason": row.pack_reason,
        "flow": row.flow,
        "version": who.version.number,
        "template_sha256": who.version.source_hash,
    }


async def _tell(who: Newcomer, row: SessionRow, arms: Arms, now: datetime) -> None:
    await events.record(
        "session.started",
        workspace=row.workspace_id,
        actor=who.visitor.actor,
        now=now,
        mode=row.mode,
        session=row.id,
        payload={
            "flow": row.flow,
            "version": who.version.number,
            "channel": row.channel,
            "pack": row.pack,
            "arms": msgspec.to_builtins(arms.told),
        },
    )


async def _insert(row: SessionRow, started_on: date) -> bool:
    """Whether it is the one; no other session of the subscription is open then."""
    columns = {name: getattr(row, name) for name in row.__struct_fields__} | {"started_on": started_on}
    inserted = await sql.execute(
        f"INSERT INTO session ({', '.join(columns)}) VALUES ({sql.marks(len(columns))}) "
        "ON CONFLICT (workspace_id, open_key) DO NOTHING",
        *columns.values(),
    )
    return inserted > 0


async def _variant(workspace: WorkspaceSettings, version: Version, arms: Arms) -> Version:
    """The flow that stands in for this one, as long as it is live."""
    if (instead := arms.flows.get(version.flow.key)) is None:
        return version
    try:
        return await flows.live_version(workspace.id, instead, None)
    except FlowNotFound:
        return version


def _first(who: Newcomer, episode: UUID | None, arms: Arms, now: datetime, *, declined: bool) -> Context:
    """The session on its first screen."""
    workspace, version, visitor = who.workspace, who.version, who.visitor
    wanted, pack = visitor.locale or visitor.facts.locale, _pack(workspace, visitor.facts)
    locale = negotiate(wanted or workspace.locale, version.flow.locales)
    facts = to_store(visitor.facts, missed(wanted, locale))
    row = SessionRow(
        id=ids.new_id(),
        workspace_id=workspace.id,
        mode=visitor.mode,
        channel=visitor.channel,
        flow=version.flow.key,
        version_id=version.id,
        customer=who.names.customer,
        subscription=who.names.subscription,
        open_key=who.key,
        episode_id=episode,
        facts=msgspec.json.encode(facts).decode(),
        pack=pack.pack.name,
        pack_reason=pack.reason,
        locale=locale,
        seed=secrets.randbits(48),
        mrr=ending.monthly(facts.subscription),
        currency=facts.subscription.currency,
        arms=msgspec.json.encode(arms).decode() if arms.told else None,
        started_at=now,
        moved_at=now,
        expires_at=now + LIFETIME,
    )
    found = contexts.context(row, workspace, version, workspace.local(now).date())
    visit = machine.begin(found.rules, declined=declined)
    return replace(found, row=storing.standing(row, visit), visit=visit)


def _pack(workspace: WorkspaceSettings, facts: Facts) -> packs.Chosen:
    return packs.choose(
        facts.country,
        facts.region,
        consumer=facts.consumer,
        default_country=workspace.default_country,
        default_consumer=workspace.default_consumer,
    )


async def _episode(workspace: WorkspaceSettings, names: Pseudonyms, now: datetime) -> UUID:
    """The running episode of the subscription, or a new one; windows are fixed, so that late facts merge none."""
    latest = await queries.find_latest_episode(workspace.id, names.subscription)
    if latest and now - latest.started_at < EPISODE:
        return latest.id
    episode, number = ids.new_id(), latest.number + 1 if latest else 1
    begun = await sql.execute(
        "INSERT INTO episode (id, workspace_id, subscription, number, started_at, started_on) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, subscription, number) DO NOTHING",
        episode,
        workspace.id,
        names.subscription,
        number,
        now,
        workspace.local(now).date(),
    )
    if begun:
        return episode
    other = await queries.find_latest_episode(workspace.id, names.subscription)
    assert other is not None, "what conflicted is there"
    return other.id


async def _remember(workspace: UUID, jti_hash: str, session: UUID, now: datetime) -> None:
    await sql.execute(
        "INSERT INTO token_use (id, workspace_id, jti_hash, session_id, expires_at) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (workspace_id, jti_hash) DO NOTHING",
        ids.new_id(),
        workspace,
        jti_hash,
        session,
        now + timedelta(days=1),
    )
