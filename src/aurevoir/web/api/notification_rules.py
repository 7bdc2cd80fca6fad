"""Notification rules: who is told of which decisions, and what became of every notification."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from aurevoir.access import workspaces
from aurevoir.access.facts import Mode
from aurevoir.access.keys import ApiCaller
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.kit import clock, db, ids, paging
from aurevoir.kit.errors import NotFound
from aurevoir.kit.struct import Strict
from aurevoir.web.api.idempotency import once
from aurevoir.web.auth import authenticate, installation_of
from aurevoir.web.limits import WIDGET_BYTES, json_only
from aurevoir.webhooks import notifications
from aurevoir.webhooks.notifications import Notification, Rule, State
from aurevoir.webhooks.rules import Target, When

AnyRequest = Request[Any, Any, Any]
Limit = Annotated[int, QueryParameter(ge=1, le=100)]


class RuleCreate(Strict, frozen=True, kw_only=True):
    """Whoever is at the target is told of the decisions that match."""

    name: Annotated[str, Meta(max_length=120, pattern=r"\A[^\x00-\x1f\x7f]+\Z")]
    target: Target
    when: When = When()
    mode: Mode = "live"


class RuleChange(Strict, frozen=True, kw_only=True):
    """While it is paused nobody is told, and nobody is told later."""

    paused: bool


class RuleShown(Struct, frozen=True, kw_only=True):
    """A rule, with its target."""

    id: str
    name: str
    mode: Mode
    when: When
    target: Target
    created_at: datetime
    paused_at: datetime | None


class RuleCreated(Struct, frozen=True, kw_only=True):
    """The rule and, where it is sent to a webhook, the secret that signs: shown once."""

    rule: RuleShown
    secret: str | None


class RulePage(Struct, frozen=True):
    """Rules, the newest first, and where to go on."""

    data: list[RuleShown]
    next: str | None


class NotificationShown(Struct, frozen=True, kw_only=True):
    """One decision that the rule matched; for a mail `sent` means handed to the post."""

    id: str
    event_id: str
    session_id: str
    state: State
    attempts: int
    problem: str | None
    created_at: datetime
    settled_at: datetime | None


class NotificationPage(Struct, frozen=True):
    """Notifications, the newest first, and where to go on."""

    data: list[NotificationShown]
    next: str | None


@post("/", status_code=201, guards=[json_only])
async def create_rule(request: AnyRequest, data: JSONBody[RuleCreate]) -> Response[Any]:
    """It looks at decisions from now on."""
    caller = await authenticate(request, "webhooks")
    return await once(request, caller, lambda: _create(request, caller, data))


async def _create(request: AnyRequest, caller: ApiCaller, data: RuleCreate) -> Response[RuleCreated]:
    workspace = await workspaces.get(installation_of(request).keyring, caller.workspace)
    made, secret = await db.transaction(
        lambda: notifications.create(workspace, data.name, data.when, data.target, clock.now(), data.mode)
    )
    shown = _shown(workspace, await notifications.get(workspace.id, made))
    return Response(RuleCreated(rule=shown, secret=secret), status_code=201)


@get("/")
async def list_rules(request: AnyRequest, cursor: FromQuery[str | None] = None, limit: Limit = 50) -> RulePage:
    """All of them, paused ones as well."""
    caller = await authenticate(request, "webhooks")
    workspace = await workspaces.get(installation_of(request).keyring, caller.workspace)
    found = await notifications.list_rules(workspace.id, paging.read(cursor), limit + 1)
    further = paging.write(found[limit - 1].id) if len(found) > limit else None
    return RulePage([_shown(workspace, one) for one in found[:limit]], further)


@get("/{rule:str}")
async def get_rule(request: AnyRequest, rule: FromPath[str]) -> RuleShown:
    """One rule."""
    caller = await authenticate(request, "webhooks")
    workspace = await workspaces.get(installation_of(request).keyring, caller.workspace)
    return _shown(workspace, await notifications.get(workspace.id, _id(rule)))


@patch("/{rule:str}", guards=[json_only])
async def change_rule(request: AnyRequest, rule: FromPath[str], data: JSONBody[RuleChange]) -> RuleShown:
    """Pause it, or resume it."""
    caller, wanted = await authenticate(request, "webhooks"), _id(rule)
    await db.transaction(lambda: notifications.pause(caller.workspace, wanted, clock.now(), paused=data.paused))
    workspace = await workspaces.get(installation_of(request).keyring, caller.workspace)
    return _shown(workspace, await notifications.get(workspace.id, wanted))


@delete("/{rule:str}", status_code=204)
async def delete_rule(request: AnyRequest, rule: FromPath[str]) -> None:
    """The rule and its list of notifications."""
    caller, wanted = await authenticate(request, "webhooks"), _id(rule)
    await db.transaction(lambda: notifications.delete(caller.workspace, wanted))


@get("/{rule:str}/notifications")
async def list_notifications(
    request: AnyRequest, rule: FromPath[str], cursor: FromQuery[str | None] = None, limit: Limit = 50
) -> NotificationPage:
    """What the rule matched, and what became of it; kept for thirty days."""
    caller, wanted = await authenticate(request, "webhooks"), _id(rule)
    await notifications.get(caller.workspace, wanted)
    found = await notifications.list_notifications(caller.workspace, wanted, paging.read(cursor), limit + 1)
    further = paging.write(found[limit - 1].id) if len(found) > limit else None
    return NotificationPage([_notification(one) for one in found[:limit]], further)


def _id(text: str) -> UUID:
    found = ids.read("rul", text)
    if found is None:
        raise NotFound
    return found


def _shown(workspace: WorkspaceSettings, rule: Rule) -> RuleShown:
    return RuleShown(
        id=ids.shown("rul", rule.id),
        name=rule.name,
        mode=rule.mode,
        when=rule.when,
        target=notifications.destination(workspace, rule).target,
        created_at=rule.created_at,
        paused_at=rule.paused_at,
    )


def _notification(one: Notification) -> NotificationShown:
    values = {name: getattr(one, name) for name in NotificationShown.__struct_fields__}
    outside = {
        "id": ids.shown("ntf", one.id),
        "event_id": ids.shown("evt", one.event_id),
        "session_id": ids.shown("ses", one.session_id),
    }
    return NotificationShown(**(values | outside))


router = Router(
    "/notification-rules",
    route_handlers=[create_rule, list_rules, get_rule, change_rule, delete_rule, list_notifications],
    request_max_body_size=WIDGET_BYTES,
    tags=["webhooks"],
)
