"""Everything that is held about one customer, as one document: docs/privacy.md explains its members."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from aurevoir.access import vault, workspaces
from aurevoir.access.installation import Installation
from aurevoir.access.vault import IdentityHeld
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import snapshots
from aurevoir.billing.snapshots import SnapshotHeld
from aurevoir.events import letters
from aurevoir.events import service as events
from aurevoir.events.letters import LetterHeld
from aurevoir.events.service import Event
from aurevoir.flows import experiments
from aurevoir.flows.experiments import AssignmentHeld
from aurevoir.kit import ids
from aurevoir.kit.errors import NotFound
from aurevoir.legal_forms import mails as legal_mails
from aurevoir.legal_forms import telling as legal_forms
from aurevoir.legal_forms.telling import FormHeld
from aurevoir.offers import telling as offers
from aurevoir.offers.telling import FavourHeld, GrantHeld, PresentationHeld, RedemptionHeld
from aurevoir.privacy import holders
from aurevoir.sessions import mails, queries
from aurevoir.sessions import telling as sessions
from aurevoir.sessions.answers_told import AnswerHeld
from aurevoir.sessions.telling import DeclarationHeld, ExhibitHeld, VisitHeld
from aurevoir.subscriptions import telling as subscriptions
from aurevoir.subscriptions.telling import ExitHeld, PaymentHeld, StateHeld, SubscriptionHeld
from aurevoir.webhooks import recipients
from aurevoir.webhooks.recipients import Recipient

FORMAT = "aurevoir.customer.1"


class CustomerNamed(Struct, frozen=True, kw_only=True):
    """`id` is the operator's own, null once it was erased; `reference` is the pseudonym in every other row."""

    id: str | None
    reference: str


class EventHeld(Struct, frozen=True, kw_only=True):
    """Something that happened in a visit, with the codes that it carries."""

    session: str
    kind: str
    at: datetime
    by: str
    details: dict[str, Any]


class CustomerFile(Struct, frozen=True, kw_only=True):
    """What one workspace holds about one customer: each list in order of time, times in UTC, money in minor units."""

    format: str
    told_at: datetime
    workspace: str
    product: str
    customer: CustomerNamed
    identities: Sequence[IdentityHeld]
    visits: Sequence[VisitHeld]
    answers: Sequence[AnswerHeld]
    declarations: Sequence[DeclarationHeld]
    forms: Sequence[FormHeld]
    exhibits: Sequence[ExhibitHeld]
    events: Sequence[EventHeld]
    experiments: Sequence[AssignmentHeld]
    presentations: Sequence[PresentationHeld]
    redemptions: Sequence[RedemptionHeld]
    grants: Sequence[GrantHeld]
    favours: Sequence[FavourHeld]
    subscriptions: Sequence[SubscriptionHeld]
    subscription_states: Sequence[StateHeld]
    payments: Sequence[PaymentHeld]
    exits_elsewhere: Sequence[ExitHeld]
    billing_snapshots: Sequence[SnapshotHeld]
    letters: Sequence[LetterHeld]
    recipients: Sequence[Recipient]


async def by_receipt(installation: Installation, receipt: UUID, secret: str, now: datetime) -> CustomerFile:
    """What is held about the customer whose receipt this is, in its mode: a test must not open what is live.

    Raises NotFound, alike for a wrong id and a wrong secret, and Forbidden.
    """
    proof = await holders.for_data(receipt, secret)
    row = await queries.find_session(proof.session_id)
    if row is None:
        raise NotFound
    workspace = await workspaces.get(installation.keyring, proof.workspace_id)
    return await _tell(workspace, row.customer, row.mode, now)


async def by_id(installation: Installation, workspace: UUID, customer: str, now: datetime) -> CustomerFile:
    """What is held about the customer of this id (the operator's own), in both modes; raises NotFound for nothing."""
    settings = await workspaces.get(installation.keyring, workspace)
    told = await _tell(settings, vault.pseudonyms(settings.data_key, customer, "").customer, None, now)
    if not any((told.identities, told.visits, told.grants, told.subscriptions, told.payments, told.exits_elsewhere)):
        raise NotFound
    return told


async def _tell(workspace: WorkspaceSettings, customer: str, mode: str | None, now: datetime) -> CustomerFile:
    visited = await sessions.list_sessions(workspace.id, customer, mode)
    held = await sessions.tell(workspace, visited)
    happened = await events.list_of_sessions(workspace.id, visited)
    offered = await offers.tell(workspace, customer, mode, visited)
    billed = await subscriptions.tell(workspace, customer, mode)
    known = subscriptions.references(billed) | {visit.subscription for visit in held.visits}
    named = await vault.tell(workspace.id, workspace.data_key, customer)
    return CustomerFile(
        format=FORMAT,
        told_at=now,
        workspace=workspace.key,
        product=workspace.name,
        customer=CustomerNamed(id=named[0].customer if named else None, reference=customer),
        identities=[one for one in named if mode is None or one.reference in known],
        visits=held.visits,
        answers=held.answers,
        declarations=held.declarations,
        forms=await legal_forms.tell(workspace, visited),
        exhibits=held.exhibits,
        events=[_event(event) for event in happened],
        experiments=await experiments.tell(workspace.id, sorted(known)) if mode != "test" else (),
        presentations=offered.presentations,
        redemptions=offered.redemptions,
        grants=offered.grants,
        favours=offered.favours,
        subscriptions=billed.subscriptions,
        subscription_states=billed.states,
        payments=billed.payments,
        exits_elsewhere=billed.exits,
        billing_snapshots=await snapshots.tell(workspace, sorted(known), mode),
        letters=await letters.tell(workspace.id, _letter_keys(happened)),
        recipients=await recipients.tell(workspace, happened),
    )


def _letter_keys(happened: Sequence[Event]) -> list[str]:
    of_visits = [key for event in happened if (key := mails.letter_key(event))]
    return [*of_visits, *(key for event in happened for key in legal_mails.letter_keys(event))]


def _event(event: Event) -> EventHeld:
    # A key of the operator's is theirs, and no news of the customer's.
    by = "operator" if event.actor.startswith("key_") else event.actor
    session = ids.shown("ses", event.session_id) if event.session_id else ""
    return EventHeld(session=session, kind=event.kind, at=event.at, by=by, details=event.payload)
