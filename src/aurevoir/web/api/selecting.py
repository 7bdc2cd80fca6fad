"""What of a workspace a call asks for: the query parameters that reports and exports share."""

from typing import Any

from litestar import Request

from aurevoir.access import workspaces
from aurevoir.access.keys import ApiCaller
from aurevoir.insights.selection import Selection, select
from aurevoir.kit import clock
from aurevoir.kit.errors import Invalid, Problem
from aurevoir.web.auth import installation_of

_KNOWN = ("from", "to", "mode", "group_by")


async def selected(
    request: Request[Any, Any, Any],
    caller: ApiCaller,
    since: str | None,
    until: str | None,
    mode: str | None,
    group_by: str | None,
) -> Selection:
    """The selection in the caller's workspace; raises Invalid, also for a parameter that would change nothing."""
    unknown = sorted(set(request.query_params) - set(_KNOWN))
    if unknown:
        # A filter left unapplied would give numbers that are not what they say.
        listed = ", ".join(_KNOWN)
        raise Invalid(problems=[Problem(f"$.{name[:60]}", f"This is not one of {listed}.") for name in unknown[:20]])
    workspace = await workspaces.get(installation_of(request).keyring, caller.workspace)
    return select(workspace, clock.now(), since=since, until=until, mode=mode, group_by=group_by)
