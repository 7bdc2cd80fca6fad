"""What goes in and out of the session service."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from aurevoir.access.facts import Facts, Mode
from aurevoir.sessions.screen import Screen
from aurevoir.sessions.visit import State

Channel = Literal["in_app", "hosted", "agent", "after_exit", "imported"]


class Visitor(Struct, frozen=True, kw_only=True):
    """Who comes, on whose word, by which way; `jti` is the token's, None from server to server."""

    workspace: UUID
    facts: Facts
    mode: Mode
    channel: Channel
    actor: str
    jti: str | None = None
    flow: str | None = None
    locale: str | None = None


class SessionShown(Struct, frozen=True, kw_only=True):
    """A session as its customer's client sees it."""

    id: str
    token: str
    revision: int
    state: State
    mode: str
    pack: str
    expires_at: datetime


class Shown(Struct, frozen=True, kw_only=True):
    """The answer to every call of the widget API."""

    session: SessionShown
    screen: Screen
    phrases: dict[str, str] = {}
    # Of the hosted pages, where the workspace has colours of its own.
    style_sheet: str | None = None
