"""Every error as the caller reads it: one JSON shape, one HTML page, the right status, never what was sent."""

import re
from typing import Any

import msgspec
import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, SerializationException
from msgspec import Struct

from aurevoir.kit import ids
from aurevoir.kit.errors import AurevoirError, Problem
from aurevoir.kit.i18n import accepted
from aurevoir.web import templates

log = structlog.get_logger()
_CODES = {
    400: "bad_request",
    401: "unauthorised",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    503: "unavailable",
}
_MESSAGES = {
    400: "The request cannot be read.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: "That is more than this address takes.",
    415: "Send JSON, with the content type application/json.",
    500: "Something went wrong on our side. Nothing that was saved is lost.",
    503: "The service cannot reach its database at the moment. Please try again.",
}


class ErrorBody(Struct, frozen=True, kw_only=True):
    """What went wrong: `code` to program against, `message` for a person, `problems` with their paths."""

    code: str
    message: str
    problems: tuple[Problem, ...] = ()
    request_id: str


class ErrorShape(Struct, frozen=True):
    """The one shape of every error of every API."""

    error: ErrorBody


def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The answer to any exception; what nobody foresaw is logged, and told as a 500."""
    status, code, message, problems, headers = _reading(error)
    request_id = ids.new_secret()[:16]
    if status >= 500:
        log.error("request_failed", path=request.scope.get("path_template"), request_id=request_id, exc_info=error)
    if wants_page(request):
        page = _page(request, status, code)
        return Response(page, media_type=MediaType.HTML, status_code=status, headers=headers)
    body = ErrorBody(code=code, message=message, problems=tuple(problems), request_id=request_id)
    return Response(ErrorShape(body), media_type=MediaType.JSON, status_code=status, headers=headers)


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether a person with a browser is there: under /exit and /demo always, elsewhere by what is accepted."""
    path = request.scope["path"]
    if path.startswith(("/api/", "/widget/", "/health/")):
        return False
    return path.startswith(("/exit", "/demo")) or "text/html" in request.headers.get("accept", "")


def _page(request: Request[Any, Any, Any], status: int, code: str) -> str:
    """The error in the words of a person, in the first language that their browser asks for and we speak."""
    words = accepted(request.headers.get("accept-language", ""))
    say = words.say
    again = say(
        "Please go back to the page you came from and open the cancellation again. Whatever you answered is kept."
    )
    later = say(
        "Please try again in a moment. Whatever you answered, and every cancellation that has a receipt, is kept."
    )
    title = {
        401: say("This link is no longer valid"),
        404: say("There is nothing at this address"),
    }.get(status, say("Something went wrong on our side") if status >= 500 else say("This could not be done"))
    body = later if status >= 500 else again
    return templates.render("error.html", title=title, body=body, status=status, code=code, words=words)


_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "2"}}
_Reading = tuple[int, str, str, tuple[Problem, ...], dict[str, str]]


def _reading(error: Exception) -> _Reading:
    cause = error.__cause__ if isinstance(error, HTTPException | SerializationException) else None
    if isinstance(error, AurevoirError):
        headers = _HEADERS.get(error.status, {})
        return error.status, error.code, error.message, error.problems, headers
    for candidate in (error, cause, cause.__cause__ if cause else None):
        if isinstance(candidate, msgspec.ValidationError):
            return 422, "invalid", "Some of what was sent is not allowed.", (problem_of(candidate),), {}
    if isinstance(error, RecursionError | UnicodeDecodeError | SerializationException):
        return 400, "bad_request", _MESSAGES[400], (), {}
    if isinstance(error, HTTPException):
        status = error.status_code
        message = _MESSAGES.get(status, "The request cannot be carried out.")
        return status, _CODES.get(status, "error"), message, _litestar_problems(error), dict(error.headers or {})
    if is_database_away(error):
        return 503, "unavailable", _MESSAGES[503], (), _HEADERS[503]
    return 500, "internal", _MESSAGES[500], (), {}


def problem_of(error: msgspec.ValidationError) -> Problem:
    """Where and what, from the decoder's own words (they name types and limits, never values)."""
    message, _, path = str(error).partition(" - at ")
    # Litestar decodes into an argument called `data`; the caller sent what is inside it.
    inside = path.strip("`").replace("$.data", "$", 1) or "$"
    return Problem(inside, _without_values(message))


def _without_values(message: str) -> str:
    # "Invalid value 'xyz'" and "unknown field `xyz`" repeat what was sent: keep only what is short and plain.
    return re.sub(
        r"(['`])([^'`]*)\1", lambda found: found[0] if re.fullmatch(r"[\w.|, ]{1,60}", found[2]) else "…", message
    )


def _litestar_problems(error: HTTPException) -> tuple[Problem, ...]:
    extra = error.extra if isinstance(error.extra, list) else []
    return tuple(
        Problem(_path(str(one.get("key", ""))), _without_values(str(one.get("message", "is not allowed"))))
        for one in extra
        if isinstance(one, dict)
    )


def _path(key: str) -> str:
    # Litestar names the body after the handler's parameter.
    inside = key.removeprefix("data").lstrip(".")
    return f"$.{inside}" if inside else "$"


def is_database_away(error: Exception) -> bool:
    """Whether the database could not be reached or could not take the write just now."""
    names = {type(one).__module__.split(".")[0] for one in (error, error.__cause__) if one is not None}
    text = str(error)
    if isinstance(error, ConnectionError | TimeoutError) or names & {"asyncpg"}:
        return "connect" in text.lower() or isinstance(error, OSError | TimeoutError)
    return "database is locked" in text or "disk is full" in text
