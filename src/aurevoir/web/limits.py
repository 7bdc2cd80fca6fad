"""What a body may be: JSON where JSON is meant, not too large, not too deep."""

from typing import Any

from litestar.connection import ASGIConnection, Request
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

from aurevoir.kit.errors import BadRequest, NotFound

WIDGET_BYTES = 64 * 1024
DEEPEST = 32
_JSON_TYPES = {"application/json", "application/json; charset=utf-8", "application/json;charset=utf-8"}


async def no_nul(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard for every address: no id holds a NUL, and PostgreSQL cannot even be asked about one."""
    if "\0" in connection.scope["path"]:
        raise NotFound
    if b"%00" in connection.scope["query_string"]:
        raise BadRequest


async def json_only(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard: where a body is read, refuses deep nesting, and content types that forms could post across sites.

    Where one may be left out, nothing is no body of the wrong type.
    """
    field = handler.parsed_data_field
    if field is None:
        return
    request: Request[Any, Any, Any] = Request(connection.scope, connection.receive)
    if field.is_optional and not await request.body():
        return
    if connection.headers.get("content-type", "").strip().lower() not in _JSON_TYPES:
        raise HTTPException(status_code=415, detail="json only")
    check_depth(await request.body())


def check_depth(body: bytes, deepest: int = DEEPEST) -> None:
    """Raises BadRequest when brackets nest deeper than `deepest`: the decoder would run out of stack far below it."""
    depth, in_text, escaped = 0, False, False
    if body.count(b"[") + body.count(b"{") <= deepest:
        return
    for byte in body:
        if in_text:
            in_text, escaped = escaped or byte != 0x22, not escaped and byte == 0x5C
        elif byte == 0x22:
            in_text = True
        elif byte in b"[{":
            depth += 1
            if depth > deepest:
                raise BadRequest(f"The body nests deeper than {deepest} levels.")
        elif byte in b"]}":
            depth -= 1
