"""Accepting an offer: one redemption whatever happens at the same moment, and limits that hold under a crowd."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from aurevoir.kit import clock, crypto, db, ids, sql
from aurevoir.kit.errors import AurevoirError, NotFound
from aurevoir.offers import grants
from aurevoir.offers.errors import UnderWay
from aurevoir.sessions import service as sessions
from aurevoir.sessions.machine import OfferExpired
from aurevoir.sessions.moves import Accept, Answer, Back, Cancel, Decline
from aurevoir.worker import Worker
from tests.house import House, count
from tests.sessions.offered import accept, answer, begin, crowd, in_the_sandbox, look, make, offered, publish

CROWD = 100


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker runs beside these tests, so there is no good news to wait for."""
    monkeypatch.setattr(sessions, "PATIENCE", 0.0)


async def _accepted(house: House, shown: Any) -> str:
    try:
        return (await accept(house, shown)).session.state
    except AurevoirError as refused:
        return refused.code


async def test_what_was_shown_is_what_is_agreed(house: House) -> None:
    """State, redemption with the very words on the screen, the limits' rows and the event: all of it at once."""
    await publish(house, "{once_every_days: 365, per_month: 10}")
    shown = await offered(house)
    taken = await accept(house, shown)

    assert shown.screen.kind == "offer"
    assert shown.screen.offer is not None
    assert (taken.session.state, taken.screen.step) == ("saving", "in_return")
    kept = await sql.fetch_one("SELECT id, offer, kind, terms, terms_hash, state FROM redemption")
    assert kept is not None
    assert (kept["offer"], kept["kind"], kept["state"]) == ("half_off", "discount", "accepted")
    assert kept["terms_hash"] == crypto.sha256(kept["terms"])
    terms = msgspec.json.decode(kept["terms"])
    assert (terms["headline"], tuple(terms["terms"])) == ("Half price", shown.screen.offer.terms)
    assert await count("offer_grant", "offer = 'half_off' AND redemption_id = $1", kept["id"]) == 1
    assert await count("offer_usage", "taken = 1 AND cost = 4350") == 1
    told = await sql.fetch_one("SELECT payload FROM event WHERE kind = 'offer.accepted'")
    assert told is not None
    payload = told["payload"] if isinstance(told["payload"], dict) else msgspec.json.decode(told["payload"])
    assert payload["offer"] == "half_off"
    assert payload["redemption"].startswith("rdm_")


async def test_a_hundred_accepts_of_one_offer_are_one_redemption(house: House) -> None:
    """Every one of them is answered with the same screen; one redemption, one grant, one event."""
    await publish(house)
    shown = await offered(house)
    taken = await asyncio.gather(*(accept(house, shown) for _ in range(CROWD)))

    assert {one.session.state for one in taken} == {"saving"}
    assert await count("redemption") == await count("offer_grant") == 1
    assert await count("event", "kind = 'offer.accepted'") == 1
    assert await count("offer_usage", "taken = 1") == 1


@pytest.mark.parametrize("limits", ["{per_month: 10}", "{budget_per_month: {amount: 43900, currency: EUR}}"])
async def test_a_crowd_gets_what_there_is_and_no_more(house: House, limits: str) -> None:
    """Ten may have it this month, or as many as the budget pays for; ninety are told that it has expired."""
    await publish(house, limits)
    before = await crowd(house, CROWD)
    taken = await asyncio.gather(*(_accepted(house, shown) for shown in before))

    assert sorted(taken) == ["offer_expired"] * 90 + ["saving"] * 10
    assert await count("redemption") == await count("offer_grant") == 10
    assert await count("offer_usage", "taken = 10 AND cost = 43500") == 1
    refused = before[taken.index("offer_expired")]
    assert (await look(house, refused)).screen.kind == "confirm"


async def test_one_customer_takes_it_once_whatever_they_subscribe_to(house: House) -> None:
    """The limit is the customer's: two subscriptions at the same moment get it once, and a third is not shown it."""
    await publish(house, "{once_every_days: 30}")
    before = [await offered(house, subscription={"id": f"sub_{n}"}) for n in range(2)]
    taken = await asyncio.gather(*(_accepted(house, shown) for shown in before))
    later = await offered(house, subscription={"id": "sub_3"})

    assert sorted(taken) == ["offer_expired", "saving"]
    assert later.screen.kind == "confirm"
    assert await count("presentation", "offer = 'half_off' AND why_not = 'cap_customer'") == 1


async def test_what_came_to_nothing_is_given_back_once(house: House) -> None:
    """A redemption that failed or was superseded frees its place, told twice too, and the month never owes one."""
    await publish(house, "{once_every_days: 30, per_month: 1}")
    await accept(house, await offered(house))
    row = await sql.fetch_one("SELECT id FROM redemption")
    assert row is not None
    await db.transaction(lambda: sql.execute("UPDATE redemption SET state = 'failed', live_key = NULL"))
    for _ in range(3):
        await db.transaction(lambda: grants.release(row["id"]))

    assert await count("offer_grant") == 0
    assert await count("offer_usage", "taken = 0 AND cost = 0") == 1


async def test_an_offer_ends_with_the_renewal_it_would_change(house: House) -> None:
    """Dana looks away until it is too late: accepting it is refused, changes nothing, and the offer is gone."""
    await publish(house)
    now = clock.now()
    tomorrow = (now + timedelta(days=1)).date().isoformat()
    shown = await offered(house, subscription={"renews_on": tomorrow}, now=now)
    late = now + timedelta(hours=23, minutes=59)
    with pytest.raises(OfferExpired):
        await accept(house, shown, now=late)
    after = await look(house, shown, now=late)

    assert after.screen.kind == "confirm"
    assert after.session.revision == shown.session.revision
    assert await count("redemption") == await count("offer_grant") == 0
    left = await make(house, after, Cancel(step="confirm"), now=late)
    assert left.screen.kind == "receipt"


async def test_an_offer_is_void_once_billing_says_something_else(house: House) -> None:
    """The price has changed since: what was shown is no longer what would be agreed, and is worked out afresh."""
    await publish(house)
    shown = await offered(house)
    await begin(house, subscription={"amount": 3900})
    with pytest.raises(OfferExpired):
        await accept(house, shown)
    after = await look(house, shown)
    again = await make(house, after, _back(after))

    assert after.screen.kind == "confirm"
    assert again.screen.offer is not None
    assert again.screen.offer.price_now == "€39.00 a month"
    assert (await accept(house, again)).session.state == "saving"


def _back(shown: Any) -> Any:
    return Back(revision=shown.session.revision)


async def test_a_foreign_offer_is_not_found(house: House) -> None:
    """Neither one of another reason nor one that nobody has ever heard of."""
    await publish(house)
    shown = await offered(house)
    for offer in ("holiday", "everything_free"):
        with pytest.raises(NotFound):
            await accept(house, shown, offer)

    assert await count("redemption") == 0


async def test_one_offer_of_a_subscription_at_a_time(house: House) -> None:
    """While one is being carried out no other is made; one shown a moment before is refused."""
    await publish(house)
    shown = await offered(house)
    await db.transaction(lambda: _under_way(house, shown))
    with pytest.raises((UnderWay, OfferExpired)):
        await accept(house, shown)

    assert (await look(house, shown)).screen.kind == "confirm"


async def _under_way(house: House, shown: Any) -> None:
    """A redemption of the same subscription that another visit began."""
    row = await sql.fetch_one("SELECT subscription FROM session WHERE id = $1", ids.read("ses", shown.session.id))
    assert row is not None
    now = clock.now()
    await sql.insert(
        "redemption",
        id=ids.new_id(),
        workspace_id=house.id,
        mode="live",
        kind="discount",
        idempotency_key="exit:other",
        live_key=f"live:{row['subscription']}:offer",
        session_id=ids.new_id(),
        subscription=row["subscription"],
        gateway="manual",
        state="sending",
        plan=b"",
        attempts=0,
        not_before=now,
        created_at=now,
        changed_at=now,
    )


async def test_after_a_decline_there_is_no_offer(house: House) -> None:
    """Not the same again, and no other, whatever reason is given next."""
    await publish(house)
    shown = await offered(house)
    declined = await make(house, shown, Decline(revision=shown.session.revision))
    back = await make(house, declined, _back(declined))
    again = await answer(house, back, "pause")

    assert [one.screen.kind for one in (declined, back, again)] == ["confirm", "choice", "confirm"]
    assert await count("presentation", "why_not IS NULL") == 1


async def test_another_reason_brings_no_second_offer(house: House) -> None:
    """One offer in a visit: the other reason's is recorded as what was not shown."""
    await publish(house)
    shown = await offered(house)
    again = await answer(house, await make(house, shown, _back(shown)), "pause")

    assert again.screen.kind == "confirm"
    rows = await sql.fetch_all("SELECT offer, why_not FROM presentation ORDER BY offer")
    assert {row["offer"]: row["why_not"] for row in rows} == {
        "half_off": None,
        "holiday": "another_was_first",
        "third_off": "condition",
    }


async def test_favours_are_asked_afterwards_and_change_nothing(house: House) -> None:
    """Nothing is ticked; what is ticked lands in the follow-up list, and the offer is Dana's either way."""
    await publish(house)
    taken = await accept(house, await offered(house))
    asked = taken.screen
    done = await make(
        house, taken, Answer(revision=taken.session.revision, step="in_return", choices=("refer", "nonsense"))
    )

    assert (asked.kind, asked.several, asked.required, asked.given) == ("choice", True, False, None)
    assert {"cancel", "skip", "answer"} == {action.move for action in asked.actions}
    assert [option.code for option in asked.options] == ["refer", "story"]
    assert (done.session.state, done.screen.kind) == ("saving", "working")
    assert await count("favour", "favour = 'refer' AND offer = 'half_off'") == await count("favour") == 1


async def test_help_is_there_at_once(house: House) -> None:
    """A guide needs no billing: saved, with its link on the screen, and nothing for the worker to carry out."""
    await publish(house)
    shown = await offered(house, "help")
    taken = await accept(house, shown, "tour")

    assert shown.screen.offer is not None
    assert shown.screen.offer.link is None
    assert (taken.session.state, taken.screen.kind) == ("saved", "kept")
    assert taken.screen.offer is not None
    assert taken.screen.offer.link == "https://example.com/tour"
    assert await count("redemption") == 0
    assert await count("event", "kind IN ('offer.accepted', 'session.saved')") == 2


async def test_billing_settles_what_was_accepted(house: House) -> None:
    """Confirmed, it is saved and says so, and the next visit is a new one; refused, a person is needed."""
    await publish(house)
    taken = await accept(house, await offered(house, "pause"), "holiday")
    session = ids.read("ses", taken.session.id)
    assert session is not None
    await sessions.settle(house.installation, session, clock.now(), confirmed=False, kind="payment_holiday")
    stuck = await look(house, taken)
    await sessions.settle(house.installation, session, clock.now(), confirmed=True, kind="payment_holiday")
    saved = await look(house, taken)
    later = await begin(house)

    assert (taken.screen.kind, stuck.session.state, stuck.screen.kind) == ("working", "needs_help", "unavailable")
    assert (saved.session.state, saved.screen.kind) == ("saved", "kept")
    assert saved.screen.offer is not None
    assert saved.screen.offer.headline == "Two months off"
    assert (later.session.state, later.session.id != saved.session.id) == ("open", True)


async def test_a_cancellation_outranks_the_offer(house: House) -> None:
    """Leaving while it is being applied: receipt at once, the unsent offer superseded, one cancellation to send."""
    await publish(house)
    taken = await accept(house, await offered(house, "pause"), "holiday")
    await make(house, taken, Cancel())
    left = await make(house, taken, Cancel())
    session = ids.read("ses", taken.session.id)
    assert session is not None
    await sessions.settle(house.installation, session, clock.now(), confirmed=True, kind="payment_holiday")

    assert (left.session.state, left.screen.kind) == ("leaving", "receipt")
    assert (await look(house, left)).session.state == "leaving"
    rows = await sql.fetch_all("SELECT kind, state FROM redemption ORDER BY id")
    assert [(row["kind"], row["state"]) for row in rows] == [("payment_holiday", "superseded"), ("cancel", "accepted")]


async def test_accepting_on_another_revision_changes_nothing(house: House) -> None:
    """A tab left behind accepts nothing that it does not show."""
    await publish(house)
    shown = await offered(house)
    stale = await make(house, shown, Accept(revision=shown.session.revision + 5, offer="half_off"))

    assert stale.screen.kind == "offer"
    assert await count("redemption") == 0


async def _work(house: House) -> None:
    """A worker that is always awake."""
    worker = Worker(house.installation)
    while True:
        await worker.look(clock.now())
        await asyncio.sleep(0.01)


async def test_who_answers_at_once_is_shown_the_offer_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer waits a moment for what billing says; a cancellation does not."""
    monkeypatch.setattr(sessions, "PATIENCE", 5.0)
    await publish(house)
    await in_the_sandbox(house)
    working = asyncio.create_task(_work(house))
    try:
        shown = await offered(house, "pause")
    finally:
        working.cancel()
        await asyncio.wait([working])

    assert shown.screen.kind == "offer"


async def test_good_news_comes_with_the_answer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the worker is awake and billing quick, the answer says that it is in place; else it says "working"."""
    await publish(house)
    await in_the_sandbox(house)
    monkeypatch.setattr(sessions, "PATIENCE", 5.0)
    working = asyncio.create_task(_work(house))
    try:
        taken = await accept(house, await offered(house, "gift"), "mug")
    finally:
        working.cancel()
        await asyncio.wait([working])

    assert (taken.session.state, taken.screen.kind) == ("saved", "kept")
    assert taken.screen.offer is not None
    assert taken.screen.offer.headline == "A mug"


async def test_nobody_waits_long_for_billing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no worker at all the answer comes after a quarter of a second, and everything is committed."""
    monkeypatch.undo()
    await publish(house)
    shown = await offered(house, "pause")
    began = time.monotonic()
    taken = await accept(house, shown, "holiday")

    assert 0.2 < time.monotonic() - began < 1.5
    assert (taken.session.state, taken.screen.kind) == ("saving", "working")
    assert await count("redemption", "state = 'accepted'") == 1
