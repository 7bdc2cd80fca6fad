"""The sandbox as a gateway: what providers do over the network, it does in its own table."""

from datetime import datetime
from typing import ClassVar, get_args

from aurevoir.billing import deadlines
from aurevoir.billing.adapters.sandbox import books, effects, ledger
from aurevoir.billing.adapters.sandbox.books import Account
from aurevoir.billing.adapters.sandbox.ledger import Ledger, Refused
from aurevoir.billing.gateway import Conflicting, Connection, Impossible, Rejected
from aurevoir.billing.plan import (
    Action,
    ActionKind,
    Cancel,
    Order,
    Plan,
    Revert,
    Step,
    SubscriptionRef,
    UndoCancel,
    Verdict,
)
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit import clock


class Sandbox:
    """Executes each idempotency key once, whoever sends it how often, from however many processes."""

    name: ClassVar[str] = "sandbox"
    capabilities: ClassVar[frozenset[ActionKind]] = frozenset(get_args(ActionKind))
    reads: ClassVar[bool] = True

    def __init__(self, connection: Connection) -> None:
        self._workspace = connection.workspace
        self._mode = connection.mode

    async def snapshot(self, subscription: SubscriptionRef) -> Snapshot:
        """The subscription as it stands; raises Rejected where there is none."""
        found = await books.find(self._account(subscription))
        if found is None:
            raise Rejected("no_such_subscription")
        return ledger.snapshot(found, clock.now())

    def plan(
        self, subscription: SubscriptionRef, action: Action, snapshot: Snapshot | None, marker: str, now: datetime
    ) -> Plan:
        """One step: the action itself."""
        if snapshot and snapshot.status == "cancelled" and not isinstance(action, Cancel):
            raise Impossible("subscription_ended")
        return Plan(
            subscription=subscription,
            action=action,
            steps=(Step(operation="execute"),),
            marker=marker,
            effective_at=now,
            apply_before=deadlines.apply_before(action, snapshot),
            ends_at=deadlines.ends_at(action),
            # What a token says is not what stands here.
            snapshot_version=snapshot.version if snapshot and snapshot.source == "provider" else None,
        )

    async def send(self, order: Order) -> Verdict:
        """Take effect at once, unless this key did before; raises Rejected or Conflicting."""

        def execute(found: Ledger) -> Ledger:
            if order.idempotency_key not in found.executed:
                _unchanged(order, found)
            return effects.apply(found, order.plan.action, order.idempotency_key)

        # Whoever leaves is let go, known or not.
        bare = Ledger(today=clock.now().date()) if isinstance(order.plan.action, Cancel | UndoCancel) else None
        try:
            after = await books.change(self._account(order.plan.subscription), execute, bare)
        except Refused as refused:
            raise Rejected(refused.code) from refused
        except LookupError as error:
            raise Rejected("no_such_subscription") from error
        return Verdict(state="confirmed", references=after.executed[order.idempotency_key])

    async def verify(self, order: Order) -> Verdict:
        """Whether this key took effect."""
        found = await books.find(self._account(order.plan.subscription))
        if found is None or order.idempotency_key not in found.executed:
            return Verdict(state="not_applied")
        return Verdict(state="confirmed", references=found.executed[order.idempotency_key])

    async def close(self) -> None:
        """Nothing is open."""

    def _account(self, subscription: SubscriptionRef) -> Account:
        return Account(self._workspace, self._mode, subscription.subscription)


def _unchanged(order: Order, found: Ledger) -> None:
    """What was agreed was worked out from a snapshot, and holds only for that; raises Conflicting."""
    agreed_on = order.plan.snapshot_version
    if agreed_on is None or isinstance(order.plan.action, Cancel | UndoCancel | Revert):
        return
    if ledger.snapshot(found, clock.now()).version != agreed_on:
        raise Conflicting("terms_changed")
