"""The workspace's own settings: looked at by its keys, changed by its owner's."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, patch
from litestar.params import JSONBody
from msgspec import Struct

from aurevoir.access import changing, workspaces
from aurevoir.access.changing import Change
from aurevoir.access.themes import Theme
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.flows import service as flows
from aurevoir.flows.service import FlowNotFound
from aurevoir.kit import clock, db, ids
from aurevoir.kit.errors import Invalid, Problem
from aurevoir.web.auth import authenticate, installation_of
from aurevoir.web.limits import WIDGET_BYTES, json_only

AnyRequest = Request[Any, Any, Any]


class WorkspaceShown(Struct, frozen=True, kw_only=True):
    """A workspace's settings; null is not said."""

    id: str
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
    contact_email: str | None
    theme: Theme | None


@get("/")
async def get_workspace(request: AnyRequest) -> WorkspaceShown:
    """The settings of the workspace that the key belongs to."""
    caller = await authenticate(request, "admin")
    return _shown(await workspaces.read(installation_of(request).keyring, caller.workspace))


@patch("/")
async def change_workspace(request: AnyRequest, data: JSONBody[Change]) -> WorkspaceShown:
    """Change some of them; who did, from what to what, is recorded as `workspace.changed`."""
    caller = await authenticate(request, "admin")
    if data == Change():
        raise Invalid(problems=[Problem("$", "names no setting to change")])
    keyring, actor = installation_of(request).keyring, ids.shown("key", caller.key)
    if data.default_flow:
        await _check_flow(caller.workspace, data.default_flow)
    changed = await db.transaction(lambda: changing.change(keyring, caller.workspace, data, actor, clock.now()))
    return _shown(changed)


async def _check_flow(workspace: UUID, key: str) -> None:
    try:
        await flows.live_version(workspace, key, None)
    except FlowNotFound as error:
        raise Invalid(problems=[Problem("$.default_flow", "names no flow that is live")]) from error


def _shown(settings: WorkspaceSettings) -> WorkspaceShown:
    here = {name: getattr(settings, name) for name in WorkspaceShown.__struct_fields__ if name != "id"}
    return WorkspaceShown(id=ids.shown("ws", settings.id), **here)


router = Router(
    "/workspace",
    route_handlers=[get_workspace, change_workspace],
    guards=[json_only],
    request_max_body_size=WIDGET_BYTES,
    tags=["workspace"],
)
