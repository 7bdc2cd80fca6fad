"""A redemption as the operator's other systems are told of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from aurevoir.kit import ids, sql
from aurevoir.offers.redemption import RedemptionState


class RedemptionTold(Struct, frozen=True, kw_only=True):
    """What was agreed and how far it is; `terms` are those that the customer accepted, null for a cancellation."""

    id: str
    kind: str
    state: RedemptionState
    gateway: str
    offer: str | None
    terms: dict[str, Any] | None
    attention: str | None
    changed_at: datetime


class _Row(Struct, frozen=True, kw_only=True):
    id: UUID
    kind: str
    state: RedemptionState
    gateway: str
    offer: str | None
    terms: str | None
    attention: str | None
    changed_at: datetime


_COLUMNS = ", ".join(_Row.__struct_fields__)
_terms = msgspec.json.Decoder(dict[str, Any])


async def find(workspace: UUID, redemption: UUID) -> RedemptionTold | None:
    """One redemption of this workspace."""
    row = await sql.fetch_one(
        f"SELECT {_COLUMNS} FROM redemption WHERE workspace_id = $1 AND id = $2", workspace, redemption, into=_Row
    )
    return _told(row) if row else None


async def find_state(idempotency_key: str) -> RedemptionState | None:
    """How far the redemption of this key is, if there is one."""
    row = await sql.fetch_one("SELECT state FROM redemption WHERE idempotency_key = $1", idempotency_key, into=_State)
    return row.state if row else None


class _State(Struct, frozen=True):
    state: RedemptionState


async def find_latest(workspace: UUID, session: UUID) -> RedemptionTold | None:
    """The latest one of a session."""
    row = await sql.fetch_one(
        f"SELECT {_COLUMNS} FROM redemption WHERE workspace_id = $1 AND session_id = $2 ORDER BY id DESC LIMIT 1",
        workspace,
        session,
        into=_Row,
    )
    return _told(row) if row else None


async def list_of_session(workspace: UUID, session: UUID) -> list[RedemptionTold]:
    """All of a session, in the order in which they were agreed."""
    rows = await sql.fetch_all(
        f"SELECT {_COLUMNS} FROM redemption WHERE workspace_id = $1 AND session_id = $2 ORDER BY id",
        workspace,
        session,
        into=_Row,
    )
    return [_told(row) for row in rows]


def _told(row: _Row) -> RedemptionTold:
    values = {name: getattr(row, name) for name in row.__struct_fields__}
    terms = _terms.decode(row.terms) if row.terms else None
    return RedemptionTold(**(values | {"id": ids.shown("rdm", row.id), "terms": terms}))
