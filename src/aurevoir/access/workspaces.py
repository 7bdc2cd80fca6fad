"""Workspaces: made once, read on every start of a session and so kept in memory for a moment."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from aurevoir.access import themes
from aurevoir.access.themes import Theme
from aurevoir.kit import crypto, ids, sql
from aurevoir.kit.cache import Cache
from aurevoir.kit.crypto import Keyring
from aurevoir.kit.errors import Invalid, NotFound, Problem


class WorkspaceSettings(Struct, frozen=True, kw_only=True):
    """A workspace as the rest of the house uses it; `data_key` is unwrapped."""

    id: UUID
    key: str
    name: str
    zone: str
    currency: str
    locale: str
    default_flow: str | None
    default_country: str | None
    default_consumer: bool | None
    allowed_origins: tuple[str, ...]
    data_after_exit: dict[str, str]
    data_key: bytes
    synthetic: bool
    # Where customers reach a person.
    contact_email: str | None = None
    theme: Theme | None = None

    @property
    def style_sheet(self) -> str | None:
        """Where the hosted pages find the workspace's own colours."""
        return f"/exit/{self.key}/theme.css" if self.theme else None

    def local(self, moment: datetime) -> datetime:
        """`moment` in the workspace's zone."""
        return moment.astimezone(ZoneInfo(self.zone))


_by_id: Cache[UUID, WorkspaceSettings] = Cache(seconds=5)
_origins: Cache[str, bool] = Cache(seconds=5)


async def create(keyring: Keyring, key: str, name: str, now: datetime, **options: Any) -> UUID:
    """A new workspace with a data key of its own; `options` are columns of `workspace`. Inside a unit.

    Raises Invalid for a key that is an address of the hosted pages, beside which its forms would have none.
    """
    if key in _ADDRESSES:
        raise Invalid(problems=[Problem("$.key", f"may not be one of {', '.join(sorted(_ADDRESSES))}")])
    workspace = ids.new_id()
    wrapped = keyring.wrap("data key", crypto.new_key())
    await sql.insert(
        "workspace", id=workspace, key=key, name=name, data_key=wrapped, created_at=now, **(_DEFAULTS | options)
    )
    return workspace


# What follows /exit/ in addresses of every workspace.
_ADDRESSES = frozenset({"de", "declarations", "eu-withdrawal", "fr", "receipts", "start", "v"})
_DEFAULTS = {
    "zone": "UTC",
    "currency": "EUR",
    "locale": "en",
    "allowed_origins": [],
    "data_after_exit": {},
    "synthetic": False,
}


async def get(keyring: Keyring, workspace: UUID) -> WorkspaceSettings:
    """The workspace; at most five seconds old. Raises NotFound."""
    known = _by_id.get(workspace)
    return known or _by_id.put(workspace, await read(keyring, workspace))


async def read(keyring: Keyring, workspace: UUID) -> WorkspaceSettings:
    """The workspace as it is at this moment. Raises NotFound."""
    row = await sql.fetch_one("SELECT * FROM workspace WHERE id = $1", workspace)
    if row is None:
        raise NotFound
    return _settings(keyring, row)


async def find_by_key(keyring: Keyring, key: str | None) -> WorkspaceSettings | None:
    """The workspace called `key` or, without one, the only workspace there is."""
    if key is None:
        rows = await sql.fetch_all("SELECT id FROM workspace ORDER BY created_at LIMIT 2")
    else:
        rows = await sql.fetch_all("SELECT id FROM workspace WHERE key = $1", key)
    return await get(keyring, UUID(str(rows[0]["id"]))) if len(rows) == 1 else None


async def is_known_origin(origin: str) -> bool:
    """Whether any workspace lists `origin`: what a preflight may be answered with."""
    known = _origins.get(origin)
    if known is None:
        rows = await sql.fetch_all("SELECT allowed_origins FROM workspace")
        listed = any(origin in msgspec.json.decode(row["allowed_origins"], type=list[str]) for row in rows)
        known = _origins.put(origin, listed)
    return known


def forget_cached() -> None:
    """Read afresh next time; called after a workspace was changed in this process."""
    _by_id.clear()
    _origins.clear()


def _settings(keyring: Keyring, row: dict[str, Any]) -> WorkspaceSettings:
    decoded = {
        "allowed_origins": msgspec.json.decode(row["allowed_origins"]),
        "data_after_exit": msgspec.json.decode(row["data_after_exit"]),
        "theme": themes.read(row["theme"]),
        "data_key": keyring.unwrap("data key", bytes(row["data_key"])),
    }
    return msgspec.convert(row | decoded, WorkspaceSettings, strict=False)
