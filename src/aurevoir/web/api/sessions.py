"""Sessions from the operator's server: begun for a customer, recorded for one, looked at."""

from datetime import datetime
from typing import Annotated, Any, Literal

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Struct

from aurevoir.access.facts import Facts, Mode
from aurevoir.access.keys import ApiCaller
from aurevoir.kit import clock, ids, paging
from aurevoir.kit.errors import Invalid, NotFound, Problem
from aurevoir.kit.struct import Key
from aurevoir.sessions import detail, listing, recording
from aurevoir.sessions import service as sessions
from aurevoir.sessions.detail import SessionDetail
from aurevoir.sessions.listing import SessionSummary
from aurevoir.sessions.moves import FreeText
from aurevoir.sessions.recording import Said
from aurevoir.sessions.schemas import Visitor
from aurevoir.sessions.screen import ReceiptShown
from aurevoir.web.api.idempotency import once
from aurevoir.web.auth import authenticate, installation_of
from aurevoir.web.limits import WIDGET_BYTES, json_only

AnyRequest = Request[Any, Any, Any]


class SessionCreate(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The facts of a customer token, said by the operator's server itself."""

    mode: Mode = "live"
    channel: Literal["hosted", "agent", "after_exit"] = "hosted"
    flow: Key | None = None
    # With `channel: agent`: what the customer gave as the reason, if anything.
    reason: Key | None = None
    comment: FreeText | None = None


class SessionCreated(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A session, its bearer token, and its hosted page; for an agent the receipt as well."""

    id: str
    token: str
    url: str
    expires_at: datetime
    state: str
    receipt: ReceiptShown | None = None


@post("/", status_code=201, guards=[json_only])
async def create_session(request: AnyRequest, data: JSONBody[SessionCreate]) -> Response[Any]:
    """The one open session of this subscription: 201 begun, 200 resumed. `channel: agent` records a cancellation."""
    caller = await authenticate(request, "sessions")
    if data.channel != "agent" and (data.reason or data.comment):
        problem = Problem("$.reason", "Only a cancellation recorded by an agent brings its reason along.")
        raise Invalid(problems=[problem])
    return await once(request, caller, lambda: _create(request, caller, data))


async def _create(request: AnyRequest, caller: ApiCaller, data: SessionCreate) -> Response[SessionCreated]:
    installation = installation_of(request)
    visitor = Visitor(
        workspace=caller.workspace,
        facts=data,
        mode=data.mode,
        channel=data.channel,
        actor=ids.shown("key", caller.key),
        flow=data.flow,
    )
    shown, is_new = await sessions.start(installation, visitor, clock.now())
    session = ids.read("ses", shown.session.id)
    assert session is not None, "what was just shown can be read"
    if data.channel == "agent":
        said = Said(reason=data.reason, comment=data.comment)
        shown = await recording.record(installation, session, said, visitor.actor, clock.now())
    secret = await sessions.capability(caller.workspace, installation, session)
    created = SessionCreated(
        id=shown.session.id,
        token=shown.session.token,
        url=f"{installation.base_url}/exit/v/{secret}",
        expires_at=shown.session.expires_at,
        state=shown.session.state,
        receipt=shown.screen.receipt,
    )
    return Response(created, status_code=201 if is_new else 200)


class SessionPage(Struct, frozen=True):
    """Sessions, the newest first, and where to go on."""

    data: list[SessionSummary]
    next: str | None


@get("/")
async def list_sessions(
    request: AnyRequest,
    mode: FromQuery[Mode] = "live",
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
) -> SessionPage:
    """The workspace's sessions, the newest first."""
    caller = await authenticate(request, "sessions")
    found = await listing.list_sessions(caller.workspace, mode, paging.read(cursor), limit + 1)
    return SessionPage(
        found[:limit], paging.write(ids.read("ses", found[limit - 1].id)) if len(found) > limit else None
    )


@get("/{session:str}")
async def get_session(request: AnyRequest, session: FromPath[str]) -> SessionDetail:
    """One session: where it stands, which pack applied and why; what was answered, offered, agreed and promised."""
    caller = await authenticate(request, "sessions")
    wanted = ids.read("ses", session)
    found = await detail.find_detail(caller.workspace, wanted) if wanted else None
    if found is None:
        raise NotFound
    return found


router = Router(
    "/sessions",
    route_handlers=[create_session, list_sessions, get_session],
    request_max_body_size=WIDGET_BYTES,
    tags=["sessions"],
)
