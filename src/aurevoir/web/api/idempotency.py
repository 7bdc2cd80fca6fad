"""`Idempotency-Key`: an unsafe call repeated with the same key and body gets the answer that was given before."""

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, TypeVar

import msgspec
from litestar import MediaType, Request, Response

from aurevoir.access import idempotency, workspaces
from aurevoir.access.idempotency import Given
from aurevoir.access.keys import ApiCaller
from aurevoir.kit import clock, crypto, db
from aurevoir.kit.errors import Conflict, Invalid, Problem
from aurevoir.web.auth import installation_of

T = TypeVar("T")
LONGEST_KEY = 255


class IdempotencyMismatch(Conflict):
    """The key was used before, for another call or another body."""

    code: ClassVar[str] = "idempotency_mismatch"
    message = "This Idempotency-Key was used for another call."


async def once(
    request: Request[Any, Any, Any], caller: ApiCaller, act: Callable[[], Awaitable[Response[T]]]
) -> Response[T] | Response[bytes]:
    """The answer of `act`, or the one that was given before under the request's key."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return await act()
    if not 1 <= len(key) <= LONGEST_KEY:
        raise Invalid(problems=[Problem("Idempotency-Key", f"Use 1 to {LONGEST_KEY} characters.")])
    workspace = await workspaces.get(installation_of(request).keyring, caller.workspace)
    asked = crypto.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body())
    before = await idempotency.find(caller.workspace, key)
    if before is not None:
        if before.body_hash != asked:
            raise IdempotencyMismatch
        body = crypto.unseal(workspace.data_key, before.response)
        return Response(body, status_code=before.status, media_type=MediaType.JSON)
    answer = await act()
    body = b"" if answer.content is None else msgspec.json.encode(answer.content)
    given = Given(asked, answer.status_code or 200, crypto.seal(workspace.data_key, body))
    await db.transaction(lambda: idempotency.keep(caller.workspace, key, given, clock.now()))
    return answer
