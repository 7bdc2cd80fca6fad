"""Answers already given to unsafe calls: the same `Idempotency-Key` gets the same answer for two days."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from aurevoir.kit import crypto, db, ids, sql

KEPT = timedelta(days=2)


class Given(Struct, frozen=True):
    """An answer as it was given; `response` is sealed, since it may hold a token."""

    body_hash: str
    status: int
    response: bytes


async def find(workspace: UUID, key: str) -> Given | None:
    """What was answered under this key."""
    return await sql.fetch_one(
        "SELECT body_hash, status, response FROM idempotency_key WHERE workspace_id = $1 AND key_hash = $2",
        workspace,
        crypto.sha256(key),
        into=Given,
    )


async def keep(workspace: UUID, key: str, given: Given, now: datetime) -> None:
    """Remember an answer; of two at once the first one counts. Inside a unit."""
    await sql.execute(
        "INSERT INTO idempotency_key (id, workspace_id, key_hash, body_hash, status, response, stored_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace_id, key_hash) DO NOTHING",
        ids.new_id(),
        workspace,
        crypto.sha256(key),
        given.body_hash,
        given.status,
        given.response,
        now,
    )


async def forget_old(now: datetime) -> int:
    """Let go of what is older than two days; how many there were."""
    return await db.transaction(lambda: sql.execute("DELETE FROM idempotency_key WHERE stored_at < $1", now - KEPT))
