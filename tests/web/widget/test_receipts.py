"""Receipts and effective dates: what proves a declaration never changes."""

from datetime import date, timedelta

import httpx
import pytest

from aurevoir.kit import clock, sql
from tests.house import ABSENT, House, count, on_sqlite
from tests.visits import Visit, start

pytestmark = on_sqlite
TODAY = clock.now().date()


async def download(client: httpx.AsyncClient, visit: Visit) -> list[httpx.Response]:
    """Both forms of the receipt on the screen."""
    receipt = visit.screen["receipt"]
    return [await client.get(receipt[form]) for form in ("text_url", "html_url")]


async def test_a_receipt_says_what_was_declared_and_when(client: httpx.AsyncClient, house: House) -> None:
    """The words, the server's time in UTC and in Dana's zone, who, what, and the end."""
    visit = await start(client, house, zone="America/New_York")
    await visit.leave()
    text, html = (reply.text for reply in await download(client, visit))
    moment = (await sql.fetch_all("SELECT declared_at FROM declaration"))[0]["declared_at"]

    for document in (text, html):
        assert visit.screen["receipt"]["id"] in document
        assert "I cancel my subscription" in document
        assert f"{moment}"[:19] + " UTC" in document
        assert " EST" in document or " EDT" in document
        assert "sub_9" in document
        assert "December 1, 2030" in document
        assert "Acme Cloud" in document


async def test_a_receipt_is_the_same_bytes_every_time(client: httpx.AsyncClient, house: House) -> None:
    """After a reload in another language, after new facts, after an undo and a second declaration."""
    visit = await (await start(client, house)).leave()
    first = visit.tab()
    before = [reply.content for reply in await download(client, first)]
    await start(client, house, locale="fr", subscription={"plan": "team", "renews_on": "2031-01-01"})
    after_return = [reply.content for reply in await download(client, first)]
    await (await visit.look()).move("undo")
    await visit.leave()
    after_undo = [reply.content for reply in await download(client, first)]

    assert before == after_return == after_undo
    assert visit.screen["receipt"]["id"] != first.screen["receipt"]["id"]


async def test_the_operator_reads_the_same_bytes(client: httpx.AsyncClient, house: House) -> None:
    """With a scope of its own, and by id alone."""
    visit = await (await start(client, house)).leave()
    text, html = await download(client, visit)
    reply = await client.get(f"/api/v1/receipts/{visit.screen['receipt']['id']}", headers=house.operator)

    assert reply.json() == {"id": visit.screen["receipt"]["id"], "text": text.text, "html": html.text}


async def test_a_receipt_is_a_download_and_can_do_nothing(client: httpx.AsyncClient, house: House) -> None:
    """Attached, not sniffed, sandboxed, and leaking its address to nobody."""
    visit = await (await start(client, house)).leave()
    text, html = await download(client, visit)

    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert html.headers["content-type"] == "text/html; charset=utf-8"
    for reply in (text, html):
        assert reply.headers["content-disposition"].startswith("attachment;")
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert reply.headers["content-security-policy"].startswith("sandbox;")
        assert reply.headers["cache-control"] == "no-store"


async def test_a_guess_learns_nothing(client: httpx.AsyncClient, house: House) -> None:
    """A wrong secret, a wrong id, another form, another's secret: the same page, but for nothing at all."""
    visit = await (await start(client, house)).leave()
    other = await (await start(client, house, subscription={"id": "other"})).leave()
    mine, theirs = visit.screen["receipt"]["text_url"], other.screen["receipt"]["text_url"]
    head, name, secret = mine.rsplit("/", 2)
    secret = secret.removesuffix(".txt")
    wrong = [
        f"{head}/{name}/{'A' * 43}.txt",
        f"{head}/{name}/{theirs.rsplit('/', 1)[1]}",
        f"{head}/rcp_{'0' * 32}/{secret}.txt",
        f"{head}/{name.replace('rcp_', 'ses_')}/{secret}.txt",
        f"{head}/nonsense/{secret}.txt",
        f"{head}/{name}/{secret}.pdf",
        f"{head}/{name}/{'A' * 43}",
        f"{head}/{name}/{theirs.rsplit('/', 1)[1].removesuffix('.txt')}",
        f"{head}/rcp_{'0' * 32}/{secret}",
        f"{head}/{name}/.txt",
        f"{head}/{name}/%00.txt",
        f"{head}/{name}/%ff.txt",
    ]
    replies = [await client.get(url) for url in wrong]

    assert {reply.status_code for reply in replies} == {404}
    assert len({reply.text for reply in replies}) == 1


async def test_a_token_puts_no_markup_into_a_receipt(client: httpx.AsyncClient, house: House) -> None:
    """What the operator's server says of a customer is text."""
    visit = await start(client, house, sub="<b>x", actor={}, subscription={"plan": "<script>alert(1)</script>"})
    await visit.leave()
    _, html = await download(client, visit)

    assert "<script" not in html.text
    assert "<b>x" not in html.text
    assert "&lt;script&gt;" in html.text


async def test_a_token_forges_no_lines_in_a_receipt(client: httpx.AsyncClient, house: House) -> None:
    """A plan or an address with line breaks stays on its line of the text."""
    plan = "pro\nEnds on: January 1, 1970\r\nRefund: full"
    visit = await start(client, house, actor={"email": "dana@example.com\nPlan: free"}, subscription={"plan": plan})
    await visit.leave()
    lines = (await download(client, visit))[0].text.splitlines()

    assert [line for line in lines if line.startswith("Ends on: ")] == ["Ends on: December 1, 2030"]
    assert [line for line in lines if line.startswith("Refund: ")] != ["Refund: full"]
    assert not [line for line in lines if line == "Plan: free"]


WEEKS = {"interval": "week", "renews_on": (TODAY + timedelta(days=3)).isoformat()}


@pytest.mark.parametrize(
    ("subscription", "ends_on"),
    [
        ({}, date(2030, 12, 1)),
        ({"commitment_ends_on": "2031-03-15"}, date(2031, 4, 1)),
        ({"commitment_ends_on": "2031-03-15", "interval": "year"}, date(2031, 12, 1)),
        ({"commitment_ends_on": "2031-03-01"}, date(2031, 3, 1)),
        ({"commitment_ends_on": "2020-01-01"}, date(2030, 12, 1)),
        (WEEKS | {"notice_days": 0}, TODAY + timedelta(days=3)),
        (WEEKS | {"notice_days": 30}, TODAY + timedelta(days=31)),
        (WEEKS | {"notice_days": 31}, TODAY + timedelta(days=31)),
        (WEEKS | {"notice_days": 32}, TODAY + timedelta(days=38)),
        ({"renews_on": ABSENT, "access_until": "2030-06-30"}, date(2030, 6, 30)),
        ({"renews_on": ABSENT}, None),
    ],
)
async def test_notice_and_commitment_move_the_end_and_never_the_receipt(
    client: httpx.AsyncClient, house: House, subscription: dict[str, object], ends_on: date | None
) -> None:
    """The receipt comes at once; screen, receipt, declaration and the operator's list agree on the day."""
    visit = await (await start(client, house, subscription=subscription)).leave()
    wanted = ends_on and ends_on.isoformat()
    listed = (await client.get("/api/v1/sessions", headers=house.operator)).json()["data"][0]
    declared = (await sql.fetch_all("SELECT effective_on FROM declaration"))[0]["effective_on"]

    assert visit.screen["receipt"]["effective_on"] == wanted
    assert listed["ends_on"] == wanted
    assert (str(declared) if declared else None) == wanted
    assert ("Ends on" in [fact["label"] for fact in visit.screen["facts"]]) == (ends_on is not None)


async def test_unknown_facts_are_left_out(client: httpx.AsyncClient, house: House) -> None:
    """Nothing is invented: without facts the confirmation makes no claims."""
    visit = await start(client, house, subscription=dict.fromkeys(house_facts(), ABSENT))
    await visit.move("cancel")

    assert visit.screen["facts"] == []
    assert (await visit.move("cancel")).screen["receipt"]["effective_on"] is None


def house_facts() -> list[str]:
    """What is told of a subscription beside its id."""
    return ["plan", "amount", "currency", "interval", "status", "started_on", "renews_on", "refund"]


FAR = "9999-12-31"
NEVER: list[dict[str, object]] = [
    {"commitment_ends_on": FAR},
    {"renews_on": FAR, "notice_days": 730},
    {"renews_on": "9999-06-30", "commitment_ends_on": FAR},
    {"renews_on": "0001-01-01", "started_on": "0001-01-01"},
    {"renews_on": "1900-01-31", "notice_days": 730},
    {"renews_on": ABSENT, "access_until": FAR, "started_on": FAR},
    {"renews_on": ABSENT, "commitment_ends_on": FAR, "notice_days": 730},
]


@pytest.mark.parametrize("interval", ["day", "week", "month", "quarter", "year", ABSENT])
async def test_no_date_keeps_anybody_in(client: httpx.AsyncClient, house: House, interval: object) -> None:
    """Billing systems write "never" as the end of all time: the way out works all the same."""
    for at, dates in enumerate(NEVER):
        visit = await start(client, house, subscription={"id": f"sub_{at}", "interval": interval} | dates)

        assert (await visit.leave()).screen["receipt"], dates
    assert await count("receipt") == len(NEVER)
