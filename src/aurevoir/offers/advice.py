"""What a person can do about a redemption that failed or needs attention: one sentence for each code. Pure."""

from collections.abc import Mapping

ADVICE: Mapping[str, str] = {
    "too_late": (
        "The moment by which it had to be done has passed, so nothing was changed. Make the change by hand in billing "
        "and resolve it as done, or resolve it as refused and tell the customer."
    ),
    "terms_changed": (
        "The subscription changed after the offer was accepted, so the terms no longer fit. Look at it in billing: "
        "make the change by hand and resolve it as done, or resolve it as refused."
    ),
    "tried_too_often": "Billing could not be reached in forty tries. Check that it answers, then retry.",
    "not_confirmed": (
        "Billing took the change, and no read shows it since. Look at the subscription there, then resolve it as done; "
        "or retry: it is read first, never sent first."
    ),
    "half_done": (
        "Some steps took effect, and the rest must not or cannot follow. Look at the steps, put the subscription right "
        "in billing, then resolve it."
    ),
    "no_answer": (
        "It was handed over, and nobody reported a result in time. Ask the product's system, then report the result "
        "or resolve it."
    ),
    "gateway_not_connected": (
        "Another billing gateway was connected meanwhile. Connect the former one again and retry, or do it by hand "
        "and resolve it."
    ),
    "not_understood": (
        "Billing answered in a way that its adapter does not know. Look at the subscription there, then retry or "
        "resolve."
    ),
    "reported_failed": (
        "The product reported that it could not be done. Find out there why, then retry or tell the customer."
    ),
    "refused_by_hand": "Somebody decided that it is not to be done. If that changes, resolve it as done.",
    "not_supported": "The connected gateway cannot do this. Do it by hand in billing, then resolve it as done.",
    "address_refused": (
        "The webhook gateway's address is private or reserved. Connect another, or see AUREVOIR_ALLOW_PRIVATE_TARGETS; "
        "then retry."
    ),
    "not_https": "The webhook gateway's address is plain http. Connect an https address, then retry.",
    "redirected": "The webhook gateway's address answers with a redirect. Connect the address it leads to, then retry.",
    # What adapters ask a person for.
    "api_key_missing": "The connection has no API key. Connect the gateway again with one, then retry.",
    "key_refused": "Billing refused the key: it was withdrawn or replaced. Connect the gateway again, then retry.",
    "key_not_allowed": "The key may not do this. Give it the permission in billing, then retry.",
    "card_declined": "The customer's card was declined. Ask the customer to pay or to change it, then retry.",
    "stripe_not_installed": (
        "Stripe's library is not installed. Install aurevoir[stripe] where the worker runs, then retry."
    ),
    "webhook_secret_missing": "The connection has no signing secret. Connect the webhook gateway again, then retry.",
    # What stood in the way when it was carried out.
    "coupon_differs": (
        "A coupon of the same name with other terms exists in billing. Remove it there or rename the offer, then retry."
    ),
    "foreign_schedule": (
        "The subscription follows a schedule that was not made here. Change it in billing by hand, then resolve it."
    ),
    "under_schedule": (
        "The subscription follows a schedule. Look at it in billing: release it and retry, or resolve by hand."
    ),
    "idempotency_error": (
        "Billing knows this request with other contents. Look at the subscription there, then resolve it."
    ),
    "invoice_paid": "The invoice was paid meanwhile. Refund or credit it in billing if it was agreed, then resolve it.",
    "step_missing": (
        "A step of the plan does not find what an earlier one made. Look at the steps and at billing, then resolve."
    ),
    "subscription_ended": (
        "The subscription has ended already. Resolve it as done if that was the goal, else as refused."
    ),
    "no_such_subscription": (
        "Billing does not know this subscription. Check the id that your server signs, then resolve it."
    ),
    "resource_missing": (
        "Billing does not know what the request names. Check the id that your server signs, then retry or resolve it."
    ),
}
_OTHER = (
    "Billing answered `{code}`. Look at the subscription there, put right what is in the way, then retry or resolve."
)


def advice(code: str | None) -> str | None:
    """The sentence for a code; for one in a provider's own words, a sentence that names it."""
    return None if code is None else ADVICE.get(code, _OTHER.format(code=code))
