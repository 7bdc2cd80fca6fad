"""Trying a connection out: one harmless read, and in a sentence what came of it."""

from msgspec import Struct

from aurevoir.billing.gateway import Gateway, GatewayError, NeedsPerson, NotSent, Rejected
from aurevoir.billing.plan import SubscriptionRef

# Nobody has it: a gateway that says so was reached, and let us read.
NOBODY = SubscriptionRef("cus_aurevoir_tries_out", "sub_aurevoir_tries_out")
_UNKNOWN = frozenset({"resource_missing", "no_such_subscription"})
_SENTENCES = {
    "key_refused": "The key is not accepted: it is wrong, or was withdrawn.",
    "key_not_allowed": "The key is accepted, but may not read subscriptions: give it that permission.",
    "api_key_missing": "There is no key.",
}


class Trial(Struct, frozen=True):
    """Whether it worked, in a sentence."""

    ok: bool
    message: str


async def tried(gateway: Gateway) -> Trial:
    """Ask for a subscription that nobody has."""
    if not gateway.reads:
        return Trial(ok=True, message="Nothing can be asked of this gateway: it is reached when an order is sent.")
    try:
        await gateway.snapshot(NOBODY)
    except Rejected as error:
        if error.code in _UNKNOWN:
            return Trial(ok=True, message="It answers, and the key may read subscriptions.")
        return Trial(ok=False, message=sentence(error))
    except GatewayError as error:
        return Trial(ok=False, message=sentence(error))
    return Trial(ok=True, message="It answers.")


def sentence(error: GatewayError) -> str:
    """What is wrong, for whoever connected it."""
    if isinstance(error, NotSent):
        return "It cannot be reached at the moment."
    if isinstance(error, Rejected | NeedsPerson):
        return _SENTENCES.get(error.code, f"It refuses: {error.code}.")
    return "It answers, but not to a simple question: try again in a moment."
