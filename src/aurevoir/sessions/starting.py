"""Get-or-create of the one open session; unique keys decide every race."""

import secrets
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from msgspec.structs import replace

from aurevoir.access import vault
from aurevoir.access.customer_tokens import InvalidToken
from aurevoir.access.facts import Facts, to_store
from aurevoir.access.vault import Pseudonyms
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import service as events
from aurevoir.flows import experiments, packs
from aurevoir.flows import service as flows
from aurevoir.flows.experiments import Arms
from aurevoir.flows.service import FlowNotFound, Version
from aurevoir.kit import crypto, ids, sql
from aurevoir.kit.i18n import negotiate
from aurevoir.sessions import context as contexts
from aurevoir.sessions import ending, machine, offering, queries
from aurevoir.sessions.queries import CurrentRow, SessionRow
from aurevoir.sessions.schemas import Visitor

EPISODE = timedelta(days=30)
LIFETIME = timedelta(hours=24)


async def get_or_create(
    workspace: WorkspaceSettings, version: Version, visitor: Visitor, now: datetime
) -> tuple[SessionRow, bool]:
    """The session and whether it is new. Inside a unit."""
    names = vault.pseudonyms(workspace.data_key, visitor.facts.sub, visitor.facts.subscription.id)
    key = _open_key(visitor, names)
    jti_hash = visitor.jti and crypto.sha256(visitor.jti)
    found = _ours(await queries.find_current(workspace.id, key, jti_hash), visitor, names)
    is_new = found is None or not await _may_go_on(workspace, found, now)
    if found is not None and not is_new:
        row = await _resume(workspace, found, visitor, now)
    else:
        await vault.store(workspace.id, workspace.data_key, visitor.facts, names, now)
        row, is_new = await _create(workspace, version, visitor, names, key, found, now)
    if jti_hash:
        await _remember(workspace.id, jti_hash, row.id, now)
    return row, is_new


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


async def _may_go_on(workspace: WorkspaceSettings, row: CurrentRow, now: datetime) -> bool:
    if row.by_token:
        return True
    if row.state == "left":
        return row.channel == "after_exit" or row.ends_on is None or workspace.local(now).date() < row.ends_on
    if row.state == "saved" and contexts.offer_took_effect(row, await flows.version(row.version_id)):
        return False
    if row.state in ("kept", "saved", "abandoned"):
        return now - row.started_at < EPISODE
    return row.state != "undone"


async def _resume(workspace: WorkspaceSettings, row: SessionRow, visitor: Visitor, now: datetime) -> SessionRow:
    facts = row.facts if row.declarations else msgspec.json.encode(to_store(visitor.facts)).decode()
    version = await flows.version(row.version_id)
    locale = negotiate(visitor.locale or visitor.facts.locale or row.locale, version.flow.locales)
    current = replace(row, facts=facts, locale=locale, expires_at=now + LIFETIME)
    found = contexts.context(current, workspace, version, workspace.local(now).date())
    if machine.on_offer(found.visit, found.rules):
        found, _ = await offering.weigh(found, None, now)
    visit = machine.reopen(found.visit, found.rules)
    resumed = replace(
        current,
        state=visit.state,
        revision=visit.revision,
        step=visit.step,
        visit=msgspec.json.encode(visit).decode(),
        moved_at=now if visit != found.visit else row.moved_at,
    )
    await _keep_resumed(row, resumed, now)
    return resumed


async def _keep_resumed(before: SessionRow, after: SessionRow, now: datetime) -> None:
    await sql.execute(
        "UPDATE session SET facts = $1, locale = $2, expires_at = $3, state = $4, revision = $5, step = $6, "
        "visit = $7, moved_at = $8 WHERE id = $9",
        after.facts,
        after.locale,
        after.expires_at,
        after.state,
        after.revision,
        after.step,
        after.visit,
        after.moved_at,
        after.id,
    )
    if after.state != before.state:
        await events.record(
            "session.started",
            workspace=after.workspace_id,
            actor="customer",
            now=now,
            mode=after.mode,
            session=after.id,
            payload={"resumed": before.state},
        )


async def _create(
    workspace: WorkspaceSettings,
    version: Version,
    visitor: Visitor,
    names: Pseudonyms,
    key: str,
    before: SessionRow | None,
    now: datetime,
) -> tuple[SessionRow, bool]:
    if before is not None:
        await sql.execute("UPDATE session SET open_key = NULL WHERE id = $1", before.id)
    is_live = visitor.mode == "live"
    episode = await _episode(workspace, names, now) if is_live else None
    # Tests take no part in experiments: they see the flow itself, and are counted nowhere.
    arms = await experiments.assigned(workspace.id, names.subscription, now) if is_live else Arms()
    version = await _variant(workspace, version, arms)
    row = _first_row(workspace, version, visitor, names, key, episode, arms, now)
    if not await _insert(row, workspace.local(now).date()):
        # Another tab was first: its session is the one.
        return (await queries.find_current(workspace.id, key, None))[0], False
    await events.record(
        "session.started",
        workspace=workspace.id,
        actor=visitor.actor,
        now=now,
        mode=visitor.mode,
        session=row.id,
        payload={
            "flow": row.flow,
            "version": version.number,
            "channel": row.channel,
            "pack": row.pack,
            "arms": msgspec.to_builtins(arms.told),
        },
    )
    return row, True


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


def _first_row(
    workspace: WorkspaceSettings,
    version: Version,
    visitor: Visitor,
    names: Pseudonyms,
    key: str,
    episode: UUID | None,
    arms: Arms,
    now: datetime,
) -> SessionRow:
    facts, pack = to_store(visitor.facts), _pack(workspace, visitor.facts)
    locale = negotiate(visitor.locale or visitor.facts.locale or workspace.locale, version.flow.locales)
    row = SessionRow(
        id=ids.new_id(),
        workspace_id=workspace.id,
        mode=visitor.mode,
        channel=visitor.channel,
        flow=version.flow.key,
        version_id=version.id,
        customer=names.customer,
        subscription=names.subscription,
        open_key=key,
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
    visit = machine.begin(contexts.context(row, workspace, version, workspace.local(now).date()).rules)
    encoded = msgspec.json.encode(visit).decode()
    return replace(row, state=visit.state, step=visit.step, visit=encoded)


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
