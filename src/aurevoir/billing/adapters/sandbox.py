"""The sandbox gateway: a small subscription system inside this process, for the demo and the tests."""

from datetime import date
from typing import ClassVar

from msgspec import Struct

from aurevoir.billing.plan import CancelSubscription, Order, Verdict


class SandboxSubscription(Struct):
    """A subscription as the sandbox keeps it, until the process ends."""

    status: str = "active"
    ends_on: date | None = None


class Sandbox:
    """Executes each idempotency key once, whatever is sent how often."""

    name: ClassVar[str] = "sandbox"
    capabilities: ClassVar[frozenset[str]] = frozenset({"cancel", "undo_cancel"})

    def __init__(self) -> None:
        self.subscriptions: dict[str, SandboxSubscription] = {}
        # In the order executed; the length says how often anything took effect.
        self.executed: list[str] = []

    async def send(self, order: Order) -> Verdict:
        """Take effect at once, unless this key did before."""
        if order.idempotency_key not in self.executed:
            self._execute(order)
        return Verdict("confirmed")

    async def verify(self, order: Order) -> Verdict:
        """Whether this key took effect."""
        return Verdict("confirmed" if order.idempotency_key in self.executed else "not_applied")

    def _execute(self, order: Order) -> None:
        subscription = self.subscriptions.setdefault(order.plan.subscription, SandboxSubscription())
        if isinstance(order.plan, CancelSubscription):
            subscription.status, subscription.ends_on = "canceling", order.plan.ends_on
        else:
            subscription.status, subscription.ends_on = "active", None
        self.executed.append(order.idempotency_key)
