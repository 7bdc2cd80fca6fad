"""`create_app`: the one place that joins the HTTP parts."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from litestar import HttpMethod, Litestar, MediaType, Response, Router, route
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig

from aurevoir import __version__
from aurevoir.kit import db, http, sql
from aurevoir.migrations import MODELS
from aurevoir.settings import Settings
from aurevoir.web import errors, headers, limits, metrics
from aurevoir.web.api import router as api
from aurevoir.web.demo import router as demo
from aurevoir.web.inbound import stripe as inbound_stripe
from aurevoir.web.widget import api as widget_api
from aurevoir.web.widget import files, legal, pages

# Load balancers ask either way; the server leaves the body out for HEAD.
_ASKING = [HttpMethod.GET, HttpMethod.HEAD]


@route("/health/live", http_method=_ASKING, include_in_schema=False)
async def live() -> dict[str, str]:
    """The process runs."""
    return {"status": "ok"}


@route("/health/ready", http_method=_ASKING, include_in_schema=False)
async def ready() -> Response[dict[str, str]]:
    """The database answers and its schema is the one this code knows."""
    await sql.fetch_one("SELECT 1 AS one")
    pending = await db.pending_migrations()
    body = {"status": "migrations are pending" if pending else "ok"}
    return Response(body, status_code=503 if pending else 200, media_type=MediaType.JSON)


def create_app(settings: Settings, background: Callable[[], Awaitable[None]] | None = None) -> Litestar:
    """The whole service; `background` runs beside it from its start to its end: the worker, where it runs inside."""

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        http.configure(allow_private=settings.allow_private_targets)
        await db.open_database(settings.database_url, MODELS)
        try:
            async with _beside(background):
                _settle_down()
                yield
        finally:
            await db.close_database()

    return Litestar(
        route_handlers=[
            live,
            ready,
            metrics.metrics,
            widget_api.router,
            files.element_file,
            pages.router,
            legal.router,
            api.router,
            inbound_stripe.router,
            *_demo(settings),
        ],
        lifespan=[lifespan],
        state=State({"installation": settings.installation, "metrics_token": settings.metrics_token}),
        middleware=[metrics.timed],
        guards=[limits.no_nul],
        exception_handlers={Exception: errors.handle},
        before_send=[headers.before_send],
        openapi_config=OpenAPIConfig(title="Aurevoir", version=__version__, path="/schema", render_plugins=()),
        logging_config=None,
        debug=False,
    )


def _demo(settings: Settings) -> list[Router]:
    return [demo.router] if settings.demo else []


@asynccontextmanager
async def _beside(background: Callable[[], Awaitable[None]] | None) -> AsyncIterator[None]:
    if background is None:
        yield
        return
    task = asyncio.ensure_future(background())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _settle_down() -> None:
    # Full collections stop the loop for 20-40 ms once Tortoise is loaded, and the default switch interval lets SQLite's
    # thread wait 5 ms for the interpreter: p99 20-36 ms becomes 10-12 ms.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 50)
    sys.setswitchinterval(0.001)
