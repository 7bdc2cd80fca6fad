"""Stripe's webhooks, at an address of their own for each connection."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, post
from litestar.params import FromPath

from aurevoir.billing import provider_events
from aurevoir.kit import clock
from aurevoir.kit.errors import NotFound
from aurevoir.web.auth import installation_of

# An invoice of a hundred lines is far smaller.
MOST_BYTES = 1024 * 1024


@post("/stripe/{connection:str}", status_code=200)
async def stripe_told(request: Request[Any, Any, Any], connection: FromPath[str]) -> Response[None]:
    """Kept before it is answered; twice is once."""
    try:
        wanted = UUID(connection)
    except ValueError:
        raise NotFound from None
    # The signature is over the bytes as they came.
    body, signature = await request.body(), request.headers.get("stripe-signature", "")
    keyring = installation_of(request).keyring
    await provider_events.receive(keyring, wanted, signature, body, clock.now())
    return Response(None, status_code=200)


router = Router(
    "/inbound",
    route_handlers=[stripe_told],
    request_max_body_size=MOST_BYTES,
    include_in_schema=False,
    tags=["inbound"],
)
