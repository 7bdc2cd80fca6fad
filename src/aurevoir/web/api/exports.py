"""Exports: a dataset as a file, streamed."""

from typing import Annotated, Any

from litestar import Request, Router, get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from aurevoir.insights import exports
from aurevoir.web.api.selecting import selected
from aurevoir.web.auth import authenticate


@get("/{file:str}")
async def get_export(
    request: Request[Any, Any, Any],
    file: FromPath[str],
    since: Annotated[str | None, QueryParameter(name="from", description="First day, such as 2026-01-01.")] = None,
    until: Annotated[str | None, QueryParameter(name="to", description="The day after the last one.")] = None,
    mode: FromQuery[str | None] = None,
    group_by: FromQuery[str | None] = None,
) -> Stream:
    """`{dataset}.{format}`: sessions, episodes, answers, reason_stats or dictionary as csv, csv_excel or jsonl."""
    caller = await authenticate(request, "exports")
    dataset, _, form = file.partition(".")
    selection = await selected(request, caller, since, until, mode, group_by)
    made = await exports.export(dataset, form, selection)
    named = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Stream(made.chunks, media_type=made.media_type, headers=named)


router = Router("/exports", route_handlers=[get_export], tags=["exports"])
