"""Which connected billing systems can be read from, and how."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from msgspec import Struct

from aurevoir.access.facts import Mode
from aurevoir.billing.gateway import Connection
from aurevoir.billing.source import Source
from aurevoir.kit import sql


class Connected(Struct, frozen=True, kw_only=True):
    """The gateway of a workspace and mode, and since when it is connected."""

    id: UUID
    workspace_id: UUID
    mode: Mode
    gateway: str
    connected_at: datetime


def _stripe(connection: Connection) -> Source:
    # Its SDK is an extra, and takes half a second to import.
    from aurevoir.billing.adapters.stripe.source import StripeSource  # noqa: PLC0415

    return StripeSource(connection)


SOURCES: Mapping[str, Callable[[Connection], Source]] = MappingProxyType({"stripe": _stripe})


async def list_readable() -> list[Connected]:
    """Every connection whose records can be read."""
    return await sql.fetch_all(
        f"SELECT {_COLUMNS} FROM gateway_connection WHERE gateway IN ({sql.marks(len(SOURCES))}) ORDER BY id",
        *SOURCES,
        into=Connected,
    )


async def find_connected(workspace: UUID, mode: str) -> Connected | None:
    """The workspace's connection in this mode, whatever its gateway; None as long as it has the default."""
    return await sql.fetch_one(
        f"SELECT {_COLUMNS} FROM gateway_connection WHERE workspace_id = $1 AND mode = $2",
        workspace,
        mode,
        into=Connected,
    )


_COLUMNS = ", ".join(Connected.__struct_fields__)
