"""A crew: many slow things at once, and what is slow holds up only what shares it."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from aurevoir.kit.crew import Crew


@dataclass(frozen=True)
class Parcel:
    """Something to carry, by a road."""

    number: int
    shares: str


class Yard:
    """Parcels that wait, and how many of each road are under way at once."""

    def __init__(self, *roads: str) -> None:
        self.waiting = [Parcel(number, road) for number, road in enumerate(roads)]
        self.listed = 0
        self.under_way: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.done: list[Parcel] = []
        self.open: Counter[str] = Counter()
        self.moved = asyncio.Condition()

    async def list_waiting(self) -> Sequence[Parcel]:
        """Also those that are under way: a list may be older than what was done since."""
        self.listed += 1
        return [parcel for parcel in self.waiting if parcel not in self.done]

    async def carry(self, parcel: Parcel) -> bool:
        """Until its road is open."""
        if parcel in self.done or parcel not in self.waiting:
            return False
        self.waiting.remove(parcel)
        self.under_way[parcel.shares] += 1
        self.most |= self.under_way
        async with self.moved:
            await self.moved.wait_for(lambda: self.open[parcel.shares] > 0)
        self.under_way[parcel.shares] -= 1
        self.done.append(parcel)
        if parcel.number == 13:
            raise ValueError("unlucky")
        return True

    async def clear(self, road: str) -> None:
        """Let those on it pass."""
        self.open[road] += 1
        async with self.moved:
            self.moved.notify_all()


async def carried(yard: Yard, count: int) -> None:
    """Until so many have arrived."""
    async with asyncio.timeout(5):
        while len(yard.done) < count:  # noqa: ASYNC110 - what is awaited is other tasks' progress
            await asyncio.sleep(0.005)


async def test_a_closed_road_holds_up_nobody_on_another() -> None:
    """Twenty parcels on the closed road take no more hands than they may; all others pass, later ones too."""
    yard = Yard(*["closed"] * 20, "free", "free")
    crew = Crew(yard.list_waiting, yard.carry, hands=5, alike=3)
    await yard.clear("free")
    working = asyncio.create_task(crew.run())
    await carried(yard, 2)
    yard.waiting.append(Parcel(99, "free"))
    crew.wake()
    await carried(yard, 3)
    meanwhile = Counter(parcel.shares for parcel in yard.done)
    await yard.clear("closed")
    await carried(yard, 23)
    working.cancel()
    await asyncio.wait({working})

    assert meanwhile == {"free": 3}
    assert yard.most["closed"] == 3
    assert len(set(yard.done)) == 23


async def test_one_that_fails_takes_no_other_along() -> None:
    """Number 13 raises; the rest of the list is carried all the same, and the list is not made for each of them."""
    yard = Yard(*["road"] * 40)
    await yard.clear("road")
    crew = Crew(yard.list_waiting, yard.carry)
    working = asyncio.create_task(crew.run())
    await carried(yard, 40)
    working.cancel()
    await asyncio.wait({working})

    assert len(yard.done) == 40
    assert yard.listed < 10


async def test_looking_once_waits_for_the_end() -> None:
    """And counts what was done."""
    yard = Yard("road", "road", "path")
    for road in ("road", "path"):
        await yard.clear(road)

    assert await Crew(yard.list_waiting, yard.carry).look() == 3
    assert await Crew(yard.list_waiting, yard.carry).look() == 0
