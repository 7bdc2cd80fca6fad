"""Whatever breaks beside it, the way out holds: no 5xx, the confirmation, the receipt; each dependency made to fail."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from aurevoir.billing import registry
from aurevoir.flows import experiments
from aurevoir.kit import sql
from aurevoir.offers import eligibility, presenting, wording
from aurevoir.offers import standing as standings
from aurevoir.sessions import offer_screens, screens, showing, writing
from aurevoir.sessions import service as sessions
from tests.house import House, count, slowly_on_postgres
from tests.plain_browser import Browser
from tests.sessions.offered import publish
from tests.visits import START, Visit, start

pytestmark = slowly_on_postgres
MINNESOTA = {"country": "US", "region": "MN"}
# What is made to fail, by what it stands for; all of it is on the way of somebody who answers and meets an offer.
FAULTS: dict[str, tuple[Any, str]] = {
    "billing's settings": (registry, "connection"),
    "billing": (registry, "connected"),
    "what billing said": (standings, "read"),
    "offers: whom they are for": (eligibility, "candidates"),
    "offers: what was shown": (presenting, "find"),
    "offers: the record": (presenting, "record"),
    "offers: their words": (wording, "shown"),
    "offers: their screen": (offer_screens, "offer"),
    "survey: its screens": (screens, "_question"),
    "survey: the answers": (writing, "_answers"),
    "what stands beside a screen": (showing, "look_of"),
    "experiments": (experiments, "assigned"),
}
everything = pytest.mark.parametrize("fault", FAULTS)


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes one of them fail from now on."""
    monkeypatch.setattr(sessions, "PATIENCE", 0.0)

    def break_it(fault: str) -> None:
        def broken(*_: Any, **__: Any) -> Any:
            raise RuntimeError("a mistake")

        monkeypatch.setattr(*FAULTS[fault], broken)
        registry.forget_cached()

    return break_it


async def _begin(client: httpx.AsyncClient, house: House, **place: Any) -> Visit:
    """Dana opens the flow that has an offer of every sort."""
    reply = await client.post(START, json={"token": house.token(**place), "flow": "offered"})
    assert reply.status_code == 201, reply.text
    return Visit(client, reply.json(), reply.status_code)


async def _left(visit: Visit) -> None:
    """Pressed until the receipt is there; never more than twice, and reloaded before each."""
    for _ in range(2):
        await visit.look()
        if visit.screen["kind"] != "receipt":
            await visit.move("cancel")
    await visit.look()

    assert visit.screen["kind"] == "receipt"
    assert visit.state == "leaving"
    assert await count("declaration", "undone_at IS NULL") == await count("receipt") == 1
    assert await count("redemption", "kind = 'cancel'") == 1


@everything
async def test_a_visit_that_begins_in_trouble_ends_with_a_receipt(
    client: httpx.AsyncClient, house: House, breaking: Callable[[str], None], fault: str
) -> None:
    """It is broken before Dana comes; she ticks a reason, and goes straight to the cancellation."""
    await publish(house)
    breaking(fault)
    visit = await _begin(client, house)
    reply = await visit.send("cancel", choices=["price"])
    assert reply.status_code == 200, reply.text
    await _left(visit)


@everything
@pytest.mark.parametrize("place", [{}, pytest.param(MINNESOTA, marks=pytest.mark.slow)], ids=["base", "us-mn"])
async def test_trouble_in_the_middle_stops_nobody(
    client: httpx.AsyncClient, house: House, breaking: Callable[[str], None], fault: str, place: dict[str, str]
) -> None:
    """It breaks while the offer, or the question whether to see one, is on the screen."""
    await publish(house)
    visit = await _begin(client, house, **place)
    await visit.answer("price")
    breaking(fault)
    await _left(visit)


@pytest.mark.slow
@everything
async def test_trouble_after_an_acceptance_stops_nobody(
    client: httpx.AsyncClient, house: House, breaking: Callable[[str], None], fault: str
) -> None:
    """What was accepted is on its way when it breaks."""
    await publish(house)
    visit = await _begin(client, house)
    await visit.answer("gift")
    await visit.move("accept", offer="mug")
    breaking(fault)
    await _left(visit)


@pytest.mark.slow
@everything
async def test_without_a_script_it_is_the_same(
    client: httpx.AsyncClient, house: House, breaking: Callable[[str], None], fault: str
) -> None:
    """The hosted pages: no error page on the way from the product's form to the receipt."""
    await publish(house)
    breaking(fault)
    browser = await Browser(client).post("/exit/start", token=house.token(), flow="offered")
    for _ in range(2):
        await browser.press("cancel")

    assert browser.reply.status_code == 200
    assert "rcp_" in browser.text


async def test_the_confirmation_comes_where_an_offer_cannot_be_shown(
    client: httpx.AsyncClient, house: House, breaking: Callable[[str], None]
) -> None:
    """The words fail at the moment of the answer: no offer and no error, one press from the receipt."""
    await publish(house)
    visit = await _begin(client, house)
    breaking("offers: their words")
    await visit.answer("price")

    assert visit.screen["kind"] == "confirm"
    assert (await visit.move("cancel")).screen["kind"] == "receipt"


async def test_a_declaration_outlives_its_answers(
    client: httpx.AsyncClient, house: House, breaking: Callable[[str], None]
) -> None:
    """What was ticked could not be written: it is lost, and the way out is not."""
    await publish(house)
    visit = await _begin(client, house)
    breaking("survey: the answers")
    await visit.move("cancel", choices=["other"])

    assert visit.screen["kind"] == "confirm"
    assert await count("answer") == 0


async def test_a_broken_statement_is_left_behind(
    client: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it PostgreSQL takes nothing more in that transaction: the cancellation goes in one of its own."""
    await publish(house)
    visit = await _begin(client, house)

    async def misspelt(*_: Any) -> None:
        await sql.execute("INSERT INTO nowhere (nothing) VALUES (1)")

    monkeypatch.setattr(writing, "_answers", misspelt)
    await visit.move("cancel", choices=["other"])
    await _left(visit)


async def test_broken_billing_leaves_the_cancellation_to_a_person(
    client: httpx.AsyncClient, house: House, breaking: Callable[[str], None]
) -> None:
    """Nothing is forgotten: the order stands on the operator's work list, and what was superseded is."""
    await house.connect("sandbox")
    visit = await start(client, house)
    breaking("billing")
    await visit.leave()

    assert visit.screen["receipt"]
    assert await count("redemption", "kind = 'cancel' AND gateway = 'manual' AND state = 'accepted'") == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"choices": "NOT A CODE"},
        {"choices": "x" * 500},
        {"text.comment": "x" * 30_000},
        {"value": "eleven"},
        {"value": "99"},
        {"revision": "x"},
        {"step": "NO STEP"},
    ],
)
async def test_no_field_of_a_form_holds_a_cancellation_up(
    client: httpx.AsyncClient, house: House, fields: dict[str, str]
) -> None:
    """Whatever a browser, or somebody's extension, posts along."""
    browser = await Browser(client).post("/exit/start", token=house.token())
    address = str(browser.reply.url)
    for _ in range(2):
        form = browser.form.values
        posted = {name: values[0] for name, values in form.items()} | {"move": "cancel"} | fields
        await browser.post(address, **posted)

    assert browser.reply.status_code == 200
    assert "rcp_" in browser.text
