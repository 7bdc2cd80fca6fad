"""`python -m tests.billing.stripe_fake --port N`: prints its address and serves until it is stopped."""

import argparse
import asyncio
from contextlib import suppress

from tests.billing.stripe_fake.server import running


async def serve(port: int) -> None:
    """Until cancelled."""
    async with running(port) as fake:
        print(fake.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args().port))
