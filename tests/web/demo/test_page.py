"""The demo's page and what it asks of its server."""

import csv
import io
import re
import shutil
from itertools import product as every
from pathlib import Path

import httpx
import pytest

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.kit import clock
from aurevoir.settings import Settings
from aurevoir.web.demo.scene import SWITCHES
from aurevoir.worker import Worker
from tests.house import on_sqlite

pytestmark = on_sqlite
START = "/widget/v1/sessions"
SCENE = "visitor=dana&customer=monthly&country=fr&lang=en&mode=modal"


@pytest.fixture
def sqlite_url(prepared: Path, tmp_path: Path) -> str:
    """A database with the demo in it."""
    return f"sqlite://{shutil.copy(prepared, tmp_path / 'demo.db')}"


async def _page(client: httpx.AsyncClient, **switches: str) -> str:
    reply = await client.get("/demo", params={"visitor": "dana"} | switches)
    assert reply.status_code == 200, reply.text
    return reply.text


def _token(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


async def _begin(client: httpx.AsyncClient, **switches: str) -> dict[str, str]:
    """Dana opens the flow; her session token as a header."""
    began = await client.post(START, json={"token": _token(await _page(client, **switches))})
    assert began.status_code == 201, began.text
    return {"Authorization": f"Bearer {began.json()['session']['token']}"}


async def _move(client: httpx.AsyncClient, headers: dict[str, str], kind: str, **fields: object) -> None:
    session = (await client.get("/widget/v1/session", headers=headers)).json()
    move = {"kind": kind, "revision": session["session"]["revision"], "step": session["screen"]["step"], **fields}
    assert (await client.post("/widget/v1/session/moves", json=move, headers=headers)).status_code == 200


async def _work(settings: Settings) -> None:
    """The worker, until it finds nothing more to do."""
    worker = Worker(settings.installation)
    while await worker.look(clock.now()):
        pass


def _live(html: str, name: str) -> str:
    """The words of one live part."""
    part = html.partition(f'data-live="{name}"')[2].partition("data-live=")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", part).split())


def _renews_on(html: str) -> str:
    """The day in the token's facts."""
    return _live(html, "claims").partition("Renews on ")[2][:10]


async def test_who_comes_without_a_name_gets_one(client: httpx.AsyncClient, demo: WorkspaceSettings) -> None:
    """It stands in the address: a reload finds the same visitor, another tab is another one; no cookie is set."""
    first, second = await client.get("/demo?lang=fr"), await client.get("/demo?lang=fr")

    assert first.status_code == 303
    assert "lang=fr" in first.headers["location"]
    assert first.headers["location"] != second.headers["location"]
    assert "set-cookie" not in first.headers


async def test_every_position_of_the_switches_draws_a_page(client: httpx.AsyncClient, demo: WorkspaceSettings) -> None:
    """Every language with every customer, every country with every mode; the token of each begins a session."""
    for lang, customer in every(SWITCHES["lang"], SWITCHES["customer"]):
        html = await _page(client, lang=lang, customer=customer, visitor=f"{lang}{customer}")
        began = await client.post(START, json={"token": _token(html)})

        assert f'<main class="product" lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}">' in html
        assert began.status_code == 201
    for country, mode in every(SWITCHES["country"], SWITCHES["mode"]):
        assert ("<aurevoir-flow" in await _page(client, country=country, mode=mode)) == (mode != "plain")


ODD = ["lang=xx", "customer=%3Cb%3E", "mode=<script>", "country=", "visitor=../..", "visitor="]


@pytest.mark.parametrize("odd", ODD)
async def test_what_it_does_not_know_stands_as_at_first(
    client: httpx.AsyncClient, demo: WorkspaceSettings, odd: str
) -> None:
    """Nobody meets an error for an address that was edited by hand, and nothing of it comes back unescaped."""
    reply = await client.get(f"/demo?visitor=dana&{odd}" if "visitor" not in odd else f"/demo?{odd}")

    assert reply.status_code in (200, 303)
    assert "<script>" not in reply.text


async def test_the_policy_allows_nothing_but_our_own_files(client: httpx.AsyncClient, demo: WorkspaceSettings) -> None:
    """No inline script or style stands on the page, so none has to be allowed."""
    reply = await client.get("/demo?visitor=dana")
    policy = reply.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", reply.text) == []


async def test_the_server_side_shows_each_answer_as_it_is_saved(
    client: httpx.AsyncClient, demo: WorkspaceSettings
) -> None:
    """Events with their codes, the customer's own words beside them, then the receipt."""
    before = await _page(client)
    headers = await _begin(client)
    await _move(client, headers, "answer", choices=["too_expensive"], text="<b>15 €</b>")
    answered = _live(await _page(client), "session")
    await _move(client, headers, "cancel")
    left = await _page(client)

    assert "Nothing yet" in _live(before, "session")
    assert "session.answered reason = too_expensive" in answered
    assert "&lt;b&gt;15 €&lt;/b&gt;" in answered
    assert "cancellation.declared" in _live(left, "session")
    assert "Ends on" in _live(left, "card")
    assert "See your cancellation" in _live(left, "button")


async def test_the_reason_counts_one_more(client: httpx.AsyncClient, demo: WorkspaceSettings) -> None:
    """The table that Ana reads moves by one when Dana answers, and marks her row."""

    async def counted() -> tuple[int, bool]:
        found = re.search(r'data-code="not_using" data-count="(\d+)"( class="mine")?', await _page(client))
        assert found is not None
        return int(found[1]), bool(found[2])

    before, _ = await counted()
    await _move(client, await _begin(client), "answer", choices=["not_using"])

    assert await counted() == (before + 1, True)


async def test_after_undo_the_account_is_active_again(client: httpx.AsyncClient, demo: WorkspaceSettings) -> None:
    """The product's page follows what Dana declared, and what she took back."""
    headers = await _begin(client)
    await _move(client, headers, "cancel")
    await _move(client, headers, "cancel")
    left = _live(await _page(client), "card")
    await _move(client, headers, "undo")

    assert "Ends on" in left
    assert "Active" in _live(await _page(client), "card")


async def test_an_accepted_offer_runs_out_as_the_days_go_by(
    client: httpx.AsyncClient, settings: Settings, demo: WorkspaceSettings
) -> None:
    """The offers considered, the order, the new price; thirty days at a press, the page says it and the list ticks."""
    headers = await _begin(client)
    await _work(settings)
    await _move(client, headers, "answer", choices=["too_expensive"])
    await _move(client, headers, "accept", offer="half_price")
    await _work(settings)
    accepted = await _page(client)
    moved = [await client.post("/demo/days?visitor=dana") for _ in range(4)]
    later = await _page(client)

    assert "half_price discount shown" in _live(accepted, "offers")
    assert "half_price sandbox confirmed" in _live(accepted, "offers")
    assert "€14.50 until" in _live(accepted, "card")
    assert {reply.headers["location"] for reply in moved} == {f"/demo?{SCENE}#payments"}
    assert _live(later, "payments").count("€29.00 €14.50") == 3
    assert "€29.00 a month" in _live(later, "card")
    assert "press +30 days (done)" in _live(later, "todo")


async def test_days_alone_are_no_event_and_are_seen_all_the_same(
    client: httpx.AsyncClient, demo: WorkspaceSettings
) -> None:
    """The feed notices that billing moved, and the next token tells of it."""
    address, before = "/demo/feed?visitor=dana", await _page(client)
    first = await client.get(address)
    await client.post("/demo/days?visitor=dana")
    after = await client.get(address, headers={"If-None-Match": first.headers["etag"]})

    assert after.status_code == 200
    assert _renews_on(after.text) > _renews_on(before)
    assert _renews_on(await _page(client, visitor="somebody")) == _renews_on(before)


async def test_the_feed_is_read_again_only_when_something_happened(
    client: httpx.AsyncClient, demo: WorkspaceSettings
) -> None:
    """304 as long as nothing did; every live part of the page is in it."""
    address = "/demo/feed?visitor=dana"
    first = await client.get(address)
    again = await client.get(address, headers={"If-None-Match": first.headers["etag"]})
    await _begin(client)
    after = await client.get(address, headers={"If-None-Match": first.headers["etag"]})
    live = re.compile(r'data-live="(\w+)"')

    assert (first.status_code, again.status_code, after.status_code) == (200, 304, 200)
    assert sorted(live.findall(first.text)) == sorted(live.findall(await _page(client)))
    assert "session.started" in after.text


async def test_the_csv_is_the_export_that_ana_gets(client: httpx.AsyncClient, demo: WorkspaceSettings) -> None:
    """A download with a line for each reason; the checklist ticks it."""
    reply = await client.get("/demo/reasons.csv?visitor=csv")
    rows = list(csv.DictReader(io.StringIO(reply.text)))

    assert reply.headers["content-disposition"].startswith("attachment")
    assert {"code", "count", "n", "ci_low", "ci_high"} <= set(rows[0])
    assert "Download the CSV (done)" in _live(await _page(client, visitor="csv"), "todo")


async def test_the_receipt_is_one_link_away(client: httpx.AsyncClient, demo: WorkspaceSettings) -> None:
    """Nothing before the declaration; then the very document, and a tick."""
    early = await client.get("/demo/receipt?visitor=dana")
    headers = await _begin(client)
    await _move(client, headers, "cancel")
    await _move(client, headers, "cancel")
    document = await client.get("/demo/receipt?visitor=dana", follow_redirects=True)

    assert early.status_code == 404
    assert "I cancel my subscription." in document.text
    assert "Save the receipt (done)" in _live(await _page(client), "todo")


async def test_there_are_no_other_files(client: httpx.AsyncClient, demo: WorkspaceSettings) -> None:
    """Two files by their names, and nothing else of the disk."""
    assert (await client.get("/demo/demo.css")).headers["content-type"].startswith("text/css")
    assert (await client.get("/demo/demo.js")).headers["content-type"].startswith("text/javascript")
    for name in ("..%2f..%2fpyproject.toml", "demo.html", "demo.js%00"):
        assert (await client.get(f"/demo/{name}")).status_code == 404
