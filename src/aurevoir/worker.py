"""The worker: who hears of which event, and what is done from time to time."""

import asyncio
import os
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import structlog

from aurevoir.access import idempotency, workspaces
from aurevoir.access.installation import Installation
from aurevoir.billing import provider_events, registry, snapshots
from aurevoir.events import letters
from aurevoir.events import service as events
from aurevoir.events.catalogue import MEANING, EventKind
from aurevoir.events.service import Event, Listener, Subscriber
from aurevoir.flows import service as flows
from aurevoir.kit import clock, db, ids
from aurevoir.kit.crew import PAUSE, Crew
from aurevoir.legal_forms import mails as legal_mails
from aurevoir.legal_forms import service as legal_forms
from aurevoir.offers import grants
from aurevoir.offers import mails as offer_mails
from aurevoir.offers import service as offers
from aurevoir.sessions import mails as session_mails
from aurevoir.sessions import own_words, queries
from aurevoir.sessions import service as sessions
from aurevoir.subscriptions import service as subscriptions
from aurevoir.subscriptions import syncing
from aurevoir.subscriptions.service import OwnWord
from aurevoir.webhooks import courier, deliveries, notifications, notifying

log = structlog.get_logger()
Clock = Callable[[], datetime]


Hearer = Callable[[Installation, Event, datetime], Awaitable[None]]


async def _want_snapshots(installation: Installation, batch: Sequence[Event], now: datetime) -> None:
    began = {event.session_id for event in batch if event.kind == "session.started" and event.session_id}
    wanted = set()
    for session in await queries.find_sessions(began):
        workspace = await workspaces.get(installation.keyring, session.workspace_id)
        if (await registry.connected(workspace, session.mode)).reads and (
            await flows.version(session.version_id)
        ).flow.offers:
            wanted.add((session.workspace_id, session.mode, session.subscription))
    if wanted:
        await db.transaction(lambda: snapshots.want_many(wanted, now))


async def _settle(installation: Installation, event: Event, now: datetime) -> None:
    # Taking an offer back is the operator's doing: the session that it came from is over.
    if event.session_id is not None and event.payload["kind"] != "revert":
        confirmed = event.kind == "redemption.confirmed"
        kind = event.payload["kind"]
        await sessions.settle(installation, event.session_id, now, confirmed=confirmed, kind=kind)


async def _release(_: Installation, event: Event, __: datetime) -> None:
    redemption = ids.read("rdm", event.payload["redemption"])
    assert redemption is not None, "we wrote it"
    await db.transaction(lambda: grants.release(redemption))


async def _note_own_words(_: Installation, batch: Sequence[Event], now: datetime) -> None:
    answered = {event.session_id for event in batch if event.kind == "session.answered" and event.session_id}
    spoken = {event.session_id for event in batch if event.kind in _WORDS and event.session_id}
    said = {
        (word.workspace_id, word.mode, word.names): word.declared
        for word in (await own_words.find(answered | spoken)).values()
        # Before a declaration an answer is no word on any end.
        if word.declared is not None or word.session in spoken
    }
    if said:
        words = [OwnWord(*whose, declared) for whose, declared in said.items()]
        await db.transaction(lambda: subscriptions.record_own_words(words, now))


_WORDS: frozenset[EventKind] = frozenset({"cancellation.declared", "cancellation.undone"})


async def _note_anew(_: Installation, event: Event, now: datetime) -> None:
    """Answers were withdrawn: what was noted of them while they went is noted again from what is left."""
    for word in (await own_words.find({event.session_id} if event.session_id else ())).values():
        await db.transaction(lambda: _noted_anew(word, now))  # noqa: B023 - awaited at once


async def _noted_anew(word: own_words.OwnWord, now: datetime) -> None:
    await subscriptions.forget_reason(word.workspace_id, word.mode, word.subscription)
    if word.declared is not None:
        await subscriptions.record_own_words([OwnWord(word.workspace_id, word.mode, word.names, word.declared)], now)


async def _fan_out(_: Installation, batch: Sequence[Event], now: datetime) -> None:
    await deliveries.fan_out(batch, now)
    await notifications.fan_out(batch, now)


# Who hears of what happened; each may hear it twice.
SUBSCRIBERS: Mapping[EventKind, Sequence[Hearer]] = {
    "redemption.confirmed": [_settle],
    "redemption.failed": [_settle, _release],
    "redemption.attention": [_settle],
    "redemption.superseded": [_release],
    "answers.withdrawn": [_note_anew],
}

# Who hears of everything, many at once.
LISTENERS = (_want_snapshots, _note_own_words, _fan_out)

# Who is written to; only where a mail server is set.
MAILS: Mapping[EventKind, Hearer] = {
    "cancellation.declared": session_mails.receipt,
    "cancellation.undone": session_mails.undone,
    "redemption.confirmed": session_mails.changed,
    "redemption.failed": offer_mails.alert,
    "redemption.attention": offer_mails.alert,
    "declaration.received": legal_mails.received,
    "declaration.matched": legal_mails.matched,
    "declaration.settled": legal_mails.settled,
}


class Chore(NamedTuple):
    """Something done whenever there may be something to do, or at most once in so many seconds."""

    name: str
    do: Callable[[datetime], Awaitable[int]]
    every: float = 0.0


def _chores(installation: Installation, name: str) -> Sequence[Chore]:
    """Each runs beside all others, so that a slow one holds up none of them."""
    workspace_of = partial(workspaces.get, installation.keyring)
    subscribers, server = _subscribers(installation), installation.mail_server
    listeners: Sequence[Listener] = [partial(hear, installation) for hear in LISTENERS]
    return (
        Chore("dispatch", lambda now: events.dispatch(subscribers, now, listeners=listeners)),
        Chore("send mail", lambda now: letters.send_due(workspace_of, server, now))
        if server
        else Chore("give up mail", letters.give_up_waiting, every=600),
        Chore("forget mail", letters.forget_old, every=3600),
        Chore("hear providers", lambda now: provider_events.take_up(workspace_of, offers.wake, now)),
        Chore("forget providers' words", provider_events.forget_old, every=3600),
        Chore("read billing", lambda now: syncing.read_due(workspace_of, name, now)),
        Chore("sweep redemptions", offers.sweep, every=30),
        Chore("complete redemptions", offers.complete, every=60),
        Chore("abandon sessions", partial(sessions.abandon_idle, installation), every=10),
        Chore("forget networks", legal_forms.forget_networks, every=600),
        Chore("forget customer tokens", sessions.forget_old_tokens, every=600),
        Chore("forget idempotency keys", idempotency.forget_old, every=600),
        Chore("forget deliveries", deliveries.forget_old, every=3600),
    )


def _crews(installation: Installation, name: str, time: Clock) -> Sequence[Crew[Any]]:
    """What speaks to billing: many at once, so that a slow provider holds up its own orders only."""
    workspace_of = partial(workspaces.get, installation.keyring)
    return (
        Crew(lambda: offers.list_due(time()), lambda due: offers.carry_out_one(due, workspace_of, name, time)),
        Crew(snapshots.list_wanted, lambda wanted: snapshots.refresh_wanted(wanted, workspace_of, time())),
    )


class Worker:
    """Carries out what was agreed, tells what happened, and tidies up; several may run on PostgreSQL."""

    def __init__(self, installation: Installation) -> None:
        name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._crews_by = partial(_crews, installation, name)
        self._crews = self._crews_by(clock.now)
        self._chores = _chores(installation, name)
        self._lanes = (courier.lanes(installation), notifying.lanes(installation))
        self._due = [0.0] * len(self._chores)
        self._bells = [asyncio.Event() for _ in self._chores]

    async def run(self) -> None:
        """Do everything, each at its own pace, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for crew in self._crews:
                group.create_task(crew.run())
            for lanes in self._lanes:
                group.create_task(lanes.run())
            for number in range(len(self._chores)):
                group.create_task(self._keep_doing(number))
            group.create_task(self._listen())

    async def look(self, now: datetime) -> int:
        """Once, whatever is due; how much there was to do. For those who wait for the end of it."""
        done = sum([await crew.look() for crew in self._crews_by(lambda: now)])
        for number in range(len(self._chores)):
            if time.monotonic() >= self._due[number]:
                done += await self._do(number, now)
        return done

    async def _keep_doing(self, number: int) -> None:
        every, bell = self._chores[number].every, self._bells[number]
        while True:
            bell.clear()
            done = await self._do(number, clock.now())
            if every:
                await asyncio.sleep(every)
            elif done:
                # What was done here may be something to do elsewhere.
                self._ring()
            else:
                await _rung(bell)

    async def _do(self, number: int, now: datetime) -> int:
        """A chore that fails is logged; its next time comes."""
        chore = self._chores[number]
        self._due[number] = time.monotonic() + chore.every
        try:
            return await chore.do(now)
        except Exception:
            log.exception("chore_failed", chore=chore.name)
            return 0

    async def _listen(self) -> None:
        with events.bell() as recorded:
            while True:
                await recorded.wait()
                # What was recorded is committed a moment later.
                await asyncio.sleep(0.02)
                recorded.clear()
                self._ring()

    def _ring(self) -> None:
        for bell in self._bells:
            bell.set()
        for crew in self._crews:
            crew.wake()


def _subscribers(installation: Installation) -> Mapping[EventKind, Sequence[Subscriber]]:
    """Those of every installation, and where it has a mail server those that write."""
    mails = MAILS if installation.mail_server else {}
    return {
        kind: [
            partial(hear, installation)
            for hear in (*SUBSCRIBERS.get(kind, ()), *([mails[kind]] if kind in mails else ()))
        ]
        for kind in MEANING
    }


async def _rung(bell: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(PAUSE):
            await bell.wait()
    except TimeoutError:
        pass
