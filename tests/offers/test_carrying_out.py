"""Redemptions on their way: carried out once each, in order, whatever the provider and the process do."""

import asyncio
from collections import Counter

import httpx
import pytest

from aurevoir.billing.gateway import NotSent, Unknown
from aurevoir.billing.plan import Order, UndoCancel
from aurevoir.kit import clock, db, ids, sql
from aurevoir.offers import journal
from aurevoir.offers import redemption as rules
from aurevoir.offers.redemption import Course
from tests.house import House, count
from tests.offers.conftest import HOUR, SECOND, Agree, Look, at, cancellation, declared, go_on, row, states, taken_up
from tests.offers.ledger import Ledger


async def test_four_workers_carry_out_each_order_once(
    client: httpx.AsyncClient, acme: House, provider: Ledger, look: Look
) -> None:
    """Thirty cancellations, four workers at the same moment: thirty effects, thirty facts."""
    for number in range(30):
        await declared(client, acme, subscription={"id": f"sub_{number}"})
    await asyncio.gather(*(look(owner=f"worker {number}") for number in range(4)))
    while await look():
        pass

    assert set(Counter(provider.effects).values()) == {1}
    assert len(provider.effects) == 30
    assert await count("event", "kind = 'redemption.confirmed'") == 30


@pytest.mark.parametrize("executed", [True, False])
async def test_a_worker_that_dies_leaves_nothing_in_doubt(
    provider: Ledger, look: Look, agree: Agree, *, executed: bool
) -> None:
    """It died between sending and noting: when its lease is over, the next one looks before it sends."""
    redemption = await agree()
    await taken_up("dead")
    if executed:
        provider.effects.append((ids.shown("rdm", redemption), 0, "discount"))
    during_lease = await look(rules.LEASE - 5 * SECOND)
    await look(rules.LEASE + SECOND)

    assert during_lease == 0
    assert len(provider.effects) == 1
    assert len(provider.sent) == (0 if executed else 1)
    assert await states() == {"discount": "confirmed"}


async def test_who_lost_the_lease_has_no_say(look: Look, agree: Agree) -> None:
    """A worker that slept through its lease cannot overwrite what another one found out, nor send another step."""
    await agree()
    slow = await taken_up("slow")
    await look(rules.LEASE + SECOND, owner="quick")
    course = Course(state="failed", step="waiting", code="late")
    noted = await db.transaction(lambda: journal.note(slow, slow.step(0), course, clock.now()))
    marked = await db.transaction(lambda: journal.mark_sending(slow, slow.step(0), clock.now()))

    assert (noted, marked) == (False, False)
    assert await states() == {"discount": "confirmed"}
    assert await count("event", "kind = 'redemption.failed'") == 0


async def test_sending_is_committed_before_the_request_leaves(provider: Ledger, look: Look, agree: Agree) -> None:
    """For each step: whoever finds it knows that it may have left, when, and under which key."""
    seen: list[tuple[str, str, bool]] = []

    async def during(order: Order) -> None:
        one = await sql.fetch_one("SELECT state FROM redemption")
        step = await sql.fetch_one("SELECT state, sent_at FROM redemption_step WHERE number = $1", order.number)
        assert one is not None
        assert step is not None
        seen.append((one["state"], step["state"], step["sent_at"] is not None))

    provider.steps, provider.during = 3, during
    await agree()
    await look()

    assert seen == [("sending", "sending", True)] * 3


async def test_later_steps_know_what_earlier_ones_made(provider: Ledger, look: Look, agree: Agree) -> None:
    """Also after a lost line, when only reading told what the first step made."""
    provider.steps, provider.faults = 3, [(Unknown(), True)]
    await agree()
    await go_on(look)

    assert provider.sent[-1].references == {"made 0": "0", "made 1": "1"}
    assert await count("redemption_step", "state = 'confirmed'") == 3


async def test_the_plan_is_frozen_and_sealed(provider: Ledger, look: Look, agree: Agree) -> None:
    """What is sent was fixed when it was agreed: a retry sends the same; no id stands in clear."""
    provider.faults = [(NotSent(), False)] * 2
    redemption = await agree()
    stored = await row(redemption)
    await go_on(look)
    plans = [order.plan for order in provider.sent]

    assert len(plans) == 3
    assert plans[0] == plans[1] == plans[2]
    assert (plans[0].subscription.customer, plans[0].subscription.subscription) == ("cus_42", "sub_9")
    assert not [value for value in stored.values() if 'sub_9"' in str(value) or "cus_42" in str(value)]
    assert (stored["terms"], len(stored["terms_hash"])) == ('{"price": "20 €"}', 64)


async def test_an_undo_after_an_undo_before_a_cancellation_keeps_its_place(
    provider: Ledger, look: Look, agree: Agree
) -> None:
    """What was declared is carried out in the order of the customer's words."""
    for action in (cancellation(), UndoCancel(), cancellation()):
        await agree(action)
    provider.faults = [(Unknown(), True), (NotSent(), False)]
    await go_on(look)

    assert provider.kinds == ["cancel", "undo_cancel", "cancel"]


async def test_one_customer_does_not_hold_up_another(provider: Ledger, look: Look, agree: Agree) -> None:
    """An order that waits for its provider is passed by all others."""
    provider.faults = [(NotSent(), False)]
    await agree(subscription="stuck")
    await look()
    for number in range(5):
        await agree(subscription=f"sub_{number}")
    await look(SECOND)

    assert len(provider.effects) == 5


async def test_what_was_accepted_before_is_not_lost_with_its_process(look: Look, agree: Agree) -> None:
    """An order of an hour ago is as good as a new one."""
    redemption = await agree()
    await at(redemption, not_before=clock.now() - HOUR, created_at=clock.now() - HOUR)
    await look()

    assert (await row(redemption))["state"] == "confirmed"
