"""The manual gateway: records what is to be done; a person carries it out and says so."""

from datetime import datetime
from typing import ClassVar, get_args

from aurevoir.billing import deadlines
from aurevoir.billing.gateway import Connection, NotSent
from aurevoir.billing.plan import Action, ActionKind, Order, Plan, Step, SubscriptionRef, Verdict
from aurevoir.billing.snapshot import Snapshot


class Manual:
    """For products whose billing has no adapter yet: every order waits for its operator."""

    name: ClassVar[str] = "manual"
    capabilities: ClassVar[frozenset[ActionKind]] = frozenset(get_args(ActionKind))
    reads: ClassVar[bool] = False

    def __init__(self, _: Connection) -> None:
        """Nothing to connect to."""

    async def snapshot(self, _: SubscriptionRef) -> Snapshot:
        """There is nobody to ask."""
        raise NotSent

    def plan(
        self, subscription: SubscriptionRef, action: Action, snapshot: Snapshot | None, marker: str, now: datetime
    ) -> Plan:
        """One step: a person."""
        return Plan(
            subscription=subscription,
            action=action,
            steps=(Step(operation="by_hand"),),
            marker=marker,
            effective_at=now,
            ends_at=deadlines.ends_at(action),
            apply_before=deadlines.apply_before(action, snapshot),
            snapshot_version=snapshot.version if snapshot else None,
        )

    async def send(self, _: Order) -> Verdict:
        """The redemption itself is the work list: nothing is sent anywhere."""
        return Verdict(state="handed_over")

    async def verify(self, _: Order) -> Verdict:
        """Only the operator knows."""
        return Verdict(state="handed_over")

    async def close(self) -> None:
        """Nothing is open."""
