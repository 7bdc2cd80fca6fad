"""The demo's page, what it asks of its server, and its files."""

from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

from litestar import MediaType, Request, Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from aurevoir.access import customer_tokens, keys, workspaces
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing.adapters.sandbox.ledger import Ledger
from aurevoir.insights import exports
from aurevoir.insights.selection import select
from aurevoir.kit import assets, clock, ids
from aurevoir.kit.crypto import sha256
from aurevoir.kit.errors import NotFound
from aurevoir.web import templates
from aurevoir.web.auth import installation_of
from aurevoir.web.demo import backstage, desk, notes, product, reasons, scene, setting
from aurevoir.web.demo.account import account
from aurevoir.web.demo.scene import Scene
from aurevoir.web.demo.switches import switches
from aurevoir.web.demo.words import WORDS

AnyRequest = Request[Any, Any, Any]
# The element needs no more than this of the page that embeds it, and the page itself has no more.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; "
    "img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
DAYS_ON = 30
_FILES = {"demo.css": "text/css; charset=utf-8", "demo.js": "text/javascript; charset=utf-8"}


class NotPrepared(NotFound):
    """The process serves the demo's pages, and its database holds no demo."""

    message = "The demo is not set up in this database. `aurevoir demo` does that."


@get("/", media_type=MediaType.HTML)
async def page(request: AnyRequest) -> Response[Any]:
    """The page; who comes without a name gets one in the address, so that a reload finds the same visitor."""
    here = scene.read(request.query_params)
    if here is None:
        newcomer = scene.read({**request.query_params, "visitor": token_hex(3)})
        assert newcomer is not None, "a hexadecimal name is a good name"
        return Redirect(f"/demo?{newcomer.query()}", status_code=303)
    workspace = await _workspace(request)
    ledger = await desk.subscription(workspace, here, clock.now())
    token = await _sign(request, workspace, here, ledger)
    values = await _live(request, workspace, here, ledger)
    html = templates.render("demo.html", switches=switches(here), token=token, **values)
    return Response(html, media_type=MediaType.HTML, headers={"Content-Security-Policy": POLICY})


@get("/feed", media_type=MediaType.HTML)
async def feed(request: AnyRequest) -> Response[str]:
    """The live parts of the page, drawn as the page draws them; 304 as long as nothing happened."""
    here = _scene(request)
    workspace = await _workspace(request)
    ledger = await desk.subscription(workspace, here, clock.now())
    billing = f"{ledger.today} {len(ledger.executed)} {len(ledger.charges)}"
    seen = f"{await backstage.newest()} {here.query()} {sorted(notes.tried(here.visitor))} {billing}"
    tag = f'"{sha256(seen)[:32]}"'
    headers = {"ETag": tag, "Content-Security-Policy": POLICY}
    if request.headers.get("if-none-match") == tag:
        return Response("", status_code=304, headers=headers)
    html = templates.render("feed.html", **await _live(request, workspace, here, ledger))
    return Response(html, media_type=MediaType.HTML, headers=headers)


@post("/token", status_code=200)
async def token(request: AnyRequest) -> dict[str, str]:
    """What the product's server does for its own page: a customer token of ten minutes."""
    workspace, here = await _workspace(request), _scene(request)
    ledger = await desk.subscription(workspace, here, clock.now())
    return {"token": await _sign(request, workspace, here, ledger)}


@post("/days", status_code=303)
async def days(request: AnyRequest) -> Redirect:
    """Thirty days go by in the product's billing."""
    here = _scene(request)
    await desk.pass_days(await _workspace(request), here, DAYS_ON, clock.now())
    notes.note(here.visitor, "days")
    return Redirect(f"/demo?{here.query()}#payments", status_code=303)


@get("/receipt")
async def receipt(request: AnyRequest) -> Redirect:
    """On to the visitor's receipt."""
    here = _scene(request)
    told = await backstage.look(installation_of(request), await _workspace(request), here)
    if told.receipt is None:
        raise NotFound
    notes.note(here.visitor, "receipt")
    return Redirect(urlsplit(told.receipt.html_url).path, status_code=303)


@post("/tried", status_code=204)
async def receipt_saved(request: AnyRequest) -> None:
    """The visitor saved the receipt from the element's own last screen."""
    notes.note(_scene(request).visitor, "receipt")


@get("/reasons.csv")
async def reasons_csv(request: AnyRequest) -> Stream:
    """The reason statistics as Ana exports them; `by` week, month, quarter or year."""
    selection = select(await _workspace(request), clock.now(), group_by=request.query_params.get("by"))
    export = await exports.export("reason_stats", "csv", selection)
    if here := scene.read(request.query_params):
        notes.note(here.visitor, "csv")
    headers = {"Content-Disposition": f'attachment; filename="{export.name}"'}
    return Stream(export.chunks, media_type=export.media_type, headers=headers)


@get("/{name:str}")
async def file(name: FromPath[str]) -> Response[bytes]:
    """The page's style sheet and script."""
    if name not in _FILES:
        raise NotFound
    content = (assets.folder("static") / "demo" / name).read_bytes()
    return Response(content, media_type=_FILES[name], headers={"Cache-Control": "no-cache"})


def _scene(request: AnyRequest) -> Scene:
    here = scene.read(request.query_params)
    if here is None:
        raise NotFound
    return here


async def _workspace(request: AnyRequest) -> WorkspaceSettings:
    workspace = await workspaces.find_by_key(installation_of(request).keyring, setting.KEY)
    if workspace is None:
        raise NotPrepared
    return workspace


async def _sign(request: AnyRequest, workspace: WorkspaceSettings, here: Scene, ledger: Ledger) -> str:
    key = await keys.secret_for_trying_out(installation_of(request).keyring, workspace.id, "live")
    if key is None:
        raise NotPrepared
    claims = product.claims(here, ids.shown("ws", workspace.id), ids.new_secret(), clock.now(), ledger)
    return customer_tokens.sign(claims, kid=key.kid, algorithm=key.algorithm, material=key.material)


async def _live(request: AnyRequest, workspace: WorkspaceSettings, here: Scene, ledger: Ledger) -> dict[str, Any]:
    told = await backstage.look(installation_of(request), workspace, here)
    return {
        "scene": here,
        "words": WORDS[here.lang],
        "account": account(here, ledger, is_leaving=told.is_leaving, ends_on=told.ends_on),
        "claims": product.readable(product.facts(here, ledger)),
        "told": told,
        "tried": notes.tried(here.visitor),
        "table": await reasons.table(workspace, here.flow, told.reason, clock.now()),
    }


router = Router(
    "/demo",
    route_handlers=[page, feed, token, days, receipt, receipt_saved, reasons_csv, file],
    include_in_schema=False,
)
