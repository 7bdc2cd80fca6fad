"""An account of our fake Stripe for a test, and nothing left open after it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aurevoir.billing.adapters.stripe import client
from tests.billing.stripe_fake.server import Server, running


@asynccontextmanager
async def account() -> AsyncIterator[Server]:
    """On the loopback address; the connections to it are closed with it."""
    async with running() as fake:
        try:
            yield fake
        finally:
            for one in client._open.pop(asyncio.get_running_loop(), {}).values():
                await one.close()
