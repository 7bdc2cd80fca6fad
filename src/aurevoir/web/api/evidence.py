"""The evidence of a visit, as one file."""

import asyncio
from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from aurevoir.access import workspaces
from aurevoir.kit import ids
from aurevoir.kit.errors import NotFound
from aurevoir.sessions import case_file
from aurevoir.web import evidence_pages
from aurevoir.web.auth import authenticate, installation_of


@get("/{session:str}/evidence", media_type="application/zip")
async def get_evidence(request: Request[Any, Any, Any], session: FromPath[str]) -> Response[bytes]:
    """What was shown and done in a visit: the template, the screens, events with times, the receipt; as a ZIP.

    A chain of checksums holds it together, and README.txt says how to check it. The same bytes each time, until
    something is added or erased.
    """
    caller = await authenticate(request, "sessions")
    workspace = await workspaces.get(installation_of(request).keyring, caller.workspace)
    wanted = ids.read("ses", session)
    case = await case_file.find(workspace, wanted) if wanted else None
    if case is None:
        raise NotFound
    headers = {"Content-Disposition": f'attachment; filename="evidence-{session}.zip"'}
    # A long visit has many screens to draw.
    pack = await asyncio.to_thread(evidence_pages.pack_of, case)
    return Response(pack, media_type="application/zip", headers=headers)


router = Router("/sessions", route_handlers=[get_evidence], tags=["sessions"])
