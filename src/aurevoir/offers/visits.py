"""What a visit led to: the offers that were considered in it, and what was ordered for its subscription."""

from uuid import UUID

from msgspec import Struct

from aurevoir.kit import sql
from aurevoir.offers.redemption import RedemptionState


class Considered(Struct, frozen=True, kw_only=True):
    """An offer of the reason that was given; `why_not` is None for the one that was shown."""

    offer: str
    kind: str
    rank: int
    why_not: str | None


class Ordered(Struct, frozen=True, kw_only=True):
    """A redemption, and how far it is."""

    id: UUID
    kind: str
    offer: str | None
    state: RedemptionState
    gateway: str
    attempts: int
    attention: str | None


async def list_considered(session: UUID) -> list[Considered]:
    """The offers that were weighed, in the order of the reason."""
    return await sql.fetch_all(
        "SELECT offer, kind, rank, why_not FROM presentation WHERE session_id = $1 ORDER BY at, rank",
        session,
        into=Considered,
    )


async def list_ordered(workspace: UUID, mode: str, subscription: str) -> list[Ordered]:
    """The redemptions of a subscription (its pseudonym), in the order in which they were agreed."""
    return await sql.fetch_all(
        "SELECT id, kind, offer, state, gateway, attempts, attention FROM redemption "
        "WHERE workspace_id = $1 AND mode = $2 AND subscription = $3 ORDER BY id",
        workspace,
        mode,
        subscription,
        into=Ordered,
    )
