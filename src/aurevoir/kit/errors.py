"""The errors of every package: a code to program against, an HTTP status, a sentence for a person."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct


class Problem(Struct, frozen=True):
    """One thing that is wrong, and where: a JSON path such as `$.steps[0].kind`."""

    path: str
    message: str


class AurevoirError(Exception):
    """A refusal that the caller is told about; the message never repeats what they sent."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    message: str = "The request could not be carried out."

    def __init__(self, message: str | None = None, *, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message or self.message)
        self.message = message or self.message
        self.problems = tuple(problems)


class BadRequest(AurevoirError):
    """The body could not be read at all."""

    code = "bad_request"


class Invalid(AurevoirError):
    """The body was read, and something in it is not allowed; `problems` says where."""

    code = "invalid"
    status = 422
    message = "Some of what was sent is not allowed."


class NotFound(AurevoirError):
    """It does not exist, or is not the caller's to see: the same answer for both."""

    code = "not_found"
    status = 404
    message = "There is nothing here by that name."


class Unauthorised(AurevoirError):
    """No credential, or one that does not hold."""

    code = "unauthorised"
    status = 401
    message = "A valid credential is needed."


class Forbidden(AurevoirError):
    """The credential holds and does not allow this."""

    code = "forbidden"
    status = 403
    message = "This credential does not allow that."


class Conflict(AurevoirError):
    """The world moved on since the caller looked."""

    code = "conflict"
    status = 409
    message = "This has changed in the meantime."
