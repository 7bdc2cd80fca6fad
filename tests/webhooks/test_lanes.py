"""Lanes: whoever does not answer keeps nobody else waiting, and a stop stops everything."""

import asyncio
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import pytest

from aurevoir.webhooks import lanes
from aurevoir.webhooks.lanes import Clock, Lanes

SLOW, QUICK, BROKEN = (UUID(int=number) for number in range(3))


class Served:
    """Three receivers: one hangs, one is quick, one raises."""

    def __init__(self) -> None:
        self.began: list[UUID] = []
        self.ended: list[UUID] = []
        self.looks = 0
        self.enough = asyncio.Event()

    async def due(self, _: datetime) -> list[UUID]:
        self.looks += 1
        if self.looks == 2:
            raise ConnectionError("the database is away for a moment")
        return [SLOW, QUICK, BROKEN]

    async def serve(self, lane: UUID, now: Clock) -> int:
        self.began.append(lane)
        assert now().tzinfo is not None
        if lane == BROKEN:
            raise RuntimeError("a mistake of ours")
        try:
            await asyncio.sleep(60 if lane == SLOW else 0)
        finally:
            self.ended.append(lane)
            if self.ended.count(QUICK) == 5:
                self.enough.set()
        return 1


async def test_each_lane_goes_on_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow one is begun once, the others again and again; errors end a turn, never the loop."""
    monkeypatch.setattr(lanes, "PAUSE", 0.01)
    served = Served()
    running = asyncio.create_task(Lanes(served.due, served.serve).run())
    await asyncio.wait_for(served.enough.wait(), 5)
    still_slow = SLOW not in served.ended
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running

    assert still_slow
    assert served.began.count(SLOW) == 1
    assert served.began.count(BROKEN) >= 5
    assert served.ended.count(SLOW) == 1
