"""What customers declared on legal forms: the work list of whoever matches it to subscriptions."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from aurevoir.access import workspaces
from aurevoir.access.facts import ActorFacts, Facts, SubscriptionFacts
from aurevoir.access.keys import ApiCaller
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.kit import clock, ids, paging
from aurevoir.kit.errors import NotFound
from aurevoir.kit.struct import Country, ForeignId, Key, Strict
from aurevoir.legal_forms import matching, receipts, worklist
from aurevoir.legal_forms.worklist import DeclarationSummary, Outcome, State
from aurevoir.sessions.screen import ReceiptShown
from aurevoir.web.api.idempotency import once
from aurevoir.web.auth import authenticate, installation_of
from aurevoir.web.limits import WIDGET_BYTES, json_only

AnyRequest = Request[Any, Any, Any]


class DeclarationMatch(Strict, frozen=True, kw_only=True):
    """Whose subscription it ends, as it was on the day of the declaration.

    `email` is the account's own, if you know it: it hears of the cancellation as well as the address on the form.
    """

    customer: ForeignId
    subscription: SubscriptionFacts
    email: Annotated[str, Meta(max_length=320)] | None = None
    country: Country | None = None
    consumer: bool | None = None
    flow: Key | None = None


class DeclarationMatched(Struct, frozen=True, kw_only=True):
    """The session that stands for it from now on, and its receipt, with the day of the end.

    `already_declared`: the customer had cancelled before. That receipt is theirs, and its links are left out here.
    """

    id: str
    state: State
    session_id: str
    already_declared: bool
    receipt: ReceiptShown | None


class Settling(Strict, frozen=True, kw_only=True):
    """How it was seen to: `settled` by hand, `withdrawn` by the customer, or `not_genuine`."""

    outcome: Outcome = "settled"
    note: Annotated[str, Meta(max_length=500)] | None = None


class DeclarationPage(Struct, frozen=True):
    """Declarations, the oldest first and suspects last, and where to go on."""

    data: list[DeclarationSummary]
    next: str | None


class ReceiptTexts(Struct, frozen=True):
    """The receipt in the words the customer has."""

    text: str
    html: str


class DeclarationWhole(DeclarationSummary, frozen=True, kw_only=True):
    """The same with the receipt, byte for byte as the customer downloads it."""

    receipt: ReceiptTexts


@get("/")
async def list_declarations(
    request: AnyRequest,
    in_state: Annotated[State, QueryParameter(name="state")] = "waiting",
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
) -> DeclarationPage:
    """What was declared on legal forms; by default what waits for you."""
    workspace = await _workspace(request, await authenticate(request, "sessions"))
    found = await worklist.list_declarations(workspace, in_state, paging.read(cursor), limit + 1)
    further = paging.write(_read(found[limit - 1].id)) if len(found) > limit else None
    return DeclarationPage(found[:limit], further)


@get("/{declaration:str}")
async def get_declaration(request: AnyRequest, declaration: FromPath[str]) -> DeclarationWhole:
    """One declaration: what the customer wrote, and the receipt they have."""
    workspace = await _workspace(request, await authenticate(request, "sessions"))
    row = await worklist.get(workspace.id, _read(declaration))
    summary, kept = worklist.summary(workspace, row), receipts.documents(workspace, row.sealed_receipt)
    told = {name: getattr(summary, name) for name in summary.__struct_fields__}
    return DeclarationWhole(**told, receipt=ReceiptTexts(kept.text, kept.html))


@post("/{declaration:str}/match", status_code=200, guards=[json_only])
async def match_declaration(
    request: AnyRequest, declaration: FromPath[str], data: JSONBody[DeclarationMatch]
) -> Response[Any]:
    """End this subscription: the cancellation is recorded as of the moment of the declaration, and goes to billing.

    409 `already_seen_to` where somebody was first, `not_a_cancellation` for a withdrawal: see to that by hand.
    """
    caller = await authenticate(request, "sessions")
    return await once(request, caller, lambda: _match(request, caller, _read(declaration), data))


async def _match(
    request: AnyRequest, caller: ApiCaller, declaration: UUID, data: DeclarationMatch
) -> Response[DeclarationMatched]:
    facts = Facts(
        sub=data.customer,
        subscription=data.subscription,
        actor=ActorFacts(email=data.email),
        country=data.country,
        consumer=data.consumer,
    )
    matched = await matching.match(
        installation_of(request),
        await _workspace(request, caller),
        declaration,
        facts,
        data.flow,
        ids.shown("key", caller.key),
        clock.now(),
    )
    shown = DeclarationMatched(
        id=ids.shown("dcl", declaration),
        state="matched",
        session_id=ids.shown("ses", matched.session),
        already_declared=matched.already_declared,
        receipt=matched.receipt,
    )
    return Response(shown, status_code=200)


@post("/{declaration:str}/settle", status_code=200, guards=[json_only])
async def settle_declaration(
    request: AnyRequest, declaration: FromPath[str], data: JSONBody[Settling]
) -> Response[Any]:
    """It was seen to by hand and waits no longer. 409 `already_seen_to` where somebody was first."""
    caller = await authenticate(request, "sessions")
    return await once(request, caller, lambda: _settle(request, caller, _read(declaration), data))


async def _settle(
    request: AnyRequest, caller: ApiCaller, declaration: UUID, data: Settling
) -> Response[DeclarationSummary]:
    workspace, actor = await _workspace(request, caller), ids.shown("key", caller.key)
    await worklist.settle(workspace.id, declaration, data.outcome, data.note, actor, clock.now())
    return Response(worklist.summary(workspace, await worklist.get(workspace.id, declaration)), status_code=200)


async def _workspace(request: AnyRequest, caller: ApiCaller) -> WorkspaceSettings:
    return await workspaces.get(installation_of(request).keyring, caller.workspace)


def _read(declaration: str) -> UUID:
    """Raises NotFound for what is no id of a declaration."""
    wanted = ids.read("dcl", declaration)
    if wanted is None:
        raise NotFound
    return wanted


router = Router(
    "/declarations",
    route_handlers=[list_declarations, get_declaration, match_declaration, settle_declaration],
    request_max_body_size=WIDGET_BYTES,
    tags=["declarations"],
)
