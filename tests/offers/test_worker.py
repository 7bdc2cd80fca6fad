"""The worker beside a provider that is slow or fails: nobody else waits for it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from aurevoir.billing import registry
from aurevoir.billing.gateway import Rejected
from aurevoir.billing.plan import Order, SubscriptionRef, UndoCancel
from aurevoir.events import service as events
from aurevoir.kit import clock, db
from aurevoir.offers import service as offers
from aurevoir.worker import Worker
from tests.house import House, count
from tests.offers.conftest import Agree, cancellation, row, states
from tests.offers.ledger import Ledger
from tests.visits import start


@asynccontextmanager
async def working(house: House) -> AsyncIterator[None]:
    """A worker at work, as `serve` runs it."""
    task = asyncio.create_task(Worker(house.installation).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def until(come: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that needs no more than a moment."""
    async with asyncio.timeout(8):
        while not await come():  # noqa: ASYNC110 - what comes is other tasks' progress
            await asyncio.sleep(0.01)


class Slow(Ledger):
    """Does not answer until it may."""

    name = "slow"

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Event()
        self.under_way = 0
        self.during = self._wait

    async def _wait(self, _: Order) -> None:
        self.under_way += 1
        await self.may.wait()


@pytest.fixture
def slow(provider: Ledger, monkeypatch: pytest.MonkeyPatch) -> Slow:
    """Connected under the name `slow`."""
    made = Slow()
    monkeypatch.setattr(registry, "GATEWAYS", {**registry.GATEWAYS, "slow": made})
    return made


async def test_a_slow_provider_holds_up_nobody_else(
    acme: House, globex: House, provider: Ledger, slow: Slow, agree: Agree
) -> None:
    """Acme's billing hangs with twenty orders: Globex's cancellation goes through, and events are told."""
    await acme.connect("slow")
    await globex.connect("ledger")
    for number in range(20):
        await agree(subscription=f"sub_{number}")
    theirs = await globex.settings()
    async with working(acme):
        await until(lambda: _is(slow.under_way == 4))
        await db.transaction(
            lambda: offers.agree(
                theirs,
                cancellation(),
                clear=SubscriptionRef("cus_1", "sub_1"),
                mode="live",
                session=theirs.id,
                subscription="theirs",
                idempotency_key="exit:theirs",
                now=clock.now(),
            )
        )
        events.ring()
        await until(lambda: _is(provider.kinds == ["cancel"]))
        await until(lambda: _counted("event", "kind = 'redemption.confirmed' AND dispatched_at IS NOT NULL"))
        still = (slow.under_way, len(slow.effects))
        slow.may.set()
        await until(lambda: _is(len(slow.effects) == 20))

    assert still == (4, 0)
    assert len(set(slow.effects)) == 20


async def test_slow_orders_of_one_subscription_stay_one_after_another(acme: House, slow: Slow, agree: Agree) -> None:
    """However many hands are free."""
    await acme.connect("slow")
    for action in (cancellation(), UndoCancel(), cancellation()):
        await agree(action)
    async with working(acme):
        await until(lambda: _is(slow.under_way == 1))
        await asyncio.sleep(0.1)
        at_once = slow.under_way
        slow.may.set()
        await until(lambda: _is(len(slow.effects) == 3))

    assert at_once == 1
    assert slow.kinds == ["cancel", "undo_cancel", "cancel"]


async def test_a_cancellation_reaches_billing_at_once(client: httpx.AsyncClient, acme: House, provider: Ledger) -> None:
    """Declared in this process, it is on its way as soon as it is committed."""
    async with working(acme):
        visit = await (await start(client, acme)).leave()
        await until(lambda: _is(provider.kinds == ["cancel"]))
        await until(lambda: _counted("session", "state = 'left'"))

    assert (await visit.look()).state == "left"


async def test_a_refused_undo_reaches_somebody(client: httpx.AsyncClient, acme: House, provider: Ledger) -> None:
    """Dana believes that she stays; billing says no: the operator hears of it."""
    async with working(acme):
        visit = await (await start(client, acme)).leave()
        await until(lambda: _counted("session", "state = 'left'"))
        provider.faults = [(Rejected("already_ended"), False)]
        await visit.move("undo")
        await until(lambda: _counted("event", "kind = 'session.needs_help'"))

    assert (await states())["undo_cancel"] == "failed"
    assert (await visit.look()).state == "needs_help"


async def test_a_worker_that_is_stopped_leaves_what_it_holds_to_the_next(acme: House, slow: Slow, agree: Agree) -> None:
    """Stopping does not wait for a provider, and forgets nothing."""
    await acme.connect("slow")
    redemption = await agree()
    async with working(acme):
        await until(lambda: _is(slow.under_way == 1))

    assert (await row(redemption))["state"] == "sending"


async def _is(truth: bool) -> bool:
    return truth


async def _counted(table: str, where: str) -> bool:
    return await count(table, where) > 0
