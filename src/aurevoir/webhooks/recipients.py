"""To whom facts about a customer's visits were told, when, and by which way."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import Struct

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events.service import Event
from aurevoir.kit import ids, sql
from aurevoir.webhooks import notifications
from aurevoir.webhooks.rules import MailTarget, SlackTarget, Target

Way = Literal["webhook", "mail", "slack"]


class Recipient(Struct, frozen=True, kw_only=True):
    """Somebody who was told, or is to be: `host` is where; a mail goes to people who work for the product.

    `told` is a kind of event or, by a notification rule, a decision.
    """

    session: str
    told: str
    by: Way
    host: str | None
    # Whether what the customer wrote went along.
    with_comments: bool
    state: str
    attempts: int
    since: datetime
    settled_at: datetime | None


class _Delivered(Struct, frozen=True, kw_only=True):
    event_id: UUID
    event_kind: str
    url: str
    include_comments: bool
    state: str
    attempts: int
    created_at: datetime
    settled_at: datetime | None


class _Notified(Struct, frozen=True, kw_only=True):
    rule_id: UUID
    session_id: UUID
    state: str
    attempts: int
    created_at: datetime
    settled_at: datetime | None


async def tell(workspace: WorkspaceSettings, happened: Sequence[Event]) -> list[Recipient]:
    """Everybody who heard of these facts, in order of time; what was settled 30 days ago is forgotten here."""
    sessions = {event.id: event.session_id for event in happened if event.session_id}
    if not sessions:
        return []
    delivered = await sql.fetch_all(
        "SELECT d.event_id, d.event_kind, w.url, w.include_comments, d.state, d.attempts, d.created_at, d.settled_at "
        "FROM webhook_endpoint w JOIN webhook_delivery d ON d.endpoint_id = w.id "
        f"WHERE w.workspace_id = $1 AND d.event_id IN ({sql.marks(len(sessions), first=2)})",
        workspace.id,
        *sessions,
        into=_Delivered,
    )
    visits = set(sessions.values())
    notified = await sql.fetch_all(
        "SELECT rule_id, session_id, state, attempts, created_at, settled_at FROM notification "
        f"WHERE workspace_id = $1 AND session_id IN ({sql.marks(len(visits), first=2)})",
        workspace.id,
        *visits,
        into=_Notified,
    )
    told = [_delivery(one, sessions[one.event_id]) for one in delivered]
    told += [await _notification(workspace, one) for one in notified]
    return sorted(told, key=lambda one: (one.since, one.told, one.host or ""))


def _delivery(one: _Delivered, session: UUID) -> Recipient:
    return Recipient(
        session=ids.shown("ses", session),
        told=one.event_kind,
        by="webhook",
        host=urlsplit(one.url).hostname,
        with_comments=one.include_comments,
        state=one.state,
        attempts=one.attempts,
        since=one.created_at,
        settled_at=one.settled_at,
    )


async def _notification(workspace: WorkspaceSettings, one: _Notified) -> Recipient:
    rule = await notifications.find(one.rule_id)
    assert rule is not None, "a notification goes with its rule"
    by, host = _way(notifications.destination(workspace, rule).target)
    return Recipient(
        session=ids.shown("ses", one.session_id),
        told="decision",
        by=by,
        host=host,
        with_comments=True,
        state=one.state,
        attempts=one.attempts,
        since=one.created_at,
        settled_at=one.settled_at,
    )


def _way(target: Target) -> tuple[Way, str | None]:
    if isinstance(target, MailTarget):
        return "mail", None
    return "slack" if isinstance(target, SlackTarget) else "webhook", urlsplit(target.url).hostname
