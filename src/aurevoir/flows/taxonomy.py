"""The common taxonomy of reasons."""

from typing import Literal

Category = Literal[
    "too_expensive",
    "price_increase",
    "cannot_pay_now",
    "payment_terms",
    "no_value",
    "unused",
    "missing_features",
    "low_quality",
    "technical_issues",
    "too_complex",
    "onboarding",
    "customer_service",
    "switched_service",
    "not_a_fit",
    "temporary_need",
    "business_closed",
    "privacy_security",
    "prefer_not_to_say",
    "other",
]
