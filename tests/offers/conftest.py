"""Acme with a billing system that fails as it is told to, and what its worker does."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import httpx
import pytest

from aurevoir.access import workspaces
from aurevoir.billing import registry
from aurevoir.billing.plan import Action, Cancel, Discount, SubscriptionRef
from aurevoir.kit import clock, db, ids, sql
from aurevoir.offers import claiming, journal
from aurevoir.offers import service as offers
from aurevoir.offers.journal import Claim
from tests.house import House
from tests.offers.ledger import Ledger
from tests.visits import Visit, start

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
# When a worker looks again: whatever time alone brings on has come on by the last of them.
LATER = (0, 1, 3, 25, 60, 90, 200, 400, 1500, 4000, 9000)
Look = Callable[..., Awaitable[int]]
Agree = Callable[..., Awaitable[UUID]]


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Nothing executed yet; connected under the name `ledger`."""
    ledger = Ledger()
    monkeypatch.setattr(registry, "GATEWAYS", {**registry.GATEWAYS, "ledger": ledger})
    return ledger


@pytest.fixture
async def acme(house: House, provider: Ledger) -> House:
    """Acme, whose billing is connected."""
    await house.connect("ledger")
    return house


@pytest.fixture
def look(acme: House) -> Look:
    """What a worker does once, `later` than now."""

    async def once(later: timedelta = timedelta(), owner: str = "worker") -> int:
        workspace_of = partial(workspaces.get, acme.installation.keyring)
        return await offers.carry_out(workspace_of, owner, lambda: clock.now() + later)

    return once


def discount() -> Discount:
    """A third off, three times."""
    return Discount(percent_off=33, periods=3, ends_at=clock.now() + timedelta(days=90))


def cancellation() -> Cancel:
    """As soon as billing can."""
    return Cancel(ends_on=None, declared_at=clock.now())


@pytest.fixture
def agree(acme: House, provider: Ledger) -> Agree:
    """Something agreed with Dana, or with whoever has the subscription of that name."""

    async def agreed(action: Action | None = None, subscription: str = "sub_9", **changes: Any) -> UUID:
        workspace = await acme.settings()
        ref = SubscriptionRef("cus_42", subscription)
        one = action or discount()
        details: dict[str, Any] = {
            "clear": ref,
            "mode": "live",
            "session": ids.new_id(),
            "subscription": f"pseudonym of {subscription}",
            "idempotency_key": f"exit:{ids.new_id().hex}:{one.__struct_config__.tag}",
            "now": clock.now(),
        }
        if isinstance(one, Discount):
            details |= {"snapshot": await provider.snapshot(ref), "offer": "third_off", "terms": '{"price": "20 €"}'}
        details |= changes
        return await db.transaction(lambda: offers.agree(workspace, one, **details))

    return agreed


async def states() -> dict[str, str]:
    """Kind and state of every redemption."""
    return {row["kind"]: row["state"] for row in await sql.fetch_all("SELECT kind, state FROM redemption")}


async def row(redemption: UUID) -> dict[str, Any]:
    """One redemption as stored."""
    found = await sql.fetch_one("SELECT * FROM redemption WHERE id = $1", redemption)
    assert found is not None
    return found


async def at(redemption: UUID, **columns: datetime | str | None) -> None:
    """Change what time would have changed."""
    names = ", ".join(f"{name} = ${number}" for number, name in enumerate(columns, start=2))
    await db.transaction(
        lambda: sql.execute(f"UPDATE redemption SET {names} WHERE id = $1", redemption, *columns.values())
    )


async def taken_up(owner: str) -> Claim:
    """The most urgent redemption in the hands of a worker of that name, its first step on its way."""
    now = clock.now()
    [most_urgent, *_] = await offers.list_due(now)
    claim = await db.transaction(lambda: claiming.claim(most_urgent.id, owner, now))
    assert claim is not None
    step = journal.StepRow(number=0, state="sending", sent_at=now)
    assert await db.transaction(lambda: journal.mark_sending(claim, step, now))
    return claim


async def declared(client: httpx.AsyncClient, house: House, **changes: Any) -> Visit:
    """Dana has declared."""
    return await (await start(client, house, **changes)).leave()


async def go_on(look: Look) -> None:
    """Look again until nothing is left that time alone would bring on."""
    for seconds in LATER:
        await look(seconds * SECOND)
