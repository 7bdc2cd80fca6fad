"""What the operator gets by mail: what is stuck, and what to do about it."""

from datetime import UTC, datetime, timedelta

import httpx

from aurevoir.access.installation import Installation
from aurevoir.billing import registry
from aurevoir.events.service import Event
from aurevoir.kit import clock, db, ids, sql
from aurevoir.offers import mails
from aurevoir.worker import Worker
from tests.billing.stripe_fake import server as stripe
from tests.cast import DANA, OMAR
from tests.house import House, count, on_sqlite
from tests.mails.postbox import Postbox, part
from tests.visits import start

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


async def stuck(house: House, installation: Installation, now: datetime, why: str = "tried_too_often") -> str:
    """One more redemption that needs a person, and its event told."""
    redemption = ids.new_id()

    async def unit() -> None:
        await sql.insert(
            "redemption",
            id=redemption,
            workspace_id=house.id,
            mode="live",
            kind="cancel",
            idempotency_key=redemption.hex,
            session_id=ids.new_id(),
            subscription="0" * 32,
            gateway="stripe",
            state="attention",
            attention=why,
            plan=b"",
            attempts=40,
            not_before=now,
            created_at=now,
            changed_at=now,
        )

    await db.transaction(unit)
    event = Event(
        id=ids.new_id(),
        workspace_id=house.id,
        kind="redemption.attention",
        mode="live",
        session_id=None,
        actor="worker",
        payload={},
        at=now,
    )
    await mails.alert(installation, event, now)
    return ids.shown("rdm", redemption)


async def send(installation: Installation, now: datetime) -> None:
    """What the worker would at this moment."""
    await Worker(installation).look(now)


@on_sqlite
async def test_the_first_that_gets_stuck_is_told_at_once(
    house: House, installation: Installation, postbox: Postbox
) -> None:
    """Which, why, since when, and what to do."""
    redemption = await stuck(house, installation, NOON, "key_expired")
    await send(installation, NOON)
    text = part(postbox.received[0], "plain")

    assert postbox.recipients == [OMAR]
    assert postbox.received[0]["Subject"] == "1 redemption needs you · Acme Cloud"
    assert f"{redemption}: cancel by stripe, attention (key_expired), since 2026-11-22 12:00 UTC" in text
    assert "resolve" in text
    assert "http://test/api/v1/redemptions?state=attention" in text


async def test_what_follows_is_told_together(house: House, installation: Installation, postbox: Postbox) -> None:
    """At most one mail in ten minutes, and in the end each stands in one."""
    names = [await stuck(house, installation, NOON)]
    await send(installation, NOON)
    for minute in range(1, 9):
        names.append(await stuck(house, installation, NOON + timedelta(minutes=minute)))
        await send(installation, NOON + timedelta(minutes=minute))
    within = len(postbox.received)
    await send(installation, NOON + timedelta(minutes=11))

    assert (within, len(postbox.received)) == (1, 2)
    assert all(name in part(postbox.received[1], "plain") for name in names)
    assert postbox.received[1]["Subject"] == "9 redemptions need you · Acme Cloud"


@on_sqlite
async def test_nobody_is_told_where_nobody_is_named(house: House, postbox: Postbox) -> None:
    """Without an operator's address no alert is written."""
    await stuck(house, house.installation, NOON)

    assert await count("letter") == 0


@on_sqlite
async def test_what_was_resolved_is_not_told(house: House, installation: Installation, postbox: Postbox) -> None:
    """An event may be told late; the list is that of the moment."""
    await stuck(house, installation, NOON)
    await send(installation, NOON)
    await db.transaction(lambda: sql.execute("UPDATE redemption SET state = 'confirmed'"))
    event = Event(
        id=ids.new_id(),
        workspace_id=house.id,
        kind="redemption.attention",
        mode="live",
        session_id=None,
        actor="worker",
        payload={},
        at=NOON,
    )
    await mails.alert(installation, event, NOON + timedelta(hours=1))

    assert await count("letter") == 1


@on_sqlite
async def test_a_key_that_billing_refuses_reaches_the_operator(
    client: httpx.AsyncClient, house: House, installation: Installation, postbox: Postbox
) -> None:
    """Dana has her receipt; the order waits for a person, who hears of it in the same minute."""
    async with stripe.running() as fake:
        await house.connect("stripe", api_key="sk_refused", api_base=fake.url)
        visit = await (await start(client, house)).leave()
        worker = Worker(installation)
        while await worker.look(clock.now()):
            pass
        await (await registry.connected(await house.settings(), "live")).close()

    assert visit.screen["receipt"]
    assert sorted(postbox.recipients) == [DANA.email, OMAR]
    alert = next(message for message in postbox.received if message["To"] == OMAR)
    assert "cancel by stripe, attention (" in part(alert, "plain")
