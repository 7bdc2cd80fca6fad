"""A published version as it was: the template word for word, who published it, and in spite of which warnings."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from aurevoir.kit import sql


class OverrideTold(Struct, frozen=True, kw_only=True):
    """A fair-exit warning that a named person published in spite of."""

    rule: str
    path: str
    message: str
    person: str
    reason: str
    overridden_at: datetime


class Published(Struct, frozen=True, kw_only=True):
    """An immutable version, whole."""

    number: int
    source: str
    source_hash: str
    published_by: str
    published_at: datetime
    overrides: tuple[OverrideTold, ...] = ()


async def find(version: UUID) -> Published | None:
    """A version with the warnings that were overridden for it."""
    found = await sql.fetch_one(
        "SELECT number, source, source_hash, published_by, published_at FROM flow_version WHERE id = $1",
        version,
        into=Published,
    )
    if found is None:
        return None
    overrides = await sql.fetch_all(
        "SELECT rule, path, message, person, reason, overridden_at FROM flow_override "
        "WHERE version_id = $1 ORDER BY id",
        version,
        into=OverrideTold,
    )
    return replace(found, overrides=tuple(overrides))
