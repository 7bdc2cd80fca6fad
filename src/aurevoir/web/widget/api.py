"""The widget API: three calls (interface.md §4)."""

from typing import Annotated, Any

from litestar import Request, Response, Router, get, post
from litestar.params import JSONBody
from msgspec import Meta

from aurevoir.access import customer_tokens, keys
from aurevoir.access.installation import Installation
from aurevoir.kit import clock
from aurevoir.kit.struct import Key, Strict
from aurevoir.sessions import service as sessions
from aurevoir.sessions.moves import Move
from aurevoir.sessions.schemas import Channel, Shown, Visitor
from aurevoir.web.auth import bearer, installation_of
from aurevoir.web.cors import admit_origin
from aurevoir.web.limits import WIDGET_BYTES, json_only


class SessionStart(Strict, frozen=True, kw_only=True):
    """A customer token and, where the page knows better than the token, flow and locale."""

    # Its length is the verifier's business: one that is too long is an invalid token like any other.
    token: str
    flow: Key | None = None
    locale: Annotated[str, Meta(max_length=35)] | None = None


async def visitor(installation: Installation, start: SessionStart, channel: Channel) -> Visitor:
    """Who the token says is here; raises InvalidToken."""
    key = await keys.verification_key(installation.keyring, customer_tokens.key_id(start.token))
    claims = customer_tokens.verify(start.token, key, clock.now())
    return Visitor(
        workspace=key.workspace,
        facts=claims,
        mode=key.mode,
        channel=channel,
        actor="customer",
        jti=claims.jti,
        flow=start.flow,
        locale=start.locale,
    )


@post("/sessions", status_code=201, responses=None)
async def start_session(request: Request[Any, Any, Any], data: JSONBody[SessionStart]) -> Response[Shown]:
    """Exchange a customer token for the one open session of its subscription: 201 begun, 200 resumed."""
    installation = installation_of(request)
    here = await visitor(installation, data, "in_app")
    shown, is_new = await sessions.start(installation, here, clock.now(), admit_origin(request))
    return Response(shown, status_code=201 if is_new else 200)


@get("/session")
async def get_session(request: Request[Any, Any, Any]) -> Shown:
    """Where the session stands."""
    installation = installation_of(request)
    session = sessions.read_session_token(installation, bearer(request))
    return await sessions.look(installation, session, clock.now(), admit_origin(request))


@post("/session/moves", status_code=200)
async def make_move(request: Request[Any, Any, Any], data: JSONBody[Move]) -> Shown:
    """One move; the answer is the screen that follows."""
    installation = installation_of(request)
    session = sessions.read_session_token(installation, bearer(request))
    return await sessions.move(installation, session, data, clock.now(), admit_origin(request))


router = Router(
    "/widget/v1",
    route_handlers=[start_session, get_session, make_move],
    guards=[json_only],
    request_max_body_size=WIDGET_BYTES,
    tags=["widget"],
)
