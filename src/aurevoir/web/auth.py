"""Who calls: the bearer of a session token, or of an API key."""

from typing import Any

from litestar.connection import ASGIConnection

from aurevoir.access import keys
from aurevoir.access.installation import Installation
from aurevoir.access.keys import ApiCaller, Scope
from aurevoir.kit.errors import Unauthorised


def bearer(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The one bearer token of the Authorization header; raises Unauthorised."""
    given = connection.headers.getall("authorization", [])
    scheme, _, token = (given[0] if len(given) == 1 else "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip() or len(token) > 10_000:
        raise Unauthorised
    return token.strip()


def installation_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Installation:
    """The installation that this app serves."""
    found = connection.app.state.installation
    assert isinstance(found, Installation)
    return found


async def authenticate(connection: ASGIConnection[Any, Any, Any, Any], scope: Scope) -> ApiCaller:
    """The caller of the operator API; raises Unauthorised, or Forbidden without the scope."""
    caller = await keys.api_caller(bearer(connection))
    caller.require(scope)
    return caller
