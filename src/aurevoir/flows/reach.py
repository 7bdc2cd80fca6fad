"""Which of the offers that are live a gateway cannot carry out."""

from uuid import UUID

from msgspec import Struct

from aurevoir.billing.gateway import Gateway
from aurevoir.flows import service as flows
from aurevoir.offers.terms import WITHOUT_BILLING, kind_of


class OutOfReach(Struct, frozen=True, kw_only=True):
    """An offer that is live and will not be shown, since its gateway has no means for it."""

    flow: str
    offer: str
    kind: str
    message: str


async def out_of_reach(workspace: UUID, gateway: Gateway) -> list[OutOfReach]:
    """The offers of every live flow that `gateway` cannot carry out."""
    found = []
    for row in await flows.list_flows(workspace):
        if row["live_version"] is None:
            continue
        live = await flows.live_version(workspace, row["key"], None)
        kinds = {key: kind_of(offer) for key, offer in live.flow.offers.items()}
        found += [
            OutOfReach(flow=row["key"], offer=key, kind=kind, message=_sentence(gateway.name, kind))
            for key, kind in kinds.items()
            if kind not in gateway.capabilities | WITHOUT_BILLING
        ]
    return found


def _sentence(gateway: str, kind: str) -> str:
    return f"The {gateway} gateway cannot carry out a {kind}: this offer will not be shown."
