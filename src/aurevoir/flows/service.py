"""Drafts and versions: saving, publishing, going back, and reading what is live."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from aurevoir.billing import registry
from aurevoir.events import service as events
from aurevoir.flows import checks, graph, offer_terms, published
from aurevoir.flows import overrides as overriding
from aurevoir.flows.findings import Finding, as_problem
from aurevoir.flows.graph import ScreenPlan
from aurevoir.flows.overrides import Override, WarningsStand
from aurevoir.flows.packs import ALWAYS, PackName
from aurevoir.flows.published import Published
from aurevoir.flows.reading import read, read_flow
from aurevoir.flows.steps import ChoiceStep, Flow
from aurevoir.kit import crypto, db, ids, sql
from aurevoir.kit.cache import Cache
from aurevoir.kit.errors import Conflict, Invalid, NotFound


class Version(Struct, frozen=True, kw_only=True):
    """A published version, read and laid out; the same for ever, so kept in memory."""

    id: UUID
    number: int
    source_hash: str
    flow: Flow
    plans: tuple[ScreenPlan, ...]
    reason_step: ChoiceStep


class FlowNotFound(NotFound):
    """No flow of that key, or none of its versions is live."""

    code = "flow_not_found"
    message = "There is no live flow by that key."


class DraftChanged(Conflict):
    """Somebody else saved the draft since it was read."""

    code = "draft_changed"
    message = "The draft was saved by somebody else since you read it."


_versions: Cache[UUID, Version] = Cache(size=200)
_live: Cache[tuple[UUID, str | None], UUID] = Cache(seconds=5)


async def save_draft(workspace: UUID, source: str, now: datetime, revision: int | None = None) -> int:
    """Keep `source` as the draft of the flow it names, new or not; the draft's new revision. Inside a unit.

    Raises Invalid when it cannot be read as a flow, DraftChanged when `revision` is not the present one.
    """
    flow = read_flow(source)
    row = await sql.fetch_one("SELECT id FROM flow WHERE workspace_id = $1 AND key = $2", workspace, flow.key)
    flow_id = UUID(str(row["id"])) if row else ids.new_id()
    if row is None:
        await sql.insert("flow", id=flow_id, workspace_id=workspace, key=flow.key, title=flow.title, created_at=now)
        await sql.insert("flow_draft", id=ids.new_id(), flow_id=flow_id, source=source, revision=1, saved_at=now)
        return 1
    changed = await sql.execute(
        "UPDATE flow_draft SET source = $1, saved_at = $2, revision = revision + 1 "
        "WHERE flow_id = $3 AND ($4 = 0 OR revision = $4)",
        source,
        now,
        flow_id,
        revision or 0,
    )
    if not changed:
        raise DraftChanged
    saved = await sql.fetch_one("SELECT revision FROM flow_draft WHERE flow_id = $1", flow_id)
    return int(saved["revision"]) if saved else 1


async def get_draft(workspace: UUID, key: str) -> tuple[str, int]:
    """The draft's source and revision; raises FlowNotFound."""
    row = await sql.fetch_one(
        "SELECT d.source, d.revision FROM flow_draft d JOIN flow f ON f.id = d.flow_id "
        "WHERE f.workspace_id = $1 AND f.key = $2",
        workspace,
        key,
    )
    if row is None:
        raise FlowNotFound("There is no flow by that key.")
    return row["source"], row["revision"]


async def findings_in(workspace: UUID, source: str, packs: Collection[PackName], today: date) -> list[Finding]:
    """What `aurevoir check` finds in a template, and what the billing connected to the workspace cannot carry out."""
    findings = checks.check_text(source, packs, today)
    if sketch := read(source).flow:
        findings += offer_terms.carried_out(sketch, await registry.capabilities(workspace))
    return findings


async def publish(
    workspace: UUID,
    key: str,
    actor: str,
    now: datetime,
    *,
    packs: Collection[PackName] = ALWAYS,
    overrides: Sequence[Override] = (),
) -> tuple[int, list[Finding]]:
    """Make the draft the live version; its number and the warnings. Inside a unit.

    Raises Invalid with every error, WarningsStand with every fair-exit warning that no override answers for. Publishing
    the latest version's very text again asks nothing, changes no version and gives the same number.
    """
    source, _ = await get_draft(workspace, key)
    findings = await findings_in(workspace, source, packs, now.date())
    if errors := [as_problem(finding) for finding in findings if finding.level == "error"]:
        raise Invalid("The flow cannot be published.", problems=errors)
    latest = await _latest_version(workspace, key)
    title = read_flow(source).title
    if latest["source_hash"] == crypto.sha256(source):
        await _go_live(UUID(str(latest["flow_id"])), UUID(str(latest["id"])), title)
        return int(latest["number"]), findings
    if stand := overriding.standing(findings, overrides):
        raise WarningsStand(problems=[as_problem(finding) for finding in stand])
    flow_id, number = UUID(str(latest["flow_id"])), (latest["number"] or 0) + 1
    version = await _write_version(flow_id, number, source, actor, now)
    await overriding.keep(version, findings, overrides, actor, now)
    await _go_live(flow_id, version, title)
    payload = {"flow": key, "number": number} | _answered_for(overriding.used(findings, overrides))
    await events.record("flow.published", workspace=workspace, actor=actor, now=now, payload=payload)
    return number, findings


async def _write_version(flow_id: UUID, number: int, source: str, actor: str, now: datetime) -> UUID:
    version = ids.new_id()
    await sql.insert(
        "flow_version",
        id=version,
        flow_id=flow_id,
        number=number,
        source=source,
        source_hash=crypto.sha256(source),
        published_by=actor,
        published_at=now,
    )
    return version


def _answered_for(overrides: Sequence[Override]) -> dict[str, Any]:
    """Who answers for which rule; the reasons stay with the version."""
    return {"overrides": [{"rule": one.rule, "person": one.person} for one in overrides]} if overrides else {}


async def _latest_version(workspace: UUID, key: str) -> dict[str, Any]:
    """The version with the highest number of a flow that has a draft; its id is None where there is none yet."""
    row = await sql.fetch_one(
        "SELECT f.id AS flow_id, v.id, v.number, v.source_hash FROM flow f "
        "LEFT JOIN flow_version v ON v.flow_id = f.id WHERE f.workspace_id = $1 AND f.key = $2 "
        "ORDER BY v.number DESC LIMIT 1",
        workspace,
        key,
    )
    assert row is not None, "a draft belongs to a flow"
    return row


async def _go_live(flow_id: UUID, version: UUID, title: str) -> None:
    await sql.execute("UPDATE flow SET live_version_id = $1, title = $2 WHERE id = $3", version, title, flow_id)
    _live.clear()


async def roll_back(workspace: UUID, key: str, number: int, actor: str, now: datetime) -> None:
    """Make an earlier version live again; raises FlowNotFound. Inside a unit."""
    row = await sql.fetch_one(
        "SELECT v.id, v.flow_id, f.title FROM flow_version v JOIN flow f ON f.id = v.flow_id "
        "WHERE f.workspace_id = $1 AND f.key = $2 AND v.number = $3",
        workspace,
        key,
        number,
    )
    if row is None:
        raise FlowNotFound("There is no such version.")
    await _go_live(UUID(str(row["flow_id"])), UUID(str(row["id"])), row["title"])
    payload = {"flow": key, "number": number, "rolled_back": True}
    await events.record("flow.published", workspace=workspace, actor=actor, now=now, payload=payload)


async def load(
    workspace: UUID,
    source: str,
    actor: str,
    now: datetime,
    *,
    publish_it: bool,
    packs: Collection[PackName] = ALWAYS,
    overrides: Sequence[Override] = (),
) -> str:
    """Save a template as a draft and, if asked, publish it, in one unit; the flow's key. Raises Invalid."""
    key = read_flow(source).key

    async def unit() -> None:
        await save_draft(workspace, source, now)
        if publish_it:
            await publish(workspace, key, actor, now, packs=packs, overrides=overrides)

    await db.transaction(unit)
    return key


async def live_version(workspace: UUID, key: str | None, default: str | None) -> Version:
    """The live version of flow `key`, at most five seconds old; raises FlowNotFound.

    Without a key, or for "default", it is the workspace's default flow, else the first one that was published.
    """
    wanted = default if key in (None, "default") else key
    known = _live.get((workspace, wanted))
    if known is None:
        row = await sql.fetch_one(
            "SELECT live_version_id FROM flow WHERE workspace_id = $1 AND live_version_id IS NOT NULL "
            f"{'AND key = $2' if wanted else ''} ORDER BY created_at LIMIT 1",
            workspace,
            *([wanted] if wanted else []),
        )
        if row is None:
            raise FlowNotFound
        known = _live.put((workspace, wanted), UUID(str(row["live_version_id"])))
    return await version(known)


async def version(version_id: UUID) -> Version:
    """A version by its id; raises FlowNotFound."""
    known = _versions.get(version_id)
    if known is None:
        row = await sql.fetch_one("SELECT number, source, source_hash FROM flow_version WHERE id = $1", version_id)
        if row is None:
            raise FlowNotFound
        known = _versions.put(version_id, _read(version_id, row))
    return known


def _read(version_id: UUID, row: dict[str, Any]) -> Version:
    flow = read_flow(row["source"])
    return Version(
        id=version_id,
        number=row["number"],
        source_hash=row["source_hash"],
        flow=flow,
        plans=graph.plan(flow),
        reason_step=graph.reason_step(flow),
    )


async def list_flows(workspace: UUID) -> Sequence[dict[str, Any]]:
    """Every flow: key, title, number of its live version (None while there is none)."""
    return await sql.fetch_all(
        "SELECT f.key, f.title, v.number AS live_version FROM flow f "
        "LEFT JOIN flow_version v ON v.id = f.live_version_id WHERE f.workspace_id = $1 ORDER BY f.key",
        workspace,
    )


async def list_live(workspace: UUID) -> list[Version]:
    """The live version of every flow that has one, by the flow's key."""
    rows = await sql.fetch_all(
        "SELECT live_version_id FROM flow WHERE workspace_id = $1 AND live_version_id IS NOT NULL ORDER BY key",
        workspace,
    )
    return [await version(UUID(str(row["live_version_id"]))) for row in rows]


async def list_versions(workspace: UUID, key: str) -> Sequence[dict[str, Any]]:
    """Every version of a flow, the newest first: number, who, when; raises FlowNotFound."""
    await get_draft(workspace, key)
    return await sql.fetch_all(
        "SELECT v.number, v.published_by, v.published_at FROM flow_version v JOIN flow f ON f.id = v.flow_id "
        "WHERE f.workspace_id = $1 AND f.key = $2 ORDER BY v.number DESC",
        workspace,
        key,
    )


async def get_published(workspace: UUID, key: str, number: int) -> Published:
    """One version as it was published; raises FlowNotFound."""
    row = await sql.fetch_one(
        "SELECT v.id FROM flow_version v JOIN flow f ON f.id = v.flow_id "
        "WHERE f.workspace_id = $1 AND f.key = $2 AND v.number = $3",
        workspace,
        key,
        number,
    )
    found = await published.find(UUID(str(row["id"]))) if row else None
    if found is None:
        raise FlowNotFound("There is no such version.")
    return found


def forget_cached() -> None:
    """Read afresh next time; for tests that change databases."""
    _versions.clear()
    _live.clear()
