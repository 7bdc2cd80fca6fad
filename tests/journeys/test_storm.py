"""Billing at its worst: every cancellation is answered at once, and in the end everything took effect once."""

import asyncio
import os
import random
import re
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from aurevoir.billing import registry
from aurevoir.flows import service as flows
from aurevoir.flows import starters
from aurevoir.kit import clock, db, ids, sql
from aurevoir.migrations import MODELS
from aurevoir.settings import Settings
from aurevoir.worker import Worker
from tests import house as houses
from tests.cast import ACME
from tests.house import House, count
from tests.journeys import storm
from tests.journeys.storm import Customers, Told

AUDIT = "AUREVOIR_AUDIT" in os.environ
STORMS = [("sqlite", 5000), ("postgres", 1000)] if AUDIT else [("sqlite", 120)]
# On a busy machine the small storm shows no more than that nobody waits for billing.
P95_MS = 300 if AUDIT else 1000
SECRET = "whsec_storm"
LIVE = "state IN ('accepted', 'sending', 'applied', 'waiting', 'unknown')"
# How often a redemption in each of its last states took effect; what needs a person may have or not, never twice.
EFFECTS = {"confirmed": {1}, "completed": {1}, "superseded": {0}, "failed": {0}, "attention": {0, 1}}


async def furnish(settings: Settings, billing: str) -> tuple[House, str]:
    """Acme on Stripe, with an offer for everybody who finds it too expensive; the address for events."""
    house = await houses.build(settings.installation, ACME, flow="saas_classic")
    await house.connect(
        "stripe",
        api_key="sk_test_storm",
        api_base=billing,
        webhook_secret=SECRET,
        **{"price.pro.month": "price_prod_pro_month_1_2900"},
    )
    generous = re.sub(r"limits: {.*}", "", starters.starter("saas_classic"))
    await db.transaction(lambda: flows.load(house.id, generous, "test", clock.now(), publish_it=True))
    connection = await registry.connection(await house.settings(), "live")
    return house, f"/inbound/stripe/{connection.id}"


async def settle(house: House) -> int:
    """The worker, at later and later moments, until nothing is under way; how many minutes that took."""
    for minute in range(0, 180, 2):
        while await Worker(house.installation).look(clock.now() + timedelta(minutes=minute)):
            pass
        if not await count("redemption", LIVE) and not await count("event", "dispatched_at IS NULL"):
            return minute
    raise AssertionError(await sql.fetch_all(f"SELECT id, kind, state, attempts FROM redemption WHERE {LIVE}"))


async def check(told: Told, counts: dict[str, int]) -> dict[str, int]:
    """Exactly once: what was told, what is stored and what Stripe did agree; redemptions by state."""
    rows = await sql.fetch_all("SELECT id, kind, state, attention FROM redemption")
    wrong = []
    for row in rows:
        done = counts.pop(f"{ids.shown('rdm', UUID(str(row['id'])))} {row['kind']}", 0)
        if done not in EFFECTS[row["state"]]:
            wrong.append((row, done))
    assert wrong == []
    # Coupons of the same terms are shared; taking a cancellation back clears both ways in which it may be set.
    assert {effect for effect in counts if not effect.endswith(" nothing_to_undo")} <= {"coupon"}
    assert len(set(told.receipts.values())) == len(told.receipts) == await count("declaration")
    assert await count("declaration", "undone_at IS NOT NULL") == len(told.undone)
    assert await count("redemption", "kind = 'discount'") == len(told.accepted)
    stuck = await count("redemption", "state IN ('failed', 'attention')")
    assert await count("event", "kind IN ('redemption.failed', 'redemption.attention')") >= stuck
    return Counter(f"{row['kind']} {row['state']}" for row in rows)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[None]:
    """The database, in this process; the service has it before and after."""
    await db.open_database(url, MODELS)
    try:
        yield
    finally:
        await db.close_database()


@pytest.mark.slow
@pytest.mark.parametrize(("database_url", "operations"), STORMS, indirect=["database_url"])
async def test_whatever_billing_does_everything_is_done_once(
    database_url: str, operations: int, tmp_path: Path
) -> None:
    """Time-outs, 500s, 429s, lost replies, repeated events: each cancel has its receipt at once, each effect is one."""
    settings = Settings(database_url=database_url, secret_key=secrets.token_urlsafe(32), base_url="http://127.0.0.1")
    told = Told()
    async with storm.stripe(tmp_path / "stripe.log") as billing:
        async with opened(database_url):
            house, inbound = await furnish(settings, str(billing.base_url))
        faults = await storm.brew(billing, operations, random.Random(7))
        async with storm.service(settings, tmp_path / "serve.log") as port:
            again = asyncio.create_task(storm.repeat_events(billing, f"http://127.0.0.1:{port}{inbound}", SECRET))
            took = await Customers(house, port, told).come(operations)
            again.cancel()
            await asyncio.wait([again])
        async with opened(database_url):
            minutes = await settle(house)
            states = await check(told, (await billing.get("/_effects")).json()["counts"])
            await (await registry.connected(await house.settings(), "live")).close()
    print(f"\n{operations} operations in {took:.0f} s under {faults} faults; settled {minutes} min later: {states}")
    print(f"p95 in ms: all {told.p95():.0f}", {kind: round(told.p95(kind)) for kind in told.times})

    assert told.p95("cancel") < P95_MS
    assert told.p95() < P95_MS
