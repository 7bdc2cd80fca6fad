"""Lanes: each receiver has its own, so that one who does not answer keeps nobody else waiting."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import structlog

from aurevoir.kit import clock

log = structlog.get_logger()
# Between two looks, in seconds: what is new leaves within this time.
PAUSE = 0.5
Clock = Callable[[], datetime]


class Lanes:
    """Runs `serve` for every lane in which something is due, and never twice for the same lane at once.

    Unlike a crew it has no number of hands, which two or three receivers that do not answer would use up.
    """

    def __init__(
        self, due: Callable[[datetime], Awaitable[list[UUID]]], serve: Callable[[UUID, Clock], Awaitable[int]]
    ) -> None:
        self._due = due
        self._serve = serve
        self._open: dict[UUID, asyncio.Task[None]] = {}

    async def look(self, now: Clock = clock.now) -> None:
        """Open a lane for each receiver that has something due; waits for none of them."""
        for lane in await self._due(now()):
            if lane not in self._open:
                self._open[lane] = asyncio.create_task(self._work(lane, now))

    async def run(self) -> None:
        """Look twice a second; until cancelled, and then stop whatever is under way."""
        try:
            while True:
                await self._look_safely()
                await asyncio.sleep(PAUSE)
        finally:
            for task in self._open.values():
                task.cancel()
            await self.idle()

    async def idle(self) -> None:
        """Wait for all lanes to end."""
        await asyncio.gather(*self._open.values(), return_exceptions=True)

    async def _look_safely(self) -> None:
        try:
            await self.look()
        except Exception:
            log.exception("lanes_failed")

    async def _work(self, lane: UUID, now: Clock) -> None:
        try:
            await self._serve(lane, now)
        except Exception:
            log.exception("lane_failed", lane=str(lane))
        finally:
            del self._open[lane]
