"""Notifications: the account's owner hears of a decision within a minute, once, with reason, words and a link."""

from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from aurevoir.events import service as events
from aurevoir.kit import clock, crypto, db, sql
from aurevoir.kit.mail import Server
from aurevoir.webhooks import notifications
from aurevoir.webhooks.rules import MailTarget, SlackTarget, WebhookTarget, When
from tests.cast import DANA
from tests.house import House, count, facts, on_sqlite
from tests.visits import Visit, start
from tests.webhooks import acme
from tests.webhooks.receiver import Receiver

OWNER = "omar@acme.example"
POST_OFFICE = Server(host="127.0.0.1", port=25, security="none", sender="exit@acme.example")


async def cancelled(client: httpx.AsyncClient, house: House, comment: str = "Far too much", **changes: Any) -> Visit:
    """Dana left because of the price, and the worker heard of it."""
    visit = await start(client, house, **changes)
    await visit.answer("too_expensive", answers={"comment": comment})
    await visit.leave()
    await acme.dispatch(house)
    return visit


async def mails(house: House) -> list[dict[str, Any]]:
    """The letters that wait for the post."""
    key = (await house.settings()).data_key
    rows = await sql.fetch_all("SELECT sealed FROM letter WHERE kind = 'notification' ORDER BY key")
    return [msgspec.json.decode(crypto.unseal(key, bytes(row["sealed"]))) for row in rows]


async def notified(house: House, rule: UUID) -> list[tuple[str, str | None]]:
    """State and problem of each."""
    found = await notifications.list_notifications(house.id, rule, None, 100)
    return [(one.state, one.problem) for one in found]


@on_sqlite
async def test_slack_gets_reason_words_and_link(client: httpx.AsyncClient, house: House, receiver: Receiver) -> None:
    """One text that any compatible service shows; nothing that a customer writes becomes markup."""
    await acme.rule(house, SlackTarget(url=receiver.url), When(reasons=("too_expensive",)))
    visit = await cancelled(client, house, "Too much <!channel> & *no*")
    await acme.deliver(house)

    (got,) = receiver.got
    assert list(got.json) == ["text"]
    assert got.json["text"].splitlines() == [
        "*A customer cancelled: It costs too much*",
        f"Customer: {DANA.id}",
        f"Subscription: {DANA.subscription}",
        "Plan: pro",
        "Each month: €29.00",
        "Reason: too_expensive (too_expensive)",
        "Ends on: December 1, 2030",
        "Channel: in_app",
        "> Too much &lt;!channel&gt; &amp; *no*",
        f"<http://test/api/v1/sessions/{visit.session['id']}|{visit.session['id']}>",
    ]
    assert "webhook-signature" not in got.headers


@on_sqlite
async def test_a_webhook_gets_the_whole_signed(client: httpx.AsyncClient, house: House, receiver: Receiver) -> None:
    """The same message as an endpoint's, with the rule and the customer's words."""
    rule, secret = await acme.rule(house, WebhookTarget(url=receiver.url))
    await cancelled(client, house)
    await acme.deliver(house)

    assert secret is not None
    data = receiver.got[0].verified(secret)["data"]
    assert data["rule"] == {"id": f"rul_{rule.hex}", "name": "Big ones"}
    assert "Far too much" in data["session"]["comments"].values()
    assert await notified(house, rule) == [("sent", None)]


async def test_the_accounts_owner_gets_a_mail(client: httpx.AsyncClient, house: House) -> None:
    """Fixed addresses, and the one in the customer token, each once; what is no address gets none."""
    target = MailTarget(to=("alice@acme.example", OWNER), owner_attribute="account_owner_email")
    rule, _ = await acme.rule(house, target, When(outcomes=("cancelled",)))
    visit = await cancelled(client, house, attributes={"account_owner_email": OWNER})
    await cancelled(client, house, subscription={"id": "sub_10"}, attributes={"account_owner_email": "a@b\r\nBcc: c@d"})
    await acme.deliver(house, mail_server=POST_OFFICE)

    written = await mails(house)
    assert sorted(mail["to"] for mail in written) == ["alice@acme.example"] * 2 + [OWNER] * 2
    text = next(mail["text"] for mail in written if visit.session["id"] in mail["text"])
    assert "It costs too much" in text
    assert "“Far too much”" in text
    assert f"http://test/api/v1/sessions/{visit.session['id']}" in text
    assert await notified(house, rule) == [("sent", None)] * 2


@on_sqlite
async def test_without_an_address_nobody_is_told_and_that_is_seen(client: httpx.AsyncClient, house: House) -> None:
    """The rule relies on an attribute that this customer does not have, or on a mail server that there is not."""
    first, _ = await acme.rule(house, MailTarget(owner_attribute="account_owner_email"))
    await cancelled(client, house)
    await acme.deliver(house, mail_server=POST_OFFICE)
    second, _ = await acme.rule(house, MailTarget(to=(OWNER,)))
    await cancelled(client, house, subscription={"id": "sub_10"})
    await acme.deliver(house)

    assert await mails(house) == []
    assert (await notified(house, first))[-1] == ("failed", "no_address")
    assert await notified(house, second) == [("failed", "no_mail_server")]


async def test_a_decision_is_told_once(client: httpx.AsyncClient, house: House, receiver: Receiver) -> None:
    """Told twice to the rules, answered for five times: one message."""
    rule, _ = await acme.rule(house, SlackTarget(url=receiver.url))
    await cancelled(client, house)
    await db.transaction(lambda: sql.execute("UPDATE event SET dispatched_at = NULL"))
    await acme.dispatch(house)
    await acme.deliver(house)
    await acme.deliver(house)

    assert len(receiver.got) == 1
    assert await notified(house, rule) == [("sent", None)]


@on_sqlite
async def test_rules_of_another_mode_paused_ones_and_those_that_do_not_match_are_silent(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """Nothing is written for them."""
    await acme.rule(house, SlackTarget(url=receiver.url), mode="test")
    await acme.rule(house, SlackTarget(url=receiver.url), When(reasons=("unused",)))
    paused, _ = await acme.rule(house, SlackTarget(url=receiver.url))
    await db.transaction(lambda: notifications.pause(house.id, paused, clock.now(), paused=True))
    await cancelled(client, house)
    await acme.deliver(house)

    assert (receiver.got, await count("notification")) == ([], 0)


async def test_where_the_receipt_comes_first_the_reason_is_waited_for(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """Germany: the decision is known before its reason; a rule about the reason hears of it once it is given."""
    rule, _ = await acme.rule(house, SlackTarget(url=receiver.url), When(reasons=("too_expensive",)))
    visit = await (await start(client, house, country="DE")).leave()
    await acme.dispatch(house)
    await acme.deliver(house)
    before = len(receiver.got)
    await visit.move("skip")
    await visit.answer("too_expensive", answers={"comment": "Zu teuer"})
    await acme.dispatch(house)
    await acme.deliver(house)

    assert (before, len(receiver.got)) == (0, 1)
    assert "> Zu teuer" in receiver.got[0].json["text"]
    assert await notified(house, rule) == [("sent", None)]


@on_sqlite
async def test_whoever_answers_after_the_end_is_told_of_once(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """The survey that follows an involuntary or past end declares nothing, and still says why."""
    await acme.rule(house, SlackTarget(url=receiver.url), When(outcomes=("cancelled",), channels=("after_exit",)))
    body = facts(channel="after_exit")
    made = (await client.post("/api/v1/sessions", json=body, headers=house.operator)).json()
    visit = Visit(client, {"session": {"token": made["token"]}, "screen": {}})
    await (await visit.look()).answer("too_expensive", answers={"comment": "Far too much"})
    await acme.dispatch(house)
    await acme.deliver(house)

    assert [got.json["text"].splitlines()[0] for got in receiver.got] == [
        "*A customer who has left: It costs too much*"
    ]


@on_sqlite
async def test_a_receiver_that_is_down_is_tried_for_a_quarter_of_an_hour(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """Five attempts; a notification of yesterday helps nobody."""
    rule, _ = await acme.rule(house, SlackTarget(url=receiver.url))
    await cancelled(client, house)
    receiver.status, now = 500, clock.now()
    while True:
        await acme.deliver(house, now)
        [one] = await notifications.list_notifications(house.id, rule, None, 10)
        if one.state != "waiting":
            break
        now = one.not_before

    assert (one.state, one.problem, one.attempts, len(receiver.got)) == ("failed", "answered_500", 5, 5)


@on_sqlite
@pytest.mark.parametrize(("move", "outcome"), [("keep", "A customer decided to stay"), (None, None)])
async def test_other_decisions_are_told_as_what_they_are(
    client: httpx.AsyncClient, house: House, receiver: Receiver, move: str | None, outcome: str | None
) -> None:
    """A visit in which nothing was decided yet is told to nobody."""
    await acme.rule(house, SlackTarget(url=receiver.url))
    visit = await (await start(client, house)).answer("other")
    if move:
        await visit.move(move)
    await acme.dispatch(house)
    await acme.deliver(house)

    assert [got.json["text"].splitlines()[0].startswith(f"*{outcome}") for got in receiver.got] == [True] * bool(move)
    assert await events.find_latest() is not None
