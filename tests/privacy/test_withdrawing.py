"""Answers deleted with the receipt's secret: gone from everywhere, counted nowhere, and never asked for again."""

import json
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

import httpx
import pytest

from aurevoir.billing.plan import Cancel as CancelOrder
from aurevoir.kit import crypto, db, http, sql
from aurevoir.kit.mail import Server
from aurevoir.offers import journal
from aurevoir.webhooks import notifications
from aurevoir.webhooks.rules import MailTarget
from tests.house import House, count, facts, on_sqlite
from tests.privacy.contents import holding
from tests.privacy.flow import FOLLOW_UP, MORE, REASON, WORDS, answered, publish
from tests.visits import Visit, start
from tests.webhooks import acme
from tests.webhooks.receiver import receiving

POST_OFFICE = Server(host="127.0.0.1", port=25, security="none", sender="exit@acme.example")


async def delete(client: httpx.AsyncClient, visit: Visit) -> httpx.Response:
    """The button on the receipt's page."""
    return await client.post(f"{visit.screen['receipt']['url']}/delete-answers")


async def test_nothing_that_was_answered_can_be_read_any_more(client: httpx.AsyncClient, house: House) -> None:
    """Words, numbers and codes are gone from every column, sealed ones included; so is what was derived from them."""
    await publish(house)
    visit = await (await answered(client, house)).leave()
    await acme.dispatch(house)
    planted = (WORDS, FOLLOW_UP, REASON, MORE, "privacy_security")
    before = {text: await holding(house, text) for text in planted}
    reply = await delete(client, visit)
    await acme.dispatch(house)
    after = {text: await holding(house, text) for text in planted}

    assert (reply.status_code, reply.headers["location"]) == (303, httpx.URL(visit.screen["receipt"]["url"]).path)
    assert [text for text, columns in before.items() if not columns] == []
    assert {"answer_choice.code", "event.payload", "session.visit"} <= before[REASON]
    assert {"redemption.plan", "subscription.declared_reason"} <= before["privacy_security"]
    assert [columns for columns in after.values() if columns] == []
    for table in ("answer", "answer_choice", "favour"):
        assert await count(table) == 0


@on_sqlite
async def test_the_declaration_and_its_receipt_stay(client: httpx.AsyncClient, house: House) -> None:
    """What was declared, when, the order to billing, and the documents byte for byte."""
    visit = await (await (await start(client, house)).answer("other", answers={"comment": "x"})).leave()
    links = [visit.screen["receipt"][form] for form in ("html_url", "text_url")]
    before = [(await client.get(link)).content for link in links]
    await delete(client, visit)
    await visit.look()

    assert [(await client.get(link)).content for link in links] == before
    assert (visit.state, visit.screen["kind"]) == ("leaving", "receipt")
    assert await count("declaration", "undone_at IS NULL") == 1
    assert await count("redemption", "kind = 'cancel' AND state = 'accepted'") == 1


@on_sqlite
async def test_reports_count_it_as_not_answered(client: httpx.AsyncClient, house: House) -> None:
    """The episode and its cancellation stay; the reason is known of one fewer."""
    visits = [await start(client, house, sub=f"c{n}", subscription={"id": f"s{n}"}) for n in range(2)]
    for visit in visits:
        await (await visit.answer("too_expensive", answers={"comment": "much"})).leave()
    await delete(client, visits[0])
    report = (await client.get("/api/v1/insights/reasons", headers=house.operator)).json()
    exported = (await client.get("/api/v1/exports/answers.jsonl", headers=house.operator)).text

    assert report["coverage"] == {"known": 1, "of": 2, "answered": 1, "episodes": 2}
    assert {row["code"]: row["count"] for row in report["rows"] if row["count"]} == {"too_expensive": 1}
    assert {row["n"] for row in report["rows"]} == {1}
    assert visits[0].session["id"] not in exported
    assert visits[1].session["id"] in exported


@on_sqlite
async def test_twice_is_once(client: httpx.AsyncClient, house: House) -> None:
    """A double click, and a press long after: one fact, the same page."""
    visit = await (await (await start(client, house)).answer("other")).leave()
    replies = [await delete(client, visit) for _ in range(3)]

    assert {reply.status_code for reply in replies} == {303}
    assert await count("event", "kind = 'answers.withdrawn'") == 1
    assert await count("session", "answers_withdrawn_at IS NOT NULL") == 1


@on_sqlite
async def test_an_earlier_visits_answers_go_too(client: httpx.AsyncClient, house: House) -> None:
    """Dana sees one subscription and one cancellation: what she said on her first attempt is hers as well."""
    first = await (await start(client, house)).answer("too_expensive", answers={"comment": "first words"})
    await (await first.leave()).move("undo")
    second = await (await start(client, house)).leave()
    await delete(client, second)

    assert first.session["id"] != second.session["id"]
    assert await holding(house, "first words") == set()
    assert await count("event", "kind = 'answers.withdrawn'") == 1


@on_sqlite
async def test_nobody_elses_answers_are_touched(client: httpx.AsyncClient, house: House, globex: House) -> None:
    """Not those about another subscription, nor those of the same id in test mode or in another workspace."""
    others = [
        await start(client, house, subscription={"id": "another"}),
        await start(client, house, "test"),
        await start(client, globex),
    ]
    for other in others:
        await other.answer("other", answers={"comment": "stays"})
    mine = await (await start(client, house)).answer("other", answers={"comment": "goes"})
    await delete(client, await mine.leave())

    assert await count("answer", "text = 'stays'") == 3
    assert await count("answer", "text = 'goes'") == 0


@on_sqlite
async def test_the_survey_after_the_receipt_is_not_offered_again(client: httpx.AsyncClient, house: House) -> None:
    """In Germany it comes after the receipt: once it was answered and deleted it stays closed, whatever a tab sends."""
    visit = await (await start(client, house, country="DE")).move("cancel")
    await visit.move("skip")
    await visit.answer("other", answers={"comment": "x"})
    await delete(client, visit)
    await visit.look()
    behind = await visit.send("answer", step="reason", choices=["other"])

    assert visit.screen["kind"] == "receipt"
    assert "skip" not in visit.moves
    assert behind.status_code == 409
    assert await count("answer") == 0


@on_sqlite
async def test_a_tab_in_the_middle_of_the_survey_goes_on_without_it(client: httpx.AsyncClient, house: House) -> None:
    """A new visit stands on its question when the answers are deleted: the next screen is the confirmation."""
    receipt = await (await (await start(client, house)).answer("other")).leave()
    await receipt.tab().move("undo")
    tab = await (await (await start(client, house)).answer("other", answers={"comment": "again"})).move("back")
    stale = tab.tab()
    await delete(client, receipt)
    shown = (await stale.send("answer", choices=["other"])).json()
    await tab.look()

    assert shown["screen"]["kind"] == tab.screen["kind"] == "confirm"
    assert "back" not in tab.moves
    assert (await tab.leave()).screen["receipt"]
    assert await count("answer") == 0


@on_sqlite
async def test_who_comes_back_another_time_may_answer_again(client: httpx.AsyncClient, house: House) -> None:
    """The visit is closed to questions, the customer is not: a new one asks as ever, and can be deleted too."""
    visit = await (await (await start(client, house)).answer("other")).leave()
    receipt = visit.tab()
    await delete(client, receipt)
    await (await visit.look()).move("undo")
    anew = await start(client, house)
    await anew.answer("too_expensive", answers={"comment": "later words"})
    known = await holding(house, "later words")
    await delete(client, receipt)

    assert known
    assert await holding(house, "later words") == set()


@pytest.fixture
def loopback() -> Iterator[None]:
    """As AUREVOIR_ALLOW_PRIVATE_TARGETS."""
    http.configure(allow_private=True)
    yield
    http.configure(allow_private=False)


@on_sqlite
@pytest.mark.usefixtures("loopback")
async def test_what_waits_to_be_told_is_told_without_them(client: httpx.AsyncClient, house: House) -> None:
    """Webhooks fill their messages in when they leave; and the receivers hear that the answers were withdrawn."""
    await publish(house)
    async with receiving() as receiver:
        await acme.endpoint(house, receiver.url, include_comments=True)
        visit = await (await answered(client, house)).leave()
        await acme.dispatch(house)
        await delete(client, visit)
        await acme.dispatch(house)
        await acme.deliver(house)
    told = {got.json["type"]: got for got in receiver.got}

    assert {"session.answered", "cancellation.declared", "answers.withdrawn"} <= told.keys()
    assert told["answers.withdrawn"].json["data"]["session"]["id"] == visit.session["id"]
    said = "".join(got.body.decode() for got in receiver.got)
    assert [text for text in (WORDS, REASON, FOLLOW_UP) if text in said] == []


@on_sqlite
async def test_a_mail_that_waits_is_written_anew(client: httpx.AsyncClient, house: House) -> None:
    """What people were to read of the customer's words and reason has not left: they hear of the decision alone."""
    await publish(house)
    await acme.rule(house, MailTarget(to=("omar@acme.example",)))
    visit = await (await answered(client, house)).leave()
    await acme.dispatch(house)
    await acme.deliver(house, mail_server=POST_OFFICE)
    before = await holding(house, WORDS)
    await delete(client, visit)
    await acme.deliver(house, mail_server=POST_OFFICE)
    letters = await sql.fetch_all("SELECT sealed FROM letter WHERE kind = 'notification'")
    (text,) = [crypto.unseal((await house.settings()).data_key, bytes(one["sealed"])).decode() for one in letters]

    assert "letter.sealed" in before
    assert "A customer cancelled" in text
    assert [word for word in (WORDS, REASON, FOLLOW_UP) if word in text] == []


@on_sqlite
@pytest.mark.parametrize("state", ["accepted", "unknown", "confirmed"])
async def test_an_order_leaves_without_its_reason(client: httpx.AsyncClient, house: House, state: str) -> None:
    """What billing would be told as its category is taken out, before it leaves and of our own copy afterwards."""
    visit = await (await (await start(client, house)).answer("too_expensive")).leave()
    await db.transaction(lambda: sql.execute("UPDATE redemption SET state = $1", state))
    await delete(client, visit)
    plan = journal.unseal((await house.settings()).data_key, await _plan())

    assert isinstance(plan.action, CancelOrder)
    assert plan.action.category is None
    assert len(plan.steps) == 1


async def _plan() -> bytes:
    row = await sql.fetch_one("SELECT plan FROM redemption")
    assert row is not None
    return bytes(row["plan"])


async def test_it_commits_whole_or_not_at_all(
    client: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When its last part fails nothing is deleted; the next press deletes everything."""
    visit = await (await (await start(client, house)).answer("other", answers={"comment": "whole"})).leave()

    async def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(notifications, "tell_anew", fail)
        broken = await delete(client, visit)
    kept = await count("answer"), await count("event", "kind = 'answers.withdrawn'")
    await delete(client, visit)

    assert broken.status_code == 500
    assert kept == (2, 0)
    assert await holding(house, "whole") == set()


@on_sqlite
async def test_the_chain_of_evidence_still_holds(client: httpx.AsyncClient, house: House) -> None:
    """Its payloads are emptied, its links stay, and that answers were withdrawn is its last word."""
    visit = await (await (await start(client, house)).answer("other", answers={"comment": "x"})).leave()
    await delete(client, visit)
    exhibits = await sql.fetch_all("SELECT number, kind, sealed IS NOT NULL AS kept FROM exhibit ORDER BY number")
    pack = await client.get(f"/api/v1/sessions/{visit.session['id']}/evidence", headers=house.operator)
    told = json.loads(ZipFile(BytesIO(pack.content)).read("evidence.json"))

    assert [row["number"] for row in exhibits] == list(range(1, len(exhibits) + 1))
    assert exhibits[-1]["kind"] == "answers_withdrawn"
    assert [row["kind"] for row in exhibits if row["kept"]] == ["answers_withdrawn"]
    assert told["chain"]["holds"] is True


@on_sqlite
async def test_a_receipt_recorded_by_an_agent_opens_them_too(client: httpx.AsyncClient, house: House) -> None:
    """What Sam wrote down on the phone is the customer's to delete."""
    said = facts(channel="agent", reason="other", comment="said on the phone")
    made = (await client.post("/api/v1/sessions", json=said, headers=house.operator)).json()
    reply = await client.post(f"{made['receipt']['url']}/delete-answers")

    assert reply.status_code == 303
    assert await holding(house, "said on the phone") == set()


@on_sqlite
async def test_only_the_secret_deletes(client: httpx.AsyncClient, house: House) -> None:
    """A wrong one, another receipt's, an unknown id: not found, and the answers stay."""
    mine = await (await (await start(client, house)).answer("other", answers={"comment": "mine"})).leave()
    other = await (await start(client, house, subscription={"id": "other"})).leave()
    name, secret = mine.screen["receipt"]["url"].rsplit("/", 2)[1:]
    theirs = other.screen["receipt"]["url"].rsplit("/", 1)[1]
    pairs = [(name, "A" * 43), (name, theirs), (f"rcp_{'0' * 32}", secret), ("nonsense", secret), (name, "%00")]
    replies = [await client.post(f"/exit/receipts/{one}/{key}/delete-answers") for one, key in pairs]

    assert {reply.status_code for reply in replies} == {404}
    assert await count("answer", "text = 'mine'") == 1
