"""localstripe on the loopback address only, without the file that it keeps its state in.

`python -m tests.billing.localstripe_process` takes a free port and prints it.
"""

import asyncio

from aiohttp import web
from localstripe import server
from localstripe.resources import store


async def serve() -> None:
    """Until it is stopped."""
    store.dump_to_disk = lambda: None
    runner = web.AppRunner(server.app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
