"""Experiments: started, stopped, and which arm each subscription is in."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from aurevoir.flows import checks, published, variants
from aurevoir.flows import service as flows
from aurevoir.flows.findings import Finding
from aurevoir.flows.packs import ALWAYS, PackName
from aurevoir.flows.variants import Arm, Drawn, ExperimentKind
from aurevoir.kit import ids, sql
from aurevoir.kit.cache import Cache
from aurevoir.kit.errors import Conflict, Invalid, NotFound, Problem
from aurevoir.kit.struct import Key, Strict


class NewExperiment(Strict, frozen=True, kw_only=True):
    """A question to put to chance; `subject` is the key of the flow or offer that varies."""

    key: Key
    kind: ExperimentKind
    subject: Key | None = None
    arms: Annotated[tuple[Arm, ...], Meta(min_length=2, max_length=10)]


class Experiment(Struct, frozen=True, kw_only=True):
    """An experiment as it runs; its arms and shares never change."""

    id: UUID
    key: str
    kind: ExperimentKind
    subject: str | None
    arms: tuple[Arm, ...]
    salt: str
    started_at: datetime
    stopped_at: datetime | None = None


class Told(Struct, frozen=True):
    """One assignment, for the session's record."""

    experiment: str
    arm: str
    probability: float


class Arms(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the running experiments say of one subscription: what stands in for which flow and which offer."""

    holdout: bool = False
    flows: dict[str, str] = {}
    offers: dict[str, str] = {}
    told: tuple[Told, ...] = ()


class ArmCount(Struct, frozen=True):
    """An arm and how many subscriptions are in it."""

    arm: str
    subscriptions: int


class ExperimentNotFound(NotFound):
    """No experiment of that key."""

    code = "experiment_not_found"
    message = "There is no experiment by that key."


class ExperimentExists(Conflict):
    """The key is taken, or the subject is being varied already."""

    code = "experiment_exists"
    message = "An experiment by that key exists, or one about the same subject is running."


_COLUMNS = "id, key, kind, subject, arms, salt, started_at, stopped_at"
_running: Cache[UUID, tuple[Experiment, ...]] = Cache(seconds=5)


async def start(workspace: UUID, new: NewExperiment, now: datetime, packs: Collection[PackName] = ALWAYS) -> Experiment:
    """Put the question from now on. Inside a unit; raises Invalid, ExperimentExists."""
    found = variants.problems(new.kind, new.subject, new.arms) or await _unknown(workspace, new)
    if found := found or await _unfair(workspace, new, packs, now):
        raise Invalid("The experiment cannot be started.", problems=found)
    if any((one.kind, one.subject) == (new.kind, new.subject) for one in await _list_running(workspace)):
        raise ExperimentExists
    inserted = await sql.execute(
        "INSERT INTO experiment (id, workspace_id, key, kind, subject, arms, salt, started_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (workspace_id, key) DO NOTHING",
        ids.new_id(),
        workspace,
        new.key,
        new.kind,
        new.subject,
        new.arms,
        secrets.token_hex(16),
        now,
    )
    if not inserted:
        raise ExperimentExists
    _running.clear()
    return await get(workspace, new.key)


async def stop(workspace: UUID, key: str, now: datetime) -> None:
    """Assign nobody any more; visits that began keep their arms. Said twice, it changes nothing. Inside a unit."""
    experiment = await get(workspace, key)
    await sql.execute("UPDATE experiment SET stopped_at = $1 WHERE id = $2 AND stopped_at IS NULL", now, experiment.id)
    _running.clear()


async def get(workspace: UUID, key: str) -> Experiment:
    """One experiment; raises ExperimentNotFound."""
    query = f"SELECT {_COLUMNS} FROM experiment WHERE workspace_id = $1 AND key = $2"
    found = await sql.fetch_one(query, workspace, key, into=Experiment)
    if found is None:
        raise ExperimentNotFound
    return found


async def list_experiments(workspace: UUID) -> Sequence[Experiment]:
    """All there ever were, the newest first."""
    query = f"SELECT {_COLUMNS} FROM experiment WHERE workspace_id = $1 ORDER BY id DESC"
    return await sql.fetch_all(query, workspace, into=Experiment)


async def count_arms(experiment: Experiment) -> Sequence[ArmCount]:
    """How many subscriptions are in each arm, in the arms' order."""
    rows = await sql.fetch_all(
        "SELECT arm, COUNT(*) AS subscriptions FROM assignment WHERE experiment_id = $1 GROUP BY arm", experiment.id
    )
    counted = {row["arm"]: int(row["subscriptions"]) for row in rows}
    return [ArmCount(arm.name, counted.get(arm.name, 0)) for arm in experiment.arms]


class AssignmentHeld(Struct, frozen=True, kw_only=True):
    """Which arm of an experiment a subscription is in, and the probability it had."""

    subscription: str
    experiment: str
    arm: str
    probability: float
    assigned_at: datetime


async def tell(workspace: UUID, subscriptions: Collection[str]) -> Sequence[AssignmentHeld]:
    """The arms of these subscriptions (their pseudonyms), the oldest first."""
    if not subscriptions:
        return []
    return await sql.fetch_all(
        "SELECT a.subscription, e.key AS experiment, a.arm, a.probability, a.assigned_at FROM experiment e "
        "JOIN assignment a ON a.experiment_id = e.id WHERE e.workspace_id = $1 "
        f"AND a.subscription IN ({sql.marks(len(subscriptions), first=2)}) ORDER BY a.assigned_at, e.key",
        workspace,
        *subscriptions,
        into=AssignmentHeld,
    )


async def assigned(workspace: UUID, subscription: str, now: datetime) -> Arms:
    """The arms of a subscription (its pseudonym), assigned now unless they were before. Inside the session's unit.

    Costs no statement while no experiment runs; one that was started in another process is noticed within 5 s.
    """
    running = _running.get(workspace)
    if running is None:
        running = _running.put(workspace, await _list_running(workspace))
    return _arms([(one, await _assign(one, subscription, now)) for one in running])


def forget_cached() -> None:
    """Read afresh next time; for tests that change databases."""
    _running.clear()


async def _assign(experiment: Experiment, subscription: str, now: datetime) -> Drawn:
    drawn = variants.draw(experiment.arms, experiment.salt, subscription)
    # Arms, shares and salt never change, so whoever was first wrote the same.
    await sql.execute(
        "INSERT INTO assignment (id, experiment_id, subscription, arm, probability, assigned_at) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (experiment_id, subscription) DO NOTHING",
        ids.new_id(),
        experiment.id,
        subscription,
        drawn.arm.name,
        drawn.probability,
        now,
    )
    return drawn


def _arms(drawn: Iterable[tuple[Experiment, Drawn]]) -> Arms:
    is_held_out, told = False, []
    flow_keys: dict[str, str] = {}
    offer_keys: dict[str, str] = {}
    for experiment, draw in drawn:
        told.append(Told(experiment.key, draw.arm.name, draw.probability))
        if experiment.kind == "holdout":
            is_held_out |= draw.arm.name == variants.HOLDOUT
        elif experiment.subject and draw.arm.uses:
            standing_in = flow_keys if experiment.kind == "flow" else offer_keys
            standing_in.setdefault(experiment.subject, draw.arm.uses)
    return Arms(holdout=is_held_out, flows=flow_keys, offers=offer_keys, told=tuple(told))


async def _list_running(workspace: UUID) -> tuple[Experiment, ...]:
    query = f"SELECT {_COLUMNS} FROM experiment WHERE workspace_id = $1 AND stopped_at IS NULL ORDER BY id"
    return tuple(await sql.fetch_all(query, workspace, into=Experiment))


async def _unfair(workspace: UUID, new: NewExperiment, packs: Collection[PackName], now: datetime) -> list[Problem]:
    """What the arms break of the rules as they are today (FE-24): a flow may have gone live under older ones."""
    places = {new.subject: "$.subject"} | {arm.uses: f"$.arms[{n}].uses" for n, arm in enumerate(new.arms) if arm.uses}
    found = []
    for live in await flows.list_live(workspace):
        varied = {live.flow.key} if new.kind == "flow" else live.flow.offers.keys()
        path = next((places[key] for key in places if key in varied), None)
        if path is not None:
            version = await published.find(live.id)
            answered = {override.rule for override in version.overrides} if version else set()
            broken = [one for one in checks.check(live.flow, packs, now.date()) if one.rule]
            unfair = [one for one in broken if one.level == "error" or one.rule not in answered]
            found += [_unfair_arm(path, live.flow.key, one) for one in unfair]
    return found


def _unfair_arm(path: str, flow: str, found: Finding) -> Problem:
    return Problem(
        path, f"An arm of an experiment keeps every rule (FE-24). In `{flow}` {found.sentence} ({found.rule})."
    )


async def _unknown(workspace: UUID, new: NewExperiment) -> list[Problem]:
    """Flows that are not live, offers that no live flow has."""
    if new.kind == "holdout":
        return []
    live = [row["key"] for row in await flows.list_flows(workspace) if row["live_version"]]
    known = set(live)
    if new.kind == "offer":
        known = {key for flow in live for key in (await flows.live_version(workspace, flow, None)).flow.offers}
    named = [("$.subject", new.subject), *((f"$.arms[{n}].uses", arm.uses) for n, arm in enumerate(new.arms))]
    return [
        Problem(path, f"There is no live {new.kind} by that key.") for path, key in named if key and key not in known
    ]
