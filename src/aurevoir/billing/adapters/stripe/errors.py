"""What Stripe's errors mean for us: may it have been executed, will it ever be, who must act."""

from collections.abc import Mapping

import httpx
import stripe

from aurevoir.billing.gateway import Busy, Conflicting, GatewayError, NeedsPerson, NotSent, Rejected, Unknown

# Nothing has left this machine.
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
# The subscription or invoice is not what it was when the plan was made.
_MOVED = {"invalid_canceled_subscription_fields", "invoice_not_editable", "invoice_no_subscription_line_items"}
_LONGEST = 60


def after_writing(error: Exception) -> GatewayError:
    """What a request that changes something came to."""
    if isinstance(error, stripe.StripeError):
        return _answered(error)
    return Unknown()  # our own time limit


def after_reading(error: Exception) -> GatewayError:
    """The same for a read, which leaves nothing in doubt: without an answer it can only be tried again."""
    found = after_writing(error)
    return NotSent() if isinstance(found, Unknown | Busy) else found


def code_of(error: stripe.StripeError) -> str:
    """Stripe's own word for it, never the message: that may name people."""
    inner = error.error.code if error.error else None
    return (error.code or inner or f"refused_{error.http_status}")[:_LONGEST]


def _answered(error: stripe.StripeError) -> GatewayError:
    if isinstance(error, stripe.APIConnectionError):
        return NotSent() if isinstance(error.__cause__, _NEVER_LEFT) else Unknown()
    if isinstance(error, stripe.IdempotencyError):
        return Conflicting("idempotency_error")
    if isinstance(error, stripe.CardError):
        return NeedsPerson(code_of(error))
    return _by_status(error, error.http_status or 0, code_of(error))


def _by_status(error: stripe.StripeError, status: int, code: str) -> GatewayError:
    if status == 429 or code == "rate_limit":
        return NotSent(_seconds(error.headers))
    if status in (401, 403):
        return NeedsPerson("key_refused" if status == 401 else "key_not_allowed")
    if status == 409:
        # `idempotency_key_in_use`: the first request under this key is still being executed.
        return Busy() if code == "lock_timeout" else Unknown()
    if not 400 <= status < 500:
        return Unknown(answered=status >= 500)
    return _refused(error, code)


def _refused(error: stripe.StripeError, code: str) -> GatewayError:
    # Stripe has no code for this one: "The subscription is managed by the subscription schedule …".
    if "schedule" in (error.user_message or "") and error.http_status == 400:
        return Conflicting("under_schedule")
    return Conflicting(code) if code in _MOVED else Rejected(code)


def _seconds(headers: Mapping[str, str] | None) -> float | None:
    try:
        return float((headers or {})["retry-after"])
    except (KeyError, ValueError):
        return None
