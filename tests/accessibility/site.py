"""The service itself on a port of the loopback, with a workspace that asks in four languages."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from msgspec.structs import replace

from aurevoir.app import create_app
from aurevoir.flows import service as flows
from aurevoir.flows.overrides import Override
from aurevoir.kit import clock, db
from aurevoir.settings import Settings
from tests import house as houses
from tests.cast import ACME
from tests.databases import MODELS
from tests.house import House

LOCALES = ("en", "de", "fr", "ar")
TEMPLATES = [Path(__file__).parent / f"{flow}.yaml" for flow in ("reasons", "many", "story", "persian")]
# One of the flows speaks a language that the interface does not.
MEANT = [Override(rule="FE-22", person="Alice", reason="To see what it looks like.")]
DATA_KEPT = {
    "en": "It is kept for ninety days, in case you come back, and then deleted.",
    "de": "Sie werden neunzig Tage aufbewahrt, falls Sie zurückkommen, und dann gelöscht.",
    "fr": "Elles sont conservées quatre-vingt-dix jours, au cas où vous reviendriez, puis supprimées.",
    "ar": "تُحفظ تسعين يومًا تحسبًا لعودتك ثم تُحذف.",
}


@dataclass(frozen=True)
class Site:
    """A running service."""

    base: str
    house: House
    client: httpx.AsyncClient
    # The product's pages, by path, on an origin of their own.
    pages: dict[str, str]

    @property
    def shop(self) -> str:
        """The product's origin."""
        return self.base.replace("127.0.0.1", "localhost")


@asynccontextmanager
async def serve(url: str, templates: Sequence[Path] = TEMPLATES) -> AsyncIterator[Site]:
    """On this migrated database, with these flows, until the block ends."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = Settings(database_url=url, secret_key="for-tests-only-for-tests-only-for-tests", base_url=base)
        await db.open_database(url, MODELS)
        pages: dict[str, str] = {}
        # Without its lifespan it works on the database that is open.
        app = _with_pages(create_app(replace(settings, database_url="")), pages)
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
        running = asyncio.create_task(server.serve([listening]))
        try:
            async with httpx.AsyncClient(base_url=base) as client:
                yield Site(base, await _workspace(settings, templates), client, pages)
        finally:
            # The browser keeps its connections open for longer than a test wants to wait.
            server.should_exit = server.force_exit = True
            await running
            await db.close_database()


def _with_pages(app: Any, pages: dict[str, str]) -> Any:
    """The service, and beside it the pages of a product that embeds it."""

    async def either(scope: Any, receive: Any, send: Any) -> None:
        page = pages.get(scope.get("path", ""))
        if page is None:
            await app(scope, receive, send)
        else:
            headers = [(b"content-type", b"text/html; charset=utf-8")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": page.encode()})

    return either


async def _workspace(settings: Settings, templates: Sequence[Path]) -> House:
    shop = settings.base_url.replace("127.0.0.1", "localhost")
    options: dict[str, Any] = {"allowed_origins": [shop], "data_after_exit": DATA_KEPT}
    house = await houses.build(settings.installation, ACME, **options)

    async def unit() -> None:
        for template in templates:
            source = template.read_text("utf-8")
            await flows.load(house.id, source, "test", clock.now(), publish_it=True, overrides=MEANT)

    await db.transaction(unit)
    return house
