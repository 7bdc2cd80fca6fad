"""Connecting billing: which gateway each mode has, what it can do, and whether it answers."""

from datetime import datetime
from typing import Annotated, Any, get_args

from litestar import Request, Router, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct, field

from aurevoir.access import workspaces
from aurevoir.access.facts import Mode
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import connecting, registry, sources, trying
from aurevoir.billing.capabilities import Capability, table
from aurevoir.billing.sources import Connected
from aurevoir.billing.trying import Trial
from aurevoir.flows import reach
from aurevoir.flows.reach import OutOfReach
from aurevoir.kit import clock, db
from aurevoir.kit.errors import NotFound
from aurevoir.kit.struct import Strict
from aurevoir.subscriptions import syncing
from aurevoir.web.auth import authenticate, installation_of
from aurevoir.web.limits import WIDGET_BYTES, json_only

AnyRequest = Request[Any, Any, Any]
SettingName = Annotated[str, Meta(min_length=1, max_length=260)]
SettingValue = Annotated[str, Meta(min_length=1, max_length=2000)]


class GatewayBody(Strict, frozen=True, kw_only=True):
    """A gateway and what it takes to reach it."""

    gateway: Annotated[str, Meta(min_length=1, max_length=20)]
    settings: Annotated[dict[SettingName, SettingValue], Meta(max_length=250)] = field(default_factory=dict)


class Reading(Struct, frozen=True, kw_only=True):
    """How far the records of this gateway were read; `problem` is why it does not go on at the moment."""

    complete_until: datetime | None
    next_at: datetime
    problem: str | None


class GatewayShown(Struct, frozen=True, kw_only=True):
    """The gateway of a mode; of its secrets only the last characters. `connected_at` None: it is the default."""

    mode: Mode
    gateway: str
    connected_at: datetime | None
    settings: dict[str, str]
    # Where the provider's own webhooks belong; None where it has none that we know.
    webhook_address: str | None
    # Whether it can be asked for a subscription.
    reads: bool
    capabilities: list[Capability]
    reading: Reading | None
    # Offers that are live and that this gateway cannot carry out: they are not shown to anybody.
    out_of_reach: list[OutOfReach]


class GatewayList(Struct, frozen=True):
    """One for each mode."""

    data: list[GatewayShown]
    next: None = None


@get("/")
async def list_gateways(request: AnyRequest) -> GatewayList:
    """What is connected in each mode, and what it can do."""
    workspace = await _workspace(request)
    return GatewayList([await _shown(request, workspace, mode) for mode in get_args(Mode)])


@put("/{mode:str}", guards=[json_only])
async def connect_gateway(request: AnyRequest, mode: FromPath[str], data: JSONBody[GatewayBody]) -> GatewayShown:
    """Connect another gateway; orders on their way stay with theirs. `out_of_reach` names the offers it cannot do."""
    workspace, wanted = await _workspace(request), _mode(mode)
    settings = connecting.checked(data.gateway, wanted, data.settings, synthetic=workspace.synthetic)
    await db.transaction(lambda: registry.connect(workspace, wanted, data.gateway, clock.now(), settings))
    return await _shown(request, workspace, wanted)


@post("/{mode:str}/test", status_code=200)
async def try_gateway(request: AnyRequest, mode: FromPath[str]) -> Trial:
    """One harmless read, and in a sentence what came of it."""
    workspace, wanted = await _workspace(request), _mode(mode)
    # Another process may have connected it a moment ago.
    registry.forget_cached()
    return await trying.tried(await registry.connected(workspace, wanted))


async def _workspace(request: AnyRequest) -> WorkspaceSettings:
    caller = await authenticate(request, "gateways")
    return await workspaces.get(installation_of(request).keyring, caller.workspace)


def _mode(mode: str) -> Mode:
    if mode == "live":
        return "live"
    if mode == "test":
        return "test"
    raise NotFound("The modes are live and test.")


async def _shown(request: AnyRequest, workspace: WorkspaceSettings, mode: Mode) -> GatewayShown:
    gateway, connection = await registry.connected(workspace, mode), await registry.connection(workspace, mode)
    connected = await sources.find_connected(workspace.id, mode)
    return GatewayShown(
        mode=mode,
        gateway=connection.gateway,
        connected_at=connected.connected_at if connected else None,
        settings=connecting.shown(connection.settings),
        webhook_address=connecting.webhook_address(
            installation_of(request).base_url, connection.gateway, connection.id
        ),
        reads=gateway.reads,
        capabilities=table(gateway),
        reading=await _reading(connected),
        out_of_reach=await reach.out_of_reach(workspace.id, gateway),
    )


async def _reading(connected: Connected | None) -> Reading | None:
    progress = await syncing.find_progress(connected.id) if connected else None
    if connected is None or progress is None or connected.gateway not in sources.SOURCES:
        return None
    return Reading(complete_until=progress.covered_at, next_at=progress.due_at, problem=progress.problem)


router = Router(
    "/gateways",
    route_handlers=[list_gateways, connect_gateway, try_gateway],
    request_max_body_size=4 * WIDGET_BYTES,
    tags=["gateways"],
)
