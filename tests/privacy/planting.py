"""A customer with a word of their own in every field that takes one."""

from datetime import timedelta
from typing import Any

import httpx
import msgspec

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing.plan import SubscriptionRef
from aurevoir.billing.source import ExitTold, Page, PaymentTold, State, StateTold
from aurevoir.kit import clock, crypto, db, ids, sql
from aurevoir.kit.engine import Row
from aurevoir.subscriptions import service as subscriptions
from tests.house import House
from tests.privacy.flow import answered, publish
from tests.visits import Visit

# Before whatever a test declares: an exit that billing tells of afterwards is the same one.
NOW = clock.now() - timedelta(days=3)


async def planted(client: httpx.AsyncClient, house: House, word: str = "canary") -> Visit:
    """Every question answered, the cancellation declared, and known to billing; each field is `word` and a number."""
    subscription = {
        "id": f"{word} sub 02",
        "plan": f"{word} plan 03",
        "status": f"{word} status 04",
        "refund": f"{word} refund 05",
    }
    claims: dict[str, Any] = {
        "sub": f"{word} cus 01",
        "subscription": subscription,
        "attributes": {"note": f"{word} note 06", f"{word} name 07": "x"},
        "actor": {"email": f"{word}.08@example.com"},
        "region": f"{word} 09",
    }
    await publish(house)
    visit = await (await answered(client, house, **claims)).leave()
    workspace, session = await house.settings(), await _latest("session")
    await db.transaction(lambda: subscriptions.record(workspace, "live", "stripe", _told(word)))
    await db.transaction(lambda: _kept_elsewhere(workspace, session, word))
    return visit


def _told(word: str) -> Page:
    """What billing says."""
    whose = SubscriptionRef(f"{word} cus 01", f"{word} sub 02")
    state = State(status="active", plan=f"{word} plan 10", mrr=2900, currency="EUR")
    payment = PaymentTold(
        reference=f"{word} payment 11",
        customer=whose.customer,
        subscription=whose.subscription,
        amount=2900,
        currency="EUR",
        status="paid",
        paid_at=NOW,
        told_at=NOW,
    )
    left = ExitTold(
        subscription=whose,
        ended_at=NOW,
        ended_by="customer",
        category="other",
        feedback=f"{word} feedback 12",
        comment=f"{word} comment 13",
        told_at=NOW,
    )
    told = StateTold(subscription=whose, state=state, since=NOW, told_at=NOW)
    return Page(states=(told,), payments=(payment,), exits=(left,))


async def _kept_elsewhere(workspace: WorkspaceSettings, session: Row, word: str) -> None:
    """What the provider called its part, what the customer promised, and what billing answered when it was asked."""
    await sql.insert(
        "redemption_step",
        id=ids.new_id(),
        redemption_id=(await _latest("redemption"))["id"],
        number=0,
        generation=0,
        state="confirmed",
        provider_references={"reported": f"{word} reference 14"},
    )
    await sql.insert(
        "favour",
        id=ids.new_id(),
        workspace_id=workspace.id,
        mode="live",
        session_id=session["id"],
        customer=session["customer"],
        offer="half_off",
        favour=f"{word} favour 15",
        promised_at=NOW,
    )
    await sql.insert(
        "billing_snapshot",
        id=ids.new_id(),
        workspace_id=workspace.id,
        mode="live",
        subscription=session["subscription"],
        gateway="stripe",
        sealed=crypto.seal(workspace.data_key, msgspec.json.encode({"plan": f"{word} snapshot 16"})),
        taken_at=NOW,
    )


async def _latest(table: str) -> Row:
    row = await sql.fetch_one(f"SELECT * FROM {table} ORDER BY id DESC LIMIT 1")
    assert row is not None
    return row
