"""Every gateway with the billing system behind it, as the contract suite looks at them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from aurevoir.billing.adapters.manual import Manual
from aurevoir.billing.adapters.sandbox import books
from aurevoir.billing.adapters.sandbox.books import Account
from aurevoir.billing.adapters.sandbox.gateway import Sandbox
from aurevoir.billing.adapters.sandbox.ledger import Ledger, Terms
from aurevoir.billing.adapters.stripe.gateway import Stripe
from aurevoir.billing.adapters.webhook import Webhook
from aurevoir.billing.gateway import Connection, Gateway
from aurevoir.billing.plan import SubscriptionRef
from aurevoir.kit import clock, db, http, signing
from aurevoir.kit.calendar import Interval, later
from tests.billing.agreed import Sort
from tests.billing.stripe_fake.account import MARKER
from tests.billing.stripe_fake.seeds import Seed, plant
from tests.billing.stripe_fake.server import Server, running
from tests.webhooks.receiver import Receiver, receiving

_IDS: dict[str, Any] = {"id": UUID(int=1), "workspace": UUID(int=2)}


class Rig:
    """A gateway, subscriptions to try it on, and what the system behind it holds."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    async def subscribe(self, name: str, sort: Sort) -> SubscriptionRef:
        """A new subscription."""
        return SubscriptionRef("cus_42", name)

    async def held(self, _: SubscriptionRef) -> Any:
        """Everything that an order may change."""
        return None


class SandboxRig(Rig):
    """Its rows."""

    def __init__(self, workspace: UUID) -> None:
        super().__init__(Sandbox(Connection(id=workspace, workspace=workspace, mode="test", gateway="sandbox")))
        self._workspace = workspace

    async def subscribe(self, name: str, sort: Sort) -> SubscriptionRef:
        today = clock.now().date()
        interval: Interval = "year" if sort == "yearly" else "month"
        renews_on = later(today, "month", 1)
        terms = Terms(plan="pro", amount=2900, currency="EUR", interval=interval, quantity=1)
        ledger = Ledger(
            today=today,
            terms=terms,
            renews_on=renews_on,
            anchor=renews_on.day,
            trial_ends_on=renews_on if sort == "trial" else None,
        )
        await db.transaction(lambda: books.open_subscription(self._account(name), ledger))
        return SubscriptionRef("cus_42", name)

    async def held(self, subscription: SubscriptionRef) -> Any:
        return await books.find(self._account(subscription.subscription))

    def _account(self, name: str) -> Account:
        return Account(self._workspace, "test", name)


class WebhookRig(Rig):
    """The operator's server, which carries out each message's id once and says so."""

    def __init__(self, receiver: Receiver) -> None:
        settings = {"url": receiver.url, "secret": signing.new_secret()}
        super().__init__(Webhook(Connection(**_IDS, mode="test", gateway="webhook", settings=settings)))
        self._receiver = receiver

    async def held(self, _: SubscriptionRef) -> Any:
        return {got.id: got.json["data"]["action"] for got in self._receiver.got}


class StripeRig(Rig):
    """The fake's objects, and what took effect there."""

    def __init__(self, fake: Server, **settings: str) -> None:
        settings = {"api_key": "sk_test_1", "api_base": fake.url} | settings
        super().__init__(Stripe(Connection(**_IDS, mode="test", gateway="stripe", settings=settings)))
        self.fake = fake

    async def subscribe(self, name: str, sort: Sort = "monthly", **changes: Any) -> SubscriptionRef:
        given = {
            "interval": "year" if sort == "yearly" else "month",
            "status": "trialing" if sort == "trial" else "active",
        }
        plant(self.fake.account, Seed(**({"subscription": name} | given | changes)))
        return SubscriptionRef("cus_42", name)

    async def held(self, subscription: SubscriptionRef) -> Any:
        account = self.fake.account
        subject = account.shown(account.get("subscription", subscription.subscription), ("discounts", "schedule"))
        return subject, [dict(one) for one in account.effects]

    def effects(self, marker: str) -> list[str]:
        """What took effect with our marker."""
        return [one["kind"] for one in self.fake.account.effects if one["marker"] == marker]

    def marker(self, name: str) -> str | None:
        """The marker that a subscription bears."""
        found: dict[str, str] = self.fake.account.get("subscription", name)["metadata"]
        return found.get(MARKER)


@asynccontextmanager
async def stripe_rig(**settings: str) -> AsyncIterator[StripeRig]:
    """A fake of its own, and the adapter."""
    async with running() as fake:
        rig = StripeRig(fake, **settings)
        try:
            yield rig
        finally:
            await rig.gateway.close()


@asynccontextmanager
async def webhook_rig() -> AsyncIterator[WebhookRig]:
    """A server that says "applied"."""
    http.configure(allow_private=True)
    try:
        async with receiving(body=b'{"status": "applied"}') as receiver:
            yield WebhookRig(receiver)
    finally:
        http.configure(allow_private=False)


@asynccontextmanager
async def rig(name: str, workspace: UUID) -> AsyncIterator[Rig]:
    """The gateway of this name with what is behind it."""
    match name:
        case "stripe":
            async with stripe_rig() as one:
                yield one
        case "webhook":
            async with webhook_rig() as two:
                yield two
        case "sandbox":
            yield SandboxRig(workspace)
        case _:
            yield Rig(Manual(Connection(**_IDS, mode="test", gateway="manual")))
