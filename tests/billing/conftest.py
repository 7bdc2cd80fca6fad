"""A Stripe account for every test that asks for one."""

from collections.abc import AsyncIterator

import pytest

from tests.billing.rigs import StripeRig, stripe_rig


@pytest.fixture
async def rig() -> AsyncIterator[StripeRig]:
    """The adapter on an account with one monthly subscription."""
    async with stripe_rig() as one:
        await one.subscribe("sub_9")
        yield one
