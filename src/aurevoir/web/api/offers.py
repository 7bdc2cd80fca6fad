"""Offers as they are live: where each stands, which reasons lead to it, on what terms."""

from typing import Any

import msgspec
from litestar import Request, Router, get
from msgspec import Struct

from aurevoir.flows import service as flows
from aurevoir.flows.service import Version
from aurevoir.offers.terms import kind_of
from aurevoir.web.auth import authenticate

AnyRequest = Request[Any, Any, Any]


class LiveOffer(Struct, frozen=True, kw_only=True):
    """One offer of one live flow; `terms` are as its template states them."""

    key: str
    kind: str
    flow: str
    version: int
    # The codes of the reasons that may lead to it.
    reasons: list[str]
    terms: dict[str, Any]


class LiveOffers(Struct, frozen=True):
    """All of them: there is no further page."""

    data: list[LiveOffer]
    next: None = None


@get("/")
async def list_offers(request: AnyRequest) -> LiveOffers:
    """What may be offered at present, by flow and in the order of its template."""
    caller = await authenticate(request, "flows")
    return LiveOffers([offer for version in await flows.list_live(caller.workspace) for offer in _offers(version)])


def _offers(version: Version) -> list[LiveOffer]:
    return [
        LiveOffer(
            key=key,
            kind=kind_of(offer),
            flow=version.flow.key,
            version=version.number,
            reasons=[option.code for option in version.reason_step.options if key in option.offers],
            terms=_stated(msgspec.to_builtins(offer)),
        )
        for key, offer in version.flow.offers.items()
    ]


def _stated(part: Any) -> Any:
    """Without what the template leaves open."""
    if isinstance(part, dict):
        return {name: _stated(value) for name, value in part.items() if value not in (None, ())}
    return [_stated(value) for value in part] if isinstance(part, tuple) else part


router = Router("/offers", route_handlers=[list_offers], tags=["offers"])
