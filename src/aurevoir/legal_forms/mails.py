"""Mails to whoever declared on a legal form: the receipt at once, and the end once the contract is found."""

from datetime import datetime

from msgspec.structs import replace

from aurevoir.access import vault, workspaces
from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import letters
from aurevoir.events.service import Event
from aurevoir.kit import db, ids, stationery
from aurevoir.kit.i18n import Language, language
from aurevoir.kit.stationery import Link, Sheet
from aurevoir.legal_forms import alerts, laws, receipts
from aurevoir.legal_forms.receipts import Acknowledged
from aurevoir.sessions import opening, queries, screens
from aurevoir.sessions import receipts as session_receipts
from aurevoir.sessions.queries import SessionRow
from aurevoir.sessions.texts import in_words


async def received(installation: Installation, event: Event, now: datetime) -> None:
    """The receipt at once, and word to the operator. Beyond what people send, no mail before somebody has looked."""
    found = await _find(event)
    if found is not None and not found.is_suspect:
        await _send_receipt(installation, found, now)
    await alerts.write(installation, event.workspace_id, now)


async def settled(installation: Installation, event: Event, now: datetime) -> None:
    """Somebody has looked: the receipt that was held back leaves, unless it was nobody's declaration."""
    found = await _find(event)
    if found is not None and found.is_suspect and event.payload["outcome"] == "settled":
        await _send_receipt(installation, found, now)


async def matched(installation: Installation, event: Event, now: datetime) -> None:
    """When the contract ends and what happens then, to the address on the form.

    Where that is the account's own, it is the session's receipt. Any other address is nobody's that we know: it hears
    the same without the link; and the link to a receipt that was there before is nobody's to give away at all.
    """
    found = await _find(event)
    row = await queries.find_session(event.session_id) if event.session_id else None
    if found is None or row is None:
        return
    workspace = await workspaces.get(installation.keyring, found.workspace_id)
    email = receipts.written(workspace, found.sealed_fields).email
    if email is None:
        return
    clear = await vault.find(workspace.id, workspace.data_key, row.subscription)
    if clear and clear.email and clear.email.casefold() == email.casefold() and not event.payload["already_declared"]:
        await _send_session_receipt(installation, workspace, event, row, email, now)
    else:
        await _send_end(installation, found, row, email, now)


async def _send_session_receipt(
    installation: Installation, workspace: WorkspaceSettings, event: Event, row: SessionRow, email: str, now: datetime
) -> None:
    """In the place of the session's own mail, unless that has left already."""
    receipt = ids.read("rcp", str(event.payload["receipt"]))
    sealed = await session_receipts.find_sealed(workspace.id, receipt) if receipt else None
    if receipt is None or sealed is None:
        return
    words, number = language(row.locale), ids.shown("rcp", receipt)
    documents = session_receipts.documents(workspace, sealed)
    url = f"{installation.base_url}/exit/receipts/{number}/{documents.secret}"
    sheet = Sheet(
        sender=workspace.name,
        title=words.say("Your cancellation is confirmed"),
        paragraphs=[words.say("We found your contract. This receipt says when it ends, and what happens then.")],
        document=documents.text,
        links=[Link(words.say("Manage your cancellation"), url), *_documents(url, words)],
    )
    content = stationery.mail(email, sheet, words)
    await db.transaction(lambda: letters.rewrite(workspace, f"receipt:{number}", event.kind, content, now, now))


async def _send_end(
    installation: Installation, found: Acknowledged, row: SessionRow, email: str, now: datetime
) -> None:
    """The end and its effects, with what was written on the form: nothing that is the account's alone to know."""
    form, context = laws.find(found.form, found.locale), await opening.context_of(installation, row, now)
    assert form is not None, "its form is one of ours"
    workspace, words, day = context.workspace, form.language, context.ending.effective_on
    effects = screens.ending_facts(
        replace(context.facts.subscription, plan=None),
        replace(context.ending, effective_on=None),
        in_words(workspace.data_after_exit, words.tag),
        words,
    )
    documents = receipts.documents(workspace, found.sealed_receipt)
    sheet = Sheet(
        sender=workspace.name,
        title=words.say("Your cancellation is confirmed"),
        paragraphs=[
            words.say("Your subscription ends on {day}.", day=words.date(day))
            if day
            else words.say("Your subscription ends.")
        ],
        points=[words.line(fact.label, fact.value) for fact in effects],
        document=documents.text,
        links=_documents(receipts.address(installation, found.id, documents.secret), words),
    )
    content = stationery.mail(email, sheet, words)
    key = _end_key(ids.shown("dcl", found.id))
    await db.transaction(lambda: letters.write(workspace, key, "declaration.matched", content, now))


def _documents(url: str, words: Language) -> list[Link]:
    return [Link(words.say("Save as web page"), f"{url}.html"), Link(words.say("Save as text"), f"{url}.txt")]


def letter_keys(event: Event) -> tuple[str, ...]:
    """What the mails go by about the declaration that this event matched; none for other events."""
    if event.kind != "declaration.matched":
        return ()
    declaration = str(event.payload["declaration"])
    return _receipt_key(declaration), _end_key(declaration)


def _receipt_key(declaration: str) -> str:
    return f"declaration:{declaration}"


def _end_key(declaration: str) -> str:
    return f"matched:{declaration}"


async def _find(event: Event) -> Acknowledged | None:
    declaration = ids.read("dcl", str(event.payload["declaration"]))
    return await receipts.find(declaration) if declaration else None


async def _send_receipt(installation: Installation, found: Acknowledged, now: datetime) -> None:
    workspace = await workspaces.get(installation.keyring, found.workspace_id)
    email, form = receipts.written(workspace, found.sealed_fields).email, laws.find(found.form, found.locale)
    if email is None or form is None:
        return
    documents = receipts.documents(workspace, found.sealed_receipt)
    say, url = form.language.say, receipts.address(installation, found.id, documents.secret)
    sheet = Sheet(
        sender=workspace.name,
        title=form.receipt.heading,
        paragraphs=[form.receipt.body],
        document=documents.text,
        links=_documents(url, form.language),
        closing=f"{say('Questions?')} {workspace.contact_email}" if workspace.contact_email else "",
    )
    content = stationery.mail(email, sheet, form.language)
    key = _receipt_key(ids.shown("dcl", found.id))
    await db.transaction(lambda: letters.write(workspace, key, "declaration.received", content, now))
