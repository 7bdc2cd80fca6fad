"""Reports: reasons, in JSON or as a table."""

from typing import Annotated, Any

from litestar import MediaType, Request, Response, Router, get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from aurevoir.insights import exports, reports
from aurevoir.insights.reports import ReasonsReport
from aurevoir.kit.errors import NotFound
from aurevoir.web.api.selecting import selected
from aurevoir.web.auth import authenticate

_TABLES = {"reasons": "reason_stats"}


@get("/{report:str}")
async def get_report(
    request: Request[Any, Any, Any],
    report: FromPath[str],
    since: Annotated[str | None, QueryParameter(name="from", description="First day, such as 2026-01-01.")] = None,
    until: Annotated[str | None, QueryParameter(name="to", description="The day after the last one.")] = None,
    mode: FromQuery[str | None] = None,
    group_by: FromQuery[str | None] = None,
) -> Response[ReasonsReport] | Stream:
    """A report by episodes of the workspace's live mode; `Accept: text/csv` gives the same as a table."""
    caller = await authenticate(request, "insights")
    if report not in _TABLES:
        raise NotFound("There is no such report.")
    selection = await selected(request, caller, since, until, mode, group_by)
    if request.accept.best_match(["application/json", "text/csv"]) == "text/csv":
        table = await exports.export(_TABLES[report], "csv", selection)
        return Stream(table.chunks, media_type=table.media_type, headers={"Vary": "Accept"})
    return Response(await reports.reasons(selection), media_type=MediaType.JSON, headers={"Vary": "Accept"})


router = Router("/insights", route_handlers=[get_report], tags=["insights"])
