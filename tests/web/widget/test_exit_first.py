"""Packs: the order of a visit comes from signed facts, never from the template or the browser."""

import httpx
import pytest

from aurevoir.kit import clock, ids, sql
from aurevoir.sessions import service as sessions
from aurevoir.settings import Settings
from tests import house as houses
from tests.cast import ACME
from tests.house import ABSENT, House, count, on_sqlite
from tests.visits import START, Visit, start

pytestmark = on_sqlite


@pytest.mark.parametrize(
    ("facts", "pack"),
    [
        ({"country": "DE"}, "de"),
        ({"country": "DE", "consumer": ABSENT}, "de"),
        ({"country": "DE", "consumer": False}, "base"),
        ({"country": "FR"}, "fr"),
        ({"country": "ES"}, "base"),
        ({"country": "US", "region": "MN"}, "us-mn"),
        ({"country": "US", "region": "US-CA"}, "us-ca"),
        ({"country": "US", "region": ABSENT}, "strict"),
        ({"country": ABSENT}, "strict"),
    ],
)
async def test_the_pack_comes_from_signed_facts(
    client: httpx.AsyncClient, house: House, facts: dict[str, object], pack: str
) -> None:
    """And the session records why; what is not known is taken strictly."""
    visit = await start(client, house, **facts)
    row = (await sql.fetch_all("SELECT pack, pack_reason FROM session"))[0]

    assert visit.session["pack"] == row["pack"] == pack
    assert row["pack_reason"]
    assert visit.screen["kind"] == ("confirm" if pack == "de" else "choice")


@pytest.mark.parametrize("field", ["country", "pack", "region", "consumer"])
async def test_the_browser_chooses_no_pack(client: httpx.AsyncClient, house: House, field: str) -> None:
    """Such a field is refused, not ignored."""
    reply = await client.post(START, json={"token": house.token(), field: "DE"})

    assert reply.status_code == 422
    assert await count("session") == 0


async def test_the_workspaces_default_counts_where_the_token_says_nothing(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    """A German shop whose tokens carry no country."""
    house = await houses.build(settings.installation, ACME, default_country="DE")
    visit = await start(client, house, country=ABSENT)

    assert visit.session["pack"] == "de"


async def in_germany(client: httpx.AsyncClient, house: House) -> Visit:
    """Dana lives in Berlin, and has declared."""
    visit = await start(client, house, country="DE", locale="de")
    assert [action["move"] for action in visit.screen["actions"]] == ["cancel", "keep"]
    return await visit.move("cancel")


async def test_in_germany_the_confirmation_comes_first(client: httpx.AsyncClient, house: House) -> None:
    """One press, the receipt; the survey is offered after it and opens with `skip`."""
    visit = await in_germany(client, house)
    receipt = visit.screen["receipt"]
    moves = visit.moves
    await visit.move("skip")

    assert receipt["id"]
    assert "skip" in moves
    assert (visit.state, visit.screen["kind"], visit.screen["step"]) == ("leaving", "choice", "reason")
    assert "keep" not in visit.moves


async def test_the_survey_after_the_receipt_is_saved_and_ends_on_it(client: httpx.AsyncClient, house: House) -> None:
    """The same receipt as before; the answer counts, the state stays."""
    visit = await in_germany(client, house)
    receipt = visit.screen["receipt"]
    await visit.move("skip")
    await visit.answer("too_expensive", answers={"comment": "Zu teuer"})

    assert (visit.state, visit.screen["kind"]) == ("leaving", "receipt")
    assert visit.screen["receipt"] == receipt
    assert "skip" not in visit.moves
    assert await count("answer", "text = 'Zu teuer'") == 1
    assert await count("declaration") == 1


@pytest.mark.parametrize("confirmed", [True, False])
async def test_billings_word_in_the_middle_of_the_survey_loses_nothing(
    client: httpx.AsyncClient, house: House, *, confirmed: bool
) -> None:
    """Whatever billing says meanwhile, the question stays on the screen and its answer is taken."""
    visit = await in_germany(client, house)
    await visit.move("skip")
    session = ids.read("ses", visit.session["id"])
    assert session
    await sessions.settle(house.installation, session, clock.now(), confirmed=confirmed, kind="cancel")
    await visit.look()
    shown = visit.screen["kind"]
    await visit.answer("other")

    assert shown == "choice"
    assert visit.screen["kind"] == "receipt"
    assert visit.state == ("left" if confirmed else "needs_help")
    assert await count("answer_choice", "rank = 1 AND code = 'other'") == 1


async def test_cancelling_again_in_the_survey_shows_the_receipt(client: httpx.AsyncClient, house: House) -> None:
    """A second tab, still on the confirmation."""
    visit = await start(client, house, country="DE")
    behind = visit.tab()
    await visit.move("cancel")
    receipt = visit.screen["receipt"]["id"]
    await visit.move("skip")
    await behind.move("cancel")

    assert behind.screen["receipt"]["id"] == receipt
    assert await count("declaration") == 1


async def test_undoing_in_germany(client: httpx.AsyncClient, house: House) -> None:
    """Taken back, and declared anew on the same tab: a second receipt of its own."""
    visit = await in_germany(client, house)
    first = visit.screen["receipt"]["id"]
    await visit.move("undo")
    await visit.leave()

    assert visit.state == "leaving"
    assert visit.screen["receipt"]["id"] != first
    assert await count("declaration", "undone_at IS NULL") == 1
