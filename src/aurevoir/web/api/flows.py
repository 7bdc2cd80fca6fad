"""Flows from the operator's server: drafts, checks, versions."""

from typing import Annotated, Any

from litestar import Request, Response, Router, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct

from aurevoir.access import workspaces
from aurevoir.access.keys import ApiCaller
from aurevoir.flows import packs
from aurevoir.flows import service as flows
from aurevoir.flows.findings import Finding
from aurevoir.flows.overrides import Override
from aurevoir.flows.packs import PackName
from aurevoir.flows.published import OverrideTold
from aurevoir.flows.reading import read_flow
from aurevoir.kit import clock, db, ids
from aurevoir.kit.errors import Invalid, Problem
from aurevoir.kit.struct import Strict
from aurevoir.web.auth import authenticate, installation_of
from aurevoir.web.limits import json_only

AnyRequest = Request[Any, Any, Any]
Source = Annotated[str, Meta(min_length=1, max_length=256 * 1024, description="A survey template in YAML")]


class DraftBody(Strict, frozen=True, kw_only=True):
    """A template; with `revision`, refused where somebody else saved in between."""

    source: Source
    revision: Annotated[int, Meta(ge=1, le=1_000_000_000)] | None = None


class Draft(Struct, frozen=True):
    """The editable state of a flow."""

    key: str
    source: str
    revision: int


class FindingShown(Struct, frozen=True, kw_only=True):
    """One thing a check found; without `packs` it comes from all of them."""

    path: str
    message: str
    level: str
    rule: str | None
    source: str | None
    packs: tuple[str, ...]


class Publication(Strict, frozen=True, kw_only=True):
    """Which fair-exit warnings are meant as they are, by whom, and why."""

    overrides: Annotated[tuple[Override, ...], Meta(max_length=25)] = ()


class Published(Struct, frozen=True):
    """The number of the version that is live now, and what was warned of."""

    version: int
    warnings: list[FindingShown]


class VersionShown(Draft, frozen=True):
    """A version as it was published; `revision` is its number."""

    overrides: tuple[OverrideTold, ...]


class RollBack(Strict, frozen=True, kw_only=True):
    """The version to make live again."""

    version: Annotated[int, Meta(ge=1, le=1_000_000)]


@get("/")
async def list_flows(request: AnyRequest) -> dict[str, Any]:
    """Every flow and the number of its live version."""
    caller = await authenticate(request, "flows")
    return {"data": list(await flows.list_flows(caller.workspace)), "next": None}


@post("/", status_code=201)
async def create_flow(request: AnyRequest, data: JSONBody[DraftBody]) -> Draft:
    """Keep a template as the draft of the flow it names."""
    caller = await authenticate(request, "flows")
    key = read_flow(data.source).key
    revision = await db.transaction(lambda: flows.save_draft(caller.workspace, data.source, clock.now(), data.revision))
    return Draft(key, data.source, revision)


@get("/{key:str}/draft")
async def get_draft(request: AnyRequest, key: FromPath[str]) -> Draft:
    """The draft and its revision."""
    caller = await authenticate(request, "flows")
    source, revision = await flows.get_draft(caller.workspace, key)
    return Draft(key, source, revision)


@put("/{key:str}/draft")
async def put_draft(request: AnyRequest, key: FromPath[str], data: JSONBody[DraftBody]) -> Draft:
    """Save the draft."""
    caller = await authenticate(request, "flows")
    if read_flow(data.source).key != key:
        raise Invalid(problems=[Problem("$.source", "The template's key is not the one in the address.")])
    revision = await db.transaction(lambda: flows.save_draft(caller.workspace, data.source, clock.now(), data.revision))
    return Draft(key, data.source, revision)


@post("/{key:str}/check", status_code=200)
async def check_flow(
    request: AnyRequest, key: FromPath[str], pack: FromQuery[PackName | None] = None
) -> dict[str, list[FindingShown]]:
    """Every problem of the draft, with its path, rule and source; for one `pack`, else for all that are in force."""
    caller = await authenticate(request, "flows")
    source, _ = await flows.get_draft(caller.workspace, key)
    checked = frozenset({pack}) if pack else await _packs(request, caller)
    return {"data": _shown(await flows.findings_in(caller.workspace, source, checked, clock.now().date()))}


@post("/{key:str}/publish", status_code=200)
async def publish_flow(request: AnyRequest, key: FromPath[str], data: JSONBody[Publication | None] = None) -> Published:
    """Make the draft the live version; open sessions keep theirs. No body is needed where no warning stands."""
    caller = await authenticate(request, "flows")
    actor, overrides = ids.shown("key", caller.key), data.overrides if data else ()
    checked = await _packs(request, caller)
    number, findings = await db.transaction(
        lambda: flows.publish(caller.workspace, key, actor, clock.now(), packs=checked, overrides=overrides)
    )
    return Published(number, _shown(findings))


@get("/{key:str}/versions")
async def list_versions(request: AnyRequest, key: FromPath[str]) -> dict[str, Any]:
    """Every version, the newest first."""
    caller = await authenticate(request, "flows")
    return {"data": list(await flows.list_versions(caller.workspace, key)), "next": None}


@get("/{key:str}/versions/{number:int}")
async def get_version(request: AnyRequest, key: FromPath[str], number: FromPath[int]) -> VersionShown:
    """One version as it was published, and in spite of which warnings."""
    caller = await authenticate(request, "flows")
    version = await flows.get_published(caller.workspace, key, min(max(number, 0), 1_000_000))
    return VersionShown(key, version.source, version.number, version.overrides)


@post("/{key:str}/rollback", status_code=204)
async def roll_back(request: AnyRequest, key: FromPath[str], data: JSONBody[RollBack]) -> Response[None]:
    """Make an earlier version live again."""
    caller = await authenticate(request, "flows")
    actor = ids.shown("key", caller.key)
    await db.transaction(lambda: flows.roll_back(caller.workspace, key, data.version, actor, clock.now()))
    return Response(None, status_code=204)


async def _packs(request: AnyRequest, caller: ApiCaller) -> frozenset[PackName]:
    settings = await workspaces.get(installation_of(request).keyring, caller.workspace)
    return packs.checked_for(settings.default_country)


def _shown(findings: list[Finding]) -> list[FindingShown]:
    names = FindingShown.__struct_fields__
    return [FindingShown(**{name: getattr(one, name) for name in names}) for one in findings]


router = Router(
    "/flows",
    route_handlers=[
        list_flows,
        create_flow,
        get_draft,
        put_draft,
        check_flow,
        publish_flow,
        list_versions,
        get_version,
        roll_back,
    ],
    guards=[json_only],
    request_max_body_size=512 * 1024,
    tags=["flows"],
)
