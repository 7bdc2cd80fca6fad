"""Doing slow things many at once: what is slow holds up others of its kind, and nobody else."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, Protocol, TypeVar

import structlog

log = structlog.get_logger()
# How long at most, in seconds, between two looks when nobody wakes the crew.
PAUSE = 1.0
# A list whose jobs are all held up is made again after so long: there may be others by then.
STALE = 0.2


class Job(Protocol):
    """Something to do; `shares` names what it has in common with others that may be as slow."""

    @property
    def shares(self) -> Hashable: ...


J = TypeVar("J", bound=Job)


class Crew(Generic[J]):
    """Does what is listed: `hands` at once, and at most `alike` of those that share the same thing."""

    def __init__(
        self,
        listing: Callable[[], Awaitable[Sequence[J]]],
        do: Callable[[J], Awaitable[bool]],
        *,
        hands: int = 8,
        alike: int = 4,
    ) -> None:
        self._listing, self._do = listing, do
        self._hands, self._alike = hands, alike
        self._listed: list[J] = []
        self._listed_at = 0.0
        self._busy: Counter[Hashable] = Counter()
        self._bell = asyncio.Event()

    def wake(self) -> None:
        """There may be something to do."""
        self._bell.set()

    async def run(self) -> None:
        """Until cancelled, and then whatever is under way is cancelled too."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._bell.clear()
                await self._refresh()
                for job in [job for job in self._listed if self._is_free(job)]:
                    if self._is_free(job):
                        self._listed.remove(job)
                        self._busy[job.shares] += 1
                        group.create_task(self._run(job))
                await self._pause()

    async def look(self) -> int:
        """Everything that is due now, once, for those who wait for the end of it; how much it was."""
        free = asyncio.Semaphore(self._hands)

        async def do(job: J) -> bool:
            async with free:
                return await self._do(job)

        return sum(await asyncio.gather(*(do(job) for job in await self._listing())))

    async def _refresh(self) -> None:
        # A long list is not made again for each of its jobs, nor while those that could begin are held up.
        is_old = time.monotonic() - self._listed_at >= STALE
        if self._busy.total() == self._hands or any(map(self._is_free, self._listed)) or (self._listed and not is_old):
            return
        try:
            self._listed, self._listed_at = list(await self._listing()), time.monotonic()
        except Exception:
            log.exception("listing_failed")

    def _is_free(self, job: J) -> bool:
        return self._busy.total() < self._hands and self._busy[job.shares] < self._alike

    async def _run(self, job: J) -> None:
        try:
            await self._do(job)
        except Exception:
            log.exception("job_failed")
        finally:
            self._busy[job.shares] -= 1
            self.wake()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(STALE if self._listed else PAUSE):
                await self._bell.wait()
        except TimeoutError:
            pass
