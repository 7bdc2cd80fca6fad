"""Which of a subscription's redemptions comes first, and which one gives way."""

import asyncio

import httpx
import pytest

from aurevoir.billing.gateway import Impossible, NotSent, Unknown
from aurevoir.billing.plan import Custom, ExtendTrial, Order, SubscriptionRef
from aurevoir.kit import clock, db, sql
from aurevoir.offers import journal
from aurevoir.offers import service as offers
from aurevoir.offers.errors import UnderWay
from aurevoir.offers.redemption import Course
from tests.house import House, count, slowly_on_postgres
from tests.offers.conftest import (
    SECOND,
    Agree,
    Look,
    at,
    cancellation,
    declared,
    discount,
    go_on,
    row,
    states,
    taken_up,
)
from tests.offers.ledger import Ledger

pytestmark = slowly_on_postgres


async def test_a_declared_cancellation_withdraws_an_offer_that_was_not_sent(
    provider: Ledger, look: Look, agree: Agree
) -> None:
    """Once and with its fact; what was sent already stays."""
    provider.faults = [(NotSent(), False)]
    offer = await agree()
    await look()
    await agree(cancellation())
    await go_on(look)

    assert provider.kinds == ["cancel"]
    assert (await row(offer))["state"] == "superseded"
    assert (await row(offer))["live_key"] is None
    assert await count("event", "kind = 'redemption.superseded'") == 1


@pytest.mark.parametrize("arrived", [True, False])
async def test_an_offer_in_doubt_is_never_sent_after_a_cancellation(
    provider: Ledger, look: Look, agree: Agree, *, arrived: bool
) -> None:
    """The cancellation waits only until nothing can be on its way any more; then the offer is read, and that is all."""
    provider.faults = [(Unknown(), arrived)]
    offer = await agree()
    await look()
    await agree(cancellation())
    for seconds in (1, 15):
        await look(seconds * SECOND)
    meanwhile = list(provider.kinds)
    await go_on(look)

    assert meanwhile == (["discount"] if arrived else [])
    assert provider.kinds == (["discount", "cancel"] if arrived else ["cancel"])
    assert (await row(offer))["state"] == ("confirmed" if arrived else "superseded")
    assert (await states())["cancel"] == "confirmed"


async def test_a_cancellation_is_not_held_up_by_an_offer_half_done(provider: Ledger, look: Look, agree: Agree) -> None:
    """Its second step waits for the provider: it stops there, and a person hears of the half."""
    provider.steps, provider.faults = 2, [(None, True), (NotSent(), False)]
    offer = await agree()
    await look()
    waiting = (await row(offer))["state"]
    await agree(cancellation())
    await look()
    await go_on(look)

    assert waiting == "waiting"
    assert provider.kinds == ["discount", "cancel"]
    assert ((await row(offer))["state"], (await row(offer))["attention"]) == ("attention", "half_done")


async def test_a_cancellation_declared_between_looking_and_sending_wins(
    provider: Ledger, look: Look, agree: Agree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker holds the offer and reads billing once more: meanwhile Dana cancels, and the offer does not leave."""
    offer = await agree()
    snapshot = provider.snapshot

    async def slowly(ref: object) -> object:
        await agree(cancellation())
        return await snapshot(ref)  # type: ignore[arg-type]

    monkeypatch.setattr(provider, "snapshot", slowly)
    await look()
    monkeypatch.undo()
    monkeypatch.setattr("aurevoir.billing.registry.GATEWAYS", {"ledger": provider})
    await go_on(look)

    assert provider.kinds == ["cancel"]
    assert (await row(offer))["state"] == "superseded"


async def test_a_cancellation_waits_while_an_offer_is_being_sent(provider: Ledger, look: Look, agree: Agree) -> None:
    """Its request has left: only one of a subscription's orders is in anybody's hands."""
    seen: list[int] = []

    async def during(order: Order) -> None:
        if order.plan.action.__struct_config__.tag == "discount":
            await agree(cancellation())
            seen.append(await look(owner="another"))

    provider.during = during
    await agree()
    await look()
    await go_on(look)

    assert seen == [0]
    assert provider.kinds == ["discount", "cancel"]


async def test_one_offer_at_a_time(agree: Agree, look: Look) -> None:
    """A constraint carries it: of ten accepts one stands, and the next one is possible when it is through."""
    replies = await asyncio.gather(*(agree() for _ in range(10)), return_exceptions=True)
    await look()
    await agree()

    assert sum(isinstance(reply, UnderWay) for reply in replies) == 9
    assert await count("redemption") == 2


async def test_the_same_acceptance_again_is_the_same_redemption(agree: Agree) -> None:
    """A lost reply is simply asked for again."""
    first, second = await agree(idempotency_key="exit:one"), await agree(idempotency_key="exit:one")

    assert first == second
    assert await count("redemption") == 1


async def test_what_the_gateway_cannot_do_is_handed_to_the_product(agree: Agree, look: Look) -> None:
    """Its own gifts only; an offer for billing is not agreed at all."""
    await agree(Custom(action="call_back"), snapshot=None)
    await look()
    with pytest.raises(Impossible):
        await agree(ExtendTrial(until=clock.now()))
    with pytest.raises(Impossible):
        await agree(discount(), snapshot=None)
    stored = await sql.fetch_all("SELECT kind, gateway, state FROM redemption")

    assert stored == [{"kind": "custom", "gateway": "manual", "state": "handed_over"}]


async def test_what_was_certainly_not_sent_is_withdrawn_by_an_undo(
    client: httpx.AsyncClient, acme: House, provider: Ledger, look: Look
) -> None:
    """The provider was away, Dana changed her mind: nothing is sent, neither the cancellation nor its opposite."""
    provider.faults = [(NotSent(), False)]
    visit = await declared(client, acme)
    await look()
    await visit.move("undo")
    await go_on(look)

    assert provider.effects == []
    assert await states() == {"cancel": "superseded"}


@pytest.mark.parametrize("after", [True, False])
async def test_an_undo_never_overtakes_its_cancellation(
    client: httpx.AsyncClient, acme: House, provider: Ledger, look: Look, *, after: bool
) -> None:
    """It is unknown whether the cancellation arrived: that is found out first, and the undo comes last."""
    provider.faults = [(Unknown(), after)]
    visit = await declared(client, acme)
    await look()
    await visit.move("undo")
    await go_on(look)

    assert provider.kinds == ["cancel", "undo_cancel"]
    assert set((await states()).values()) == {"confirmed"}


async def test_an_undo_waits_while_another_worker_is_sending(
    client: httpx.AsyncClient, acme: House, provider: Ledger, look: Look
) -> None:
    """Two workers, one customer: her last word is the last to arrive."""
    visit = await declared(client, acme)
    claim = await taken_up("sending")
    await visit.move("undo")
    meanwhile = await look(owner="other")
    provider.effects.append(("it", 0, "cancel"))
    confirmed = Course(state="confirmed", step="confirmed")
    await db.transaction(lambda: journal.note(claim, claim.step(0), confirmed, clock.now()))
    await look(SECOND, owner="other")

    assert meanwhile == 0
    assert provider.kinds == ["cancel", "undo_cancel"]


async def test_cancellations_come_first(provider: Ledger, agree: Agree, look: Look) -> None:
    """Among what is due, whoever wants to leave is served before whoever got a discount."""
    for number in range(3):
        await at(await agree(subscription=f"stays {number}"), not_before=clock.now() - 9 * SECOND)
    await agree(cancellation(), subscription="leaves")
    due = await offers.list_due(clock.now())
    first = await row(due[0].id)

    assert first["kind"] == "cancel"
    assert len(due) == 4


async def test_one_backlog_hides_nobody_elses_orders(
    house: House, globex: House, provider: Ledger, agree: Agree
) -> None:
    """Acme has a hundred orders waiting; Globex's one is among the first."""
    for number in range(60):
        await agree(subscription=f"sub_{number}")
    await globex.connect("ledger")
    workspace = await globex.settings()
    theirs = await db.transaction(
        lambda: offers.agree(
            workspace,
            cancellation(),
            clear=SubscriptionRef("cus_1", "sub_1"),
            mode="live",
            session=workspace.id,
            subscription="theirs",
            idempotency_key="exit:theirs",
            now=clock.now(),
        )
    )
    due = await offers.list_due(clock.now() + SECOND)

    assert theirs in [one.id for one in due[:2]]
