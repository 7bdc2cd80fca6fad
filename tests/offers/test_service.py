"""Redemptions on their way: carried out once each, in order, whatever the provider and the process do."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import httpx
import pytest

from aurevoir.access import workspaces
from aurevoir.billing import registry
from aurevoir.billing.gateway import Gateway, GatewayError, NotSent, Rejected, Unknown
from aurevoir.billing.plan import Order, Verdict
from aurevoir.kit import clock, db, ids, sql
from aurevoir.offers import redemption as rules
from aurevoir.offers import service as offers
from tests.house import House, count
from tests.visits import Visit, start

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class Provider:
    """A billing system that keeps a ledger, and fails as it is told to: before or after it executed."""

    name: ClassVar[str] = "sandbox"
    capabilities: ClassVar[frozenset[str]] = frozenset({"cancel", "undo_cancel"})

    def __init__(self) -> None:
        self.executed: list[str] = []
        self.sent = 0
        # What the next calls raise, in order; the ones marked True happen after the effect.
        self.faults: list[tuple[Exception, bool]] = []
        self.during: Callable[[], Any] | None = None

    async def send(self, order: Order) -> Verdict:
        """One attempt."""
        self.sent += 1
        fault, after = self.faults.pop(0) if self.faults else (None, True)
        if fault is not None and not after:
            raise fault
        await asyncio.sleep(0.002)
        self.executed.append(order.idempotency_key)
        if fault is not None:
            raise fault
        return Verdict("confirmed")

    async def verify(self, order: Order) -> Verdict:
        """A strongly consistent read."""
        return Verdict("confirmed" if order.idempotency_key in self.executed else "not_applied")

    @property
    def kinds(self) -> list[str]:
        """What took effect, in order."""
        return [key.rpartition(":")[2] for key in self.executed]


async def _claim(owner: str) -> offers.Redemption | None:
    """Take the most urgent order, as a worker of that name would."""
    now = clock.now()
    [most_urgent, *_] = await offers._list_due(now)
    return await db.transaction(lambda: offers._claim(most_urgent, owner, now))


@pytest.fixture
def provider() -> Provider:
    """Nothing executed yet."""
    return Provider()


@pytest.fixture
async def acme(house: House) -> House:
    """Acme, whose billing is connected."""
    await db.transaction(lambda: registry.connect(house.id, "live", "sandbox", clock.now()))
    return house


async def look(house: House, provider: Gateway, later: timedelta = timedelta(), owner: str = "worker") -> int:
    """What a worker does, `later` than now."""

    async def data_key(workspace: UUID) -> bytes:
        return (await workspaces.get(house.installation.keyring, workspace)).data_key

    return await offers.carry_out(data_key, owner, clock.now() + later, {"sandbox": provider, "manual": provider})


async def states() -> dict[str, str]:
    """Kind and state of every redemption."""
    return {row["kind"]: row["state"] for row in await sql.fetch_all("SELECT kind, state FROM redemption")}


async def declared(client: httpx.AsyncClient, house: House, **changes: Any) -> Visit:
    """Dana has declared."""
    return await (await start(client, house, **changes)).leave()


async def test_four_workers_carry_out_each_order_once(
    client: httpx.AsyncClient, acme: House, provider: Provider
) -> None:
    """Thirty cancellations, four workers at the same moment: thirty effects, thirty facts."""
    for number in range(30):
        await declared(client, acme, subscription={"id": f"sub_{number}"})
    await asyncio.gather(*(look(acme, provider, owner=f"worker {number}") for number in range(4)))
    while await look(acme, provider):
        pass

    assert set(Counter(provider.executed).values()) == {1}
    assert len(provider.executed) == 30
    assert await count("event", "kind = 'redemption.confirmed'") == 30


@pytest.mark.parametrize(
    ("fault", "after", "state", "effects"),
    [
        (NotSent(), False, "waiting", 1),
        (Unknown(), False, "unknown", 1),
        (Unknown(), True, "unknown", 1),
        (TimeoutError(), True, "unknown", 1),
        (RuntimeError("a mistake of the adapter"), False, "unknown", 1),
        (Rejected("subscription_gone"), False, "failed", 0),
    ],
)
async def test_a_failing_provider_makes_one_effect(
    client: httpx.AsyncClient,
    acme: House,
    provider: Provider,
    fault: GatewayError,
    *,
    after: bool,
    state: str,
    effects: int,
) -> None:
    """What may have happened is verified before anything is sent again; what was refused for good is not repeated."""
    provider.faults = [(fault, after)]
    await declared(client, acme)
    await look(acme, provider)
    first = await states()
    early = await look(acme, provider, SECOND)
    for minutes in (1, 3, 20):
        await look(acme, provider, minutes * MINUTE)

    assert first == {"cancel": state}
    assert early == 0
    assert len(provider.executed) == effects
    assert await states() == {"cancel": "confirmed" if effects else "failed"}
    assert await count("event", "kind IN ('redemption.confirmed', 'redemption.failed')") == 1


@pytest.mark.parametrize("executed", [True, False])
async def test_a_worker_that_dies_leaves_nothing_in_doubt(
    client: httpx.AsyncClient, acme: House, provider: Provider, *, executed: bool
) -> None:
    """It died between sending and noting: when its lease is over, the next one looks before it sends."""
    await declared(client, acme)
    claimed = await _claim("dead")
    assert claimed is not None
    if executed:
        provider.executed.append(claimed.idempotency_key)
    during_lease = await look(acme, provider, rules.LEASE - SECOND)
    await look(acme, provider, rules.LEASE + SECOND)

    assert during_lease == 0
    assert len(provider.executed) == 1
    assert provider.sent == (0 if executed else 1)
    assert await states() == {"cancel": "confirmed"}


async def test_who_lost_the_lease_has_no_say(client: httpx.AsyncClient, acme: House, provider: Provider) -> None:
    """A worker that slept through its lease cannot overwrite what another one found out."""
    await declared(client, acme)
    claimed = await _claim("slow")
    assert claimed is not None
    await look(acme, provider, rules.LEASE + SECOND, owner="quick")
    await db.transaction(lambda: offers._settle(claimed, Rejected("late"), "slow", clock.now()))

    assert await states() == {"cancel": "confirmed"}
    assert await count("event", "kind = 'redemption.failed'") == 0


async def test_what_was_certainly_not_sent_is_withdrawn_by_an_undo(
    client: httpx.AsyncClient, acme: House, provider: Provider
) -> None:
    """The provider was away, Dana changed her mind: nothing is sent, neither the cancellation nor its opposite."""
    provider.faults = [(NotSent(), False)]
    visit = await declared(client, acme)
    await look(acme, provider)
    await visit.move("undo")
    for minutes in (0, 1, 3, 20):
        await look(acme, provider, minutes * MINUTE)

    assert provider.executed == []
    assert await states() == {"cancel": "superseded"}


@pytest.mark.parametrize("after", [True, False])
async def test_an_undo_never_overtakes_its_cancellation(
    client: httpx.AsyncClient, acme: House, provider: Provider, *, after: bool
) -> None:
    """It is unknown whether the cancellation arrived: that is found out first, and the undo comes last."""
    provider.faults = [(Unknown(), after)]
    visit = await declared(client, acme)
    await look(acme, provider)
    await visit.move("undo")
    for seconds in (1, 2, 10, 60, 300, 3000):
        await look(acme, provider, seconds * SECOND)

    assert provider.kinds == ["cancel", "undo_cancel"]
    assert set((await states()).values()) == {"confirmed"}


async def test_an_undo_waits_while_another_worker_is_sending(
    client: httpx.AsyncClient, acme: House, provider: Provider
) -> None:
    """Two workers, one customer: her last word is the last to arrive."""
    visit = await declared(client, acme)
    claimed = await _claim("sending")
    assert claimed is not None
    await visit.move("undo")
    meanwhile = await look(acme, provider, owner="other")
    provider.executed.append(claimed.idempotency_key)
    await db.transaction(lambda: offers._settle(claimed, Verdict("confirmed"), "sending", clock.now()))
    await look(acme, provider, SECOND, owner="other")

    assert meanwhile == 0
    assert provider.kinds == ["cancel", "undo_cancel"]


async def test_a_new_cancellation_comes_after_the_undo_before_it(
    client: httpx.AsyncClient, acme: House, provider: Provider
) -> None:
    """Cancelled, undone while the provider was away, cancelled again in a new visit: the last word wins."""
    first = await declared(client, acme)
    await look(acme, provider)
    provider.faults = [(NotSent(), False)]
    await first.move("undo")
    await look(acme, provider)
    await declared(client, acme)
    for seconds in (1, 2, 10, 60, 300, 3000):
        await look(acme, provider, seconds * SECOND)

    assert provider.kinds[-1] == "cancel"
    assert len(set(provider.executed)) == len(provider.executed)


async def test_one_customer_does_not_hold_up_another(
    client: httpx.AsyncClient, acme: House, provider: Provider
) -> None:
    """An order that waits for its provider is passed by all others."""
    provider.faults = [(NotSent(), False)]
    await declared(client, acme, subscription={"id": "stuck"})
    await look(acme, provider)
    for number in range(5):
        await declared(client, acme, subscription={"id": f"sub_{number}"})
    await look(acme, provider, SECOND)

    assert len(provider.executed) == 5


async def test_after_forty_tries_a_person_is_asked(client: httpx.AsyncClient, acme: House, provider: Provider) -> None:
    """Nothing is tried for ever, and nothing ends in silence."""
    provider.faults = [(NotSent(), False)] * 60
    visit = await declared(client, acme)
    for hours in range(60):
        await look(acme, provider, timedelta(hours=2 * hours))
    session = ids.read("ses", visit.session["id"])

    assert await states() == {"cancel": "attention"}
    assert provider.sent == rules.TRIES
    assert await count("event", "kind = 'redemption.attention' AND session_id = $1", session) == 1


async def test_the_plan_is_frozen_and_sealed(client: httpx.AsyncClient, acme: House, provider: Provider) -> None:
    """What is sent was fixed when it was agreed: facts that change later change nothing; no id stands in clear."""
    seen: list[Order] = []

    class Watching(Provider):
        async def send(self, order: Order) -> Verdict:
            seen.append(order)
            raise NotSent

    await declared(client, acme)
    row = (await sql.fetch_all("SELECT * FROM redemption"))[0]
    for minutes in (0, 1):
        await look(acme, Watching(), minutes * MINUTE)
        await start(client, acme, subscription={"renews_on": "2031-01-01", "plan": "team"})

    assert seen[0] == seen[1]
    assert (seen[0].plan.customer, seen[0].plan.subscription) == ("cus_42", "sub_9")
    assert not [value for value in row.values() if "sub_9" in str(value) or "cus_42" in str(value)]
