"""A workspace's colours, as a style sheet beside the pages' own."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from aurevoir.access import themes, workspaces
from aurevoir.kit.errors import NotFound
from aurevoir.web.auth import installation_of


@get("/{workspace:str}/theme.css", include_in_schema=False)
async def style_sheet(request: Request[Any, Any, Any], workspace: FromPath[str]) -> Response[str]:
    """The colours of the workspace called so."""
    found = await workspaces.find_by_key(installation_of(request).keyring, workspace)
    if found is None or found.theme is None:
        raise NotFound
    headers = {"Cache-Control": "public, max-age=300"}
    return Response(themes.style_sheet(found.theme), media_type="text/css", headers=headers)
