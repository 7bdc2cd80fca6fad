"""The record of a visit, as tests look at it; a session goes by its id, `ses_…`."""

from typing import Any
from uuid import UUID

import msgspec

from aurevoir.kit import db, ids, sql
from aurevoir.sessions import case_file
from aurevoir.sessions.case_file import CaseFile
from aurevoir.sessions.chain import Breach
from aurevoir.sessions.evidence import without_secrets
from aurevoir.sessions.evidence_told import find_breach
from aurevoir.sessions.screen import Screen
from tests.house import House


def uuid_of(session: str) -> UUID:
    """As the services know it."""
    found = ids.read("ses", session)
    assert found is not None
    return found


async def case_of(house: House, session: str) -> CaseFile:
    """Everything about a visit."""
    found = await case_file.find(await house.settings(), uuid_of(session))
    assert found is not None
    return found


async def breach_of(house: House, session: str) -> Breach | None:
    """Where its chain does not hold."""
    return find_breach(await case_of(house, session), session)


async def kinds(house: House, session: str) -> list[str]:
    """What happened, in order."""
    return [one.kind for one in (await case_of(house, session)).exhibits]


def screens_of(case: CaseFile) -> list[Screen | None]:
    """What was shown, exhibit by exhibit."""
    return [one.opened.screen if one.opened else None for one in case.exhibits]


def as_kept(screen: Screen) -> Screen:
    """A screen as its exhibit has it: through JSON, without what stays out."""
    return msgspec.json.decode(msgspec.json.encode(without_secrets(screen)), type=Screen)


def happened(case: CaseFile) -> list[dict[str, Any]]:
    """What was done, exhibit by exhibit."""
    return [one.opened.happened if one.opened else {} for one in case.exhibits]


async def meddle(statement: str, *args: Any) -> None:
    """Somebody with the database's password."""
    await db.transaction(lambda: sql.execute(statement, *args))
