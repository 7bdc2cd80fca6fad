"""Webhook endpoints: where events are sent, with which secret, and what became of every one."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from aurevoir.access import workspaces
from aurevoir.access.facts import Mode
from aurevoir.access.keys import ApiCaller
from aurevoir.kit import clock, db, ids, paging
from aurevoir.kit.errors import Invalid, NotFound, Problem
from aurevoir.kit.struct import Strict, Url
from aurevoir.web.api.idempotency import once
from aurevoir.web.auth import authenticate, installation_of
from aurevoir.web.limits import WIDGET_BYTES, json_only
from aurevoir.webhooks import courier, deliveries, endpoints
from aurevoir.webhooks.attempts import Attempt
from aurevoir.webhooks.deliveries import Delivery, State
from aurevoir.webhooks.endpoints import Endpoint

AnyRequest = Request[Any, Any, Any]
Limit = Annotated[int, QueryParameter(ge=1, le=100)]
Pattern = Annotated[
    str, Meta(max_length=60, pattern=r"\A(\*|[a-z_]+\.(\*|[a-z_]+))\Z", description="an event, `redemption.*`, or `*`")
]
Events = Annotated[tuple[Pattern, ...], Meta(min_length=1, max_length=50)]


class EndpointCreate(Strict, frozen=True, kw_only=True):
    """An address that is to hear of events."""

    url: Url
    events: Events = ("*",)
    mode: Mode = "live"
    # Whether what customers write goes along.
    include_comments: bool = False


class EndpointChange(Strict, frozen=True, kw_only=True):
    """What is left out stays."""

    enabled: bool | None = None
    events: Events | None = None
    include_comments: bool | None = None


class EndpointShown(Struct, frozen=True, kw_only=True):
    """An endpoint; `disabled_because`: `operator`, `gone` (it answered 410) or `failing` (days without a success)."""

    id: str
    url: str
    events: tuple[str, ...]
    mode: Mode
    include_comments: bool
    created_at: datetime
    # Until then the secret before the last one signs along.
    older_until: datetime | None
    disabled_at: datetime | None
    disabled_because: str | None


class EndpointCreated(Struct, frozen=True, kw_only=True):
    """The endpoint and its secret: shown once."""

    endpoint: EndpointShown
    secret: str


class Rotated(Struct, frozen=True, kw_only=True):
    """The new secret, shown once."""

    secret: str
    older_until: datetime


class EndpointPage(Struct, frozen=True):
    """Endpoints, the newest first, and where to go on."""

    data: list[EndpointShown]
    next: str | None


class DeliveryShown(Struct, frozen=True, kw_only=True):
    """One event on its way; `event_id` is its `webhook-id`, `attempts` are the latest ones."""

    id: str
    event_id: str
    event: str
    state: State
    attempts: tuple[Attempt, ...]
    # While it waits: when it is tried next.
    next_at: datetime | None
    created_at: datetime


class DeliveryPage(Struct, frozen=True):
    """Deliveries, the newest first, and where to go on."""

    data: list[DeliveryShown]
    next: str | None


class Queued(Struct, frozen=True):
    """A delivery that leaves within a second."""

    delivery: str


@post("/", status_code=201, guards=[json_only])
async def create_endpoint(request: AnyRequest, data: JSONBody[EndpointCreate]) -> Response[Any]:
    """From now on it hears of what it chose."""
    caller = await authenticate(request, "webhooks")
    return await once(request, caller, lambda: _create(request, caller, data))


async def _create(request: AnyRequest, caller: ApiCaller, data: EndpointCreate) -> Response[EndpointCreated]:
    workspace = await workspaces.get(installation_of(request).keyring, caller.workspace)
    made, secret = await db.transaction(
        lambda: endpoints.create(
            workspace,
            data.url,
            data.events,
            clock.now(),
            mode=data.mode,
            include_comments=data.include_comments,
        )
    )
    shown = _shown(await endpoints.get(caller.workspace, made))
    return Response(EndpointCreated(endpoint=shown, secret=secret), status_code=201)


@get("/")
async def list_endpoints(request: AnyRequest, cursor: FromQuery[str | None] = None, limit: Limit = 50) -> EndpointPage:
    """All of them, disabled ones as well."""
    caller = await authenticate(request, "webhooks")
    found = await endpoints.list_endpoints(caller.workspace, paging.read(cursor), limit + 1)
    further = paging.write(found[limit - 1].id) if len(found) > limit else None
    return EndpointPage([_shown(one) for one in found[:limit]], further)


@get("/{endpoint:str}")
async def get_endpoint(request: AnyRequest, endpoint: FromPath[str]) -> EndpointShown:
    """One endpoint; its secret cannot be read again."""
    caller = await authenticate(request, "webhooks")
    return _shown(await endpoints.get(caller.workspace, _id("whe", endpoint)))


@patch("/{endpoint:str}", guards=[json_only])
async def change_endpoint(
    request: AnyRequest, endpoint: FromPath[str], data: JSONBody[EndpointChange]
) -> EndpointShown:
    """Disable it, enable it again, choose other events. What waits while it is disabled goes on afterwards."""
    caller, wanted = await authenticate(request, "webhooks"), _id("whe", endpoint)
    if data == EndpointChange():
        raise Invalid(problems=[Problem("$", "Say what is to change.")])
    await db.transaction(
        lambda: endpoints.change(
            caller.workspace,
            wanted,
            clock.now(),
            enabled=data.enabled,
            events=data.events,
            include_comments=data.include_comments,
        )
    )
    return _shown(await endpoints.get(caller.workspace, wanted))


@delete("/{endpoint:str}", status_code=204)
async def delete_endpoint(request: AnyRequest, endpoint: FromPath[str]) -> None:
    """The endpoint and its list of deliveries."""
    caller, wanted = await authenticate(request, "webhooks"), _id("whe", endpoint)
    await db.transaction(lambda: endpoints.delete(caller.workspace, wanted))


@post("/{endpoint:str}/rotate", status_code=200)
async def rotate(
    request: AnyRequest,
    endpoint: FromPath[str],
    overlap_hours: Annotated[int, QueryParameter(ge=0, le=168)] = 24,
) -> Response[Any]:
    """A new secret; for `overlap_hours` the one before signs along, so that no message is refused meanwhile."""
    caller, wanted = await authenticate(request, "webhooks"), _id("whe", endpoint)

    async def act() -> Response[Rotated]:
        workspace = await workspaces.get(installation_of(request).keyring, caller.workspace)
        overlap = timedelta(hours=overlap_hours)
        secret, until = await db.transaction(lambda: endpoints.rotate(workspace, wanted, clock.now(), overlap))
        return Response(Rotated(secret=secret, older_until=until), status_code=200)

    return await once(request, caller, act)


@post("/{endpoint:str}/test", status_code=202)
async def test_endpoint(request: AnyRequest, endpoint: FromPath[str]) -> Response[Any]:
    """Send it a `webhook.test`; the list of deliveries shows what became of it."""
    caller, wanted = await authenticate(request, "webhooks"), _id("whe", endpoint)

    async def act() -> Response[Queued]:
        delivery = await db.transaction(lambda: courier.test(caller.workspace, wanted, clock.now()))
        return Response(Queued(ids.shown("dlv", delivery)), status_code=202)

    return await once(request, caller, act)


@get("/{endpoint:str}/deliveries")
async def list_deliveries(
    request: AnyRequest,
    endpoint: FromPath[str],
    in_state: Annotated[Literal["waiting", "delivered", "failed"] | None, QueryParameter(name="state")] = None,
    cursor: FromQuery[str | None] = None,
    limit: Limit = 50,
) -> DeliveryPage:
    """What was sent, with every attempt; kept for thirty days."""
    caller, wanted = await authenticate(request, "webhooks"), _id("whe", endpoint)
    await endpoints.get(caller.workspace, wanted)
    found = await deliveries.list_deliveries(caller.workspace, wanted, in_state, paging.read(cursor), limit + 1)
    further = paging.write(found[limit - 1].id) if len(found) > limit else None
    return DeliveryPage([_delivery(one) for one in found[:limit]], further)


@post("/deliveries/{delivery:str}/replay", status_code=202)
async def replay(request: AnyRequest, delivery: FromPath[str]) -> Response[Any]:
    """Send it again: the same `webhook-id`, a new timestamp, a new schedule."""
    caller, wanted = await authenticate(request, "webhooks"), _id("dlv", delivery)

    async def act() -> Response[Queued]:
        await db.transaction(lambda: deliveries.replay(caller.workspace, wanted, clock.now()))
        return Response(Queued(ids.shown("dlv", wanted)), status_code=202)

    return await once(request, caller, act)


def _id(prefix: Literal["whe", "dlv"], text: str) -> Any:
    found = ids.read(prefix, text)
    if found is None:
        raise NotFound
    return found


def _shown(one: Endpoint) -> EndpointShown:
    values = {name: getattr(one, name) for name in EndpointShown.__struct_fields__}
    return EndpointShown(**(values | {"id": ids.shown("whe", one.id)}))


def _delivery(one: Delivery) -> DeliveryShown:
    return DeliveryShown(
        id=ids.shown("dlv", one.id),
        event_id=ids.shown("evt", one.event_id),
        event=one.event_kind,
        state=one.state,
        attempts=one.log,
        next_at=one.not_before if one.state == "waiting" else None,
        created_at=one.created_at,
    )


router = Router(
    "/webhook-endpoints",
    route_handlers=[
        create_endpoint,
        list_endpoints,
        get_endpoint,
        change_endpoint,
        delete_endpoint,
        rotate,
        test_endpoint,
        list_deliveries,
        replay,
    ],
    request_max_body_size=WIDGET_BYTES,
    tags=["webhooks"],
)
