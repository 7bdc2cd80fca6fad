"""What `evidence.json` says of a visit, and its shape."""

from collections.abc import Container
from datetime import date
from typing import Any

import msgspec
from msgspec import Struct

from aurevoir.kit import crypto, ids
from aurevoir.sessions import chain
from aurevoir.sessions.case_file import CaseFile, IssuedReceipt, Kept
from aurevoir.sessions.chain import Breach, Link
from aurevoir.sessions.leaving import Leaving, Step, leaving

FORMAT = 1


class VisitTold(Struct, frozen=True, kw_only=True):
    """The visit: where from, under which rules and why, in which language; the ids are the workspace's pseudonyms."""

    id: str
    mode: str
    channel: str
    state: str
    pack: str
    pack_reason: str
    locale: str
    customer: str
    subscription: str
    started_at: str


class TemplateTold(Struct, frozen=True, kw_only=True):
    """The published version that the visit followed."""

    flow: str
    version: int
    sha256: str
    published_by: str
    published_at: str
    overrides: list[dict[str, Any]]


class ChainTold(Struct, frozen=True, kw_only=True):
    """Whether the chain held when this was made; `head` and `exhibits` are what the session itself keeps."""

    exhibits: int
    head: str | None
    holds: bool
    breaks_at: int | None = None
    problem: str | None = None


class ExhibitTold(Struct, frozen=True, kw_only=True):
    """An exhibit; `payload` and `screen` name files, and are null where it was erased or shows nothing."""

    number: int
    at: str
    kind: str
    digest: str
    link: str
    erased: bool
    payload: str | None
    screen: str | None
    happened: dict[str, Any] | None


class EventTold(Struct, frozen=True, kw_only=True):
    """A fact that was recorded of the visit."""

    id: str
    kind: str
    at: str
    actor: str
    payload: dict[str, Any]


class OfferTold(Struct, frozen=True, kw_only=True):
    """An offer that came into question: shown or why not, taken or not, and the terms that were frozen then."""

    offer: str
    kind: str
    shown: bool
    why_not: str | None
    at: str
    honoured_until: str | None
    accepted: bool
    terms: dict[str, Any] | None
    carried_out: str | None


class ReceiptTold(Struct, frozen=True, kw_only=True):
    """A receipt as it was issued; without files once it was erased."""

    id: str
    issued_at: str
    effective_on: date | None
    undone_at: str | None
    files: list[str]


class Evidence(Struct, frozen=True, kw_only=True):
    """`evidence.json`."""

    format: int
    product: str
    session: VisitTold
    template: TemplateTold | None
    leaving: Leaving
    chain: ChainTold
    exhibits: list[ExhibitTold]
    offers: list[OfferTold]
    receipts: list[ReceiptTold]
    events: list[EventTold]


def tell(case: CaseFile, pages: Container[int]) -> Evidence:
    """All of it; `pages` are the numbers of the exhibits whose screens are in the pack."""
    row = case.session
    session = ids.shown("ses", row.id)
    return Evidence(
        format=FORMAT,
        product=case.product,
        session=VisitTold(
            id=session,
            mode=row.mode,
            channel=row.channel,
            state=row.state,
            pack=row.pack,
            pack_reason=row.pack_reason,
            locale=row.locale,
            customer=row.customer,
            subscription=row.subscription,
            started_at=chain.moment(row.started_at),
        ),
        template=_template(case),
        leaving=leaving([Step(kind=one.kind, at=one.at) for one in case.exhibits]),
        chain=_chain(case, session),
        exhibits=[_exhibit(one, has_page=one.number in pages) for one in case.exhibits],
        offers=_offers(case),
        receipts=[_receipt(one) for one in case.receipts],
        events=[
            EventTold(
                id=ids.shown("evt", one.id),
                kind=one.kind,
                at=chain.moment(one.at),
                actor=one.actor,
                payload=one.payload,
            )
            for one in case.events
        ],
    )


def _template(case: CaseFile) -> TemplateTold | None:
    if (version := case.version) is None:
        return None
    return TemplateTold(
        flow=case.session.flow,
        version=version.number,
        sha256=version.source_hash,
        published_by=version.published_by,
        published_at=chain.moment(version.published_at),
        overrides=[msgspec.to_builtins(one) for one in version.overrides],
    )


def _chain(case: CaseFile, session: str) -> ChainTold:
    row = case.session
    breach = find_breach(case, session)
    return ChainTold(
        exhibits=row.exhibits,
        head=row.evidence_head,
        holds=breach is None,
        breaks_at=breach.exhibit if breach else None,
        problem=breach.what if breach else None,
    )


def find_breach(case: CaseFile, session: str) -> Breach | None:
    """The first place where the chain, or a payload, is not what was written."""
    links = [
        Link(number=one.number, at=chain.moment(one.at), kind=one.kind, digest=one.digest, link=one.link)
        for one in case.exhibits
    ]
    found = [chain.find_breach(session, links, case.session.exhibits, case.session.evidence_head)]
    found += [Breach(one.number, "its payload was changed") for one in case.exhibits if _is_damaged(one)]
    return min(filter(None, found), key=lambda breach: breach.exhibit, default=None)


def _is_damaged(one: Kept) -> bool:
    return one.holds == "damaged" or (one.payload is not None and crypto.sha256(one.payload) != one.digest)


def _exhibit(one: Kept, *, has_page: bool) -> ExhibitTold:
    opened = one.opened
    screen = opened.screen if opened else None
    return ExhibitTold(
        number=one.number,
        at=chain.moment(one.at),
        kind=one.kind,
        digest=one.digest,
        link=one.link,
        erased=one.holds == "erased",
        payload=f"exhibits/{one.number:02}-{one.kind}.json" if one.payload is not None else None,
        screen=f"screens/{one.number:02}-{screen.step}.html" if screen and has_page else None,
        happened=opened.happened if opened else None,
    )


def _offers(case: CaseFile) -> list[OfferTold]:
    taken = {one.payload.get("offer") for one in case.events if one.kind == "offer.accepted"}
    agreed = {one.offer: one for one in case.redemptions if one.offer}
    return [
        OfferTold(
            offer=one.offer,
            kind=one.kind,
            shown=one.why_not is None,
            why_not=one.why_not,
            at=chain.moment(one.at),
            honoured_until=chain.moment(one.honoured_until) if one.honoured_until else None,
            accepted=one.offer in taken,
            terms=agreed[one.offer].terms if one.offer in agreed else None,
            carried_out=agreed[one.offer].state if one.offer in agreed else None,
        )
        for one in case.presentations
    ]


def _receipt(one: IssuedReceipt) -> ReceiptTold:
    return ReceiptTold(
        id=ids.shown("rcp", one.id),
        issued_at=chain.moment(one.issued_at),
        effective_on=one.effective_on,
        undone_at=chain.moment(one.undone_at) if one.undone_at else None,
        files=list(receipt_files(one)) if one.documents else [],
    )


def receipt_files(one: IssuedReceipt) -> tuple[str, str]:
    name = f"receipts/{ids.shown('rcp', one.id)}"
    return f"{name}.txt", f"{name}.html"
