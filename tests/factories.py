"""Rows with defaults, written as the services would write them: for tests that need many, or particular ones."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from aurevoir.kit import db, ids, sql

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
REASONS = ("price", "missing", "unused", "bugs", "temporary", "support", "other")
_EPISODE = timedelta(days=30)
_FACTS = {"subscription": {"id": "-", "plan": "pro", "interval": "month"}, "country": "FR"}


async def make_workspace(key: str = "acme", **columns: Any) -> UUID:
    """A workspace in Paris that counts in euros."""
    workspace = ids.new_id()
    defaults = {
        "id": workspace,
        "key": key,
        "name": key.title(),
        "zone": "Europe/Paris",
        "currency": "EUR",
        "locale": "en",
        "allowed_origins": [],
        "data_after_exit": {},
        "data_key": b"",
        "synthetic": False,
        "created_at": NOON,
    }
    await _insert("workspace", defaults | columns)
    return workspace


async def make_session(
    workspace: UUID, at: datetime = NOON, *, customer: str = "dana", moves: int = 1, **columns: Any
) -> UUID:
    """A visit that began at `at`, in the customer's running episode or a new one (never in test mode)."""
    session, on = ids.new_id(), await _local_day(workspace, at)
    live = columns.get("mode", "live") == "live"
    defaults = {
        "id": session,
        "workspace_id": workspace,
        "mode": "live",
        "channel": "in_app",
        "flow": "saas_classic",
        "version_id": ids.new_id(),
        "customer": customer,
        "subscription": f"sub_{customer}",
        "open_key": None,
        "episode_id": await _episode(workspace, f"sub_{customer}", at) if live else None,
        "state": "open",
        "step": "reason",
        "visit": "{}",
        "facts": _FACTS,
        "pack": "strict",
        "pack_reason": "default",
        "locale": "fr",
        "seed": 1,
        "revision": moves,
        "mrr": 2900,
        "currency": "EUR",
        "moves": moves,
        "declarations": 0,
        "started_at": at,
        "started_on": on,
        "moved_at": at,
        "expires_at": at + timedelta(days=1),
    }
    await _insert("session", defaults | columns)
    return session


async def make_answer(session: UUID, step: str, kind: str, at: datetime | None = None, **columns: Any) -> None:
    """What was given to a step."""
    [row] = await sql.fetch_all("SELECT workspace_id, started_at FROM session WHERE id = $1", session)
    defaults = {
        "id": ids.new_id(),
        "workspace_id": row["workspace_id"],
        "session_id": session,
        "step": step,
        "kind": kind,
        "is_reason": False,
        "is_answered": True,
        "text": None,
        "value": None,
        "locale": "fr",
        "answered_at": at or _moment(row["started_at"]),
    }
    await _insert("answer", defaults | columns)


async def make_reason_answer(
    session: UUID, *chosen: str, shown: Sequence[str] = REASONS, at: datetime | None = None, **columns: Any
) -> None:
    """The reason step: the reasons `chosen`, the primary one first, out of those `shown`; none: it was skipped."""
    answered = {"is_reason": True, "is_answered": bool(chosen)}
    await make_answer(session, "reason", "choice", at, **answered, **columns)
    rank = {code: place for place, code in enumerate(chosen, start=1)}
    rows = [
        {
            "id": ids.new_id(),
            "session_id": session,
            "step": "reason",
            "code": code,
            "category": None,
            "position": position,
            "rank": rank.get(code),
        }
        for position, code in enumerate(shown, start=1)
    ]
    await db.transaction(lambda: sql.insert_many("answer_choice", rows))


async def make_declaration(session: UUID, at: datetime = NOON, undone_at: datetime | None = None) -> None:
    """A declared cancellation, taken back at `undone_at`."""
    [row] = await sql.fetch_all("SELECT workspace_id, declarations FROM session WHERE id = $1", session)
    number = row["declarations"] + 1
    columns = {"id": ids.new_id(), "workspace_id": row["workspace_id"], "session_id": session, "number": number}
    await _insert("declaration", columns | {"declared_at": at, "effective_on": None, "undone_at": undone_at})
    await db.transaction(lambda: sql.execute("UPDATE session SET declarations = $1 WHERE id = $2", number, session))


async def _episode(workspace: UUID, subscription: str, at: datetime) -> UUID:
    rows = await sql.fetch_all(
        "SELECT id, number, started_at FROM episode WHERE workspace_id = $1 AND subscription = $2 ORDER BY number",
        workspace,
        subscription,
    )
    for row in rows:
        if timedelta(0) <= at - _moment(row["started_at"]) < _EPISODE:
            return UUID(str(row["id"]))
    episode = ids.new_id()
    columns = {"id": episode, "workspace_id": workspace, "subscription": subscription, "number": len(rows) + 1}
    await _insert("episode", columns | {"started_at": at, "started_on": await _local_day(workspace, at)})
    return episode


async def _local_day(workspace: UUID, at: datetime) -> date:
    [row] = await sql.fetch_all("SELECT zone FROM workspace WHERE id = $1", workspace)
    return at.astimezone(ZoneInfo(row["zone"])).date()


def _moment(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


async def _insert(table: str, columns: dict[str, Any]) -> None:
    await db.transaction(lambda: sql.insert(table, **columns))
