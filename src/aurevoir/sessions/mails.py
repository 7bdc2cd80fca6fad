"""Mails to the customer: the receipt, that it was taken back, and that an accepted offer took effect."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from aurevoir.access import vault, workspaces
from aurevoir.access.facts import StoredFacts
from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import letters
from aurevoir.events.service import Event
from aurevoir.kit import db, ids, stationery
from aurevoir.kit.i18n import Language, language
from aurevoir.kit.stationery import Link, Sheet
from aurevoir.offers import mails as about_offers
from aurevoir.sessions import queries, receipts
from aurevoir.sessions.queries import SessionRow

_facts = msgspec.json.Decoder(StoredFacts)


class _Addressee(Struct, frozen=True):
    to: str
    workspace: WorkspaceSettings
    row: SessionRow
    words: Language


async def receipt(installation: Installation, event: Event, now: datetime) -> None:
    """Confirm a declared cancellation on a durable medium: the receipt itself, and where to get it again."""
    await _write(installation, event, _receipt, now)


async def undone(installation: Installation, event: Event, now: datetime) -> None:
    """Confirm that a cancellation was taken back."""
    await _write(installation, event, _undone, now)


async def changed(installation: Installation, event: Event, now: datetime) -> None:
    """Confirm that an accepted offer took effect."""
    await _write(installation, event, _changed, now)


def letter_key(event: Event) -> str | None:
    """What the one mail to the customer about this event goes by; None where there is none."""
    if event.kind == "cancellation.declared":
        return f"receipt:{event.payload['receipt']}"
    if event.kind == "cancellation.undone":
        return f"undone:{event.id.hex}"
    return f"changed:{event.payload['redemption']}" if event.kind == "redemption.confirmed" else None


Writing = Callable[[Installation, Event, _Addressee], Awaitable[Sheet | None]]


async def _write(installation: Installation, event: Event, writing: Writing, now: datetime) -> None:
    addressee, key = await _addressee(installation, event), letter_key(event)
    if addressee is None or key is None:
        return
    sheet = await writing(installation, event, addressee)
    if sheet is None:
        return
    content = stationery.mail(addressee.to, sheet, addressee.words, is_test=event.mode == "test")
    await db.transaction(lambda: letters.write(addressee.workspace, key, event.kind, content, now))


async def _addressee(installation: Installation, event: Event) -> _Addressee | None:
    """None where there is nobody to write to. Tests never reach a customer: they go to the operator."""
    row = await queries.find_session(event.session_id) if event.session_id else None
    if row is None:
        return None
    workspace = await workspaces.get(installation.keyring, event.workspace_id)
    clear = await vault.find(workspace.id, workspace.data_key, row.subscription)
    to = installation.operator_email if event.mode == "test" else clear.email if clear else None
    return _Addressee(to, workspace, row, language(row.locale)) if to else None


async def _receipt(installation: Installation, event: Event, to: _Addressee) -> Sheet | None:
    number = ids.read("rcp", str(event.payload["receipt"]))
    sealed = await receipts.find_sealed(to.workspace.id, number) if number else None
    if number is None or sealed is None:
        return None
    documents, say = receipts.documents(to.workspace, sealed), to.words.say
    shown = receipts.as_shown(installation, number, documents.secret, event.at, None, to.words, _zone(to))
    return Sheet(
        sender=to.workspace.name,
        title=say("Your cancellation is received"),
        paragraphs=[say("Keep this receipt: it proves what you declared, and when.")],
        document=documents.text,
        links=[
            Link(say("Manage your cancellation"), shown.url),
            Link(say("Save as web page"), shown.html_url),
            Link(say("Save as text"), shown.text_url),
        ],
    )


async def _undone(_: Installation, event: Event, to: _Addressee) -> Sheet | None:
    say, moment = to.words.say, to.words.moment(event.at.astimezone(ZoneInfo(_zone(to))))
    return Sheet(
        sender=to.workspace.name,
        title=say("Your cancellation is undone"),
        paragraphs=[
            say("You took your cancellation back on {moment}.", moment=moment),
            say("Nothing changes: you keep your plan and your access."),
        ],
        closing=say("You can still cancel at any time."),
    )


async def _changed(_: Installation, event: Event, to: _Addressee) -> Sheet | None:
    redemption = ids.read("rdm", str(event.payload["redemption"]))
    return await about_offers.confirmation(to.workspace, redemption, to.words) if redemption else None


def _zone(to: _Addressee) -> str:
    return _facts.decode(to.row.facts).zone or to.workspace.zone
