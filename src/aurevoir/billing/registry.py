"""Which gateway serves which workspace and mode."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from aurevoir.billing.adapters.manual import Manual
from aurevoir.billing.adapters.sandbox import Sandbox
from aurevoir.billing.gateway import Gateway
from aurevoir.kit import ids, sql

sandbox = Sandbox()
GATEWAYS: Mapping[str, Gateway] = MappingProxyType({"manual": Manual(), "sandbox": sandbox})
DEFAULT = "manual"


async def connected(workspace: UUID, mode: str) -> str:
    """The name of the workspace's gateway in this mode; `manual` until another one is connected."""
    row = await sql.fetch_one(
        "SELECT gateway FROM gateway_connection WHERE workspace_id = $1 AND mode = $2", workspace, mode
    )
    return row["gateway"] if row else DEFAULT


async def connect(workspace: UUID, mode: str, gateway: str, now: datetime) -> None:
    """Use this gateway from now on; orders on their way stay with theirs. Inside a unit."""
    await sql.execute(
        "INSERT INTO gateway_connection (id, workspace_id, mode, gateway, connected_at) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (workspace_id, mode) "
        "DO UPDATE SET gateway = excluded.gateway, connected_at = excluded.connected_at",
        ids.new_id(),
        workspace,
        mode,
        gateway,
        now,
    )
