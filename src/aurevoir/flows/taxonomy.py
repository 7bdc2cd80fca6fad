"""The common taxonomy of reasons, and the feedback code that billing systems know for each."""

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

# Stripe's `cancellation_details.feedback` (https://docs.stripe.com/api/subscriptions/object);
# `prefer_not_to_say` is deliberately absent: it is passed on as nothing.
STRIPE_FEEDBACK: dict[Category, str] = {
    "too_expensive": "too_expensive",
    "price_increase": "too_expensive",
    "cannot_pay_now": "too_expensive",
    "payment_terms": "other",
    "no_value": "other",
    "unused": "unused",
    "missing_features": "missing_features",
    "low_quality": "low_quality",
    "technical_issues": "low_quality",
    "too_complex": "too_complex",
    "onboarding": "too_complex",
    "customer_service": "customer_service",
    "switched_service": "switched_service",
    "not_a_fit": "other",
    "temporary_need": "other",
    "business_closed": "other",
    "privacy_security": "other",
    "other": "other",
}
