"""Limits of offers: rows that grow no further than they may, whoever comes at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from aurevoir.kit import db, ids
from aurevoir.kit.money import Money
from aurevoir.offers import grants
from aurevoir.offers import service as offers
from aurevoir.offers.errors import LimitReached
from aurevoir.offers.grants import Taker
from aurevoir.offers.terms import Amount, Limits
from tests.house import House, count
from tests.offers.conftest import Agree, at, row

Redeem = Callable[..., Awaitable[UUID]]
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


@pytest.fixture
def redeem(acme: House, agree: Agree) -> Redeem:
    """Takes the offer with a redemption that billing then refused or not."""

    async def redeemed(limits: Limits | None = None, now: datetime = NOW) -> UUID:
        redemption = await agree(subscription=ids.new_id().hex[-8:])
        workspace = await acme.settings()
        taker = Taker(mode="live", customer="dana", offer="third_off", redemption=redemption)
        assert await db.transaction(lambda: grants.take(workspace, taker, limits, EUROS, now))
        return redemption

    return redeemed


async def fail(redemption: UUID) -> None:
    """As the worker does when billing refused it; told more than once."""
    await at(redemption, state="failed", live_key=None)
    await asyncio.gather(*(db.transaction(lambda: grants.release(redemption)) for _ in range(10)))


async def test_what_is_released_can_be_taken_again(redeem: Redeem) -> None:
    """By the same customer too; told again, it gives back nothing more."""
    limits = Limits(once_every_days=30, per_month=1)
    await fail(await redeem(limits))

    assert await count("offer_usage", "taken = 0 AND cost = 0") == 1
    await redeem(limits)


async def test_each_redemption_gives_back_what_it_took(redeem: Redeem) -> None:
    """Taken in November and again in December, the first one fails: November has room, and the later grant stands."""
    first, second = await redeem(), await redeem(now=NOW + timedelta(days=10))
    await fail(first)

    assert await count("offer_usage", "month = '2026-11' AND taken = 0 AND cost = 0") == 1
    assert await count("offer_usage", "month = '2026-12' AND taken = 1 AND cost = 1000") == 1
    assert await count("offer_grant", "redemption_id = $1", second) == 1


async def test_what_was_tried_again_keeps_what_it_took(acme: House, redeem: Redeem) -> None:
    """A retry that comes before the failure was told takes nothing twice, and the late word gives nothing back."""
    redemption, workspace = await redeem(Limits(per_month=1)), await acme.settings()
    await at(redemption, state="failed", live_key=None)
    await db.transaction(lambda: offers.retry(workspace, redemption, NOW))
    await db.transaction(lambda: grants.release(redemption))

    assert await count("offer_usage", "taken = 1 AND cost = 1000") == 1


@pytest.mark.parametrize(
    "limits",
    [Limits(per_month=1), Limits(once_every_days=30), Limits(budget_per_month=Amount(amount=1_500, currency="EUR"))],
    ids=["per_month", "once_every_days", "budget"],
)
async def test_trying_again_takes_its_place_again(acme: House, redeem: Redeem, limits: Limits) -> None:
    """There is none while somebody else has it: the retry is refused whole, and goes through once there is room."""
    failed, workspace = await redeem(limits), await acme.settings()
    await fail(failed)
    other = await redeem(limits)
    with pytest.raises(LimitReached):
        await db.transaction(lambda: offers.retry(workspace, failed, NOW))
    assert (await row(failed))["state"] == "failed"
    assert await count("offer_usage", "taken = 1 AND cost = 1000") == 1
    await fail(other)
    await db.transaction(lambda: offers.retry(workspace, failed, NOW))

    assert (await row(failed))["state"] == "waiting"
    assert await count("offer_usage", "taken = 1 AND cost = 1000") == 1
    assert await count("offer_grant", "redemption_id = $1", failed) == 1
