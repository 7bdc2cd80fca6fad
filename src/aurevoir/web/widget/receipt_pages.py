"""Behind a receipt's link: its documents, where the cancellation stands, and what its customer can still do.

The secret in the address is all the right there is: no token, no cookie, no script, and no end after 24 hours.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from aurevoir.access import workspaces
from aurevoir.kit import clock, ids
from aurevoir.kit.errors import NotFound
from aurevoir.privacy import holders, telling, withdrawing
from aurevoir.sessions import afterwards, afterwards_screen, receipts
from aurevoir.sessions.afterwards import HasEnded
from aurevoir.web import templates
from aurevoir.web.auth import installation_of
from aurevoir.web.widget.saved import FORMS, saved

AnyRequest = Request[Any, Any, Any]


@get("/receipts/{name:str}/{document:str}", media_type=MediaType.HTML)
async def receipt(request: AnyRequest, name: FromPath[str], document: FromPath[str]) -> Response[str]:
    """`{secret}`: the page; `{secret}.html` and `{secret}.txt`: the bytes that were written with the declaration."""
    secret, dot, form = document.rpartition(".")
    if not dot:
        return await _page(request, name, document)
    if form not in FORMS:
        raise NotFound
    workspace, sealed = await receipts.open_document(_id(name), secret)
    kept = receipts.documents(await workspaces.get(installation_of(request).keyring, workspace), sealed)
    return saved(kept, name, form)


@post("/receipts/{name:str}/{secret:str}/undo", status_code=303, media_type=MediaType.HTML)
async def undo(request: AnyRequest, name: FromPath[str], secret: FromPath[str]) -> Response[Any]:
    """Take the cancellation back, and back to the page; after the end the page says that it is too late."""
    try:
        await afterwards.undo(installation_of(request), _id(name), secret, clock.now())
    except HasEnded:
        return await _page(request, name, secret, refused=True)
    return _back(name, secret)


@post("/receipts/{name:str}/{secret:str}/delete-answers", status_code=303)
async def delete_answers(request: AnyRequest, name: FromPath[str], secret: FromPath[str]) -> Redirect:
    """Delete what was answered, and back to the page."""
    await withdrawing.withdraw_answers(installation_of(request), _id(name), secret, clock.now())
    return _back(name, secret)


@get("/receipts/{name:str}/{secret:str}/everything.json")
async def everything(request: AnyRequest, name: FromPath[str], secret: FromPath[str]) -> Response[bytes]:
    """All that is held about the customer, as a file."""
    held = await telling.by_receipt(installation_of(request), _id(name), secret, clock.now())
    headers = {"Content-Disposition": f'attachment; filename="{held.workspace}-{held.told_at:%Y-%m-%d}.json"'}
    body = msgspec.json.format(msgspec.json.encode(held), indent=2)
    return Response(body, media_type=MediaType.JSON, headers=headers)


def _id(name: str) -> UUID:
    found = ids.read("rcp", name)
    if found is None:
        raise NotFound
    return found


def _back(name: str, secret: str) -> Redirect:
    return Redirect(_address(name, secret), status_code=303)


def _address(name: str, secret: str) -> str:
    return f"/exit/receipts/{name}/{secret}"


async def _page(request: AnyRequest, name: str, secret: str, *, refused: bool = False) -> Response[str]:
    status = await afterwards.status(installation_of(request), _id(name), secret, clock.now())
    is_known = await holders.is_known(await receipts.prove(_id(name), secret))
    html = templates.render(
        "receipt.html",
        screen=afterwards_screen.draw(status, knows_holder=is_known, refused=refused),
        address=_address(name, secret),
        style_sheet=status.workspace.style_sheet,
    )
    return Response(html, media_type=MediaType.HTML, status_code=409 if refused else 200)


HANDLERS = (receipt, undo, delete_answers, everything)
