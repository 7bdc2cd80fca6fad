"""The page behind a receipt's link: what it says, what can be done on it, for how long, and by whom."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from aurevoir.access import workspaces
from aurevoir.events import service as events
from aurevoir.kit import clock, db, ids, sql
from tests.house import House, count, on_sqlite
from tests.plain_browser import Browser
from tests.visits import Visit, start

pytestmark = on_sqlite


async def change(statement: str, *args: Any) -> None:
    """What the worker, billing or time would have done."""
    await db.transaction(lambda: sql.execute(statement, *args))


async def page_of(client: httpx.AsyncClient, visit: Visit) -> Browser:
    """The link on the receipt's screen, without a script."""
    return await Browser(client).open(visit.screen["receipt"]["url"])


def actions(browser: Browser) -> list[str]:
    """What its forms do."""
    return [form.action.rpartition("/")[2] for form in browser.page.forms]


async def press(browser: Browser, action: str) -> httpx.Response:
    """The button of the form that posts there."""
    (form,) = [form for form in browser.page.forms if form.action.endswith(action)]
    assert form.method == "post"
    return await browser.client.post(form.action, data=form.values)


async def test_it_says_what_was_declared_and_where_it_stands(client: httpx.AsyncClient, house: House) -> None:
    """In the receipt's language and the customer's zone, with the documents, and what can still be done."""
    visit = await start(client, house, locale="fr", zone="America/New_York")
    await visit.leave()
    browser = await page_of(client, visit)

    assert browser.reply.status_code == 200
    assert browser.page.attributes["html"] == {"lang": "fr", "dir": "ltr"}
    assert "Votre résiliation est enregistrée" in browser.page.headings
    for words in ("Je résilie mon abonnement.", "1er décembre 2030", visit.screen["receipt"]["id"], "Acme Cloud"):
        assert words in browser.text, words
    address = httpx.URL(visit.screen["receipt"]["url"]).path
    assert browser.page.links[:3] == [f"{address}.html", f"{address}.txt", f"{address}/everything.json"]
    assert [form.action for form in browser.page.forms] == [f"{address}/undo"]


async def test_it_names_the_language_that_it_speaks(client: httpx.AsyncClient, house: House) -> None:
    """A flow may speak one that the interface has no phrases in: then the page is English, and says so."""
    visit = await (await start(client, house)).leave()
    await change("UPDATE session SET locale = 'sv'")
    browser = await page_of(client, visit)

    assert browser.page.attributes["html"] == {"lang": "en", "dir": "ltr"}
    assert "Your cancellation is received" in browser.page.headings


async def test_it_outlives_the_visit_and_needs_no_token(client: httpx.AsyncClient, house: House) -> None:
    """A year later, when everything of the visit has expired."""
    visit = await (await (await start(client, house)).answer("other")).leave()
    await change("UPDATE session SET expires_at = $1", clock.now() - timedelta(days=365))
    await change("DELETE FROM token_use")
    browser = await page_of(client, visit)
    replies = [await press(browser, "/delete-answers"), await press(browser, "/undo")]

    assert (await client.get("/widget/v1/session", headers=visit.headers)).status_code == 401
    assert [reply.status_code for reply in replies] == [303, 303]
    assert (await client.get(f"{visit.screen['receipt']['url']}/everything.json")).status_code == 200
    assert await count("declaration", "undone_at IS NOT NULL") == 1


@pytest.mark.parametrize("end", ["", ".txt", "/undo", "/delete-answers", "/everything.json"])
async def test_a_guess_learns_nothing(client: httpx.AsyncClient, house: House, end: str) -> None:
    """A wrong secret, another's, a wrong id, no id at all: the same 404 at every address, and nothing happened."""
    mine = (await (await (await start(client, house)).answer("other")).leave()).screen["receipt"]["url"]
    other = (await (await start(client, house, subscription={"id": "other"})).leave()).screen["receipt"]["url"]
    (name, secret), theirs = mine.rsplit("/", 2)[1:], other.rsplit("/", 1)[1]
    pairs = [(name, "A" * 43), (name, theirs), (f"rcp_{'0' * 32}", secret), (f"ses_{name[4:]}", secret), ("x", secret)]
    method = "POST" if end in ("/undo", "/delete-answers") else "GET"
    replies = [await client.request(method, f"/exit/receipts/{one}/{key}{end}") for one, key in pairs]
    nowhere = await client.get("/exit/receipts/nowhere/at/all")

    assert {reply.status_code for reply in replies} == {404}
    assert {reply.text for reply in replies} == {nowhere.text}
    assert await count("declaration", "undone_at IS NOT NULL") == 0
    assert await count("answer") == 2


CANCEL = "UPDATE redemption SET state = $1 WHERE kind = 'cancel'"
ENDED = "UPDATE declaration SET effective_on = '2020-01-01'"


@pytest.mark.parametrize(
    ("state", "ended", "title"),
    [
        ("accepted", False, "Your cancellation is received"),
        ("sending", False, "Your cancellation is received"),
        ("handed_over", False, "Your cancellation is received"),
        ("confirmed", False, "Your cancellation is confirmed"),
        ("failed", False, "A person is seeing to it"),
        ("attention", True, "A person is seeing to it"),
        ("confirmed", True, "Your subscription has ended"),
        ("handed_over", True, "Your subscription has ended"),
        ("waiting", True, "Your cancellation is received"),
    ],
)
async def test_it_tells_how_far_billing_is(
    client: httpx.AsyncClient, house: House, state: str, *, ended: bool, title: str
) -> None:
    """Nothing is called done that billing has not done; undo is there until the end, and not beyond."""
    visit = await (await start(client, house)).leave()
    await change(CANCEL, state)
    if ended:
        await change(ENDED)
    browser = await page_of(client, visit)

    assert title in browser.page.headings
    assert bool(browser.page.forms) is not ended


async def test_it_tells_that_billing_ended_it_already(client: httpx.AsyncClient, house: House) -> None:
    """An end that was as soon as possible, or that somebody hastened: billing's word is the last one."""
    visit = await (await start(client, house)).leave()
    await change(CANCEL, "confirmed")
    row = await sql.fetch_one("SELECT customer, subscription FROM session")
    assert row is not None
    await change(
        "INSERT INTO subscription_state (id, workspace_id, mode, subscription, customer, valid_from, status, source, "
        "told_at, is_assumed) VALUES ($1, $1, 'live', $2, $3, $4, 'cancelled', 'stripe', $4, FALSE)",
        house.id,
        row["subscription"],
        row["customer"],
        clock.now() - timedelta(hours=1),
    )
    browser = await page_of(client, visit)
    late = await client.post(f"{visit.screen['receipt']['url']}/undo")

    assert "Your subscription has ended" in browser.page.headings
    assert late.status_code == 409


async def test_undo_is_what_the_move_does(client: httpx.AsyncClient, house: House) -> None:
    """The same rows, events and orders, whichever button was pressed; and both screens say so."""
    moved = await (await start(client, house, subscription={"id": "moved"})).leave()
    pressed = await (await start(client, house, subscription={"id": "pressed"})).leave()
    browser = await page_of(client, pressed)
    reply = await press(browser, "/undo")
    await moved.move("undo")
    told = [await happened(house, one) for one in (moved, pressed)]
    rows = await sql.fetch_all("SELECT state, step, revision, moves, declarations FROM session")

    assert (reply.status_code, reply.headers["location"]) == (303, httpx.URL(pressed.screen["receipt"]["url"]).path)
    assert told[0] == told[1]
    assert ("cancellation.undone", "customer") in told[0]
    assert rows[0] == rows[1]
    assert await count("redemption", "state = 'superseded'") == 2
    assert ((await pressed.look()).state, pressed.screen["kind"]) == ("undone", "kept")
    assert "Your cancellation is undone" in (await browser.open(reply.headers["location"])).page.headings


async def happened(house: House, visit: Visit) -> list[tuple[str, str]]:
    """The facts of a visit, and whose they are."""
    session = ids.read("ses", visit.session["id"])
    assert session is not None
    return [(event.kind, event.actor) for event in await events.list_of_session(house.id, session)]


@pytest.mark.parametrize("state", ["sending", "confirmed", "handed_over"])
async def test_what_has_left_is_followed_by_its_opposite(client: httpx.AsyncClient, house: House, state: str) -> None:
    """In flight or done: one order more, which takes it back; if that fails a person sees to it."""
    visit = await (await start(client, house)).leave()
    browser = await page_of(client, visit)
    await change(CANCEL, state)
    for _ in range(3):
        await press(browser, "/undo")
    undone = (await page_of(client, visit)).page.headings
    await change("UPDATE redemption SET state = 'failed' WHERE kind = 'undo_cancel'")
    stuck = await page_of(client, visit)

    assert await count("redemption", "kind = 'undo_cancel'") == 1
    assert await count("event", "kind = 'cancellation.undone'") == 1
    assert "Your cancellation is undone" in undone
    assert "A person is seeing to it" in stuck.page.headings
    assert "You took your cancellation back." in stuck.text


async def test_after_the_end_it_is_refused_politely(client: httpx.AsyncClient, house: House) -> None:
    """409, on the same page, in her language, first of all that stands there; nothing changed."""
    visit = await (await start(client, house, locale="de")).leave()
    browser = await page_of(client, visit)
    await change(ENDED)
    reply = await press(browser, "/undo")

    assert reply.status_code == 409
    assert '<html lang="de" dir="ltr">' in reply.text
    assert 'role="alert"' in reply.text
    assert visit.screen["receipt"]["id"] in reply.text
    assert await count("declaration", "undone_at IS NULL") == 1
    assert await count("event", "kind = 'cancellation.undone'") == 0


async def test_an_old_receipt_undoes_no_new_cancellation(client: httpx.AsyncClient, house: House) -> None:
    """Taken back and declared again: the first receipt says so, and its button is gone, whatever is posted."""
    first = await (await start(client, house)).leave()
    old = first.screen["receipt"]["url"]
    await first.move("undo")
    second = await (await start(client, house)).leave()
    reply = await client.post(f"{old}/undo")
    browser = await Browser(client).open(old)

    assert reply.status_code == 303
    assert await count("declaration", "undone_at IS NULL") == 1
    assert browser.page.forms == []
    assert "that cancellation has a receipt of its own" in browser.text
    assert "Your cancellation is received" in (await page_of(client, second)).page.headings


async def test_two_standing_declarations_are_undone_together(client: httpx.AsyncClient, house: House) -> None:
    """An older visit declared it as well: the subscription goes on as a whole, from either receipt."""
    old = await (await start(client, house)).move("keep")
    await change("UPDATE session SET started_at = $1", clock.now() - timedelta(days=40))
    new = await (await start(client, house)).leave()
    await old.leave()
    await press(await page_of(client, new), "/undo")

    assert old.session["id"] != new.session["id"]
    assert await count("declaration", "undone_at IS NULL") == 0
    assert "Your cancellation is undone" in (await page_of(client, old)).page.headings


async def test_there_is_nothing_to_delete_where_nothing_was_answered(client: httpx.AsyncClient, house: House) -> None:
    """No button that does nothing; once answers were deleted, the page says when."""
    silent = await (await start(client, house, subscription={"id": "silent"})).leave()
    said = await (await (await start(client, house)).answer("other")).leave()
    before = [actions(await page_of(client, one)) for one in (silent, said)]
    await press(await page_of(client, said), "/delete-answers")
    after = await page_of(client, said)

    assert before == [["undo"], ["undo", "delete-answers"]]
    assert "Your answers were deleted on" in after.text
    assert actions(after) == ["undo"]


async def test_nothing_of_it_is_stored_on_the_way_or_leaks(client: httpx.AsyncClient, house: House) -> None:
    """No caching, no referrer, no frames, no script, no cookie, no search engine; posts come back as a redirect."""
    visit = await (await (await start(client, house)).answer("other")).leave()
    url = visit.screen["receipt"]["url"]
    replies = [
        await client.get(url),
        await client.get(f"{url}/everything.json"),
        await client.post(f"{url}/delete-answers"),
        await client.post(f"{url}/undo"),
    ]

    for reply in replies:
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in reply.headers["content-security-policy"]
        assert "set-cookie" not in reply.headers
    assert "<script" not in replies[0].text
    assert 'content="noindex"' in replies[0].text
    assert [reply.status_code for reply in replies] == [200, 200, 303, 303]


async def test_a_person_can_be_reached(client: httpx.AsyncClient, house: House) -> None:
    """Where the workspace names an address."""
    visit = await (await start(client, house)).leave()
    without = (await page_of(client, visit)).page.links
    await change("UPDATE workspace SET contact_email = 'help@acme.example'")
    workspaces.forget_cached()

    assert "mailto:help@acme.example" not in without
    assert "mailto:help@acme.example" in (await page_of(client, visit)).page.links


async def test_it_survives_the_erasure_of_who_it_was(client: httpx.AsyncClient, house: House) -> None:
    """Without the vault's entry everything still works, under pseudonyms."""
    visit = await (await start(client, house)).leave()
    await change("DELETE FROM customer_vault")
    told = (await client.get(f"{visit.screen['receipt']['url']}/everything.json")).json()
    await press(await page_of(client, visit), "/undo")

    assert told["customer"]["id"] is None
    assert await count("declaration", "undone_at IS NOT NULL") == 1
