"""The hosted pages: the same `Screen` as plain HTML forms; everything works with no script at all."""

from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from aurevoir.kit import assets, clock, ids
from aurevoir.kit.errors import Conflict, Invalid
from aurevoir.sessions import service as sessions
from aurevoir.sessions.moves import Cancel, Move
from aurevoir.sessions.schemas import Shown
from aurevoir.web import templates
from aurevoir.web.auth import installation_of
from aurevoir.web.limits import WIDGET_BYTES
from aurevoir.web.widget import forms, receipt_pages, theme
from aurevoir.web.widget.api import SessionStart, visitor

AnyRequest = Request[Any, Any, Any]
EMPTY: Mapping[str, str] = MappingProxyType({})


@post("/start", status_code=303)
async def start(request: AnyRequest) -> Redirect:
    """Where the form around the element posts to when no script came: a session, and the way to its page."""
    form = await request.form()
    given = {name: form[name] for name in ("token", "flow", "locale") if form.get(name)}
    installation = installation_of(request)
    here = await visitor(installation, msgspec.convert(given, SessionStart), "hosted")
    shown, _ = await sessions.start(installation, here, clock.now())
    session = ids.read("ses", shown.session.id)
    assert session is not None, "what was just shown can be read"
    secret = await sessions.capability(here.workspace, installation, session)
    return Redirect(f"/exit/v/{secret}", status_code=303)


@get("/v/{secret:str}", media_type=MediaType.HTML)
async def page(request: AnyRequest, secret: FromPath[str]) -> Response[str]:
    """The screen where the session stands."""
    shown = await sessions.look(installation_of(request), await sessions.open_capability(secret), clock.now())
    return _page(shown)


@post("/v/{secret:str}", status_code=303, media_type=MediaType.HTML)
async def move(request: AnyRequest, secret: FromPath[str]) -> Response[Any]:
    """One move, then back to the page; an answer that cannot be taken comes back with what is wrong."""
    installation, form = installation_of(request), await request.form()
    session = await sessions.open_capability(secret)
    there = Redirect(f"/exit/v/{secret}", status_code=303)
    try:
        await sessions.move(installation, session, _read(forms.move(form)), clock.now())
    except (Conflict, msgspec.ValidationError):
        # Made on a screen that is no longer there: the page shows the present one.
        return there
    except Invalid as error:
        shown = await sessions.look(installation, session, clock.now())
        return _page(forms.with_problems(shown, form, error.problems), forms.follow_ups(form), status=422)
    return there


def _read(posted: dict[str, Any]) -> Move:
    """The move; a cancel whose fields cannot be read goes without them, since nothing may refuse it."""
    if posted["kind"] == "cancel":
        for fields in (posted, {name: posted[name] for name in ("kind", "step") if name in posted}):
            with suppress(msgspec.ValidationError):
                return msgspec.convert(fields, Cancel)
        return Cancel()
    made: Move = msgspec.convert(posted, Move)
    return made


@get("/pages.css", include_in_schema=False)
async def style() -> Response[bytes]:
    """The pages' style sheet."""
    return Response(
        (assets.folder("static") / "widget" / "pages.css").read_bytes(),
        media_type="text/css; charset=utf-8",
        headers={"Cache-Control": "public, max-age=300"},
    )


def _page(shown: Shown, written: Mapping[str, str] = EMPTY, status: int = 200) -> Response[str]:
    """`written`: what stands beside options that were not chosen, kept until one is."""
    html = templates.render(
        "screen.html",
        screen=shown.screen,
        session=shown.session,
        phrases=shown.phrases,
        written=written,
        style_sheet=shown.style_sheet,
    )
    return Response(html, media_type=MediaType.HTML, status_code=status)


router = Router(
    "/exit",
    route_handlers=[start, page, move, *receipt_pages.HANDLERS, style, theme.style_sheet],
    request_max_body_size=WIDGET_BYTES,
    include_in_schema=False,
)
