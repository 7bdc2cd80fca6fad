"""What a message says: the fact, and all that a CRM needs about it, filled in when it is sent and never stored."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from aurevoir.access import vault
from aurevoir.access.facts import StoredFacts
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import service as events
from aurevoir.events.service import Event
from aurevoir.flows import service as flows
from aurevoir.flows.service import Version
from aurevoir.kit import ids
from aurevoir.offers import told
from aurevoir.offers.told import RedemptionTold
from aurevoir.sessions import listing, queries
from aurevoir.sessions.listing import AnswerSummary
from aurevoir.sessions.queries import SessionRow
from aurevoir.sessions.texts import localised

Ended = Literal["cancelled", "saved", "kept", "needs_help", "abandoned"]
OUTCOMES: dict[str, Ended] = {
    "leaving": "cancelled",
    "left": "cancelled",
    "saving": "saved",
    "saved": "saved",
    "kept": "kept",
    "undone": "kept",
    "needs_help": "needs_help",
    "abandoned": "abandoned",
}
_facts = msgspec.json.Decoder(StoredFacts)


class Reason(Struct, frozen=True, kw_only=True):
    """The primary reason; the label in the workspace's language."""

    code: str
    label: str
    category: str | None


class SessionTold(Struct, frozen=True, kw_only=True):
    """The visit as it stands when the message is sent; money in minor units, `mrr` each month."""

    id: str
    url: str
    channel: str
    flow: str
    version: int
    state: str
    outcome: Ended | None
    pack: str
    locale: str
    reason: Reason | None
    choices: dict[str, tuple[str, ...]]
    scores: dict[str, int]
    # Only for receivers that asked for what customers write.
    comments: dict[str, str] | None
    mrr: int | None
    currency: str | None
    started_at: datetime
    decided_at: datetime | None
    effective_on: date | None
    receipt: str | None


class CustomerTold(Struct, frozen=True, kw_only=True):
    """`id` is the operator's own, null once it was erased; `reference` is ours, and the same for ever."""

    id: str | None
    reference: str


class SubscriptionTold(Struct, frozen=True, kw_only=True):
    """As the customer token stated it; `id` and `reference` as the customer's."""

    id: str | None
    reference: str
    plan: str | None
    amount: int | None
    currency: str | None
    interval: str | None
    quantity: int | None
    status: str | None
    started_on: date | None
    renews_on: date | None


class Data(Struct, frozen=True, kw_only=True):
    """What an event is about; `details` is what the event itself carries."""

    mode: str
    workspace: str
    details: dict[str, Any]
    session: SessionTold | None = None
    customer: CustomerTold | None = None
    subscription: SubscriptionTold | None = None
    redemption: RedemptionTold | None = None
    attributes: dict[str, Any] | None = None


class Envelope(Struct, frozen=True, kw_only=True):
    """A message; `timestamp` is the moment of the fact, the header's that of the attempt."""

    id: str
    type: str
    timestamp: datetime
    data: Any


async def of_event(workspace: WorkspaceSettings, base_url: str, event: Event, *, comments: bool) -> Data:
    """All that is known about it now."""
    row = await queries.find_session(event.session_id) if event.session_id else None
    if row is None:
        return Data(mode=event.mode, workspace=workspace.key, details=event.payload)
    clear = await vault.find(workspace.id, workspace.data_key, row.subscription)
    facts = _facts.decode(row.facts)
    of_subscription = {name: getattr(facts.subscription, name) for name in SubscriptionTold.__struct_fields__[2:]}
    return Data(
        mode=event.mode,
        workspace=workspace.key,
        details=event.payload,
        session=await _session(workspace, base_url, row, comments=comments),
        customer=CustomerTold(id=clear.customer if clear else None, reference=row.customer),
        subscription=SubscriptionTold(
            id=clear.subscription if clear else None, reference=row.subscription, **of_subscription
        ),
        redemption=await _redemption(workspace.id, event),
        attributes=facts.attributes,
    )


async def _session(workspace: WorkspaceSettings, base_url: str, row: SessionRow, *, comments: bool) -> SessionTold:
    summary = await listing.find_summary(workspace.id, row.id)
    answers: Sequence[AnswerSummary] = summary.answers if summary else ()
    version = await flows.version(row.version_id)
    return SessionTold(
        id=ids.shown("ses", row.id),
        url=session_url(base_url, row.id),
        channel=row.channel,
        flow=row.flow,
        version=version.number,
        state=row.state,
        outcome=OUTCOMES.get(row.state),
        pack=row.pack,
        locale=row.locale,
        reason=reason(version, answers, workspace.locale),
        choices={one.step: one.choices for one in answers if one.choices},
        scores={one.step: one.value for one in answers if one.value is not None},
        comments={one.step: one.text for one in answers if one.text} if comments else None,
        mrr=row.mrr,
        currency=row.currency,
        started_at=row.started_at,
        decided_at=row.decided_at,
        effective_on=row.ends_on,
        receipt=await _receipt(workspace.id, row.id),
    )


def session_url(base_url: str, session: UUID) -> str:
    """Where an operator finds the session."""
    return f"{base_url}/api/v1/sessions/{ids.shown('ses', session)}"


def reason(version: Version, answers: Sequence[AnswerSummary], locale: str) -> Reason | None:
    """What was given as the primary reason, if anything."""
    step = version.reason_step
    code = next((one.choices[0] for one in answers if one.step == step.id and one.choices), None)
    option = next((one for one in step.options if one.code == code), None)
    if option is None:
        return None
    return Reason(code=option.code, label=localised(option.label, locale), category=option.category)


async def _receipt(workspace: UUID, session: UUID) -> str | None:
    """Of the latest declaration, unless it was taken back."""
    happened = await events.list_of_session(workspace, session)
    words = [one for one in happened if one.kind in ("cancellation.declared", "cancellation.undone")]
    return words[-1].payload.get("receipt") if words else None


async def _redemption(workspace: UUID, event: Event) -> RedemptionTold | None:
    """The one that the event is about, else the session's latest."""
    named = ids.read("rdm", str(event.payload.get("redemption", "")))
    if named is not None:
        return await told.find(workspace, named)
    return await told.find_latest(workspace, event.session_id) if event.session_id else None
