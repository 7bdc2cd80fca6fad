"""Acme's webhooks, as tests set them up and let them run at a moment of their choosing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from aurevoir.kit import clock, db, sql
from aurevoir.kit.mail import Server
from aurevoir.webhooks import courier, deliveries, endpoints, notifications, notifying
from aurevoir.webhooks.deliveries import Delivery
from aurevoir.webhooks.rules import Target, When
from aurevoir.worker import Worker
from tests.house import House


async def endpoint(house: House, url: str, *events: str, **options: Any) -> tuple[UUID, str]:
    """A new endpoint and its secret."""
    workspace = await house.settings()
    return await db.transaction(lambda: endpoints.create(workspace, url, events or ("*",), clock.now(), **options))


async def rule(house: House, target: Target, when: When | None = None, **options: Any) -> tuple[UUID, str | None]:
    """A new notification rule, and its secret."""
    workspace = await house.settings()
    return await db.transaction(
        lambda: notifications.create(workspace, "Big ones", when or When(), target, clock.now(), **options)
    )


async def dispatch(house: House) -> None:
    """The worker, until it finds nothing more to do."""
    worker = Worker(house.installation)
    while await worker.look(clock.now()):
        pass


async def deliver(house: House, now: datetime | None = None, mail_server: Server | None = None) -> None:
    """Everything that is due at `now`, through the lanes of endpoints and rules."""
    installation = replace(house.installation, mail_server=mail_server)
    for lanes in (courier.lanes(installation), notifying.lanes(installation)):
        await lanes.look(lambda: now or clock.now())
        await lanes.idle()


async def listed(house: House, endpoint: UUID) -> list[Delivery]:
    """The endpoint's deliveries, the oldest first."""
    found = await deliveries.list_deliveries(house.id, endpoint, None, None, 100)
    return found[::-1]


async def disabled_because(endpoint: UUID) -> str | None:
    """Why it hears of nothing any more."""
    row = await sql.fetch_one("SELECT disabled_because FROM webhook_endpoint WHERE id = $1", endpoint)
    assert row is not None
    return row["disabled_because"] if row["disabled_because"] is None else str(row["disabled_because"])
