"""The worker: who hears of which event, and what is done from time to time."""

import asyncio
import os
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import structlog

from aurevoir.access import idempotency, workspaces
from aurevoir.access.installation import Installation
from aurevoir.events import service as events
from aurevoir.events.catalogue import EventKind
from aurevoir.events.service import Event, Subscriber
from aurevoir.kit import clock
from aurevoir.offers import service as offers
from aurevoir.sessions import service as sessions

log = structlog.get_logger()
# How long at most between two looks when nobody wakes the worker.
PAUSE = 1.0


async def _redemption_confirmed(event: Event, now: datetime) -> None:
    if event.session_id is not None and event.payload["kind"] == "cancel":
        await sessions.settle(event.session_id, confirmed=True, now=now)


async def _redemption_stuck(event: Event, now: datetime) -> None:
    if event.session_id is not None and event.payload["kind"] == "cancel":
        await sessions.settle(event.session_id, confirmed=False, now=now)


SUBSCRIBERS: Mapping[EventKind, Sequence[Subscriber]] = {
    "redemption.confirmed": [_redemption_confirmed],
    "redemption.failed": [_redemption_stuck],
    "redemption.attention": [_redemption_stuck],
}


class Chore(NamedTuple):
    """Something done at every look, or at most once in so many seconds."""

    do: Callable[[datetime], Awaitable[int]]
    every: float = 0.0


class Worker:
    """Carries out what was agreed, tells what happened, and tidies up; several may run on PostgreSQL."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._chores = (
            Chore(self._carry_out),
            Chore(self._dispatch),
            Chore(sessions.abandon_idle, every=10),
            Chore(sessions.forget_old_tokens, every=600),
            Chore(idempotency.forget_old, every=600),
        )
        self._due = [0.0] * len(self._chores)

    async def run(self) -> None:
        """Look, and look again when something was recorded or a second has passed; until cancelled."""
        while True:
            done = await self.look(clock.now())
            events.recorded.clear()
            if not done:
                await _woken()

    async def look(self, now: datetime) -> int:
        """Every chore that is due, once; how much there was to do. One that fails is logged, and the others go on."""
        done = 0
        for index, chore in enumerate(self._chores):
            if time.monotonic() < self._due[index]:
                continue
            self._due[index] = time.monotonic() + chore.every
            try:
                done += await chore.do(now)
            except Exception:
                log.exception("chore_failed", chore=chore.do.__name__)
        return done

    async def _carry_out(self, now: datetime) -> int:
        return await offers.carry_out(self._data_key, self._name, now)

    async def _data_key(self, workspace: UUID) -> bytes:
        return (await workspaces.get(self._installation.keyring, workspace)).data_key

    async def _dispatch(self, now: datetime) -> int:
        return await events.dispatch(SUBSCRIBERS, now)


async def _woken() -> None:
    try:
        await asyncio.wait_for(events.recorded.wait(), PAUSE)
        # What was recorded is committed a moment later.
        await asyncio.sleep(0.02)
    except TimeoutError:
        pass
