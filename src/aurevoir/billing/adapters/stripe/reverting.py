"""Taking back what an offer did. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from aurevoir.billing.adapters.stripe import steps
from aurevoir.billing.adapters.stripe.connecting import Settings
from aurevoir.billing.adapters.stripe.reading import details_of
from aurevoir.billing.gateway import Impossible
from aurevoir.billing.plan import ChangePlan, Discount, Holiday, Relief, Revert, Split, Step
from aurevoir.billing.snapshot import Snapshot


def revert(
    _: Settings, subscription: str, action: Revert, snapshot: Snapshot | None, marker: str, now: datetime
) -> list[Step]:
    """The opposite of an offer, by what its steps brought back; raises Impossible for what cannot be taken back."""
    details_of(snapshot)
    assert snapshot is not None, "details_of has seen to it"
    undo = _UNDO.get(type(action.agreed))
    if undo is None:
        raise Impossible("cannot_be_taken_back")
    return undo(subscription, action, snapshot, marker, now)


def _discount(subscription: str, action: Revert, snapshot: Snapshot, marker: str, _: datetime) -> list[Step]:
    ours = action.references.get("discount")
    others = [{"discount": one.reference} for one in snapshot.discounts if one.reference != ours]
    return [steps.update(subscription, marker, discounts=others or "")]


def _holiday(subscription: str, action: Revert, snapshot: Snapshot, marker: str, now: datetime) -> list[Step]:
    agreed = action.agreed
    assert isinstance(agreed, Holiday)
    if agreed.access == "stop":
        return _schedule(action, agreed.starts_at <= now)
    if snapshot.paused_until is None:
        raise Impossible("not_paused")
    return [_collected_again(subscription, marker)]


def _relief(subscription: str, action: Revert, snapshot: Snapshot, marker: str, _: datetime) -> list[Step]:
    agreed = action.agreed
    assert isinstance(agreed, Relief)
    # What was voided stays void.
    if agreed.relief == "defer" or agreed.invoice is not None or snapshot.paused_until is None:
        raise Impossible("cannot_be_taken_back")
    return [_collected_again(subscription, marker)]


def _split(_: str, action: Revert, __: Snapshot, ___: str, now: datetime) -> list[Step]:
    agreed = action.agreed
    assert isinstance(agreed, Split)
    return _schedule(action, agreed.parts[0].due_on <= now.date())


def _change_plan(subscription: str, action: Revert, _: Snapshot, marker: str, now: datetime) -> list[Step]:
    agreed = action.agreed
    assert isinstance(agreed, ChangePlan)
    if agreed.at == "period_end":
        return _schedule(action, agreed.effective_at <= now)
    before = action.references
    item = {"id": before["item"], "price": before["price"], "quantity": int(before["quantity"])}
    return [steps.change_items(subscription, marker, item)]


def _schedule(action: Revert, has_begun: bool) -> list[Step]:  # noqa: FBT001 - named at both ends
    if has_begun or "schedule" not in action.references:
        raise Impossible("already_begun")
    return [steps.release_schedule(action.references["schedule"])]


def _collected_again(subscription: str, marker: str) -> Step:
    return steps.update(subscription, marker, pause_collection="")


_Undo = Callable[[str, Revert, Snapshot, str, datetime], list[Step]]
_UNDO: Mapping[type[Any], _Undo] = MappingProxyType(
    {Discount: _discount, Holiday: _holiday, Relief: _relief, Split: _split, ChangePlan: _change_plan}
)
