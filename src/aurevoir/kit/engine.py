"""What the two database engines have in common: the unit of work under way, and the names they share."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextvars import ContextVar
from typing import Any, ClassVar, Literal, Protocol, TypeVar

from aurevoir.kit.errors import AurevoirError

T = TypeVar("T")
Row = dict[str, Any]
Dialect = Literal["sqlite", "postgres"]


class DatabaseError(AurevoirError):
    """The database cannot be used as it stands; the message says what to do about it."""

    code = "database"
    status = 503
    message = "The database cannot be used."


class DatabaseInUse(DatabaseError):
    """Another process owns the SQLite file."""

    code = "database_in_use"


class DatabaseClosed(DatabaseError):
    """It was never opened, or is being closed."""

    code = "database_closed"
    message = "The database is not open."


class OutsideUnit(RuntimeError):
    """A mistake of ours: something is written outside `kit.db.transaction`, or after its unit ended."""


class Statements(Protocol):
    """Where SQL can be run; arguments are already in the engine's own types."""

    async def fetch(self, query: str, arguments: Sequence[Any]) -> list[Row]: ...


class Unit(Statements, Protocol):
    """A unit of work under way; `open` until it returns or raises."""

    open: bool

    async def execute(self, query: str, arguments: Sequence[Any]) -> int: ...

    async def execute_many(self, query: str, rows: Sequence[Sequence[Any]]) -> None: ...


class Engine(Statements, Protocol):
    """An open database."""

    dialect: ClassVar[Dialect]

    async def transaction(self, unit: Callable[[], Awaitable[T]]) -> T: ...

    def stream(self, query: str, arguments: Sequence[Any], batch: int) -> AsyncGenerator[list[Row], None]: ...

    async def close(self) -> None: ...


# Tasks started inside a unit inherit it, and may outlive it: hence `Unit.open`.
_current: ContextVar[Unit | None] = ContextVar("aurevoir_unit", default=None)


def enter_unit(unit: Unit) -> None:
    """From here on, everything in this context belongs to `unit`."""
    _current.set(unit)


def find_unit() -> Unit | None:
    """The unit that the caller runs in, while it lasts."""
    unit = _current.get()
    return unit if unit is not None and unit.open else None


class Router:
    """Keeps Tortoise from writing outside a unit."""

    def db_for_write(self, model: type) -> str:
        if not find_unit():
            raise OutsideUnit(f"{model.__name__} is written outside kit.db.transaction")
        return "default"


class ReadingRouter(Router):
    """And lets it read elsewhere than where the units write."""

    def db_for_read(self, model: type) -> str:  # noqa: ARG002 - Tortoise's signature
        return "default" if find_unit() else "ro"
