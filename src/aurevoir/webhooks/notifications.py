"""Notification rules as rows, and the notifications that they ask for: at most one for each rule and event."""

import random
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from aurevoir.access.facts import Mode
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import letters
from aurevoir.events.service import Event
from aurevoir.kit import crypto, db, http, ids, mail, paging, signing, sql
from aurevoir.kit.errors import Invalid, NotFound, Problem
from aurevoir.webhooks import decisions, endpoints, rules, schedule
from aurevoir.webhooks.rules import MailTarget, Target, WebhookTarget, When

LEASE = timedelta(seconds=60)
AT_ONCE = 4
State = Literal["waiting", "sent", "failed"]


class Rule(Struct, frozen=True, kw_only=True):
    """A rule as it is stored; the target is sealed, because addresses are people's."""

    id: UUID
    workspace_id: UUID
    mode: Mode
    name: str
    rule: str
    target: bytes
    created_at: datetime
    paused_at: datetime | None

    @property
    def when(self) -> When:
        """Its conditions."""
        return _when.decode(self.rule)


class Destination(Struct, frozen=True):
    """Where to, and for a webhook the secret that signs."""

    target: Target
    secret: str | None = None


class Notification(Struct, frozen=True, kw_only=True):
    """Something that a rule's people are to be told, or were."""

    id: UUID
    rule_id: UUID
    event_id: UUID
    session_id: UUID
    state: State
    attempts: int
    problem: str | None
    not_before: datetime
    created_at: datetime
    settled_at: datetime | None


_RULE = ", ".join(Rule.__struct_fields__)
_COLUMNS = ", ".join(Notification.__struct_fields__)
_when = msgspec.json.Decoder(When)
_destination = msgspec.json.Decoder(Destination)


async def create(
    workspace: WorkspaceSettings, name: str, when: When, target: Target, now: datetime, mode: Mode = "live"
) -> tuple[UUID, str | None]:
    """A new rule, and for a webhook its secret, to be shown once. Inside a unit; raises Invalid or TooMany."""
    if problems := [*rules.problems_in(when, target), *_problems_of_addresses(target)]:
        raise Invalid(problems=problems)
    rule, secret = ids.new_id(), signing.new_secret() if isinstance(target, WebhookTarget) else None
    await endpoints.refuse_too_many("notification_rule", workspace.id)
    await sql.insert(
        "notification_rule",
        id=rule,
        workspace_id=workspace.id,
        mode=mode,
        name=name,
        rule=msgspec.json.encode(when).decode(),
        target=crypto.seal(workspace.data_key, msgspec.json.encode(Destination(target, secret))),
        created_at=now,
    )
    return rule, secret


def _problems_of_addresses(target: Target) -> list[Problem]:
    if not isinstance(target, MailTarget):
        sentence = http.problem_with(target.url)
        return [Problem("$.target.url", sentence)] if sentence else []
    return [
        Problem(f"$.target.to[{index}]", "Nothing that mail can be sent to.")
        for index, one in enumerate(target.to)
        if not mail.is_address(one)
    ]


def destination(workspace: WorkspaceSettings, rule: Rule) -> Destination:
    """Where the rule's people are told."""
    return _destination.decode(crypto.unseal(workspace.data_key, rule.target))


async def list_rules(workspace: UUID, before: UUID | None, limit: int) -> list[Rule]:
    """The newest first, `limit` of them, older than `before`."""
    return await sql.fetch_all(
        f"SELECT {_RULE} FROM notification_rule WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        workspace,
        before or paging.BEYOND,
        limit,
        into=Rule,
    )


async def get(workspace: UUID, rule: UUID) -> Rule:
    """Raises NotFound."""
    found = await find(rule)
    if found is None or found.workspace_id != workspace:
        raise NotFound
    return found


async def find(rule: UUID) -> Rule | None:
    """The rule, whosever it is."""
    return await sql.fetch_one(f"SELECT {_RULE} FROM notification_rule WHERE id = $1", rule, into=Rule)


async def pause(workspace: UUID, rule: UUID, now: datetime, *, paused: bool) -> None:
    """Tell nobody until it is resumed; what happens meanwhile is not told later. Inside a unit; raises NotFound."""
    changed = await sql.execute(
        "UPDATE notification_rule SET paused_at = $1 WHERE id = $2 AND workspace_id = $3",
        now if paused else None,
        rule,
        workspace,
    )
    if not changed:
        raise NotFound


async def delete(workspace: UUID, rule: UUID) -> None:
    """The rule and its notifications. Inside a unit; raises NotFound."""
    if not await sql.execute("DELETE FROM notification_rule WHERE id = $1 AND workspace_id = $2", rule, workspace):
        raise NotFound


async def fan_out(batch: Sequence[Event], now: datetime) -> None:
    """Write a notification for every rule that a decision of these matches; told twice, it changes nothing."""
    telling = [event for event in batch if event.kind in decisions.TELLING]
    if not telling:
        return
    workspaces = {event.workspace_id for event in telling}
    known = await sql.fetch_all(
        f"SELECT {_RULE} FROM notification_rule WHERE paused_at IS NULL "
        f"AND workspace_id IN ({sql.marks(len(workspaces))})",
        *workspaces,
        into=Rule,
    )
    asked = {(rule.workspace_id, rule.mode) for rule in known}
    found = await decisions.find([event for event in telling if (event.workspace_id, event.mode) in asked])
    matching = [
        (ids.new_id(), rule.workspace_id, rule.id, decision.event, decision.session, now)
        for decision in found
        for rule in known
        if (rule.workspace_id, rule.mode) == (decision.workspace, decision.mode)
        and rules.matches(rule.when, decision.decided)
    ]
    if matching:
        await db.transaction(lambda: sql.execute_many(_NOTIFICATION, matching))


_NOTIFICATION = """
INSERT INTO notification (id, workspace_id, rule_id, event_id, session_id, state, attempts, not_before, created_at)
VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $6) ON CONFLICT (rule_id, event_id) DO NOTHING
"""


async def due_rules(now: datetime) -> list[UUID]:
    """The rules for which something is due."""
    rows = await sql.fetch_all(
        "SELECT id FROM notification_rule WHERE EXISTS (SELECT 1 FROM notification "
        "WHERE rule_id = notification_rule.id AND state = 'waiting' AND not_before <= $1)",
        now,
    )
    return [UUID(str(row["id"])) for row in rows]


async def claim(rule: UUID, now: datetime) -> list[Notification]:
    """The next few that are due, ours until the lease ends. Inside a unit."""
    due = (
        "SELECT id FROM notification WHERE rule_id = $1 AND state = 'waiting' AND not_before <= $2 "
        f"ORDER BY not_before, id LIMIT {AT_ONCE} {db.skip_locked()}"
    )
    return await sql.fetch_all(
        f"UPDATE notification SET attempts = attempts + 1, not_before = $3 WHERE id IN ({due}) RETURNING {_COLUMNS}",
        rule,
        now,
        now + LEASE,
        into=Notification,
    )


async def settle(claimed: Notification, problem: str | None, now: datetime, *, for_good: bool = False) -> bool:
    """Note what became of it; False: the lease was lost meanwhile. Inside a unit."""
    # A spread between receivers, not a secret.
    again = schedule.retry_at(claimed.attempts, now, chance=random.random(), delays=schedule.BRIEF)  # noqa: S311
    state: State = "sent" if problem is None else "failed" if for_good or again is None else "waiting"
    changed = await sql.execute(
        "UPDATE notification SET state = $1, problem = $2, not_before = $3, settled_at = $4 "
        "WHERE id = $5 AND state = 'waiting' AND not_before = $6",
        state,
        problem,
        again if state == "waiting" else now,
        None if state == "waiting" else now,
        claimed.id,
        claimed.not_before,
    )
    return changed > 0


async def tell_anew(sessions: Collection[UUID], now: datetime) -> None:
    """What was written about these sessions and has not left yet quotes what was taken back: it is written again.

    Inside a unit.
    """
    if not sessions:
        return
    told = await sql.fetch_all(
        "SELECT id, workspace_id FROM notification "
        f"WHERE state = 'sent' AND session_id IN ({sql.marks(len(sessions))})",
        *sessions,
        into=_Told,
    )
    for one in told:
        if await letters.recall(one.workspace_id, letter_key(one.id)):
            await sql.execute(
                "UPDATE notification SET state = 'waiting', attempts = 0, not_before = $1, settled_at = NULL "
                "WHERE id = $2",
                now,
                one.id,
            )


class _Told(Struct, frozen=True):
    id: UUID
    workspace_id: UUID


def letter_key(notification: UUID) -> str:
    """What the keys of its letters begin with."""
    return f"notification:{notification.hex}:"


async def list_notifications(workspace: UUID, rule: UUID, before: UUID | None, limit: int) -> list[Notification]:
    """The newest first, `limit` of them, older than `before`."""
    return await sql.fetch_all(
        f"SELECT {_COLUMNS} FROM notification WHERE workspace_id = $1 AND rule_id = $2 AND id < $3 "
        "ORDER BY id DESC LIMIT $4",
        workspace,
        rule,
        before or paging.BEYOND,
        limit,
        into=Notification,
    )
