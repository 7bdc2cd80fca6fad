"""Stripe: plans are pure, one `send` is one request, and our marker travels with the effect."""
