"""An offer accepted: the redemption with its frozen terms, the limits it counts against and the event, together."""

from datetime import datetime
from uuid import UUID

import msgspec

from aurevoir.billing.gateway import Impossible
from aurevoir.billing.plan import Agreed, SubscriptionRef
from aurevoir.kit import ids, sql
from aurevoir.offers import agreeing, grants, wording
from aurevoir.offers.grants import Taker
from aurevoir.sessions import declaring
from aurevoir.sessions.context import Context
from aurevoir.sessions.machine import OfferExpired
from aurevoir.sessions.offering import Weighed
from aurevoir.sessions.visit import Visit


async def accept(found: Context, weighed: Weighed, after: Visit, actor: str, now: datetime) -> None:
    """Commit to what was shown; raises OfferExpired where a limit was reached meanwhile, and UnderWay."""
    presented = weighed.presented
    assert presented is not None, "the machine accepts only what was shown"
    agreement, row = presented.agreement, found.row
    offer = found.version.flow.offers[agreement.offer]
    redemption = await _agree(found, weighed, agreement.action, now) if agreement.action else None
    taker = Taker(mode=row.mode, customer=row.customer, offer=agreement.offer, redemption=redemption)
    if not await grants.take(found.workspace, taker, offer.limits, agreement.cost, now):
        raise OfferExpired
    payload = {
        "offer": agreement.offer,
        "kind": agreement.kind,
        "redemption": ids.shown("rdm", redemption) if redemption else None,
    }
    await declaring.record("offer.accepted", found, actor, now, payload)
    if after.state == "saved":
        await declaring.record("session.saved", found, actor, now, {})


async def _agree(found: Context, weighed: Weighed, action: Agreed, now: datetime) -> UUID:
    assert weighed.presented is not None
    agreement, row = weighed.presented.agreement, found.row
    terms = wording.shown(agreement, found.version.flow.offers[agreement.offer], found.language)
    clear = await declaring.clear_ids(found)
    try:
        return await agreeing.agree(
            found.workspace,
            action,
            clear=SubscriptionRef(clear.customer, clear.subscription),
            mode=row.mode,
            session=row.id,
            subscription=row.subscription,
            idempotency_key=f"exit:{row.id.hex}:{agreement.offer}",
            now=now,
            snapshot=weighed.snapshot,
            offer=agreement.offer,
            terms=msgspec.json.encode(terms).decode(),
        )
    except Impossible as impossible:
        raise OfferExpired from impossible


async def promise(found: Context, favours: tuple[str, ...], now: datetime) -> None:
    """Keep what the customer would do in return: for the product's follow-up list, and no condition of anything."""
    row = found.row
    for favour in favours:
        await sql.execute(
            "INSERT INTO favour (id, workspace_id, mode, session_id, customer, offer, favour, promised_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (session_id, favour) DO NOTHING",
            ids.new_id(),
            row.workspace_id,
            row.mode,
            row.id,
            row.customer,
            found.visit.offer,
            favour,
            now,
        )
