"""The attributes that every condition may use without declaring them (interface.md §2, §6)."""

from collections.abc import Mapping
from types import MappingProxyType

from aurevoir.kit.conditions import ValueType

BUILT_IN: Mapping[str, ValueType] = MappingProxyType(
    {
        # the subscription, as the token states it; money in minor units
        "plan": "text",
        "amount": "int",
        "currency": "text",
        "interval": "text",
        "quantity": "int",
        "status": "text",
        "started_on": "date",
        "renews_on": "date",
        "commitment_ends_on": "date",
        # the customer
        "locale": "text",
        "country": "text",
        "region": "text",
        "consumer": "bool",
        # worked out from the above
        "tenure_days": "int",
        "mrr_band": "text",
        "days_to_renewal": "int",
        # the reserved usage facts, when the token brings them
        "seats": "int",
        "sector": "text",
        "last_active_on": "date",
        "active_days_30": "int",
        "orders_90d": "int",
        "last_order_on": "date",
        "features_used": "int",
        "open_tickets": "int",
    }
)
