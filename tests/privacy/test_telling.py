"""Everything held about a customer, told: complete, and of nobody else; docs/privacy.md explains it."""

import re
from pathlib import Path

import httpx
import pytest

from aurevoir.access import keys
from aurevoir.billing.source import PaymentTold
from aurevoir.flows import experiments
from aurevoir.flows.experiments import NewExperiment
from aurevoir.flows.variants import Arm
from aurevoir.kit import clock, crypto, db, sql
from aurevoir.privacy.telling import CustomerFile
from aurevoir.subscriptions import service as subscriptions
from aurevoir.webhooks.rules import MailTarget, WebhookTarget
from tests.cast import DANA
from tests.house import House, facts, on_sqlite
from tests.privacy.contents import cells
from tests.privacy.flow import FOLLOW_UP, MORE, REASON, WORDS, answered, publish
from tests.privacy.planting import NOW, planted
from tests.visits import Visit, start
from tests.webhooks import acme

CANARY = re.compile(r"canary[\w@. -]*?\d\d")


def everything(visit: Visit) -> str:
    """The link on the receipt's page."""
    return f"{visit.screen['receipt']['url']}/everything.json"


async def test_whatever_is_stored_is_told(client: httpx.AsyncClient, house: House) -> None:
    """A word planted in every field that takes one: what can be read anywhere in the database stands in the file."""
    visit = await planted(client, house)
    await acme.dispatch(house)
    told = (await client.get(everything(visit))).text
    stored = {found for cell in await cells(house) for found in CANARY.findall(cell.text)}

    assert {int(word[-2:]) for word in stored} >= {1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16}
    assert "canary.08@example.com" in told
    assert sorted(word for word in stored if word not in told) == []
    assert [word for word in (WORDS, FOLLOW_UP, REASON, MORE) if word not in told] == []


async def test_the_operator_is_told_the_same(client: httpx.AsyncClient, house: House) -> None:
    """By their own id of the customer; the file of the receipt's holder and theirs differ by the moment only."""
    visit = await planted(client, house)
    mine = (await client.get(everything(visit))).json()
    reply = await client.get("/api/v1/customers/canary cus 01", headers=house.operator)
    theirs = reply.json()

    assert reply.status_code == 200
    assert mine.pop("told_at") <= theirs.pop("told_at")
    assert mine == theirs


@on_sqlite
async def test_it_names_what_was_derived_and_to_whom_it_went(client: httpx.AsyncClient, house: House) -> None:
    """The revenue worked out, the pack and why, the arms of experiments, who was told, by which way, and when."""
    arms = (Arm(name="holdout", share=1), Arm(name="offers", share=99))
    trial = NewExperiment(key="trial", kind="holdout", arms=arms)
    await db.transaction(lambda: experiments.start(house.id, trial, NOW))
    await acme.endpoint(house, "https://hooks.acme.example/exit")
    await acme.rule(house, WebhookTarget(url="https://chat.acme.example/x"))
    await acme.rule(house, MailTarget(to=("omar@acme.example",)))
    visit = await (await (await start(client, house)).answer("too_expensive")).leave()
    await acme.dispatch(house)
    told = (await client.get(everything(visit))).json()
    (held,) = told["visits"]

    assert (held["mrr"], held["currency"]) == (2900, "EUR")
    assert (held["pack"], bool(held["pack_reason"])) == ("base", True)
    assert held["arms"]["told"][0]["experiment"] == told["experiments"][0]["experiment"] == "trial"
    assert told["redemptions"][0]["gateway"] == "manual"
    recipients = {(one["told"], one["by"], one["host"]) for one in told["recipients"]}
    assert {("decision", "webhook", "chat.acme.example"), ("decision", "mail", None)} <= recipients
    assert ("cancellation.declared", "webhook", "hooks.acme.example") in recipients
    assert "omar@acme.example" not in str(told)


@on_sqlite
async def test_it_can_be_read_by_a_person(client: httpx.AsyncClient, house: House) -> None:
    """The questions and options in the words that were shown, the receipt word for word, times in UTC."""
    visit = await (await (await start(client, house, locale="fr")).answer("too_expensive")).leave()
    reply = await client.get(everything(visit))
    told = reply.json()
    answer = next(one for one in told["answers"] if one["step"] == "reason")

    assert answer["question"] == "Pourquoi partez-vous\u202f?"
    assert [(one["code"], one["rank"]) for one in answer["choices"]] == [("too_expensive", 1)]
    assert answer["choices"][0]["label"]
    assert told["declarations"][0]["text"] == (await client.get(visit.screen["receipt"]["text_url"])).text
    assert {one["at"][-1] for one in told["events"]} == {"Z"}
    assert reply.headers["content-disposition"].startswith("attachment;")
    assert reply.headers["cache-control"] == "no-store"
    assert reply.text.startswith('{\n  "format": "aurevoir.customer.1",\n  "told_at": ')


async def test_nobody_else_is_in_it(client: httpx.AsyncClient, house: House, globex: House) -> None:
    """Neither Acme's other customers, nor Globex's customer of the same id, nor Dana's own tests."""
    await planted(client, house, "erin")
    await planted(client, globex, "globex")
    await answered(client, globex)
    mine = await (await answered(client, house)).leave()
    test = await start(client, house, "test", actor={"email": "test@example.com"}, subscription={"id": "only a test"})
    await test.leave()
    told, tested = (await client.get(everything(mine))).text, (await client.get(everything(test))).text
    others = await sql.fetch_all("SELECT id FROM session WHERE customer <> $1", await _dana(house))
    foreign = [
        "erin",
        "globex",
        "only a test",
        "test@example.com",
        *(str(row["id"]).replace("-", "") for row in others),
    ]

    assert len(others) == 3
    assert [text for text in foreign if text in told] == []
    # A token of test mode may be signed for anybody: it opens nothing of live mode.
    assert DANA.subscription not in tested
    assert DANA.email not in tested
    assert "only a test" in tested


async def _dana(house: House) -> str:
    workspace = await house.settings()
    return crypto.pseudonym(workspace.data_key, "customer", DANA.id)


@on_sqlite
async def test_both_modes_and_every_subscription_are_told_to_the_operator(
    client: httpx.AsyncClient, house: House
) -> None:
    """One customer, whatever they tried out and however often they pay."""
    await start(client, house)
    await start(client, house, subscription={"id": "second"})
    await start(client, house, "test")
    told = (await client.get(f"/api/v1/customers/{DANA.id}", headers=house.operator)).json()

    assert sorted(one["mode"] for one in told["visits"]) == ["live", "live", "test"]
    assert {one["subscription"] for one in told["identities"]} == {DANA.subscription, "second"}


@on_sqlite
async def test_a_customer_whom_billing_alone_knows_is_told_of(client: httpx.AsyncClient, house: House) -> None:
    """Imported, and never seen here."""
    await db.transaction(lambda: _imported(house))
    reply = await client.get("/api/v1/customers/of billing", headers=house.operator)

    assert [one["reference"] for one in reply.json()["payments"]] == ["in_1"]
    assert reply.json()["visits"] == []


async def _imported(house: House) -> None:
    paid = PaymentTold(
        reference="in_1",
        customer="of billing",
        subscription=None,
        amount=1,
        currency="EUR",
        status="paid",
        paid_at=NOW,
        told_at=NOW,
    )
    await subscriptions.record_payments(await house.settings(), "live", "stripe", [paid])


@on_sqlite
async def test_only_a_key_for_customers_asks(client: httpx.AsyncClient, house: House, globex: House) -> None:
    """A scope of its own; an unknown customer, and another workspace's, are not found."""
    await client.post("/api/v1/sessions", json=facts(), headers=house.operator)
    now = clock.now()
    secrets = [
        await db.transaction(lambda: keys.create_api_key(house.id, "may", ("customers",), now)),
        await db.transaction(lambda: keys.create_api_key(house.id, "may not", ("sessions", "receipts"), now)),
    ]
    replies = [
        await client.get(f"/api/v1/customers/{DANA.id}", headers={"Authorization": f"Bearer {secret}"})
        for secret in secrets
    ]
    replies += [
        await client.get("/api/v1/customers/nobody", headers=house.operator),
        await client.get(f"/api/v1/customers/{DANA.id}", headers=globex.operator),
        await client.get(f"/api/v1/customers/{DANA.id}"),
    ]

    assert [reply.status_code for reply in replies] == [200, 403, 404, 404, 401]


@on_sqlite
async def test_the_file_carries_no_key_to_anything(client: httpx.AsyncClient, house: House) -> None:
    """Neither the receipt's secret nor the session's token nor its page's: a file is forwarded sooner than a link."""
    created = (await client.post("/api/v1/sessions", json=facts(), headers=house.operator)).json()
    visit = await (await start(client, house)).leave()
    told = (await client.get(everything(visit))).text
    secret = visit.screen["receipt"]["url"].rpartition("/")[2]

    assert created["url"].rpartition("/")[2] not in told
    assert secret not in told
    assert visit.session["token"].partition(".")[2] not in told


@on_sqlite
async def test_answers_that_were_deleted_are_not_in_it(client: httpx.AsyncClient, house: House) -> None:
    """That they were deleted, and when, is."""
    await publish(house)
    visit = await (await answered(client, house)).leave()
    await client.post(f"{visit.screen['receipt']['url']}/delete-answers")
    told = await client.get(everything(visit))

    assert [word for word in (WORDS, FOLLOW_UP, REASON, MORE) if word in told.text] == []
    assert told.json()["visits"][0]["answers_withdrawn_at"]
    assert told.json()["answers"] == []


def test_every_member_is_explained() -> None:
    """docs/privacy.md has a line for each list of the file."""
    page = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text("utf-8")

    assert [name for name in CustomerFile.__struct_fields__ if f"`{name}`" not in page] == []


@on_sqlite
@pytest.mark.parametrize("name", ["x", "rcp_" + "0" * 32])
async def test_only_the_secret_opens_it(client: httpx.AsyncClient, house: House, name: str) -> None:
    """A wrong secret or id: not found."""
    visit = await (await start(client, house)).leave()
    mine, secret = visit.screen["receipt"]["url"].rsplit("/", 2)[1:]
    replies = [
        await client.get(f"/exit/receipts/{name}/{secret}/everything.json"),
        await client.get(f"/exit/receipts/{mine}/{'A' * 43}/everything.json"),
    ]
    assert {reply.status_code for reply in replies} == {404}
