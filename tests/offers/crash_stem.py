"""A process that has imported everything, and becomes a worker anew for each line it reads, to die where it is told.

What runs in each child is the real worker, with the real adapter, from opening the database on. Nothing in the product
knows of this: the functions at which a child dies are wrapped here, from outside.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
import stripe  # noqa: F401 - imported once, here
from msgspec import Struct

from aurevoir.access import workspaces
from aurevoir.access.installation import Installation
from aurevoir.billing import registry
from aurevoir.billing.adapters.stripe import client  # noqa: F401 - likewise
from aurevoir.billing.adapters.stripe.gateway import Stripe
from aurevoir.billing.plan import ActionKind, SubscriptionRef
from aurevoir.events import service as events
from aurevoir.kit import clock, db, ids, sql
from aurevoir.kit.crypto import Keyring
from aurevoir.migrations import MODELS
from aurevoir.offers import carrying_out, journal
from aurevoir.offers import service as offers
from aurevoir.worker import Worker
from tests.billing.agreed import agreed

DEAD = 70
SUBSCRIPTION = SubscriptionRef("cus_42", "sub_9")
Function = Literal["carry", "send", "note", "noted"]
# `note` has written and not committed, `noted` has committed.
PLACES: dict[Function, tuple[Any, str]] = {
    "carry": (carrying_out, "_carry"),
    "send": (Stripe, "send"),
    "note": (journal, "note"),
    "noted": (carrying_out, "_note"),
}


class Point(Struct, frozen=True):
    """The moment at which a worker dies: before or after the so manieth call of a function."""

    function: Function
    when: Literal["before", "after"]
    nth: int


class Life(Struct, frozen=True, kw_only=True):
    """One worker: what is agreed before it starts, how much later than now it is, and where it dies."""

    database: str
    secret: str
    workspace: UUID
    agrees: ActionKind | None = None
    later: float = 0
    dies: Point | None = None
    patience: float = 20


class State(Struct, frozen=True):
    """Where the redemption stands."""

    state: str
    lease_by: str | None
    not_before: datetime


async def live(life: Life) -> None:
    """Until the redemption is over; the first worker only until it has let go of it."""
    shift, real = timedelta(seconds=life.later), clock.now

    def shifted() -> datetime:
        return real() + shift

    clock.now = shifted
    await db.open_database(life.database, MODELS)
    installation = Installation(Keyring(life.secret), "http://test")
    if life.agrees:
        await agree(installation, life.workspace, life.agrees)
    if life.dies:
        die_at(life.dies)
    working = asyncio.create_task(Worker(installation).run())
    until = real() + timedelta(seconds=life.patience)
    while real() < until:
        found = await sql.fetch_one("SELECT state, lease_by, not_before FROM redemption", into=State)
        if found is None or _is_over(found, is_first=life.agrees is not None):
            break
        if found.lease_by is None:
            # Nobody waits in a test: it is as late as the next try needs it to be.
            shift += max(found.not_before - clock.now(), timedelta())
            events.ring()
        await asyncio.sleep(0.005)
    working.cancel()
    await asyncio.wait({working})
    await db.close_database()


def _is_over(found: State, *, is_first: bool) -> bool:
    if is_first:
        return found.lease_by is None and found.state != "accepted"
    return found.state in ("confirmed", "failed", "attention", "superseded")


async def agree(installation: Installation, workspace_id: UUID, kind: ActionKind) -> None:
    """As a session does it: the plan frozen by what billing says now."""
    workspace = await workspaces.get(installation.keyring, workspace_id)
    snapshot = await (await registry.connected(workspace, "test")).snapshot(SUBSCRIPTION)
    action, now = agreed(kind, snapshot, clock.now()), clock.now()
    await db.transaction(
        lambda: offers.agree(
            workspace,
            action,
            clear=SUBSCRIPTION,
            mode="test",
            session=ids.new_id(),
            subscription="pseudonym",
            idempotency_key=f"exit:{ids.new_id().hex}:{kind}",
            now=now,
            snapshot=None if kind == "cancel" else snapshot,
        )
    )


def die_at(point: Point) -> None:
    """End the process there, with nothing tidied up."""
    owner, name = PLACES[point.function]
    function: Callable[..., Awaitable[Any]] = getattr(owner, name)
    calls = 0

    async def wrapped(*args: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        is_here = calls == point.nth
        if is_here and point.when == "before":
            os._exit(DEAD)
        try:
            return await function(*args, **named)
        finally:
            if is_here and point.when == "after":
                os._exit(DEAD)

    setattr(owner, name, wrapped)


def main() -> None:
    """One life after another; how each ended is written as a line."""
    while line := os.read(0, 10_000):
        pid = os.fork()
        if pid == 0:
            asyncio.run(live(msgspec.json.decode(line, type=Life)))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        os.write(1, f"{os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    main()
