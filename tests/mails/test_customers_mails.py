"""What the customer gets by mail: the receipt, that it was taken back, that a change took effect."""

import asyncio
from datetime import timedelta

import httpx
import msgspec
import pytest

from aurevoir.access.installation import Installation
from aurevoir.billing import registry
from aurevoir.events import service as events
from aurevoir.kit import clock, db, ids, sql
from aurevoir.worker import Worker
from tests import house as houses
from tests.billing.stripe_fake import server as stripe
from tests.billing.stripe_fake.seeds import Seed, plant
from tests.cast import ACME, DANA, OMAR
from tests.house import ABSENT, House, count, on_sqlite
from tests.mails.postbox import Postbox, part
from tests.visits import Visit, start

pytestmark = on_sqlite


async def work(installation: Installation) -> None:
    """The worker, until it finds nothing more to do."""
    worker = Worker(installation)
    while await worker.look(clock.now()):
        pass


@pytest.mark.parametrize(
    ("locale", "subject", "line"),
    [
        ("en", "Your cancellation is received", "Declared: I cancel my subscription."),
        ("fr", "Votre résiliation est enregistrée", "Déclaration\xa0: Je résilie mon abonnement."),
        ("de", "Ihre Kündigung ist eingegangen", "Erklärung: Ich kündige mein Abonnement."),
        ("es", "Hemos recibido su cancelación", "Declaración: Cancelo mi suscripción."),
    ],
)
async def test_the_receipt_arrives_in_the_customers_language(
    client: httpx.AsyncClient,
    house: House,
    installation: Installation,
    postbox: Postbox,
    locale: str,
    subject: str,
    line: str,
) -> None:
    """The document itself, word for word, the two addresses that show it again, and the page that manages it."""
    visit = await (await start(client, house, locale=locale)).leave()
    await work(installation)
    message, receipt = postbox.received[0], visit.screen["receipt"]
    kept = (await client.get(receipt["text_url"])).text.strip()

    assert postbox.recipients == [DANA.email]
    assert message["Subject"] == f"{subject} · Acme Cloud"
    assert message["Content-Language"] == locale
    assert kept in part(message, "plain")
    assert line in part(message, "plain")
    assert f'<html lang="{locale}" dir="ltr">' in part(message, "html")
    for form in ("plain", "html"):
        assert receipt["id"] in part(message, form)
        assert line.partition(": ")[2] in part(message, form)
        assert receipt["html_url"] in part(message, form)
        assert receipt["text_url"] in part(message, form)
    assert f": {receipt['url']}\n" in part(message, "plain")
    assert f'href="{receipt["url"]}"' in part(message, "html")


async def test_arabic_runs_from_right_to_left(
    client: httpx.AsyncClient, house: House, installation: Installation, postbox: Postbox
) -> None:
    """In a flow that speaks it; the phrases are there."""
    await (await start(client, house)).leave()
    await db.transaction(lambda: sql.execute("UPDATE session SET locale = 'ar'"))
    await work(installation)

    assert postbox.received[0]["Subject"] == "تم استلام طلب الإلغاء · Acme Cloud"
    assert '<html lang="ar" dir="rtl">' in part(postbox.received[0], "html")


async def test_taking_it_back_is_confirmed_too(
    client: httpx.AsyncClient, house: House, installation: Installation, postbox: Postbox
) -> None:
    """After the receipt a second mail; repeated presses and looks send no third."""
    visit = await (await start(client, house)).leave()
    await work(installation)
    await visit.move("undo")
    await visit.send("undo")
    await work(installation)

    assert [message["Subject"] for message in postbox.received] == [
        "Your cancellation is received · Acme Cloud",
        "Your cancellation is undone · Acme Cloud",
    ]
    assert "Nothing changes: you keep your plan and your access." in part(postbox.received[1], "plain")


@pytest.mark.parametrize("email", [ABSENT, "", "no address"])
async def test_without_an_address_there_is_no_mail(
    client: httpx.AsyncClient, house: House, installation: Installation, postbox: Postbox, email: str
) -> None:
    """The receipt is on the screen; nothing fails, nothing waits."""
    visit = await (await start(client, house, actor={} if email is ABSENT else {"email": email})).leave()
    await work(installation)

    assert visit.screen["receipt"]
    assert postbox.received == []
    assert await count("letter", "sealed IS NOT NULL") == 0
    assert await count("event", "dispatched_at IS NULL") == 0


async def test_a_test_reaches_the_operator_and_never_a_customer(
    client: httpx.AsyncClient, house: House, installation: Installation, postbox: Postbox
) -> None:
    """Real addresses end up in test systems; the subject says what it is."""
    await (await start(client, house, "test")).leave()
    await work(installation)

    assert postbox.recipients == [OMAR]
    assert postbox.received[0]["Subject"] == "[Test] Your cancellation is received · Acme Cloud"


async def test_mail_that_is_down_changes_nothing_for_dana(
    client: httpx.AsyncClient, house: House, installation: Installation, postbox: Postbox
) -> None:
    """Receipt and billing are as ever; the letter leaves once the server is back."""
    postbox.answers = ["451 down"]
    visit = await (await start(client, house)).leave()
    await work(installation)
    billed, before = await count("redemption", "state = 'handed_over'"), len(postbox.received)
    await Worker(installation).look(clock.now() + timedelta(minutes=2))

    assert visit.screen["receipt"]
    assert (billed, before, len(postbox.received)) == (1, 0, 1)


async def test_an_installation_without_mail_writes_none(client: httpx.AsyncClient, house: House) -> None:
    """Nothing to send, nothing to keep."""
    await (await start(client, house)).leave()
    await work(house.installation)

    assert await count("letter") == 0


async def test_an_event_told_again_writes_no_second_mail(
    client: httpx.AsyncClient, house: House, installation: Installation, postbox: Postbox
) -> None:
    """Subscribers are told at least once; customers are written to at most once."""
    await (await start(client, house)).leave()
    for _ in range(3):
        await work(installation)
        await db.transaction(lambda: sql.execute("UPDATE event SET dispatched_at = NULL"))
    await asyncio.gather(*(Worker(installation).look(clock.now()) for _ in range(3)))

    assert len(postbox.received) == 1


async def test_what_a_name_says_stays_text(
    client: httpx.AsyncClient, house: House, installation: Installation, postbox: Postbox
) -> None:
    """Ids and names of the operator's systems are escaped in the HTML form."""
    await (await start(client, house, subscription={"id": "<script>alert(1)</script>"})).leave()
    await work(installation)

    assert "<script" not in part(postbox.received[0], "html")
    assert "&lt;script&gt;" in part(postbox.received[0], "html")


async def accepted(visit: Visit, house: House, **terms: object) -> None:
    """An accepted offer whose effect billing has confirmed, as the saga leaves it."""
    redemption, now = ids.new_id(), clock.now()
    session = ids.read("ses", visit.session["id"])
    own = {"key": "half_price", "kind": "discount", "headline": "Half price", "body": "", "terms": ["€14.50 a month"]}
    shown = own | terms

    async def unit() -> None:
        await sql.insert(
            "redemption",
            id=redemption,
            workspace_id=house.id,
            mode="live",
            kind="discount",
            idempotency_key=f"exit:{session}:half_price",
            session_id=session,
            subscription="0" * 32,
            gateway="sandbox",
            offer="half_price",
            terms=msgspec.json.encode(shown).decode(),
            state="confirmed",
            plan=b"",
            attempts=1,
            not_before=now,
            created_at=now,
            changed_at=now,
        )
        told = {"redemption": ids.shown("rdm", redemption), "kind": "discount", "gateway": "sandbox"}
        await events.record(
            "redemption.confirmed", workspace=house.id, actor="worker", now=now, session=session, payload=told
        )

    await db.transaction(unit)


async def test_a_change_is_confirmed_with_its_frozen_terms(
    client: httpx.AsyncClient, house: House, installation: Installation, postbox: Postbox
) -> None:
    """As they stood on the screen, in the customer's language, once."""
    visit = await start(client, house, locale="fr")
    await accepted(visit, house, headline="Moitié prix", terms=["14,50 € au lieu de 29,00 €", "3 mois"])
    await work(installation)
    message = postbox.received[0]

    assert message["Subject"] == "Votre modification est confirmée · Acme Cloud"
    for form in ("plain", "html"):
        for words in ("Moitié prix", "14,50 € au lieu de 29,00 €", "3 mois"):
            assert words in part(message, form)
    assert len(postbox.received) == 1


async def test_from_the_offer_on_the_screen_to_the_mail(
    client: httpx.AsyncClient, installation: Installation, postbox: Postbox
) -> None:
    """Shown, accepted, carried out at Stripe, confirmed: the mail repeats every term of the screen."""
    acme = await houses.build(installation, ACME, flow="saas_classic")
    async with stripe.running() as fake:
        plant(fake.account, Seed(subscription=DANA.subscription, customer=DANA.id))
        price = {"price.pro.month": "price_prod_pro_month_1_2900"}
        await acme.connect("stripe", api_key="sk_test_1", api_base=fake.url, **price)
        visit = await start(client, acme, locale="de")
        await work(installation)
        offer = (await visit.answer("too_expensive")).screen["offer"]
        await visit.move("accept", offer=offer["key"])
        await work(installation)
        await (await registry.connected(await acme.settings(), "live")).close()
    text = part(postbox.received[0], "plain")

    assert postbox.received[0]["Subject"] == "Ihre Änderung ist bestätigt · Acme Cloud"
    assert offer["headline"] in text
    assert len(offer["terms"]) > 2
    assert [term for term in offer["terms"] if term not in text] == []
