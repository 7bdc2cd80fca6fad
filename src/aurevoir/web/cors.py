"""Which pages may call the widget API: origins that a workspace lists, and our own."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection

from aurevoir.access import workspaces
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.kit.errors import Forbidden
from aurevoir.sessions.service import Admit
from aurevoir.web.auth import installation_of

MAX_AGE = "7200"


class OriginNotAllowed(Forbidden):
    """The page's origin does not stand in the workspace's list."""

    code: ClassVar[str] = "origin_not_allowed"
    message = "This page's origin is not among those that the workspace allows."


def admit_origin(connection: ASGIConnection[Any, Any, Any, Any]) -> Admit:
    """A check of the caller's Origin against the workspace that its token belongs to; programs send none."""
    origin = connection.headers.get("origin")
    own = {
        origin_of(installation_of(connection).base_url),
        f"{connection.url.scheme}://{connection.headers.get('host')}",
    }

    def admit(workspace: WorkspaceSettings) -> None:
        if origin is not None and origin not in own and origin not in workspace.allowed_origins:
            raise OriginNotAllowed

    return admit


async def headers_for(path: str, method: str, origin: str | None) -> dict[str, str]:
    """The CORS headers of any answer below /widget, errors included; never with credentials."""
    if path.endswith(".js"):
        return {"Access-Control-Allow-Origin": "*"}
    answer = {"Vary": "Origin"}
    if origin is not None and await _is_known(origin):
        answer["Access-Control-Allow-Origin"] = origin
        if method == "OPTIONS":
            answer["Access-Control-Allow-Methods"] = "GET, POST"
            answer["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            answer["Access-Control-Max-Age"] = MAX_AGE
    return answer


async def _is_known(origin: str) -> bool:
    try:
        return await workspaces.is_known_origin(origin)
    except Exception:  # noqa: BLE001 - whatever keeps the database from answering, the answer goes out
        return False


def origin_of(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
