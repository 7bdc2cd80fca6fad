"""From an action to a frozen plan: which requests, and until when they must have arrived. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from aurevoir.billing import deadlines
from aurevoir.billing.adapters.stripe.connecting import Settings
from aurevoir.billing.adapters.stripe.discounts import discount
from aurevoir.billing.adapters.stripe.leaving import cancel, undo_cancel
from aurevoir.billing.adapters.stripe.moments import MARGIN
from aurevoir.billing.adapters.stripe.pauses import extend_trial, holiday, relief
from aurevoir.billing.adapters.stripe.phases import change_plan, split
from aurevoir.billing.adapters.stripe.reading import details_of
from aurevoir.billing.adapters.stripe.reverting import revert
from aurevoir.billing.gateway import Impossible
from aurevoir.billing.plan import (
    Action,
    Cancel,
    ChangePlan,
    Discount,
    ExtendTrial,
    Holiday,
    Plan,
    Relief,
    Revert,
    Split,
    Step,
    SubscriptionRef,
    UndoCancel,
)
from aurevoir.billing.snapshot import Snapshot

PLANNED: Mapping[type[Any], Callable[[Settings, str, Any, Any, str, datetime], list[Step]]] = MappingProxyType(
    {
        Cancel: cancel,
        UndoCancel: undo_cancel,
        Discount: discount,
        Holiday: holiday,
        Split: split,
        Relief: relief,
        ChangePlan: change_plan,
        ExtendTrial: extend_trial,
        Revert: revert,
    }
)


def plan(
    settings: Settings,
    subscription: SubscriptionRef,
    action: Action,
    snapshot: Snapshot | None,
    marker: str,
    now: datetime,
) -> Plan:
    """The frozen steps; raises Impossible."""
    planned = PLANNED.get(type(action))
    if planned is None:
        raise Impossible("not_supported")
    if not isinstance(action, Cancel | UndoCancel | Revert):
        details_of(snapshot)
    return Plan(
        subscription=subscription,
        action=action,
        steps=tuple(planned(settings, subscription.subscription, action, snapshot, marker, now)),
        marker=marker,
        effective_at=now,
        ends_at=deadlines.ends_at(action),
        apply_before=_apply_before(action, snapshot),
        snapshot_version=snapshot.version if snapshot else None,
    )


def _apply_before(action: Action, snapshot: Snapshot | None) -> datetime | None:
    latest = deadlines.apply_before(action, snapshot)
    return None if latest is None else latest - MARGIN
