"""From a declaration to the cancellation of a subscription, with the day on which it was declared."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from aurevoir.access import vault
from aurevoir.access.facts import Facts, SubscriptionFacts
from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import service as events
from aurevoir.kit import db, ids, mail
from aurevoir.kit.errors import Conflict, Invalid, Problem
from aurevoir.legal_forms import laws, receipts, worklist
from aurevoir.legal_forms.worklist import Row
from aurevoir.sessions import queries, recording
from aurevoir.sessions import receipts as receipts_of_sessions
from aurevoir.sessions import service as sessions
from aurevoir.sessions.recording import Said
from aurevoir.sessions.schemas import Visitor
from aurevoir.sessions.screen import ReceiptShown


class NotACancellation(Conflict):
    """Withdrawing from a contract undoes it from its beginning; that is not what ending a subscription does."""

    code: ClassVar[str] = "not_a_cancellation"
    message = "A withdrawal is carried out by hand: refund what is due, then settle it."


class Matched(Struct, frozen=True, kw_only=True):
    """The session that now stands for the declaration, and its own receipt, with the day of the end."""

    session: UUID
    # The customer had cancelled already: the receipt is theirs, and comes without its links.
    already_declared: bool
    receipt: ReceiptShown | None


async def match(
    installation: Installation,
    workspace: WorkspaceSettings,
    declaration: UUID,
    facts: Facts,
    flow: str | None,
    actor: str,
    now: datetime,
) -> Matched:
    """Record the cancellation on the customer's behalf, as of the moment of the declaration; all of it or nothing.

    `facts` tell the subscription as it was then. Raises NotFound, AlreadySeenTo, NotACancellation, FlowNotFound, and
    Invalid for an address that no mail reaches.
    """
    if facts.actor.email and not mail.is_address(facts.actor.email):
        raise Invalid(problems=[Problem("$.email", "is no e-mail address such as name@example.com")])
    return await db.transaction(lambda: _match(installation, workspace, declaration, facts, flow, actor, now))


async def _match(
    installation: Installation,
    workspace: WorkspaceSettings,
    declaration: UUID,
    facts: Facts,
    flow: str | None,
    actor: str,
    now: datetime,
) -> Matched:
    row = await worklist.get(workspace.id, declaration)
    if row.form == "eu-withdrawal":
        raise NotACancellation
    if row.state != "waiting":
        raise worklist.AlreadySeenTo
    visitor = Visitor(
        workspace=workspace.id,
        facts=_facts(facts, row, await _email(facts, row, workspace), workspace),
        mode="live",
        channel="agent",
        actor=actor,
        flow=flow,
    )
    shown, _ = await sessions.start(installation, visitor, now)
    session = ids.read("ses", shown.session.id)
    assert session is not None, "what was just shown can be read"
    before = await _count_declarations(session)
    # Notice periods count from the day of the declaration, not from the day somebody found the time.
    recorded = await recording.record(installation, session, Said(), actor, row.received_at)
    already_declared = await _count_declarations(session) == before
    matched = _matched(session, recorded.screen.receipt, already_declared=already_declared)
    await worklist.close(row, "matched", actor, now, session=session)
    await _record(row, matched, actor, now)
    return matched


async def _count_declarations(session: UUID) -> int:
    row = await queries.find_session(session)
    assert row is not None, "it was begun or found a moment ago"
    return row.declarations


def _matched(session: UUID, receipt: ReceiptShown | None, *, already_declared: bool) -> Matched:
    # Whoever sends it on to the address on the form would hand a stranger what is the customer's.
    shown = receipts_of_sessions.without_links(receipt) if already_declared and receipt else receipt
    return Matched(session=session, already_declared=already_declared, receipt=shown)


async def _email(facts: Facts, row: Row, workspace: WorkspaceSettings) -> str | None:
    """The account's, as the operator or a customer token told it; the one on the form is anybody's word."""
    names = vault.pseudonyms(workspace.data_key, facts.sub, facts.subscription.id)
    known = await vault.find(workspace.id, workspace.data_key, names.subscription)
    theirs = known.email if known and known.customer == facts.sub else None
    return facts.actor.email or theirs or receipts.written(workspace, row.sealed_fields).email


def _facts(facts: Facts, row: Row, email: str | None, workspace: WorkspaceSettings) -> Facts:
    """The operator's facts, and what the form knows where they are silent."""
    form = laws.find(row.form, row.locale)
    assert form is not None, "its form is one of ours"
    return replace(
        facts,
        subscription=_as_wished(facts.subscription, row, workspace),
        actor=replace(facts.actor, email=email, may_cancel=True),
        locale=facts.locale or row.locale,
        country=facts.country or form.country,
        consumer=True if facts.consumer is None else facts.consumer,
        zone=facts.zone or form.zone,
    )


def _as_wished(subscription: SubscriptionFacts, row: Row, workspace: WorkspaceSettings) -> SubscriptionFacts:
    """A later end than the earliest one is the customer's to choose: not before that day."""
    wished = row.wished_on
    if wished is None or wished <= workspace.local(row.received_at).date():
        return subscription
    return replace(subscription, commitment_ends_on=max(wished, subscription.commitment_ends_on or wished))


async def _record(row: Row, matched: Matched, actor: str, now: datetime) -> None:
    session, receipt = matched.session, matched.receipt
    told = {
        "declaration": ids.shown("dcl", row.id),
        "form": row.form,
        "already_declared": matched.already_declared,
        "receipt": receipt.id if receipt else None,
        "effective_on": receipt.effective_on if receipt else None,
    }
    await events.record(
        "declaration.matched", workspace=row.workspace_id, actor=actor, now=now, session=session, payload=told
    )
