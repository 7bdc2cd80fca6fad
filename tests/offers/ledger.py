"""A billing system in this process: it keeps a ledger of effects, and fails as it is told to."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import ClassVar, get_args

from aurevoir.billing.gateway import Connection, GatewayError, Impossible, Unknown
from aurevoir.billing.plan import Action, ActionKind, Agreed, Cancel, Order, Plan, Step, SubscriptionRef, Verdict
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit import clock

Fault = tuple[Exception | None, bool]


class Ledger:
    """Executes each key once while it remembers it; a marker that took effect is seen by reading."""

    name: ClassVar[str] = "ledger"
    capabilities: ClassVar[frozenset[ActionKind]] = frozenset(get_args(ActionKind)) - {"custom", "trial_extension"}
    reads: ClassVar[bool] = True

    def __init__(self) -> None:
        # What took effect, in order: marker, step, kind; and every order that was sent.
        self.effects: list[tuple[str, int, str]] = []
        self.sent: list[Order] = []
        # What the next requests come to, and whether that is after their effect; then all goes well.
        self.faults: list[Fault] = []
        self.stored: dict[str, Exception | Verdict] = {}
        self.steps = 1
        # Whether something must be put out of the way before what was declared.
        self.is_managed = False
        self.price = 2900
        self.apply_before: datetime | None = None
        self.ends_at: datetime | None = None
        self.asked = 0
        # What a snapshot comes to, and what happens while a request is on its way.
        self.unreadable: GatewayError | None = None
        self.during: Callable[[Order], Awaitable[None]] | None = None
        self.says: Verdict = Verdict(state="confirmed")

    def __call__(self, _: Connection) -> "Ledger":
        """As the registry opens a gateway."""
        return self

    @property
    def kinds(self) -> list[str]:
        """The kinds of what took effect, in order."""
        return [kind for _, _, kind in self.effects]

    async def snapshot(self, _: SubscriptionRef) -> Snapshot:
        """The price is what may change."""
        self.asked += 1
        if self.unreadable is not None:
            raise self.unreadable
        return Snapshot(source="provider", taken_at=clock.now(), status="active", amount=self.price, currency="EUR")

    def plan(
        self, subscription: SubscriptionRef, action: Action, snapshot: Snapshot | None, marker: str, _: datetime
    ) -> Plan:
        """As many steps as the test wants, for offers; one for what was declared, two where something is in its way."""
        if snapshot is None and isinstance(action, get_args(Agreed)):
            raise Impossible("billing_not_reached")
        count = self.steps if isinstance(action, get_args(Agreed)) else 1 + (snapshot is not None and self.is_managed)
        return Plan(
            subscription=subscription,
            action=action,
            steps=tuple(Step(operation=f"step {number}") for number in range(count)),
            marker=marker,
            apply_before=self.apply_before,
            ends_at=self.ends_at if not isinstance(action, Cancel) else None,
            snapshot_version=snapshot.version if snapshot else None,
        )

    async def send(self, order: Order) -> Verdict:
        """One request: a key that is remembered gets the answer that was given first, error or not."""
        self.sent.append(order)
        if self.during is not None:
            await self.during(order)
        await asyncio.sleep(0.001)
        error, after = self.faults.pop(0) if self.faults else (None, True)
        if error is not None and not after and not _is_kept(error):
            raise error
        if order.idempotency_key not in self.stored:
            if error is None or after:
                self.effects.append((order.plan.marker, order.number, str(order.plan.action.__struct_config__.tag)))
            self.stored[order.idempotency_key] = error if error is not None and _is_kept(error) else self.answer(order)
        answer = self.stored[order.idempotency_key]
        if isinstance(answer, Exception):
            raise answer
        if error is not None:
            raise error
        return answer

    async def verify(self, order: Order) -> Verdict:
        """A strongly consistent read."""
        done = any((marker, number) == (order.plan.marker, order.number) for marker, number, _ in self.effects)
        return (
            Verdict(state="confirmed", references=self.answer(order).references)
            if done
            else Verdict(state="not_applied")
        )

    def answer(self, order: Order) -> Verdict:
        """With what the step made."""
        return Verdict(state=self.says.state, references={f"made {order.number}": f"{order.number}"})

    async def close(self) -> None:
        """Nothing is open."""


def _is_kept(error: Exception) -> bool:
    """Whether a provider would give this answer again under the same key."""
    return isinstance(error, Unknown) and error.answered
