"""What was done and shown in a session, kept as a chain of exhibits: one for each change, in the very same unit.

For whoever changes a session elsewhere than in `service.move`, always inside a unit and on a row read with
`queries.find_for_change`:

- `writing.carry_out(installation, found, weighed, made, outcome, now, actor) -> tuple[Context, Screen | None]` writes
  what a move did (answers, fact, receipt), the exhibit with the screen that follows, and the session's row.
  An undo from the receipt is `opening.context_of(installation, row, now)`, `machine.apply(found.visit,
  Undo(revision=found.visit.revision), found.rules)`, and this with `weighed=None`.
- `await evidence.note(workspace, session, kind, happened, now)` for a fact that shows nobody a screen.
- `await evidence.forget(session)` empties the payloads; digests and links stay, and the chain still holds.
"""

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from aurevoir import __version__
from aurevoir.access.themes import Theme
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events.service import Noted
from aurevoir.kit import crypto, ids, sql
from aurevoir.sessions import chain, queries, receipts
from aurevoir.sessions.queries import SessionRow
from aurevoir.sessions.screen import Screen

Happened = Mapping[str, object]


class Payload(Struct, frozen=True, kw_only=True):
    """What an exhibit holds; its digest is that of these very bytes, as JSON."""

    aurevoir: str
    happened: dict[str, object]
    # What the session's page shows from this moment on; None where it stays as it is, is closed, or cannot be drawn.
    screen: Screen | None
    # The hosted pages' own colours at that moment, where the workspace has any.
    theme: Theme | None
    # Random: what was erased must not be guessed from the digest that stays, and there are few answers to guess from.
    salt: str


class Exhibit(Struct, frozen=True, kw_only=True):
    """One exhibit, ready to be kept."""

    session: UUID
    number: int
    kind: str
    at: datetime
    digest: str
    link: str
    sealed: bytes


def mount(
    workspace: WorkspaceSettings, row: SessionRow, kind: str, happened: Happened, screen: Screen | None, now: datetime
) -> tuple[SessionRow, Exhibit]:
    """The next exhibit, and the row that counts it: whoever stores the row then keeps the exhibit."""
    payload = Payload(
        aurevoir=__version__,
        happened=dict(happened),
        screen=without_secrets(screen) if screen else None,
        theme=workspace.theme,
        salt=ids.new_secret(),
    )
    encoded = msgspec.json.encode(payload)
    number, digest = row.exhibits + 1, crypto.sha256(encoded)
    previous = row.evidence_head or ids.shown("ses", row.id)
    link = chain.link(previous, number, chain.moment(now), kind, digest)
    sealed = crypto.seal(workspace.data_key, zlib.compress(encoded))
    exhibit = Exhibit(session=row.id, number=number, kind=kind, at=now, digest=digest, link=link, sealed=sealed)
    return replace(row, exhibits=number, evidence_head=link), exhibit


def without_secrets(screen: Screen) -> Screen:
    """The screen as it was shown, but for the links that open the receipt and for the customer's own words."""
    receipt = receipts.without_links(screen.receipt) if screen.receipt else None
    if (given := screen.given) is not None:
        numbers: dict[str, str | int] = {step: said for step, said in given.answers.items() if isinstance(said, int)}
        given = replace(given, text="", answers=numbers)
    return replace(screen, receipt=receipt, given=given)


async def keep(exhibit: Exhibit) -> None:
    """Write it down. Inside the unit that stores the row which counts it."""
    await sql.insert(
        "exhibit",
        id=ids.new_id(),
        session_id=exhibit.session,
        number=exhibit.number,
        kind=exhibit.kind,
        at=exhibit.at,
        digest=exhibit.digest,
        link=exhibit.link,
        sealed=exhibit.sealed,
    )


async def note(workspace: WorkspaceSettings, session: UUID, kind: str, happened: Happened, now: datetime) -> None:
    """An exhibit without a screen: something happened to the session that changes no page. Inside a unit."""
    row = await queries.find_for_change(session)
    assert row is not None, "what happened to a session happened to one that there is"
    row, exhibit = mount(workspace, row, kind, happened, None, now)
    await sql.execute(
        "UPDATE session SET exhibits = $1, evidence_head = $2 WHERE id = $3", row.exhibits, row.evidence_head, row.id
    )
    await keep(exhibit)


async def forget(session: UUID) -> None:
    """Empty the payloads of a session's exhibits; their digests and links stay. Inside a unit."""
    await sql.execute("UPDATE exhibit SET sealed = NULL WHERE session_id = $1", session)


def named(noted: Sequence[Noted], session: UUID) -> list[dict[str, str]]:
    """The session's own events among these, as exhibits name them."""
    return [{"id": ids.shown("evt", one.id), "kind": one.kind} for one in noted if one.session_id == session]
