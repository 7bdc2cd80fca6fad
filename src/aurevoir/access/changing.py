"""Changing a workspace's settings: the owner's business, and on record."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from aurevoir.access import themes, workspaces
from aurevoir.access.themes import Theme
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import service as events
from aurevoir.kit import mail, sql
from aurevoir.kit.crypto import Keyring
from aurevoir.kit.errors import Invalid, Problem
from aurevoir.kit.struct import Country, Key, LocaleTag, Strict

Origin = Annotated[
    str,
    Meta(
        max_length=200, pattern=r"\Ahttps?://[^/\x00-\x20?#@]+\Z", description="an origin such as https://example.com"
    ),
]
Email = Annotated[str, Meta(max_length=320, description="an e-mail address")]
# One line with something on it: it stands in subjects of mails and at the head of receipts.
Name = Annotated[str, Meta(max_length=120, pattern=r"\A[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*\Z")]
Prose = Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\A[^\x00]+\Z")]
# [from, to] is told of the others; of these only that they changed: events carry no addresses and no prose.
_UNTOLD = frozenset({"contact_email", "data_after_exit"})


class Change(Strict, frozen=True, kw_only=True):
    """What is to be different; what is left out stays, null goes back to nothing said."""

    name: Name | UnsetType = UNSET
    locale: LocaleTag | UnsetType = UNSET
    default_flow: Key | UnsetType | None = UNSET
    # For customers of whom the token does not say it. They choose the fair-exit pack.
    default_country: Country | UnsetType | None = UNSET
    default_consumer: bool | UnsetType | None = UNSET
    allowed_origins: Annotated[tuple[Origin, ...], Meta(max_length=100)] | UnsetType = UNSET
    data_after_exit: Annotated[dict[LocaleTag, Prose], Meta(max_length=60)] | UnsetType = UNSET
    contact_email: Email | UnsetType | None = UNSET
    theme: Theme | UnsetType | None = UNSET


async def change(keyring: Keyring, workspace: UUID, wanted: Change, actor: str, now: datetime) -> WorkspaceSettings:
    """Make the change and record who made it, from what to what; what is so already is no change. Inside a unit.

    Raises Invalid for an address that no mail reaches, and for a theme that somebody could not read, with the pairs
    of colours.
    """
    if isinstance(wanted.contact_email, str) and not mail.is_address(wanted.contact_email):
        raise Invalid(problems=[Problem("$.contact_email", "is no e-mail address such as name@example.com")])
    if isinstance(wanted.theme, Theme) and (faint := themes.problems(wanted.theme)):
        raise Invalid("Some of these colours cannot be told apart.", problems=faint)
    before = await workspaces.read(keyring, workspace)
    asked = {name: getattr(wanted, name) for name in wanted.__struct_fields__}
    changed = {name: to for name, to in asked.items() if to is not UNSET and to != getattr(before, name)}
    if not changed:
        return before
    places = ", ".join(f"{name} = ${number}" for number, name in enumerate(changed, start=2))
    await sql.execute(f"UPDATE workspace SET {places} WHERE id = $1", workspace, *map(_stored, changed.values()))
    told = {name: None if name in _UNTOLD else [getattr(before, name), to] for name, to in changed.items()}
    payload = {"changed": msgspec.to_builtins(told)}
    await events.record("workspace.changed", workspace=workspace, actor=actor, now=now, payload=payload)
    workspaces.forget_cached()
    return await workspaces.read(keyring, workspace)


def _stored(value: Any) -> Any:
    if isinstance(value, Theme):
        return msgspec.json.encode(value).decode()
    return list(value) if isinstance(value, tuple) else value
