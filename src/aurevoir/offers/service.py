"""The verbs of redemptions: agreed with the customer, carried out by the worker alone, resolved by people."""

from aurevoir.offers.agreeing import agree, supersede, supersede_offers
from aurevoir.offers.carrying_out import carry_out, carry_out_one
from aurevoir.offers.claiming import list_due, wake
from aurevoir.offers.forgetting import forget_reason
from aurevoir.offers.listing import RedemptionDetail, RedemptionSummary, get_redemption, list_redemptions
from aurevoir.offers.resolving import report, resolve, retry, revert
from aurevoir.offers.sweeping import complete, sweep

__all__ = [
    "RedemptionDetail",
    "RedemptionSummary",
    "agree",
    "carry_out",
    "carry_out_one",
    "complete",
    "forget_reason",
    "get_redemption",
    "list_due",
    "list_redemptions",
    "report",
    "resolve",
    "retry",
    "revert",
    "supersede",
    "supersede_offers",
    "sweep",
    "wake",
]
