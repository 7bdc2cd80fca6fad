"""Stripe's SDK behind three calls; the only place that imports it, and it is imported when first needed."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import stripe

from aurevoir.billing.adapters.stripe import errors
from aurevoir.billing.adapters.stripe.connecting import Settings
from aurevoir.billing.gateway import NeedsPerson

# Seconds: of one network operation, and of a request as a whole: less than a worker waits, and than half a lease.
PATIENCE, LONGEST = 10.0, 12.0
API_MAJOR = stripe._api_version._ApiVersion.CURRENT_MAJOR  # told nowhere else

Object = dict[str, Any]


class Client:
    """One account of Stripe's. Every call is one request: the SDK's own retries are off, the worker has its own."""

    def __init__(self, settings: Settings) -> None:
        self._http = stripe.HTTPXClient(timeout=PATIENCE)
        base = {"api": settings.api_base} if settings.api_base else None
        self._sdk = stripe.StripeClient(
            settings.api_key,
            http_client=self._http,
            base_addresses=base,  # type: ignore[arg-type]  # a TypedDict of the SDK's private module
            max_network_retries=0,
        )

    async def read(self, operation: str, *path: str, **parameters: Any) -> Object:
        """`read("subscriptions.retrieve", "sub_9", expand=[…])`; raises NotSent, Rejected or NeedsPerson."""
        try:
            return await self._request(operation, path, parameters, {})
        except (stripe.StripeError, TimeoutError) as error:
            raise errors.after_reading(error) from error

    async def write(self, operation: str, path: Sequence[str], parameters: Mapping[str, Any], key: str) -> Object:
        """One change under an idempotency key; raises any GatewayError."""
        # Version 1 of the API takes no key with DELETE; ending a subscription twice ends it once.
        options = {} if operation == "subscriptions.cancel" else {"idempotency_key": key}
        try:
            return await self._request(operation, path, parameters, options)
        except (stripe.StripeError, TimeoutError) as error:
            raise errors.after_writing(error) from error

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]

    async def _request(
        self, operation: str, path: Sequence[str], parameters: Mapping[str, Any], options: Mapping[str, str]
    ) -> Object:
        service: Any = self._sdk.v1
        *names, method = operation.split(".")
        for name in names:
            service = getattr(service, name)
        async with asyncio.timeout(LONGEST):
            found = await getattr(service, f"{method}_async")(*path, dict(parameters), dict(options))
        return dict(found.to_dict(for_json=True))


_Reached = tuple[str, str | None]
_open: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[_Reached, Client]] = WeakKeyDictionary()


def shared(settings: Settings) -> Client:
    """The client of these settings in this loop: its connections outlive gateways, which are often opened afresh.

    Raises NeedsPerson("api_key_missing").
    """
    if not settings.api_key:
        raise NeedsPerson("api_key_missing")
    clients = _open.setdefault(asyncio.get_running_loop(), {})
    reached = (settings.api_key, settings.api_base)
    if reached not in clients:
        clients[reached] = Client(settings)
    return clients[reached]


async def close(settings: Settings) -> None:
    """Close the shared client of these settings, if there is one."""
    client = _open.get(asyncio.get_running_loop(), {}).pop((settings.api_key, settings.api_base), None)
    if client is not None:
        await client.close()
