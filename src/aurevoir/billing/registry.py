"""Which gateway serves which workspace and mode."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Protocol
from uuid import UUID

import msgspec

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing.adapters.manual import Manual
from aurevoir.billing.adapters.sandbox.gateway import Sandbox
from aurevoir.billing.adapters.stripe.gateway import Stripe
from aurevoir.billing.adapters.webhook import Webhook
from aurevoir.billing.gateway import Connection, Gateway, NeedsPerson
from aurevoir.billing.plan import ActionKind
from aurevoir.kit import crypto, ids, sql
from aurevoir.kit.cache import Cache


class Adapter(Protocol):
    """What makes gateways of one name, and says what they can carry out before there is one."""

    @property
    def capabilities(self) -> frozenset[ActionKind]:
        """As the gateway's own."""
        ...

    def __call__(self, connection: Connection, /) -> Gateway:
        """The gateway that this connection leads to."""
        ...


GATEWAYS: Mapping[str, Adapter] = MappingProxyType(
    {"manual": Manual, "sandbox": Sandbox, "webhook": Webhook, "stripe": Stripe}
)
DEFAULT = "manual"
# These need nothing to be reached, so an order can stay with them whatever is connected meanwhile.
_ALWAYS_THERE = frozenset({"manual", "sandbox"})

_settings = msgspec.json.Decoder(dict[str, str])
_connected: Cache[tuple[UUID, str], Gateway] = Cache(seconds=5)


async def connected(workspace: WorkspaceSettings, mode: str) -> Gateway:
    """The workspace's gateway in this mode, at most five seconds old; `manual` until another one is connected."""
    known = _connected.get((workspace.id, mode))
    if known is None:
        known = _connected.put((workspace.id, mode), _open(await connection(workspace, mode)))
    return known


async def named(workspace: WorkspaceSettings, mode: str, name: str) -> Gateway:
    """The gateway that an order stays with; raises NeedsPerson once another one is connected in its place."""
    present = await connected(workspace, mode)
    if present.name == name:
        return present
    if name in _ALWAYS_THERE:
        return _open(Connection(id=workspace.id, workspace=workspace.id, mode=mode, gateway=name))
    raise NeedsPerson("gateway_not_connected")


def by_hand(workspace: WorkspaceSettings, mode: str) -> Gateway:
    """The gateway behind which a person stands; it is there whatever is connected."""
    return _open(Connection(id=workspace.id, workspace=workspace.id, mode=mode, gateway=DEFAULT))


async def connection(workspace: WorkspaceSettings, mode: str) -> Connection:
    """How the workspace reaches its billing in this mode."""
    row = await sql.fetch_one(
        "SELECT id, gateway, settings FROM gateway_connection WHERE workspace_id = $1 AND mode = $2", workspace.id, mode
    )
    if row is None:
        return Connection(id=workspace.id, workspace=workspace.id, mode=mode, gateway=DEFAULT)
    sealed = row["settings"]
    settings = _settings.decode(crypto.unseal(workspace.data_key, bytes(sealed))) if sealed else {}
    return Connection(
        id=UUID(str(row["id"])), workspace=workspace.id, mode=mode, gateway=row["gateway"], settings=settings
    )


async def capabilities(workspace: UUID) -> dict[str, tuple[str, frozenset[ActionKind]]]:
    """By mode: the name of the workspace's gateway, and the kinds of action that it can carry out."""
    rows = await sql.fetch_all("SELECT mode, gateway FROM gateway_connection WHERE workspace_id = $1", workspace)
    names = {"live": DEFAULT, "test": DEFAULT} | {row["mode"]: row["gateway"] for row in rows}
    return {mode: (name, GATEWAYS[name].capabilities) for mode, name in names.items()}


async def connect(
    workspace: WorkspaceSettings, mode: str, gateway: str, now: datetime, settings: Mapping[str, str] | None = None
) -> None:
    """Use this gateway from now on; orders on their way stay with theirs. Inside a unit."""
    sealed = crypto.seal(workspace.data_key, msgspec.json.encode(dict(settings))) if settings else None
    await sql.execute(
        "INSERT INTO gateway_connection (id, workspace_id, mode, gateway, settings, connected_at) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, mode) "
        "DO UPDATE SET gateway = excluded.gateway, settings = excluded.settings, connected_at = excluded.connected_at",
        ids.new_id(),
        workspace.id,
        mode,
        gateway,
        sealed,
        now,
    )
    forget_cached()


def forget_cached() -> None:
    """Read afresh next time; called after a connection was changed in this process."""
    _connected.clear()


def _open(connection: Connection) -> Gateway:
    return GATEWAYS[connection.gateway](connection)
