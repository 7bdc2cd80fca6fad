"""Experiments from the operator's server: started, stopped, and how many subscriptions each arm has."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from aurevoir.access import workspaces
from aurevoir.access.keys import ApiCaller
from aurevoir.flows import experiments, packs, variants
from aurevoir.flows.experiments import ArmCount, Experiment, NewExperiment
from aurevoir.flows.variants import Arm, ExperimentKind, Suggestion
from aurevoir.insights import reports
from aurevoir.insights.selection import select
from aurevoir.kit import clock, db
from aurevoir.web.api.idempotency import once
from aurevoir.web.auth import authenticate, installation_of
from aurevoir.web.limits import WIDGET_BYTES, json_only

AnyRequest = Request[Any, Any, Any]


class ExperimentShown(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An experiment; `counts` where one is asked for by its key."""

    key: str
    kind: ExperimentKind
    subject: str | None
    arms: tuple[Arm, ...]
    started_at: datetime
    stopped_at: datetime | None
    counts: Sequence[ArmCount] = ()


class Experiments(Struct, frozen=True):
    """All of them, the newest first; a holdout is suggested where none runs and there is enough to learn from."""

    data: list[ExperimentShown]
    next: str | None
    suggestion: Suggestion | None


@get("/")
async def list_experiments(request: AnyRequest) -> Experiments:
    """Every experiment, and whether a holdout would be worth its while."""
    caller = await authenticate(request, "experiments")
    found = await experiments.list_experiments(caller.workspace)
    has_holdout = any(one.kind == "holdout" and one.stopped_at is None for one in found)
    suggestion = None if has_holdout else variants.suggest_holdout(await _episodes_of_a_month(request, caller))
    return Experiments([_shown(one) for one in found], None, suggestion)


@post("/", status_code=201, guards=[json_only])
async def start_experiment(request: AnyRequest, data: JSONBody[NewExperiment]) -> Response[Any]:
    """Start one. Arms and shares stand from here on; a holdout changes nothing but what is offered.

    Visits in test mode take no part: they see the flow itself with its offers, and are counted in no arm.
    """
    caller = await authenticate(request, "experiments")
    settings = await workspaces.get(installation_of(request).keyring, caller.workspace)
    checked = packs.checked_for(settings.default_country)

    async def act() -> Response[ExperimentShown]:
        made = await db.transaction(lambda: experiments.start(caller.workspace, data, clock.now(), checked))
        return Response(_shown(made), status_code=201)

    return await once(request, caller, act)


@get("/{key:str}")
async def get_experiment(request: AnyRequest, key: FromPath[str]) -> ExperimentShown:
    """One experiment, with the number of subscriptions in each arm."""
    caller = await authenticate(request, "experiments")
    found = await experiments.get(caller.workspace, key)
    return _shown(found, await experiments.count_arms(found))


@post("/{key:str}/stop", status_code=204)
async def stop_experiment(request: AnyRequest, key: FromPath[str]) -> Response[None]:
    """Stop it: nobody is assigned any more, and visits under way end as they began."""
    caller = await authenticate(request, "experiments")
    await db.transaction(lambda: experiments.stop(caller.workspace, key, clock.now()))
    return Response(None, status_code=204)


async def _episodes_of_a_month(request: AnyRequest, caller: ApiCaller) -> int:
    workspace = await workspaces.get(installation_of(request).keyring, caller.workspace)
    now = clock.now()
    since = (workspace.local(now) - timedelta(days=30)).date().isoformat()
    return (await reports.reasons(select(workspace, now, since=since))).coverage.episodes


def _shown(one: Experiment, counts: Sequence[ArmCount] = ()) -> ExperimentShown:
    return ExperimentShown(
        key=one.key,
        kind=one.kind,
        subject=one.subject,
        arms=one.arms,
        started_at=one.started_at,
        stopped_at=one.stopped_at,
        counts=counts,
    )


router = Router(
    "/experiments",
    route_handlers=[list_experiments, start_experiment, get_experiment, stop_experiment],
    request_max_body_size=WIDGET_BYTES,
    tags=["experiments"],
)
