"""Undoing and deleting with a receipt: races, billing under way, and what else knew of the reason."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from aurevoir.billing.adapters.sandbox import books
from aurevoir.kit import clock, db, ids, sql
from aurevoir.privacy import withdrawing
from aurevoir.sessions import afterwards
from aurevoir.sessions.afterwards import HasEnded
from aurevoir.worker import Worker
from tests.house import House, count, on_sqlite
from tests.visits import Visit, start


def receipt_of(visit: Visit) -> tuple[UUID, str]:
    """Its id and its secret."""
    name, secret = visit.screen["receipt"]["url"].rsplit("/", 2)[1:]
    receipt = ids.read("rcp", name)
    assert receipt is not None
    return receipt, secret


async def work(house: House) -> None:
    """The worker, until it finds nothing more to do."""
    worker = Worker(house.installation)
    while await worker.look(clock.now()):
        pass


async def test_twenty_undos_at_once_are_one(client: httpx.AsyncClient, house: House) -> None:
    """From the page and from the element, all at the same moment: one fact, one order withdrawn."""
    visit = await (await start(client, house)).leave()
    receipt = receipt_of(visit)
    pressed = [afterwards.undo(house.installation, *receipt, clock.now()) for _ in range(10)]
    moved = [visit.send("undo") for _ in range(10)]
    await asyncio.gather(*pressed, *moved)

    assert await count("event", "kind = 'cancellation.undone'") == 1
    assert await count("redemption") == await count("redemption", "state = 'superseded'") == 1


async def test_undo_and_cancel_at_once_leave_one_truth(client: httpx.AsyncClient, house: House) -> None:
    """Whichever was last: declarations, orders and the session's state agree, and the confirmation is asked again."""
    visit = await (await start(client, house)).leave()
    receipt = receipt_of(visit)
    again = start(client, house)
    await asyncio.gather(afterwards.undo(house.installation, *receipt, clock.now()), again, visit.send("cancel"))
    await visit.look()
    standing = await count("declaration", "undone_at IS NULL")

    assert (visit.state, visit.screen["kind"], standing) in (("undone", "kept", 0), ("open", "confirm", 0))
    assert await count("redemption", "kind = 'cancel' AND state = 'accepted'") == standing


async def test_answers_deleted_twenty_times_at_once_are_deleted_once(client: httpx.AsyncClient, house: House) -> None:
    """One fact; nothing left."""
    visit = await (await (await start(client, house)).answer("other", answers={"comment": "x"})).leave()
    receipt = receipt_of(visit)
    await asyncio.gather(*(withdrawing.withdraw_answers(house.installation, *receipt, clock.now()) for _ in range(20)))

    assert await count("event", "kind = 'answers.withdrawn'") == 1
    assert await count("answer") == await count("answer_choice") == 0


@on_sqlite
async def test_what_billing_did_is_undone_there(client: httpx.AsyncClient, house: House) -> None:
    """Carried out, confirmed, and taken back from the receipt: the subscription goes on at billing."""
    await house.connect("sandbox")
    visit = await (await start(client, house)).leave()
    await work(house)
    account = books.Account(house.id, "live", "sub_9")
    before = await books.find(account)
    await afterwards.undo(house.installation, *receipt_of(visit), clock.now())
    await work(house)
    after = await books.find(account)

    assert before is not None
    assert before.ends_on is not None
    assert after is not None
    assert after.ends_on is None
    assert (await visit.look()).state == "undone"


@on_sqlite
@pytest.mark.parametrize(("days", "possible"), [(-1, True), (0, False), (1, False)])
async def test_undo_ends_with_the_subscription(
    client: httpx.AsyncClient, house: House, days: int, *, possible: bool
) -> None:
    """Until midnight of the day before, in the workspace's zone."""
    visit = await (await start(client, house, subscription={"renews_on": "2030-12-01"})).leave()
    end = clock.now().replace(year=2030, month=12, day=1, hour=0, minute=0)
    at = end + timedelta(days=days, hours=23)
    status = await afterwards.status(house.installation, *receipt_of(visit), at)

    assert status.may_undo is possible
    assert status.days_left == -days
    if not possible:
        with pytest.raises(HasEnded):
            await afterwards.undo(house.installation, *receipt_of(visit), at)


async def test_the_reason_noted_of_the_subscription_is_forgotten(client: httpx.AsyncClient, house: House) -> None:
    """Its history loses what the customer had said of the end, and keeps that the customer ended it."""
    visit = await (await (await start(client, house)).answer("too_expensive")).leave()
    await work(house)
    row = await sql.fetch_one("SELECT subscription, customer FROM session")
    assert row is not None

    async def ended() -> None:
        await sql.insert(
            "subscription_state",
            id=ids.new_id(),
            workspace_id=house.id,
            mode="live",
            subscription=row["subscription"],
            customer=row["customer"],
            valid_from=clock.now(),
            status="cancelled",
            ended_by="customer",
            reason_code="too_expensive",
            source="stripe",
            told_at=clock.now(),
            is_assumed=False,
        )

    await db.transaction(ended)
    await withdrawing.withdraw_answers(house.installation, *receipt_of(visit), clock.now())
    # A worker that had read the answer before it was deleted writes it down after.
    await db.transaction(lambda: sql.execute("UPDATE subscription SET declared_reason = 'too_expensive'"))
    await db.transaction(lambda: sql.execute("UPDATE subscription_state SET reason_code = 'too_expensive'"))
    await work(house)
    subscription = await sql.fetch_one("SELECT declared_at, declared_reason FROM subscription")
    state = await sql.fetch_one("SELECT ended_by, reason_code FROM subscription_state")

    assert subscription is not None
    assert subscription["declared_at"] is not None
    assert subscription["declared_reason"] is None
    assert state == {"ended_by": "customer", "reason_code": None}
