"""A customer's standing towards offers: what it is read from, and how little that costs."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from aurevoir.access.facts import SubscriptionFacts
from aurevoir.billing import registry
from aurevoir.kit import clock, db, ids, sql
from aurevoir.kit.money import Money
from aurevoir.offers import grants, standing
from aurevoir.offers.eligibility import Standing, Usage
from aurevoir.offers.grants import Taker
from aurevoir.offers.standing import Holder
from aurevoir.offers.terms import Limits
from tests.house import House, facts

NOW = clock.now()
HOLDER = Holder(
    mode="live",
    customer="dana",
    subscription="dana's",
    facts=msgspec.convert(facts()["subscription"], SubscriptionFacts),
)


async def read(house: House, *keys: str) -> Standing:
    """Dana's standing now."""
    workspace = await house.settings()
    gateway = await registry.connected(workspace, "live")
    return await standing.read(workspace, gateway, HOLDER, keys, NOW)


async def test_a_stranger_has_none(house: House) -> None:
    """Nothing given, nothing under way; a gateway that cannot be asked leaves the token's word."""
    here = await read(house, "half_off", "holiday")

    assert here.snapshot is not None
    assert (here.snapshot.source, here.snapshot.amount, here.snapshot.currency) == ("token", 2900, "EUR")
    assert (here.not_again_before, here.usage, here.under_way, here.holdout) == ({}, {}, False, False)
    assert {"discount", "payment_holiday"} <= here.capabilities


async def test_what_was_given_counts(house: House) -> None:
    """The customer's own time, and the month of everybody; of other offers and modes nothing."""
    workspace = await house.settings()
    given = [
        Taker(mode="live", customer="dana", offer="half_off", redemption=ids.new_id()),
        Taker(mode="live", customer="erin", offer="half_off", redemption=ids.new_id()),
        Taker(mode="test", customer="dana", offer="holiday", redemption=ids.new_id()),
        Taker(mode="live", customer="dana", offer="other", redemption=ids.new_id()),
    ]
    limits = Limits(once_every_days=10)

    async def unit() -> None:
        for taker in given:
            await grants.take(workspace, taker, limits, Money(500, "EUR"), NOW)

    await db.transaction(unit)
    here = await read(house, "half_off", "holiday")

    assert here.not_again_before == {"half_off": NOW + timedelta(days=10)}
    assert here.usage == {"half_off": Usage(taken=2, cost=1000)}


async def test_a_provider_is_believed_only_when_it_was_reached(house: House) -> None:
    """Where billing can be asked and was not yet, there is no snapshot; the token's word does not stand in."""
    await house.connect("sandbox")

    assert (await registry.connected(await house.settings(), "live")).reads
    assert (await read(house, "half_off")).snapshot is None


@pytest.mark.parametrize(("gateway", "most"), [("manual", 1), ("sandbox", 2)])
async def test_it_takes_two_statements_at_most(
    house: House, monkeypatch: pytest.MonkeyPatch, gateway: str, most: int
) -> None:
    """One for the limits, and one for what billing said where it can be asked."""
    await house.connect(gateway)
    await read(house, "half_off")
    seen: list[str] = []
    fetch_all = sql.fetch_all

    async def counting(query: str, *args: Any, **options: Any) -> Any:
        seen.append(query)
        return await fetch_all(query, *args, **options)

    monkeypatch.setattr(sql, "fetch_all", counting)
    await read(house, "half_off", "holiday")

    assert len(seen) <= most
