"""Whether a step has been carried out, told from an object of Stripe's: a reply, or a read. Pure."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from aurevoir.billing.adapters.stripe.reading import MARKER
from aurevoir.billing.gateway import Conflicting
from aurevoir.billing.plan import Cancel, Order, UndoCancel, Verdict

Object = Mapping[str, Any]
_NOT = Verdict(state="not_applied")


class Look(NamedTuple):
    """What to read about a step, and how to tell from it."""

    read: str
    expand: tuple[str, ...]
    judge: Callable[[Order, Object], Verdict]


def path_of(order: Order) -> list[str]:
    """The ids in the address of a step; what earlier steps brought back is filled in."""
    try:
        return [part.format_map(order.references) for part in order.step.parameters["path"]]
    except KeyError as missing:
        raise Conflicting("step_missing") from missing


def _seen(order: Order, **found: str) -> Verdict:
    return Verdict(state="confirmed", references=order.step.parameters.get("remember", {}) | found)


def _subscription(order: Order, found: Object) -> Verdict:
    body = order.step.parameters["body"]
    if isinstance(order.plan.action, Cancel | UndoCancel):
        return _seen(order) if _ends_as_wanted(body, found) else _NOT
    if (found.get("metadata") or {}).get(MARKER) != order.plan.marker:
        return _NOT
    coupons = {one["coupon"] for one in body.get("discounts") or () if "coupon" in one}
    begun = [one["id"] for one in found.get("discounts") or () if _coupon(one) in coupons]
    return _seen(order, discount=begun[-1]) if begun else _seen(order)


def _ends_as_wanted(body: Object, found: Object) -> bool:
    ended = found["status"] == "canceled"
    if body.get("cancel_at_period_end"):
        return ended or bool(found["cancel_at_period_end"])
    if body.get("cancel_at"):
        return ended or bool(found["cancel_at"] == body["cancel_at"])
    if ended:
        raise Conflicting("subscription_ended")
    return not found["cancel_at_period_end"] and not ("cancel_at" in body and found["cancel_at"])


def _coupon(discount: Any) -> str | None:
    """Of an expanded discount; a bare id says nothing, and not every discount comes from a coupon."""
    coupon = None if isinstance(discount, str) else discount["source"].get("coupon")
    return coupon if coupon is None or isinstance(coupon, str) else str(coupon["id"])


def _ended(order: Order, found: Object) -> Verdict:
    return _seen(order) if found["status"] == "canceled" else _NOT


def _coupon_made(order: Order, found: Object) -> Verdict:
    body = order.step.parameters["body"]
    terms = ("percent_off", "amount_off", "currency", "duration", "duration_in_months")
    if any(found.get(name) != body.get(name) for name in terms) or found.get("valid") is False:
        raise Conflicting("coupon_differs")
    return _seen(order, coupon=found["id"])


def _schedule_made(order: Order, found: Object) -> Verdict:
    """From the new schedule itself, or from the subscription that it manages."""
    schedule = found if found["object"] == "subscription_schedule" else found.get("schedule")
    if schedule is None:
        return _NOT
    marker = (schedule.get("metadata") or {}).get(MARKER)
    # Ours has no marker before its second step; one phase as it was, made since: nobody else leaves that behind.
    is_blank = marker is None and len(schedule["phases"]) == 1 and schedule["end_behavior"] == "release"
    since = order.step.parameters["since"]
    if marker == order.plan.marker or (is_blank and schedule["created"] >= since - 300):
        return _seen(order, schedule=schedule["id"])
    raise Conflicting("foreign_schedule")


def _marked(order: Order, found: Object) -> Verdict:
    is_ours = (found.get("metadata") or {}).get(MARKER) == order.plan.marker
    return _seen(order, schedule=found["id"]) if is_ours else _NOT


def _released(order: Order, found: Object) -> Verdict:
    return _NOT if found["status"] in ("active", "not_started") else _seen(order)


def _voided(order: Order, found: Object) -> Verdict:
    if found["status"] == "paid":
        raise Conflicting("invoice_paid")
    return _seen(order, invoice=found["id"]) if found["status"] == "void" else _NOT


def _invoice(order: Order, found: Object) -> Verdict:
    is_ours = (found.get("metadata") or {}).get(MARKER) == order.plan.marker
    return _seen(order, invoice=found["id"]) if is_ours else _NOT


LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "coupons.create": Look("coupons.retrieve", (), _coupon_made),
        "subscriptions.update": Look("subscriptions.retrieve", ("discounts",), _subscription),
        "subscriptions.cancel": Look("subscriptions.retrieve", (), _ended),
        "subscription_schedules.create": Look("subscriptions.retrieve", ("schedule",), _schedule_made),
        "subscription_schedules.update": Look("subscription_schedules.retrieve", (), _marked),
        "subscription_schedules.release": Look("subscription_schedules.retrieve", (), _released),
        "invoices.void_invoice": Look("invoices.retrieve", (), _voided),
        "invoices.update": Look("invoices.retrieve", (), _invoice),
    }
)


def whereabouts(order: Order) -> list[str]:
    """The id of what to read about a step."""
    body = order.step.parameters["body"]
    match order.step.operation:
        case "coupons.create":
            return [body["id"]]
        case "subscription_schedules.create":
            return [body["from_subscription"]]
        case _:
            return path_of(order)
