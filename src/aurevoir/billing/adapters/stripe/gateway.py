"""The Stripe gateway: plans without a network, sends one request at a time, reads before it repeats."""

import asyncio
from contextlib import suppress
from datetime import datetime
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar

from aurevoir.billing.adapters.stripe import planning, verifying
from aurevoir.billing.adapters.stripe.connecting import settings_of
from aurevoir.billing.adapters.stripe.reading import EXPANDED, snapshot_of
from aurevoir.billing.gateway import Conflicting, Connection, NeedsPerson, Rejected
from aurevoir.billing.plan import Action, ActionKind, Cancel, Order, Plan, SubscriptionRef, Verdict
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit import clock

if TYPE_CHECKING:
    from aurevoir.billing.adapters.stripe.client import Client, Object

_EXISTS, _MISSING = "resource_already_exists", "resource_missing"
_NOT = Verdict(state="not_applied")


class Stripe:
    """One Stripe account; made without its SDK, which is needed only to reach it."""

    name: ClassVar[str] = "stripe"
    capabilities: ClassVar[frozenset[ActionKind]] = frozenset(
        {
            "cancel",
            "undo_cancel",
            "discount",
            "payment_holiday",
            "split_payment",
            "payment_relief",
            "plan_change",
            "trial_extension",
            "revert",
        }
    )
    reads: ClassVar[bool] = True

    def __init__(self, connection: Connection) -> None:
        self._settings = settings_of(connection)

    async def snapshot(self, subscription: SubscriptionRef) -> Snapshot:
        """The subscription now, with its invoices that are not settled."""
        client, wanted = self._client(), subscription.subscription
        found, invoices = await asyncio.gather(
            client.read("subscriptions.retrieve", wanted, expand=list(EXPANDED)),
            client.read("invoices.list", subscription=wanted, limit=20),
        )
        return snapshot_of(self._settings, found, invoices["data"], clock.now())

    def plan(
        self, subscription: SubscriptionRef, action: Action, snapshot: Snapshot | None, marker: str, now: datetime
    ) -> Plan:
        """Every request, frozen."""
        return planning.plan(self._settings, subscription, action, snapshot, marker, now)

    async def send(self, order: Order) -> Verdict:
        """One request. A coupon that is there already is read and compared: the same terms share one."""
        step = order.step
        path = verifying.path_of(order)
        try:
            reply = await self._client().write(step.operation, path, step.parameters["body"], order.idempotency_key)
        except Rejected as refused:
            return await self._refused(order, refused)
        seen = verifying.LOOKS[step.operation].judge(order, reply)
        return seen if seen.state == "confirmed" else Verdict(state="applied")

    async def verify(self, order: Order) -> Verdict:
        """What became of a step, by reading the very object that it changes."""
        look = verifying.LOOKS[order.step.operation]
        try:
            return look.judge(order, await self._read(look, order))
        except Rejected as refused:
            if refused.code == _MISSING and order.step.operation == "coupons.create":
                return _NOT
            raise Conflicting(refused.code) from refused

    async def close(self) -> None:
        """Close the connections of these settings."""
        with suppress(NeedsPerson):  # where there is no SDK, nothing is open
            await _sdk().close(self._settings)

    async def _refused(self, order: Order, refused: Rejected) -> Verdict:
        if order.step.operation == "coupons.create" and refused.code == _EXISTS:
            return await self.verify(order)
        if isinstance(order.plan.action, Cancel) and refused.code == _MISSING:
            # It has ended already, or never existed: a read tells.
            raise Conflicting(_MISSING)
        raise refused

    async def _read(self, look: verifying.Look, order: Order) -> "Object":
        expand = {"expand": list(look.expand)} if look.expand else {}
        return await self._client().read(look.read, *verifying.whereabouts(order), **expand)

    def _client(self) -> "Client":
        found: Client = _sdk().shared(self._settings)
        return found


def _sdk() -> ModuleType:
    try:
        # An extra, and slow to import: whoever does not use Stripe needs neither.
        from aurevoir.billing.adapters.stripe import client  # noqa: PLC0415
    except ModuleNotFoundError:
        raise NeedsPerson("stripe_not_installed") from None
    return client
