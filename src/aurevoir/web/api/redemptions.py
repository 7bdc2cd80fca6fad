"""Redemptions: what is on its way through billing, and what a person says became of it."""

from typing import Annotated, Any, Literal

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Struct
from msgspec.structs import asdict

from aurevoir.kit import clock, db, ids, paging
from aurevoir.kit.errors import NotFound
from aurevoir.kit.struct import Strict
from aurevoir.offers import service as offers
from aurevoir.offers.redemption import RedemptionState
from aurevoir.web.auth import authenticate
from aurevoir.web.limits import WIDGET_BYTES, json_only

AnyRequest = Request[Any, Any, Any]


class Resolution(Strict, frozen=True, kw_only=True):
    """`done`: carried out by hand. `refused`: it will not be."""

    outcome: Literal["done", "refused"]


class RedemptionPage(Struct, frozen=True):
    """Redemptions, the newest first, and where to go on."""

    data: list[dict[str, Any]]
    next: str | None


@get("/")
async def list_redemptions(
    request: AnyRequest,
    in_state: Annotated[RedemptionState | None, QueryParameter(name="state")] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
) -> RedemptionPage:
    """What was agreed; with the manual gateway, `state=handed_over` is the operator's work list."""
    caller = await authenticate(request, "redemptions")
    found = await offers.list_redemptions(caller.workspace, in_state, paging.read(cursor), limit + 1)
    further = paging.write(found[limit - 1].id) if len(found) > limit else None
    return RedemptionPage([_shown(one) for one in found[:limit]], further)


@post("/{redemption:str}/resolve", status_code=204, guards=[json_only])
async def resolve(request: AnyRequest, redemption: FromPath[str], data: JSONBody[Resolution]) -> Response[None]:
    """Say what became of it; said twice, it changes nothing."""
    caller = await authenticate(request, "redemptions")
    wanted = ids.read("rdm", redemption)
    if wanted is None:
        raise NotFound
    actor = ids.shown("key", caller.key)
    await db.transaction(
        lambda: offers.resolve(caller.workspace, wanted, actor, clock.now(), carried_out=data.outcome == "done")
    )
    return Response(None, status_code=204)


def _shown(one: offers.RedemptionSummary) -> dict[str, Any]:
    return asdict(one) | {"id": ids.shown("rdm", one.id), "session_id": ids.shown("ses", one.session_id)}


router = Router(
    "/redemptions",
    route_handlers=[list_redemptions, resolve],
    request_max_body_size=WIDGET_BYTES,
    tags=["redemptions"],
)
