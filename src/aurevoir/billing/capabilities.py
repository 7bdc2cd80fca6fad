"""What a connected gateway can do, kind by kind, in a sentence each."""

from typing import get_args

from msgspec import Struct

from aurevoir.billing.gateway import Gateway
from aurevoir.billing.plan import ActionKind

# Handed to the product, or to a person, where billing cannot do them: see `offers.agreeing`.
_BY_PRODUCT: frozenset[ActionKind] = frozenset({"feature_grant", "custom"})
_BY_PERSON: frozenset[ActionKind] = frozenset({"cancel", "undo_cancel"})


class Capability(Struct, frozen=True, kw_only=True):
    """Whether a kind of action can be carried out here, in a sentence."""

    kind: str
    supported: bool
    sentence: str


_MEANING: dict[ActionKind, str] = {
    "cancel": "end a subscription",
    "undo_cancel": "take a scheduled end back",
    "discount": "take something off the next renewals",
    "payment_holiday": "skip renewals and resume by itself",
    "split_payment": "split a payment into parts",
    "payment_relief": "defer or waive an invoice",
    "plan_change": "change plan, quantity or interval",
    "trial_extension": "extend a trial",
    "feature_grant": "switch a feature on for a while",
    "custom": "do something of the product's own",
    "revert": "take back what was agreed",
}


def table(gateway: Gateway) -> list[Capability]:
    """Every kind of action there is, and who carries it out."""
    return [_capability(gateway, kind) for kind in get_args(ActionKind)]


def _capability(gateway: Gateway, kind: ActionKind) -> Capability:
    meaning, name = _MEANING[kind], gateway.name.capitalize()
    if kind in gateway.capabilities and gateway.name != "manual":
        return Capability(kind=kind, supported=True, sentence=f"{name} can {meaning}.")
    if kind in _BY_PRODUCT:
        return Capability(kind=kind, supported=True, sentence=f"The product is asked to {meaning}.")
    if kind in gateway.capabilities or kind in _BY_PERSON:
        return Capability(kind=kind, supported=True, sentence=f"A person is asked to {meaning}.")
    return Capability(kind=kind, supported=False, sentence=f"{name} cannot {meaning}.")
