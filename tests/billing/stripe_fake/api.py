"""The v1 API: which request does what, and idempotency as Stripe has it."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec import Struct

from tests.billing.stripe_fake import ledger, schedules, subscriptions
from tests.billing.stripe_fake.account import Account, ApiError, Object

REFUSED_KEY = "sk_refused"
_INTERNAL: Object = {"error": {"type": "api_error", "message": "An unknown error occurred."}}
_DECLINED: Object = {"error": {"type": "card_error", "code": "card_declined", "message": "Your card was declined."}}
_LOCKED: Object = {
    "error": {"type": "invalid_request_error", "code": "lock_timeout", "message": "This object cannot be accessed."}
}
_SLOW: Object = {"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "Too many requests."}}
_MISUSED: Object = {
    "error": {
        "type": "idempotency_error",
        "message": "Keys for idempotent requests can only be used with the same parameters they were first used with.",
    }
}


class Reply(NamedTuple):
    """Status, body and what else its headers say."""

    status: int
    body: Object
    headers: dict[str, str] = {}  # noqa: RUF012 - a NamedTuple's default, never changed


class Request(Struct, frozen=True, kw_only=True):
    """A request as it came."""

    method: str
    path: str
    params: dict[str, Any]
    # As it came.
    body: str = ""
    key: str | None
    api_key: str


def _get(kind: str) -> Callable[[Account, Any, str], Object]:
    return lambda account, _, wanted: account.get(kind, wanted)


_ID = r"([\w.-]+)"
_ROUTES: tuple[tuple[str, str, Callable[..., Object]], ...] = (
    ("POST", r"customers", ledger.create_customer),
    ("GET", rf"customers/{_ID}", _get("customer")),
    ("POST", rf"customers/{_ID}/balance_transactions", ledger.create_balance_transaction),
    ("GET", rf"customers/{_ID}/balance_transactions", ledger.list_balance_transactions),
    ("POST", r"products", ledger.create_product),
    ("POST", r"prices", ledger.create_price),
    ("GET", rf"prices/{_ID}", _get("price")),
    ("POST", r"coupons", ledger.create_coupon),
    ("GET", rf"coupons/{_ID}", _get("coupon")),
    ("POST", r"subscriptions", subscriptions.create),
    ("GET", r"subscriptions", subscriptions.list_subscriptions),
    ("GET", rf"subscriptions/{_ID}", subscriptions.retrieve),
    ("POST", rf"subscriptions/{_ID}", subscriptions.update),
    ("DELETE", rf"subscriptions/{_ID}", subscriptions.cancel),
    ("POST", r"subscription_schedules", schedules.create),
    ("GET", r"subscription_schedules", schedules.list_schedules),
    ("GET", rf"subscription_schedules/{_ID}", schedules.retrieve),
    ("POST", rf"subscription_schedules/{_ID}", schedules.update),
    ("POST", rf"subscription_schedules/{_ID}/release", schedules.release),
    ("GET", r"invoices", ledger.list_invoices),
    ("GET", rf"invoices/{_ID}", _get("invoice")),
    ("POST", rf"invoices/{_ID}", ledger.update_invoice),
    ("POST", rf"invoices/{_ID}/void", ledger.void_invoice),
    ("POST", rf"invoices/{_ID}/finalize", ledger.finalize_invoice),
    ("GET", r"events", ledger.list_events),
    ("GET", rf"events/{_ID}", _get("event")),
)


class Api:
    """Answers requests, and remembers what it answered."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._stored: dict[str, tuple[tuple[str, str, dict[str, Any]], Reply]] = {}

    def forget_keys(self) -> None:
        """As after a day."""
        self._stored.clear()

    def answer(self, request: Request, fault: str | None = None) -> Reply:
        """What Stripe would say; `fault` is one of those that answer (`500_after`, `429`, …), or None."""
        if request.api_key == REFUSED_KEY or not request.api_key:
            return Reply(401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided."}})
        if fault == "429":
            return Reply(429, _SLOW, {"Retry-After": "2"})
        if fault == "409":
            return Reply(409, _LOCKED)
        content = (request.method, request.path, request.params)
        if request.method == "POST" and request.key in self._stored:
            first, reply = self._stored[request.key]
            same = first == content
            return Reply(reply.status, reply.body, {"Idempotent-Replayed": "true"}) if same else Reply(400, _MISUSED)
        reply = self._execute(request, fault)
        if request.method == "POST" and request.key and reply.status in (200, 402, 500):
            self._stored[request.key] = (content, reply)
        return reply

    def _execute(self, request: Request, fault: str | None) -> Reply:
        if fault == "500_before":
            return Reply(500, _INTERNAL)
        if fault == "402":
            return Reply(402, _DECLINED)
        try:
            body = self.execute(request)
        except ApiError as error:
            return Reply(error.status, {"error": error.error})
        return Reply(500, _INTERNAL) if fault == "500_after" else Reply(200, body)

    def execute(self, request: Request) -> Object:
        """Do what is asked for, once; raises ApiError."""
        for method, pattern, act in _ROUTES:
            matched = re.fullmatch(rf"/v1/{pattern}", request.path)
            if matched and method == request.method:
                done = act(self.account, request.params, *matched.groups())
                return self.account.shown(done, request.params.get("expand", ()))
        raise ApiError(404, f"Unrecognized request URL ({request.method}: {request.path}).")
