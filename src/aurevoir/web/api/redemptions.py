"""Redemptions: what is on its way through billing, and what people and the product's systems say became of it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Struct
from msgspec.structs import asdict

from aurevoir.access import workspaces
from aurevoir.access.keys import ApiCaller
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing.plan import Action
from aurevoir.kit import clock, db, ids, paging
from aurevoir.kit.errors import NotFound
from aurevoir.kit.struct import ForeignId, Strict
from aurevoir.offers import service as offers
from aurevoir.offers.advice import advice
from aurevoir.offers.redemption import RedemptionState, StepState
from aurevoir.web.api.idempotency import once
from aurevoir.web.auth import authenticate, installation_of
from aurevoir.web.limits import WIDGET_BYTES, json_only

AnyRequest = Request[Any, Any, Any]


class Result(Strict, frozen=True, kw_only=True):
    """What the product did with an order that was handed to it; `provider_ref` is its own name for it."""

    status: Literal["applied", "failed"]
    provider_ref: ForeignId | None = None


class Resolution(Strict, frozen=True, kw_only=True):
    """`done`: carried out by hand. `refused`: it will not be."""

    outcome: Literal["done", "refused"]


class RedemptionShown(Struct, frozen=True, kw_only=True):
    """An accepted offer, a declared cancellation or its undoing, or an offer being taken back (`reverts`).

    `attention` says why it failed or what a person is asked for, and `advice` what can be done about it.
    """

    id: str
    mode: str
    kind: str
    session_id: str
    gateway: str
    offer: str | None
    reverts: str | None
    state: RedemptionState
    attempts: int
    attention: str | None
    advice: str | None
    apply_before: datetime | None
    ends_at: datetime | None
    created_at: datetime
    changed_at: datetime


class RedemptionPage(Struct, frozen=True):
    """Redemptions, the newest first, and where to go on."""

    data: list[RedemptionShown]
    next: str | None


class StepShown(Struct, frozen=True, kw_only=True):
    """One request to billing; `references` are its own names for what was made."""

    number: int
    generation: int
    state: StepState
    sent_at: datetime | None
    references: dict[str, str]


class RedemptionWhole(RedemptionShown, frozen=True, kw_only=True):
    """The same with what is to be done for whom, the terms as they were shown, and every request that was made."""

    customer: str
    subscription: str
    action: Action
    terms: Any
    terms_hash: str | None
    steps: list[StepShown]


class Reverting(Struct, frozen=True):
    """The redemption that takes another one back."""

    id: str


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
    return RedemptionPage([RedemptionShown(**_shown(one)) for one in found[:limit]], further)


@get("/{redemption:str}")
async def get_redemption(request: AnyRequest, redemption: FromPath[str]) -> RedemptionWhole:
    """One redemption: what is to be done, in your own ids, and how far it came."""
    caller = await authenticate(request, "redemptions")
    found = await offers.get_redemption(await _workspace(request, caller), _read(redemption))
    return RedemptionWhole(
        **_shown(found.summary),
        customer=found.subscription.customer,
        subscription=found.subscription.subscription,
        action=found.action,
        terms=found.terms,
        terms_hash=found.terms_hash,
        steps=[
            StepShown(
                number=step.number,
                generation=step.generation,
                state=step.state,
                sent_at=step.sent_at,
                references=step.provider_references,
            )
            for step in found.steps
        ],
    )


@post("/{redemption:str}/result", status_code=204, guards=[json_only])
async def report_result(request: AnyRequest, redemption: FromPath[str], data: JSONBody[Result]) -> Response[None]:
    """The product says what became of an order that was handed to it; said twice, it changes nothing.

    409 `not_handed_over` where billing itself tells, `already_settled` where something else was said before.
    """
    caller = await authenticate(request, "redemptions")
    wanted, actor = _read(redemption), ids.shown("key", caller.key)
    await db.transaction(
        lambda: offers.report(caller.workspace, wanted, data.status, data.provider_ref, actor, clock.now())
    )
    return Response(None, status_code=204)


@post("/{redemption:str}/resolve", status_code=204, guards=[json_only])
async def resolve(request: AnyRequest, redemption: FromPath[str], data: JSONBody[Resolution]) -> Response[None]:
    """A person says what became of it; said twice, it changes nothing.

    409 `being_sent` while a request is on its way, `already_settled` where it has another outcome.
    """
    caller = await authenticate(request, "redemptions")
    wanted, actor = _read(redemption), ids.shown("key", caller.key)
    await db.transaction(
        lambda: offers.resolve(caller.workspace, wanted, actor, clock.now(), carried_out=data.outcome == "done")
    )
    return Response(None, status_code=204)


@post("/{redemption:str}/retry", status_code=204)
async def retry(request: AnyRequest, redemption: FromPath[str]) -> Response[None]:
    """Try again what failed or needs attention; what may have been executed is read before it is sent again.

    409 `not_stuck`, `too_late` where its terms no longer hold, `offer_under_way` where another offer took its place,
    `limit_reached` where others took what it gave back when it failed.
    """
    caller = await authenticate(request, "redemptions")
    wanted, workspace = _read(redemption), await _workspace(request, caller)
    await db.transaction(lambda: offers.retry(workspace, wanted, clock.now()))
    return Response(None, status_code=204)


@post("/{redemption:str}/revert", status_code=201)
async def revert(request: AnyRequest, redemption: FromPath[str]) -> Response[Any]:
    """Have a confirmed offer taken back: 201 with the redemption that does it, 200 where it was asked for before.

    409 `not_revertible` for what is not confirmed, has run out, or its gateway cannot take back.
    """
    caller = await authenticate(request, "redemptions")
    wanted, workspace = _read(redemption), await _workspace(request, caller)

    async def act() -> Response[Reverting]:
        made, is_new = await db.transaction(lambda: offers.revert(workspace, wanted, clock.now()))
        return Response(Reverting(ids.shown("rdm", made)), status_code=201 if is_new else 200)

    return await once(request, caller, act)


async def _workspace(request: AnyRequest, caller: ApiCaller) -> WorkspaceSettings:
    return await workspaces.get(installation_of(request).keyring, caller.workspace)


def _read(name: str) -> UUID:
    redemption = ids.read("rdm", name)
    if redemption is None:
        raise NotFound
    return redemption


def _shown(one: offers.RedemptionSummary) -> dict[str, Any]:
    shown = asdict(one)
    reverts = shown.pop("reverts_id")
    return shown | {
        "id": ids.shown("rdm", one.id),
        "session_id": ids.shown("ses", one.session_id),
        "reverts": ids.shown("rdm", reverts) if reverts else None,
        "advice": advice(one.attention),
    }


router = Router(
    "/redemptions",
    route_handlers=[list_redemptions, get_redemption, report_result, resolve, retry, revert],
    request_max_body_size=WIDGET_BYTES,
    tags=["redemptions"],
)
