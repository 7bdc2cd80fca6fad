"""Subscription schedules: made from a subscription, given phases, released."""

from tests.billing.stripe_fake.account import Account, ApiError, Object, Params, merge_metadata, one_of, only
from tests.billing.stripe_fake.calendar import later

_PHASE = (
    "items",
    "start_date",
    "end_date",
    "duration",
    "proration_behavior",
    "billing_cycle_anchor",
    "add_invoice_items",
    "discounts",
    "automatic_tax",
    "default_tax_rates",
    "default_payment_method",
    "collection_method",
    "invoice_settings",
    "trial",
    "trial_end",
)


def create(account: Account, params: Params) -> Object:
    """From a subscription, with one phase: what it has now, until its period ends. Nothing else may be said."""
    for name in params:
        if name not in ("from_subscription", "expand"):
            raise ApiError(400, f"You cannot set `{name}` if `from_subscription` is set.")
    subscription = account.get("subscription", params["from_subscription"])
    if subscription["schedule"]:
        message = "You cannot migrate a subscription that is already attached to a schedule"
        raise ApiError(400, f"{message}: {subscription['schedule']}.")
    if subscription["status"] == "canceled":
        raise ApiError(400, "You cannot migrate a subscription that is in the `canceled` status.")
    new = account.add("subscription_schedule", _from(account, subscription))
    subscription["schedule"] = new["id"]
    account.took_effect("schedule", subscription["id"], params)
    account.tell("subscription_schedule.created", new)
    account.tell("customer.subscription.updated", subscription)
    return new


def _from(account: Account, subscription: Object) -> Object:
    items = subscription["items"]["data"]
    start, end = items[0]["current_period_start"], items[0]["current_period_end"]
    return {
        "id": account.new_id("sub_sched"),
        "subscription": subscription["id"],
        "customer": subscription["customer"],
        "status": "active",
        "end_behavior": "release",
        "metadata": {},
        "current_phase": {"start_date": start, "end_date": end},
        "phases": [
            {
                "start_date": start,
                "end_date": end,
                "items": [{"price": item["price"]["id"], "quantity": item["quantity"]} for item in items],
            }
        ],
        "pause_schedules": [],
        "released_subscription": None,
    }


def update(account: Account, params: Params, wanted: str) -> Object:
    """Other phases; the running one must still begin when it began."""
    only(params, "phases", "end_behavior", "proration_behavior", "pause_schedules", "default_settings")
    one_of(params, "end_behavior", "cancel", "none", "release", "renew")
    one_of(params, "proration_behavior", "none", "create_prorations", "always_invoice")
    found = account.get("subscription_schedule", wanted)
    if found["status"] != "active":
        raise ApiError(400, f"You cannot update a subscription schedule that is `{found['status']}`.")
    if "phases" in params:
        found["phases"] = _phases(account, found, params["phases"])
        account.took_effect("phases", found["subscription"], params)
    if "pause_schedules" in params:
        found["pause_schedules"] = params["pause_schedules"] or []
        account.took_effect("pause" if params["pause_schedules"] else "resume", found["subscription"], params)
    found["end_behavior"] = params.get("end_behavior", found["end_behavior"])
    merge_metadata(found, params)
    account.tell("subscription_schedule.updated", found)
    return found


def _phases(account: Account, found: Object, given: list[Params]) -> list[Object]:
    if int(given[0].get("start_date", 0)) != found["current_phase"]["start_date"]:
        raise ApiError(400, "The start date of the current phase cannot be changed.")
    phases: list[Object] = []
    for one in given:
        only(one, *_PHASE)
        _check_items(account, one)
        start = phases[-1]["end_date"] if phases else int(one["start_date"])
        phases.append({**one, "start_date": start, "end_date": _end(one, start)})
    return phases


def _end(phase: Params, start: int) -> int:
    if "end_date" in phase:
        return int(phase["end_date"])
    if "duration" not in phase:
        raise ApiError(400, "Each phase needs an `end_date` or a `duration`.")
    return later(start, phase["duration"]["interval"], int(phase["duration"].get("interval_count", 1)))


def _check_items(account: Account, phase: Params) -> None:
    one_of(phase, "proration_behavior", "none", "create_prorations", "always_invoice")
    one_of(phase, "billing_cycle_anchor", "phase_start", "automatic")
    for item in [*phase["items"], *phase.get("add_invoice_items", ())]:
        if "price" in item:
            account.get("price", item["price"])
        else:
            account.get("product", item["price_data"]["product"])


def release(account: Account, params: Params, wanted: str) -> Object:
    """The subscription goes on as it is, by itself."""
    only(params, "preserve_cancel_date")
    found = account.get("subscription_schedule", wanted)
    if found["status"] != "active":
        raise ApiError(400, f"You cannot release a subscription schedule that is `{found['status']}`.")
    subscription = account.get("subscription", found["subscription"])
    found |= {"status": "released", "released_subscription": found["subscription"], "subscription": None}
    subscription["schedule"] = None
    account.took_effect("release", subscription["id"], params)
    account.tell("subscription_schedule.released", found)
    account.tell("customer.subscription.updated", subscription)
    return found


def retrieve(account: Account, _: Params, wanted: str) -> Object:
    """The schedule, released ones too."""
    return account.get("subscription_schedule", wanted)


def list_schedules(account: Account, params: Params) -> Object:
    """Those of a customer, or all."""
    only(params, "customer", "limit", "starting_after")
    return account.page("subscription_schedule", params, customer=params.get("customer"))
