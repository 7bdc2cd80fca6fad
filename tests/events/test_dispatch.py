"""Telling what happened: side by side, in order within a session, each at least once."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from aurevoir.events import service as events
from aurevoir.events.catalogue import EventKind
from aurevoir.events.service import Event, Subscriber
from aurevoir.kit import clock, db, ids
from tests.house import House, count

ANSWERED: EventKind = "session.answered"


async def record(house: House, sessions: Sequence[UUID]) -> None:
    """One fact of each of these, in this order."""

    async def unit() -> None:
        for number, session in enumerate(sessions):
            await events.record(
                ANSWERED, workspace=house.id, actor="test", now=clock.now(), session=session, payload={"n": number}
            )

    await db.transaction(unit)


def hearing(heard: list[Event], pause: float = 0, bad: int = -1) -> Subscriber:
    """Takes its time, notes what it hears, and cannot bear one of them."""

    async def hear(event: Event, _: datetime) -> None:
        await asyncio.sleep(pause)
        heard.append(event)
        if event.payload["n"] == bad:
            raise ValueError(bad)

    return hear


def numbers(heard: Sequence[Event]) -> list[int]:
    """Which they were."""
    return [event.payload["n"] for event in heard]


async def test_sessions_wait_for_each_other_no_longer_than_they_must(house: House) -> None:
    """Those of one session are told in order, one after another, while others' are told beside them."""
    one, *others = [ids.new_id() for _ in range(4)]
    await record(house, [one, *others, one, one])
    heard: list[Event] = []
    told = await events.dispatch({ANSWERED: [hearing(heard, 0.01)]}, clock.now())

    assert told == 7 == len(heard) + 1  # the house published its flow
    assert numbers([event for event in heard if event.session_id == one]) == [0, 4, 5]
    assert numbers(heard)[-2:] == [4, 5]
    assert await count("event", "dispatched_at IS NULL") == 0


async def test_a_subscriber_that_fails_holds_up_its_own_event_only(house: House) -> None:
    """The others of the batch and of the session are told; it comes again, after what is new."""
    await record(house, [ids.new_id()] * 3)
    heard: list[Event] = []
    first = await events.dispatch({ANSWERED: [hearing(heard, bad=1)]}, clock.now())
    waiting = await count("event", "dispatched_at IS NULL AND failures = 1")
    again = await events.dispatch({ANSWERED: [hearing(heard)]}, clock.now())

    assert (first, waiting, again) == (3, 1, 1)
    assert numbers(heard) == [0, 1, 2, 1]


async def test_a_listener_that_fails_is_told_the_others(house: House) -> None:
    """All at once, or by halves until only what it cannot bear is left; that comes again."""
    await record(house, [ids.new_id() for _ in range(20)])
    heard: set[int] = set()

    async def listen(batch: Sequence[Event], _: datetime) -> None:
        told = {event.payload["n"] for event in batch if event.kind == ANSWERED}
        if 13 in told:
            raise ValueError(13)
        heard.update(told)

    told = await events.dispatch({}, clock.now(), listeners=[listen])

    assert told == 20
    assert heard == set(range(20)) - {13}
    assert await count("event", "dispatched_at IS NULL AND failures = 1") == 1


async def test_everyone_who_listens_hears_the_bell() -> None:
    """Each worker has a bell of its own, for as long as it listens."""
    with events.bell() as one, events.bell() as other:
        events.ring()
    events.ring()

    assert one.is_set()
    assert other.is_set()
