"""Mails about declarations on legal forms, through a real server: the receipt at once, and the end once it is known."""

from typing import Any

import httpx
import pytest

from aurevoir.access.installation import Installation
from aurevoir.kit import clock, db, sql
from aurevoir.legal_forms import restraint
from aurevoir.worker import Worker
from tests.cast import OMAR
from tests.house import House, count, on_sqlite
from tests.mails.postbox import Postbox, part
from tests.visits import start

pytestmark = on_sqlite
DANA = {"name": "Dana Muster", "contract": "K-20458", "email": "dana@example.com", "step": "confirm"}
# As the customer's own token names her account.
ACCOUNT: dict[str, Any] = {"actor": {"email": "account@example.com"}}
MATCH: dict[str, Any] = {
    "customer": "cus_42",
    "subscription": {"id": "sub_9", "interval": "month", "renews_on": "2030-12-01"},
}


async def work(installation: Installation) -> None:
    """The worker, until it finds nothing more to do."""
    worker = Worker(installation)
    while await worker.look(clock.now()):
        pass


async def declare(client: httpx.AsyncClient, form: str = "de", **changes: str) -> str:
    """A declaration; where its receipt is."""
    reply = await client.post(f"/exit/acme/{form}", data=DANA | changes)
    assert reply.status_code == 303, reply.text
    return str(reply.headers["location"])


async def match(client: httpx.AsyncClient, house: House, receipt: str, **changes: str) -> None:
    """The operator finds Dana's subscription."""
    path = f"/api/v1/declarations/{receipt.split('/')[3]}/match"
    reply = await client.post(path, json=MATCH | changes, headers=house.operator)
    assert reply.status_code == 200, reply.text


def to(postbox: Postbox, address: str) -> list[str]:
    """The subjects of what somebody got."""
    return [str(message["Subject"]) for message in postbox.received if message["To"] == address]


@pytest.mark.parametrize(
    ("form", "subject", "line", "language"),
    [
        ("de", "Ihre Kündigung ist eingegangen", "Hiermit kündige ich den unten bezeichneten Vertrag", "de"),
        ("fr", "Votre résiliation est notifiée", "Je résilie le contrat désigné ci-dessous.", "fr"),
        ("eu-withdrawal", "Your withdrawal is received", "I withdraw from the contract named below.", "en"),
    ],
)
async def test_the_receipt_is_mailed_at_once(
    client: httpx.AsyncClient,
    house: House,
    installation: Installation,
    postbox: Postbox,
    form: str,
    subject: str,
    line: str,
    language: str,
) -> None:
    """Content, date and time, word for word as on the page, in the language of the form."""
    receipt = await declare(client, form)
    await work(installation)
    message = next(one for one in postbox.received if one["To"] == "dana@example.com")
    kept = (await client.get(f"{receipt}.txt")).text.strip()

    assert message["Subject"] == f"{subject} · Acme Cloud"
    assert message["Content-Language"] == language
    assert kept in part(message, "plain")
    for body in (part(message, "plain"), part(message, "html")):
        assert line in body
        assert "K-20458" in body
        assert f"{receipt}.html" in body


async def test_the_operator_hears_that_it_waits(
    client: httpx.AsyncClient, house: House, installation: Installation, postbox: Postbox
) -> None:
    """Once in ten minutes, however many there are, without what customers wrote."""
    await declare(client)
    await work(installation)
    for number in range(3):
        await declare(client, contract=f"K-{number}", email=f"dana{number}@example.com")
        await work(installation)
    alert = next(one for one in postbox.received if one["To"] == OMAR)

    assert to(postbox, OMAR) == ["1 declaration waits for you · Acme Cloud"]
    assert "/api/v1/declarations?state=waiting" in part(alert, "plain")
    assert "dana" not in part(alert, "plain")
    assert await count("letter", "sealed IS NOT NULL AND key LIKE 'declarations:%'") == 1


async def test_the_end_is_mailed_once_it_is_known(
    client: httpx.AsyncClient, house: House, installation: Installation, postbox: Postbox
) -> None:
    """As the session's receipt, once, where nobody told another address of the account than the one on the form."""
    receipt = await declare(client)
    await work(installation)
    await match(client, house, receipt)
    await work(installation)
    first, told = (one for one in postbox.received if one["To"] == "dana@example.com")

    assert first["Subject"] == "Ihre Kündigung ist eingegangen · Acme Cloud"
    assert told["Subject"] == "Ihre Kündigung ist bestätigt · Acme Cloud"
    assert "1. Dezember 2030" in part(told, "plain")
    assert "/exit/receipts/rcp_" in part(told, "plain")


@pytest.mark.parametrize("known_by", ["operator", "token"])
async def test_another_address_than_the_accounts_hears_the_end_without_the_link(
    client: httpx.AsyncClient, house: House, installation: Installation, postbox: Postbox, known_by: str
) -> None:
    """Nobody knows who filled the form in: day and effects, and what they wrote; the receipt goes to the account."""
    if known_by == "token":
        # A visit of long ago: the match begins another one, and the account's address is known from it.
        await start(client, house, **ACCOUNT)
        await db.transaction(lambda: sql.execute("UPDATE session SET open_key = NULL"))
    receipt = await declare(client)
    await match(client, house, receipt, **({"email": "account@example.com"} if known_by == "operator" else {}))
    await work(installation)
    *_, told = (one for one in postbox.received if one["To"] == "dana@example.com")
    held = (await client.get("/api/v1/customers/cus_42", headers=house.operator)).json()

    assert {one["kind"] for one in held["letters"]} == {
        "cancellation.declared",
        "declaration.received",
        "declaration.matched",
    }
    assert to(postbox, "account@example.com") == ["Ihre Kündigung ist eingegangen · Acme Cloud"]
    assert told["Subject"] == "Ihre Kündigung ist bestätigt · Acme Cloud"
    for body in (part(told, "plain"), part(told, "html")):
        assert "1. Dezember 2030" in body
        assert "Hiermit kündige ich den unten bezeichneten Vertrag ordentlich." in body
        assert f"{receipt}.txt" in body
        for theirs in ("/exit/receipts/", "rcp_", "account@", "cus_42", "sub_9"):
            assert theirs not in body


async def test_a_receipt_that_was_there_before_is_not_given_away(
    client: httpx.AsyncClient, house: House, installation: Installation, postbox: Postbox
) -> None:
    """Dana cancelled herself, and then somebody's form was matched to her: they hear the end, each of them once."""
    visit = await (await start(client, house, **ACCOUNT)).leave()
    await work(installation)
    for email in ("somebody@example.com", "account@example.com"):
        await match(client, house, await declare(client, email=email))
    await work(installation)
    secret = visit.screen["receipt"]["url"].rpartition("/")[2]
    *_, told = (one for one in postbox.received if one["To"] == "somebody@example.com")
    hers = [one for one in postbox.received if one["To"] == "account@example.com"]

    assert "endet am" in part(told, "plain")
    assert [secret in part(one, "plain") for one in hers] == [True, False, False]
    assert secret not in "".join(part(told, form) for form in ("plain", "html"))


async def test_suspects_get_no_mail_before_somebody_has_looked(
    client: httpx.AsyncClient, house: House, installation: Installation, postbox: Postbox
) -> None:
    """The page showed the receipt; the mail leaves with the decision, unless it was nobody's declaration."""
    receipts = [await declare(client, contract=f"K-{number}") for number in range(restraint.FROM_ADDRESS + 3)]
    await work(installation)
    first = len(to(postbox, "dana@example.com"))
    suspects = [receipt.split("/")[3] for receipt in receipts[restraint.FROM_ADDRESS :]]
    page = (await client.get(receipts[-1])).text
    for name, outcome in zip(suspects, ("settled", "not_genuine", "withdrawn"), strict=True):
        await client.post(f"/api/v1/declarations/{name}/settle", json={"outcome": outcome}, headers=house.operator)
    await work(installation)

    assert first == restraint.FROM_ADDRESS
    assert "Ihre Kündigung ist eingegangen" in page
    assert len(to(postbox, "dana@example.com")) == first + 1


async def test_without_an_address_there_is_no_mail(
    client: httpx.AsyncClient, house: House, installation: Installation, postbox: Postbox
) -> None:
    """In France a postal address is enough: nothing fails, and the operator hears of it."""
    await declare(client, "fr", email="", postal="1 rue de la Paix, Paris")
    await work(installation)

    assert [message["To"] for message in postbox.received] == [OMAR]
    assert await count("event", "dispatched_at IS NULL") == 0


async def test_an_event_told_again_writes_no_second_mail(
    client: httpx.AsyncClient, house: House, installation: Installation, postbox: Postbox
) -> None:
    """Subscribers are told at least once; customers are written to at most once."""
    name = (await declare(client)).split("/")[3]
    await client.post(f"/api/v1/declarations/{name}/match", json=MATCH, headers=house.operator)
    for _ in range(3):
        await work(installation)
        await db.transaction(lambda: sql.execute("UPDATE event SET dispatched_at = NULL"))
    await work(installation)

    assert len(to(postbox, "dana@example.com")) == 2
