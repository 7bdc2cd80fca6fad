"""Telling a rule's people, each rule in a lane of its own."""

from uuid import UUID

import msgspec
import structlog

from aurevoir.access import workspaces
from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import letters
from aurevoir.events import service as events
from aurevoir.events.service import Event
from aurevoir.kit import db, ids, mail
from aurevoir.webhooks import attempts, notifications, payload, telling
from aurevoir.webhooks.lanes import Clock, Lanes
from aurevoir.webhooks.notifications import Notification, Rule
from aurevoir.webhooks.payload import Data, Envelope
from aurevoir.webhooks.rules import MailTarget, SlackTarget, WebhookTarget

log = structlog.get_logger()


def lanes(installation: Installation) -> Lanes:
    """One lane for each rule."""
    return Lanes(notifications.due_rules, lambda rule, now: send_due(installation, rule, now))


async def send_due(installation: Installation, rule: UUID, now: Clock) -> int:
    """Everything that is due for this rule; how many attempts were made."""
    made = 0
    while claimed := await db.transaction(lambda: notifications.claim(rule, now())):
        known = await notifications.find(rule)
        if known is None:
            break
        for one in claimed:
            await _tell(installation, known, one, now)
        made += len(claimed)
    return made


async def _tell(installation: Installation, rule: Rule, one: Notification, now: Clock) -> None:
    workspace = await workspaces.get(installation.keyring, rule.workspace_id)
    event = await events.find(one.event_id)
    if event is None:
        await _give_up(one, "event_gone", now)
        return
    try:
        data = await payload.of_event(workspace, installation.base_url, event, comments=True)
        to = notifications.destination(workspace, rule)
        if isinstance(to.target, MailTarget):
            people = _people(to.target, data)
            if people and installation.mail_server:
                await _by_mail(workspace, rule, one, people, data, now)
            else:
                await _give_up(one, "no_mail_server" if people else "no_address", now)
            return
        body, secrets = _message(to.target, rule, event, data), [to.secret] if to.secret else []
        outcome = await attempts.make(
            to.target.url, ids.shown("ntf", one.id), msgspec.json.encode(body), secrets, now()
        )
    except Exception:
        log.exception("notification_failed", notification=str(one.id))
        outcome = attempts.failed("internal", now())
    problem, status = outcome.attempt.problem, outcome.attempt.status or 0
    problem = problem or (None if 200 <= status < 300 else f"answered_{status}")
    await db.transaction(lambda: notifications.settle(one, problem, now(), for_good=status == 410))


async def _give_up(one: Notification, problem: str, now: Clock) -> None:
    await db.transaction(lambda: notifications.settle(one, problem, now(), for_good=True))


def _people(target: MailTarget, data: Data) -> list[str]:
    """The fixed addresses, and the account owner's where the customer token names one; each once."""
    owner = str((data.attributes or {}).get(target.owner_attribute or "") or "")
    return list(dict.fromkeys([*target.to, owner] if mail.is_address(owner) else target.to))


async def _by_mail(
    workspace: WorkspaceSettings, rule: Rule, one: Notification, people: list[str], data: Data, now: Clock
) -> None:
    """Written in the transaction that notes it as sent; the post does the rest."""
    said = telling.message(data)

    async def unit() -> None:
        if await notifications.settle(one, None, now()):
            for number, to in enumerate(people):
                mail = telling.as_mail(to, said, workspace.name, is_test=rule.mode == "test")
                key = f"{notifications.letter_key(one.id)}{number}"
                await letters.write(workspace, key, "notification", mail, now())

    await db.transaction(unit)


def _message(target: WebhookTarget | SlackTarget, rule: Rule, event: Event, data: Data) -> Envelope | dict[str, object]:
    if isinstance(target, SlackTarget):
        return telling.as_slack(telling.message(data), is_test=rule.mode == "test")
    told = msgspec.to_builtins(data) | {"rule": {"id": ids.shown("rul", rule.id), "name": rule.name}}
    return Envelope(id=ids.shown("evt", event.id), type=event.kind, timestamp=event.at, data=told)
