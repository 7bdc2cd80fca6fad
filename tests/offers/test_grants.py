"""Limits of offers: rows that grow no further than they may, whoever comes at the same moment."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from aurevoir.kit import db, ids
from aurevoir.kit.money import Money
from aurevoir.offers import grants
from aurevoir.offers.grants import Taker
from aurevoir.offers.terms import Amount, Limits
from tests.house import House, count

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CROWD = 100


class Refused(Exception):
    """A limit stood against it, and so nothing of it may stay."""


async def take(
    house: House,
    customer: str = "dana",
    limits: Limits | None = None,
    now: datetime = NOW,
    cost: Money | None = None,
    mode: str = "live",
) -> bool:
    """Take the offer as an acceptance does: whole, or not at all."""
    workspace = await house.settings()
    taker = Taker(mode=mode, customer=customer, offer="half_off", redemption=ids.new_id())

    async def unit() -> None:
        if not await grants.take(workspace, taker, limits, cost, now):
            raise Refused

    try:
        await db.transaction(unit)
    except Refused:
        return False
    return True


EUROS = Money(1_000, "EUR")


@pytest.mark.parametrize(
    "limits",
    [Limits(per_month=10), Limits(budget_per_month=Amount(amount=10_999, currency="EUR"))],
    ids=["per_month", "budget"],
)
async def test_a_hundred_at_once_take_ten(house: House, limits: Limits) -> None:
    """The month's row carries cap and budget: nobody looks first, and the eleventh finds no room."""
    takers = (take(house, f"customer {number}", limits, cost=EUROS) for number in range(CROWD))
    taken = await asyncio.gather(*takers)

    assert sum(taken) == 10
    assert await count("offer_grant") == 10
    assert await count("offer_usage", "taken = 10 AND cost = 10000") == 1


async def test_one_customer_at_a_hundred_places_takes_one(house: House) -> None:
    """The customer's row carries `once_every_days`."""
    taken = await asyncio.gather(*(take(house, "dana", Limits(once_every_days=30)) for _ in range(CROWD)))

    assert sum(taken) == 1
    assert await count("offer_usage", "taken = 1") == 1


async def test_a_customers_time_comes_again(house: House) -> None:
    """Not a moment before; and the new time is counted from then."""
    limits = Limits(once_every_days=30)
    days = [0, 29.9, 30, 59, 60]
    taken = [await take(house, "dana", limits, NOW + timedelta(days=day)) for day in days]

    assert taken == [True, False, True, False, True]


async def test_months_and_modes_are_counted_apart(house: House) -> None:
    """A month ends where the workspace is; what is tried out uses nothing up."""
    limits = Limits(per_month=1)
    december = NOW + timedelta(days=9)

    assert [await take(house, f"customer {n}", limits, when) for n, when in enumerate([NOW, NOW, december])] == [
        True,
        False,
        True,
    ]
    assert await take(house, "someone", limits, mode="test")


async def test_a_budget_is_spent_in_its_own_currency_only(house: House) -> None:
    """Nothing is converted: what costs dollars cannot be told from a budget of euros."""
    limits = Limits(budget_per_month=Amount(amount=10_000, currency="EUR"))

    assert not await take(house, "dana", limits, cost=Money(1, "USD"))
    assert await count("offer_grant") == 0
    assert await take(house, "dana", limits, cost=None)


async def test_what_is_released_can_be_taken_again(house: House) -> None:
    """By the same customer too; told again, it gives back nothing more."""
    limits = Limits(once_every_days=30, per_month=1)
    workspace, redemption = await house.settings(), ids.new_id()
    taker = Taker(mode="live", customer="dana", offer="half_off", redemption=redemption)
    await db.transaction(lambda: grants.take(workspace, taker, limits, EUROS, NOW))
    await asyncio.gather(*(db.transaction(lambda: grants.release(redemption)) for _ in range(10)))

    assert await count("offer_usage", "taken = 0 AND cost = 0") == 1
    assert await take(house, "dana", limits)
