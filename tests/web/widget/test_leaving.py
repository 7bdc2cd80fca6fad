"""Leaving: `cancel` that nothing refuses, its one receipt, and taking it back."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import httpx
import pytest

from aurevoir.billing.adapters.sandbox import books
from aurevoir.kit import clock, db, ids, sql
from aurevoir.sessions import service as sessions
from aurevoir.worker import Worker
from tests.house import House, count, on_sqlite
from tests.visits import Visit, start

pytestmark = on_sqlite


async def work(house: House) -> None:
    """The worker, until it finds nothing more to do."""
    worker = Worker(house.installation)
    while await worker.look(clock.now()):
        pass


async def _open(_: Visit, __: House) -> None:
    pass


async def _kept(visit: Visit, _: House) -> None:
    await visit.move("keep")


async def _on_confirm(visit: Visit, _: House) -> None:
    if visit.screen["kind"] != "confirm":
        await visit.move("cancel")


async def _abandoned(_: Visit, house: House) -> None:
    await sessions.abandon_idle(house.installation, clock.now() + timedelta(minutes=31))


async def _abandoned_on_confirm(visit: Visit, house: House) -> None:
    await _on_confirm(visit, house)
    await _abandoned(visit, house)


async def _leaving(visit: Visit, _: House) -> None:
    await visit.leave()


async def _left(visit: Visit, house: House) -> None:
    await house.connect("sandbox")
    await visit.leave()
    await work(house)


async def _needs_help(visit: Visit, house: House) -> None:
    await visit.leave()
    session = ids.read("ses", visit.session["id"])
    assert session
    await sessions.settle(house.installation, session, clock.now(), confirmed=False, kind="cancel")


async def _undone(visit: Visit, _: House) -> None:
    await visit.leave()
    await visit.move("undo")


Reach = Callable[[Visit, House], Awaitable[None]]
STATES: dict[str, tuple[str, Reach]] = {
    "open": ("open", _open),
    "on_confirm": ("open", _on_confirm),
    "kept": ("kept", _kept),
    "abandoned": ("abandoned", _abandoned),
    "abandoned_on_confirm": ("abandoned", _abandoned_on_confirm),
    "leaving": ("leaving", _leaving),
    "left": ("left", _left),
    "needs_help": ("needs_help", _needs_help),
    "undone": ("undone", _undone),
}
everywhere = pytest.mark.parametrize("name", STATES)


@everywhere
@pytest.mark.parametrize("country", ["ES", "DE"])
async def test_every_state_can_be_looked_at_and_left(
    client: httpx.AsyncClient, house: House, name: str, country: str
) -> None:
    """Two presses lead from anywhere to a receipt; a reload before each shows where Dana stands."""
    state, reach = STATES[name]
    visit = await start(client, house, country=country)
    await reach(visit, house)
    await visit.look()
    before = visit.state, visit.screen["kind"]
    if "cancel" in visit.moves:
        await visit.leave()
        await visit.look()

    assert before[0] == state
    assert visit.screen["kind"] == "receipt"
    assert visit.screen["receipt"]["id"].startswith("rcp_")
    assert visit.state in ("leaving", "left", "needs_help")


@everywhere
async def test_a_tab_left_behind_can_still_cancel(client: httpx.AsyncClient, house: House, name: str) -> None:
    """Whatever happened elsewhere since: the confirmation, then the receipt, on the old tab's own screen."""
    visit = await start(client, house)
    behind = visit.tab()
    await STATES[name][1](visit, house)
    await behind.move("cancel")
    if behind.screen["kind"] != "receipt":
        await behind.move("cancel")

    assert behind.screen["kind"] == "receipt"
    assert await count("declaration", "undone_at IS NULL") == 1


async def test_a_double_click_declares_nothing_unseen(client: httpx.AsyncClient, house: House) -> None:
    """Two clicks on "go to cancellation" lead to the confirmation, and stop there."""
    visit = await start(client, house)
    replies = [await visit.send("cancel") for _ in range(4)]

    assert {reply.json()["screen"]["kind"] for reply in replies} == {"confirm"}
    assert await count("declaration") == 0


async def test_a_double_click_on_the_confirmation_declares_once(client: httpx.AsyncClient, house: House) -> None:
    """Both replies carry the same receipt, so a lost one is simply sent again."""
    visit = await start(client, house, zone="America/New_York")
    await visit.move("cancel")
    replies = [await visit.send("cancel") for _ in range(3)]
    receipts = [reply.json()["screen"]["receipt"] for reply in replies]

    assert receipts[0] == receipts[1] == receipts[2]
    assert "EST" in receipts[0]["declared_at"] or "EDT" in receipts[0]["declared_at"]
    for table in ("declaration", "receipt", "redemption"):
        assert await count(table) == 1
    assert await count("event", "kind = 'cancellation.declared'") == 1


async def test_going_straight_to_the_confirmation_keeps_what_is_on_the_screen(
    client: httpx.AsyncClient, house: House
) -> None:
    """What was ticked and written counts, once, however often the button was pressed."""
    visit = await start(client, house)
    ticked = {"choices": ["other"], "answers": {"comment": "And this"}}
    replies = [await visit.send("cancel", **ticked) for _ in range(3)]

    assert {reply.json()["screen"]["kind"] for reply in replies} == {"confirm"}
    assert await count("answer", "is_answered") == 2
    assert await count("answer", "text = 'And this'") == 1
    assert await count("event", "kind = 'session.answered'") == 1


@pytest.mark.parametrize(
    "brought",
    [
        {"choices": ["nobody_wrote_it"]},
        {"choices": ["other", "too_expensive"]},
        {"choices": [], "text": "", "answers": {"comment": ""}},
        {"choices": ["other"], "text": "no question beside it"},
        {"choices": ["other"], "answers": {"comment": "x" * 5000}},
        {"choices": ["other"], "answers": {"elsewhere": 7}},
        {"value": 7},
    ],
)
async def test_nothing_on_the_screen_holds_a_cancellation_up(
    client: httpx.AsyncClient, house: House, brought: dict[str, object]
) -> None:
    """What cannot be taken is left behind; the confirmation comes all the same."""
    visit = await start(client, house)
    await visit.move("cancel", **brought)

    assert visit.screen["kind"] == "confirm"
    assert (await visit.move("cancel", **brought)).screen["receipt"]
    assert await count("declaration") == 1


async def test_the_confirmation_in_another_tab_holds_nobody_up(client: httpx.AsyncClient, house: House) -> None:
    """One tab went on to the confirmation and back; the other, still on it, declares with one press."""
    visit = await start(client, house)
    await visit.move("cancel")
    other = visit.tab()
    await visit.move("back")
    await visit.answer("other")
    await visit.move("back")
    await other.move("cancel")

    assert other.state == "leaving"
    assert (await visit.look()).screen["receipt"] == other.screen["receipt"]


async def test_a_cancellation_needs_no_revision(client: httpx.AsyncClient, house: House) -> None:
    """A revision from the future, none at all, no step: it is carried out."""
    visit = await start(client, house)
    await visit.send("cancel", revision=999, step=None)
    reply = await visit.send("cancel", revision=None, step=None)

    assert reply.json()["session"]["state"] == "leaving"


async def test_the_declaration_waits_for_no_worker(client: httpx.AsyncClient, house: House) -> None:
    """The receipt is there before billing heard of anything."""
    visit = await (await start(client, house)).leave()

    assert visit.screen["receipt"]
    assert await count("redemption", "state = 'accepted' AND attempts = 0") == 1


async def test_keeping_asks_nothing_more(client: httpx.AsyncClient, house: House) -> None:
    """Kept, and nothing declared; pressing it twice is the same."""
    visit = await start(client, house)
    replies = [await visit.send("keep") for _ in range(2)]
    await visit.look()

    assert [reply.status_code for reply in replies] == [200, 200]
    assert (visit.state, visit.screen["kind"], visit.moves) == ("kept", "kept", ["cancel"])
    assert await count("event", "kind = 'session.kept'") == 1
    assert await count("declaration") == 0


async def test_undoing_before_billing_heard_withdraws_the_order(client: httpx.AsyncClient, house: House) -> None:
    """Nothing was sent, so nothing has to be taken back."""
    visit = await (await start(client, house)).leave()
    await visit.move("undo")
    await work(house)

    assert (visit.state, visit.screen["kind"]) == ("undone", "kept")
    assert await count("redemption") == await count("redemption", "state = 'superseded'") == 1


async def test_undoing_afterwards_sends_the_opposite(client: httpx.AsyncClient, house: House) -> None:
    """Both reach the subscription, once each, in order; the session is over and undone."""
    visit = await start(client, house, subscription={"id": f"sub_{house.id.hex}"})
    await _left(visit, house)
    account = books.Account(house.id, "live", f"sub_{house.id.hex}")
    before, ending = (await visit.look()).state, await books.find(account)
    await visit.move("undo")
    await work(house)

    assert before == "left"
    assert ending is not None
    assert ending.ends_on == date(2030, 12, 1)
    assert (await visit.look()).state == "undone"
    going_on = await books.find(account)
    assert going_on is not None
    assert going_on.ends_on is None
    assert await count("redemption", "state = 'confirmed'") == 2


async def test_undoing_twice_is_undoing_once(client: httpx.AsyncClient, house: House) -> None:
    """A lost reply, sent again."""
    visit = await (await start(client, house)).leave()
    replies = [await visit.send("undo") for _ in range(3)]

    assert [reply.status_code for reply in replies] == [200, 200, 200]
    assert await count("event", "kind = 'cancellation.undone'") == 1


async def test_what_two_visits_declared_is_undone_together(client: httpx.AsyncClient, house: House) -> None:
    """A tab left open for weeks and a new visit both ended the subscription; it goes on as a whole, in both."""
    old = await (await start(client, house)).move("keep")
    weeks_ago = clock.now() - timedelta(days=40)
    await db.transaction(lambda: sql.execute("UPDATE session SET started_at = $1", weeks_ago))
    new = await (await start(client, house)).leave()
    await old.leave()
    await new.move("undo")
    await work(house)

    assert new.session["id"] != old.session["id"]
    assert ((await old.look()).state, old.screen["kind"]) == ("undone", "kept")
    assert await count("declaration", "undone_at IS NULL") == 0
    assert await count("redemption") == await count("redemption", "state = 'superseded'") == 2


async def test_after_an_undo_a_new_visit_begins(client: httpx.AsyncClient, house: House) -> None:
    """A change of mind about the change of mind: another session, another declaration, another receipt."""
    first = await (await start(client, house)).leave()
    receipt = first.screen["receipt"]["id"]
    await first.move("undo")
    second = await start(client, house)
    await second.leave()

    assert second.status == 201
    assert second.session["id"] != first.session["id"]
    assert second.screen["receipt"]["id"] != receipt
    assert await count("episode") == 1


async def test_billing_refuses_and_the_receipt_stands(client: httpx.AsyncClient, house: House) -> None:
    """`needs_help` is the operator's affair: Dana sees her receipt as before."""
    visit = await start(client, house)
    await _needs_help(visit, house)
    receipt = visit.screen["receipt"]
    await visit.look()

    assert (visit.state, visit.screen["receipt"]) == ("needs_help", receipt)


async def test_in_test_mode_nothing_is_live(client: httpx.AsyncClient, house: House) -> None:
    """The same journey, marked as a test in every row."""
    await (await start(client, house, "test")).leave()

    for table in ("session", "redemption"):
        assert await count(table, "mode = 'live'") == 0
        assert await count(table, "mode = 'test'") == 1
    assert await count("event", "mode = 'live' AND session_id IS NOT NULL") == 0
    assert await count("episode") == 0
