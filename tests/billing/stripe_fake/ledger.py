"""Customers and their balance, products, prices, coupons, invoices and events."""

from tests.billing.stripe_fake.account import Account, ApiError, Object, Params, merge_metadata, one_of, only


def create_customer(account: Account, params: Params) -> Object:
    """Somebody who pays."""
    only(params, "id", "email", "name")
    name = params.get("id") or account.new_id("cus")
    return account.add("customer", {"id": name, "email": params.get("email"), "metadata": {}, "balance": 0})


def create_product(account: Account, params: Params) -> Object:
    """What is paid for."""
    only(params, "id", "name")
    return account.add("product", {"id": params["id"], "name": params.get("name", params["id"]), "metadata": {}})


def create_price(account: Account, params: Params) -> Object:
    """How much, and how often."""
    only(params, "id", "product", "currency", "unit_amount", "recurring", "lookup_key", "nickname")
    recurring = params["recurring"]
    return account.add(
        "price",
        {
            "id": params.get("id") or account.new_id("price"),
            "product": account.get("product", params["product"])["id"],
            "currency": params["currency"],
            "unit_amount": int(params["unit_amount"]),
            "unit_amount_decimal": str(params["unit_amount"]),
            "recurring": {
                "interval": recurring["interval"],
                "interval_count": int(recurring.get("interval_count", 1)),
                "usage_type": "licensed",
            },
            "billing_scheme": "per_unit",
            "lookup_key": params.get("lookup_key"),
            "nickname": params.get("nickname"),
            "metadata": {},
        },
    )


def create_coupon(account: Account, params: Params) -> Object:
    """Once per id."""
    known = ("id", "percent_off", "amount_off", "currency", "duration", "duration_in_months", "name", "applies_to")
    only(params, *known)
    one_of(params, "duration", "once", "repeating", "forever")
    if params.get("id") in account.objects.get("coupon", {}):
        raise ApiError(400, "Coupon already exists.", "resource_already_exists")
    if ("percent_off" in params) == ("amount_off" in params):
        raise ApiError(400, "Must provide percent_off or amount_off.", "parameter_missing")
    if (params["duration"] == "repeating") != ("duration_in_months" in params):
        raise ApiError(400, "duration_in_months goes with duration repeating.", "parameter_invalid_empty")
    new = account.add("coupon", _coupon(params) | {"id": params.get("id") or account.new_id("coupon")})
    merge_metadata(new, params)
    account.took_effect("coupon", new["id"], params)
    return new


def _coupon(params: Params) -> Object:
    months = params.get("duration_in_months")
    return {
        "percent_off": float(params["percent_off"]) if "percent_off" in params else None,
        "amount_off": int(params["amount_off"]) if "amount_off" in params else None,
        "currency": params.get("currency"),
        "duration": params["duration"],
        "duration_in_months": int(months) if months else None,
        "name": params.get("name"),
        "valid": True,
    }


def create_balance_transaction(account: Account, params: Params, customer: str) -> Object:
    """A credit (negative) or a debit: added up, every time."""
    only(params, "amount", "currency", "description")
    found = account.get("customer", customer)
    found["balance"] += int(params["amount"])
    new = {
        "id": account.new_id("cbtxn"),
        "customer": customer,
        "amount": int(params["amount"]),
        "currency": params["currency"],
        "type": "adjustment",
        "ending_balance": found["balance"],
    }
    added = account.add("customer_balance_transaction", new)
    merge_metadata(added, params)
    account.took_effect("balance", customer, params)
    return added


def list_balance_transactions(account: Account, params: Params, customer: str) -> Object:
    """Of one customer."""
    return account.page("customer_balance_transaction", params, customer=customer)


def list_invoices(account: Account, params: Params) -> Object:
    """Of a subscription, a customer, a status."""
    only(params, "subscription", "customer", "status", "limit", "starting_after", "created")
    wanted = {name: params.get(name) for name in ("subscription", "customer", "status")}
    return account.page("invoice", params, **wanted)


def update_invoice(account: Account, params: Params, wanted: str) -> Object:
    """Drafts; of a final one only the metadata and whether it is collected."""
    only(params, "auto_advance", "automatically_finalizes_at", "days_until_due", "due_date", "description", "discounts")
    found = account.get("invoice", wanted)
    final = {"automatically_finalizes_at", "days_until_due", "due_date", "discounts"} & set(params)
    if found["status"] != "draft" and final:
        raise ApiError(400, f"Finalized invoices can't be updated in this way: {', '.join(sorted(final))}.")
    if "due_date" in params and found["collection_method"] != "send_invoice":
        raise ApiError(400, "You cannot set `due_date` on an invoice that is charged automatically.")
    for name in ("automatically_finalizes_at", "due_date"):
        if name in params:
            found[name] = int(params[name])
    if "auto_advance" in params:
        found["auto_advance"] = params["auto_advance"] == "true"
    merge_metadata(found, params)
    account.took_effect("invoice", wanted, params)
    account.tell("invoice.updated", found)
    return found


def void_invoice(account: Account, params: Params, wanted: str) -> Object:
    """For good; only what is final and unpaid."""
    only(params)
    found = account.get("invoice", wanted)
    if found["status"] not in ("open", "uncollectible"):
        raise ApiError(
            400, f"You can only void open invoices; this one is `{found['status']}`.", "invoice_not_editable"
        )
    found["status"] = "void"
    account.took_effect("void", wanted, params)
    account.tell("invoice.voided", found)
    return found


def finalize_invoice(account: Account, params: Params, wanted: str) -> Object:
    """A draft becomes due."""
    only(params, "auto_advance")
    found = account.get("invoice", wanted)
    if found["status"] != "draft":
        raise ApiError(400, "This invoice is already finalized.", "invoice_not_editable")
    found["status"] = "open"
    account.took_effect("finalize", wanted, params)
    account.tell("invoice.finalized", found)
    return found


def list_events(account: Account, params: Params) -> Object:
    """The last thirty days', the newest first."""
    only(params, "type", "types", "limit", "starting_after", "created", "delivery_success")
    return account.page("event", params, type=params.get("type"))
