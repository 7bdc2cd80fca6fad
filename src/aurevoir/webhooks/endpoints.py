"""Endpoints: addresses of the operator's that hear of events, and the secrets that sign what they get."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

import msgspec
from msgspec import Struct

from aurevoir.access.facts import Mode
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.kit import crypto, http, ids, paging, signing, sql
from aurevoir.kit.errors import Conflict, Invalid, NotFound, Problem
from aurevoir.webhooks import choice

MOST = 20
OVERLAP = timedelta(hours=24)


class TooMany(Conflict):
    """The workspace has as many as it may have."""

    code: ClassVar[str] = "too_many"
    message = f"A workspace has at most {MOST} of these. Delete one that is no longer needed."


class Endpoint(Struct, frozen=True, kw_only=True):
    """An endpoint as the operator sees it; its secret is shown once, when it is made."""

    id: UUID
    workspace_id: UUID
    mode: Mode
    url: str
    events: tuple[str, ...]
    include_comments: bool
    older_until: datetime | None
    created_at: datetime
    disabled_at: datetime | None
    disabled_because: str | None


_COLUMNS = ", ".join(Endpoint.__struct_fields__)
_secrets = msgspec.json.Decoder(list[str])


async def create(
    workspace: WorkspaceSettings,
    url: str,
    events: Sequence[str],
    now: datetime,
    *,
    mode: Mode = "live",
    include_comments: bool = False,
) -> tuple[UUID, str]:
    """A new endpoint and its secret, which nobody can read again. Inside a unit; raises Invalid or TooMany."""
    check(url=url, events=events)
    endpoint, secret = ids.new_id(), signing.new_secret()
    await refuse_too_many("webhook_endpoint", workspace.id)
    await sql.insert(
        "webhook_endpoint",
        id=endpoint,
        workspace_id=workspace.id,
        mode=mode,
        url=url,
        events=list(events),
        secrets=_sealed(workspace, [secret]),
        include_comments=include_comments,
        created_at=now,
    )
    return endpoint, secret


def check(*, url: str | None = None, events: Sequence[str] = ()) -> None:
    """Raises Invalid for an address that we would never send to, and for events that there are not."""
    sentence = http.problem_with(url) if url is not None else None
    problems = [*([Problem("$.url", sentence)] if sentence else []), *choice.problems_in(events)]
    if problems:
        raise Invalid(problems=problems)


async def refuse_too_many(table: str, workspace: UUID) -> None:
    """A generous bound, so not a race's business: each of them costs something with every event."""
    row = await sql.fetch_one(f"SELECT count(*) AS rows FROM {table} WHERE workspace_id = $1", workspace)
    if row and int(row["rows"]) >= MOST:
        raise TooMany


async def get(workspace: UUID, endpoint: UUID) -> Endpoint:
    """Raises NotFound."""
    found = await sql.fetch_one(
        f"SELECT {_COLUMNS} FROM webhook_endpoint WHERE workspace_id = $1 AND id = $2",
        workspace,
        endpoint,
        into=Endpoint,
    )
    if found is None:
        raise NotFound
    return found


async def list_endpoints(workspace: UUID, before: UUID | None, limit: int) -> list[Endpoint]:
    """The newest first, `limit` of them, older than `before`."""
    return await sql.fetch_all(
        f"SELECT {_COLUMNS} FROM webhook_endpoint WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        workspace,
        before or paging.BEYOND,
        limit,
        into=Endpoint,
    )


async def find_secrets(workspace: WorkspaceSettings, endpoint: UUID, now: datetime) -> list[str]:
    """The secrets that sign at this moment, the newest first."""
    row = await sql.fetch_one(
        "SELECT secrets, older_until FROM webhook_endpoint WHERE workspace_id = $1 AND id = $2",
        workspace.id,
        endpoint,
        into=_Secrets,
    )
    if row is None:
        return []
    known = _secrets.decode(crypto.unseal(workspace.data_key, row.secrets))
    return known if row.older_until is not None and now < row.older_until else known[:1]


class _Secrets(Struct, frozen=True):
    secrets: bytes
    older_until: datetime | None


async def rotate(
    workspace: WorkspaceSettings, endpoint: UUID, now: datetime, overlap: timedelta = OVERLAP
) -> tuple[str, datetime]:
    """A new secret; the one before signs along until the moment returned. Inside a unit; raises NotFound."""
    before = await find_secrets(workspace, endpoint, now)
    secret, until = signing.new_secret(), now + overlap
    changed = await sql.execute(
        "UPDATE webhook_endpoint SET secrets = $1, older_until = $2 WHERE id = $3 AND workspace_id = $4",
        _sealed(workspace, [secret, *before[:1]]),
        until,
        endpoint,
        workspace.id,
    )
    if not changed:
        raise NotFound
    return secret, until


async def change(
    workspace: UUID,
    endpoint: UUID,
    now: datetime,
    *,
    enabled: bool | None = None,
    events: Sequence[str] | None = None,
    include_comments: bool | None = None,
) -> None:
    """Set what is not None; what waits while it is disabled goes on once it is enabled. Inside a unit."""
    check(events=events or ())
    before = await get(workspace, endpoint)
    disabled_at, because = before.disabled_at, before.disabled_because
    if enabled is not None:
        disabled_at, because = (None, None) if enabled else (disabled_at or now, because or "operator")
    await sql.execute(
        "UPDATE webhook_endpoint SET events = $1, include_comments = $2, disabled_at = $3, disabled_because = $4 "
        "WHERE id = $5",
        list(events or before.events),
        before.include_comments if include_comments is None else include_comments,
        disabled_at,
        because,
        endpoint,
    )


async def delete(workspace: UUID, endpoint: UUID) -> None:
    """The endpoint and its deliveries. Inside a unit; raises NotFound."""
    if not await sql.execute("DELETE FROM webhook_endpoint WHERE id = $1 AND workspace_id = $2", endpoint, workspace):
        raise NotFound


def _sealed(workspace: WorkspaceSettings, secrets: list[str]) -> bytes:
    return crypto.seal(workspace.data_key, msgspec.json.encode(secrets))
