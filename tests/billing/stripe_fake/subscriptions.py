"""Subscriptions: what can be read, changed and ended, and what Stripe refuses."""

from typing import Any

from tests.billing.stripe_fake.account import Account, ApiError, Object, Params, merge_metadata, one_of, only
from tests.billing.stripe_fake.calendar import later

FEEDBACK = (
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
)
_CHANGES = ("discounts", "pause_collection", "trial_end", "items", "cancel_at_period_end", "cancel_at")
_HOW = ("proration_behavior", "payment_behavior", "cancellation_details", "default_payment_method")
TWO_YEARS = 731 * 86_400


def create(account: Account, params: Params) -> Object:
    """A subscription whose first period begins now."""
    only(params, "id", "customer", "items", "trial_end", "billing_mode", "collection_method", "days_until_due")
    now = account.now()
    trial_end = int(params["trial_end"]) if "trial_end" in params else None
    new = account.add("subscription", _blank(params, now, trial_end))
    new["items"]["data"] = [_item(account, new, one, now, trial_end) for one in params["items"]]
    new["currency"] = new["items"]["data"][0]["price"]["currency"]
    merge_metadata(new, params)
    account.tell("customer.subscription.created", new)
    return new


def _blank(params: Params, now: int, trial_end: int | None) -> Object:
    nothing = ("pause_collection", "cancel_at", "canceled_at", "ended_at", "schedule", "latest_invoice")
    return dict.fromkeys(nothing) | {
        "id": params["id"],
        "customer": params["customer"],
        "status": "trialing" if trial_end else "active",
        "items": {"object": "list", "data": [], "has_more": False, "url": "/v1/subscription_items"},
        "discounts": [],
        "metadata": {},
        "trial_start": now if trial_end else None,
        "trial_end": trial_end,
        "cancel_at_period_end": False,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "billing_mode": params.get("billing_mode", {"type": "classic"}),
        "collection_method": params.get("collection_method", "charge_automatically"),
        "days_until_due": params.get("days_until_due"),
        "default_payment_method": None,
        "default_tax_rates": [],
        "automatic_tax": {"enabled": False},
        "start_date": now,
        "billing_cycle_anchor": trial_end or now,
    }


def _item(account: Account, subscription: Object, given: Params, start: int, end: int | None) -> Object:
    price = account.get("price", given["price"])
    recurring = price["recurring"]
    return {
        "id": account.new_id("si"),
        "object": "subscription_item",
        "subscription": subscription["id"],
        "price": price,
        "quantity": int(given.get("quantity", 1)),
        "tax_rates": [],
        "current_period_start": start,
        "current_period_end": end or later(start, recurring["interval"], recurring["interval_count"]),
    }


def update(account: Account, params: Params, wanted: str) -> Object:
    """Change it, all or nothing."""
    only(params, *_CHANGES, *_HOW)
    found = account.get("subscription", wanted)
    _check(account, found, params)
    for name in _CHANGES:
        if name in params:
            kind = _APPLY[name](account, found, params)
            account.took_effect(kind, wanted, params)
    found["cancellation_details"] |= params.get("cancellation_details", {})
    merge_metadata(found, params)
    account.tell("customer.subscription.updated", found)
    return found


def _check(account: Account, found: Object, params: Params) -> None:
    changes = [name for name in _CHANGES if name in params]
    if found["status"] == "canceled" and changes:
        message = "A canceled subscription can only update its cancellation_details and metadata."
        raise ApiError(400, message, "invalid_canceled_subscription_fields")
    if found["schedule"] and {"items", "trial_end", "cancel_at_period_end", "cancel_at"} & set(changes):
        message = f"The subscription is managed by the subscription schedule `{found['schedule']}`."
        raise ApiError(400, f"{message} Please update the schedule instead.")
    if {"cancel_at_period_end", "cancel_at"} <= set(changes):
        raise ApiError(400, "You may only specify one of these parameters: cancel_at, cancel_at_period_end.")
    one_of(params, "proration_behavior", "none", "create_prorations", "always_invoice")
    one_of(params, "payment_behavior", "error_if_incomplete", "pending_if_incomplete", "allow_incomplete")
    one_of(params.get("cancellation_details", {}), "feedback", *FEEDBACK)
    for one in params.get("discounts") or ():
        account.get("discount" if "discount" in one else "coupon", one.get("discount") or one["coupon"])
    for one in params.get("items", ()):
        account.get("price", one["price"])
    _check_moments(account, params)


def _check_moments(account: Account, params: Params) -> None:
    pause = params.get("pause_collection") or {}
    one_of(pause, "behavior", "void", "keep_as_draft", "mark_uncollectible")
    for moment in (params.get("trial_end"), pause.get("resumes_at"), params.get("cancel_at")):
        if moment and moment.isdigit() and int(moment) <= account.now():
            raise ApiError(400, "Timestamps must be in the future.", "parameter_invalid_integer")
    if int(params.get("trial_end", 0)) > account.now() + TWO_YEARS:
        raise ApiError(400, "Trials end within two years.", "parameter_invalid_integer")


def _discounts(account: Account, found: Object, params: Params) -> str:
    # A populated array overwrites; a coupon in it starts a new discount, every time.
    found["discounts"] = [one.get("discount") or _begin(account, found, one) for one in params["discounts"] or ()]
    return "discount" if any("coupon" in one for one in params["discounts"] or ()) else "discounts_listed"


def _begin(account: Account, found: Object, one: Params) -> str:
    coupon = account.get("coupon", one["coupon"])
    now = account.now()
    months = coupon["duration_in_months"]
    new = account.add(
        "discount",
        {
            "id": account.new_id("di"),
            "source": {"type": "coupon", "coupon": coupon["id"]},
            "start": now,
            "end": later(now, "month", months) if months else None,
            "subscription": found["id"],
        },
    )
    return str(new["id"])


def _pause(_: Account, found: Object, params: Params) -> str:
    pause: Any = params["pause_collection"]
    if not pause:
        found["pause_collection"] = None
        return "resume"
    moment = int(pause["resumes_at"]) if "resumes_at" in pause else None
    found["pause_collection"] = {"behavior": pause["behavior"], "resumes_at": moment}
    return "pause"


def _trial(_: Account, found: Object, params: Params) -> str:
    found["trial_end"] = found["billing_cycle_anchor"] = int(params["trial_end"])
    found["status"] = "trialing"
    for item in found["items"]["data"]:
        item["current_period_end"] = found["trial_end"]
    return "trial_end"


def _items(account: Account, found: Object, params: Params) -> str:
    held = {item["id"]: item for item in found["items"]["data"]}
    for one in params["items"]:
        if "id" not in one:
            found["items"]["data"].append(_item(account, found, one, account.now(), None))
        elif one["id"] not in held:
            raise ApiError(400, f"No such subscription item: '{one['id']}'", "resource_missing")
        else:
            item = held[one["id"]]
            item["price"] = account.get("price", one["price"])
            item["quantity"] = int(one.get("quantity", item["quantity"]))
    return "items"


def _at_period_end(account: Account, found: Object, params: Params) -> str:
    is_ending = found["cancel_at_period_end"] = params["cancel_at_period_end"] == "true"
    return _end_at(account, found, found["items"]["data"][0]["current_period_end"] if is_ending else None)


def _at(account: Account, found: Object, params: Params) -> str:
    found["cancel_at_period_end"] = False
    return _end_at(account, found, int(params["cancel_at"]) if params["cancel_at"] else None)


def _end_at(account: Account, found: Object, moment: int | None) -> str:
    was_ending, found["cancel_at"] = bool(found["cancel_at"]), moment
    found["canceled_at"] = account.now() if moment else None
    found["cancellation_details"]["reason"] = "cancellation_requested" if moment else None
    return "cancel" if moment else "undo_cancel" if was_ending else "nothing_to_undo"


_APPLY = {
    "discounts": _discounts,
    "pause_collection": _pause,
    "trial_end": _trial,
    "items": _items,
    "cancel_at_period_end": _at_period_end,
    "cancel_at": _at,
}


def cancel(account: Account, params: Params, wanted: str) -> Object:
    """End it now, for good."""
    only(params, "cancellation_details", "invoice_now", "prorate")
    one_of(params.get("cancellation_details", {}), "feedback", *FEEDBACK)
    found = account.get("subscription", wanted)
    if found["status"] == "canceled":
        raise ApiError(404, f"No such subscription: '{wanted}'", "resource_missing")
    now = account.now()
    found |= {"status": "canceled", "canceled_at": now, "ended_at": now}
    found["cancellation_details"] |= {"reason": "cancellation_requested"} | params.get("cancellation_details", {})
    account.took_effect("cancel", wanted, params)
    account.tell("customer.subscription.deleted", found)
    return found


def retrieve(account: Account, _: Params, wanted: str) -> Object:
    """The subscription, ended ones too."""
    return account.get("subscription", wanted)


def list_subscriptions(account: Account, params: Params) -> Object:
    """Without `status` the ended ones are left out."""
    only(params, "customer", "status", "limit", "starting_after", "price", "created")
    status = params.get("status")
    page = account.page("subscription", params, customer=params.get("customer"), status=_exactly(status))
    if status is None:
        page["data"] = [one for one in page["data"] if one["status"] != "canceled"]
    return page


def _exactly(status: str | None) -> str | None:
    return None if status == "all" else status
