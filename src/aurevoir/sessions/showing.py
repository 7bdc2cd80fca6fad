"""Gathering what a screen shows beside the questions: what was written before, the receipt, the offer."""

from msgspec.structs import replace

from aurevoir.access.installation import Installation
from aurevoir.offers import presenting, wording
from aurevoir.offers.presenting import Presented
from aurevoir.offers.wording import OfferShown
from aurevoir.sessions import machine, queries, receipts
from aurevoir.sessions.context import Context
from aurevoir.sessions.look import Look
from aurevoir.sessions.screen import OptionShown, ReceiptShown
from aurevoir.sessions.screens import localised
from aurevoir.sessions.visit import IN_RETURN, KEPT, WORKING


async def look_of(installation: Installation, found: Context, receipt: ReceiptShown | None = None) -> Look:
    """What drawing this visit needs; what is not on its screen is not read."""
    visit, row = found.visit, found.row
    if visit.declared and receipt is None:
        receipt = await receipts.shown(installation, found.workspace, row.id, found.language, found.zone)
    plan = machine.survey_screen(visit, found.rules)
    returning = [] if plan is None else [step.id for step in (plan.step, *plan.also) if step.id in visit.given]
    presented = await _presented(found)
    return Look(
        language=found.language,
        seed=row.seed,
        subscription=found.facts.subscription,
        ending=found.ending,
        data_after_exit=found.data_after_exit,
        texts=await queries.get_texts(row.id, returning) if returning else {},
        receipt=receipt,
        offer=_offer_shown(found, presented) if presented else None,
        favours=_favours(found) if visit.step == IN_RETURN else (),
    )


async def _presented(found: Context) -> Presented | None:
    """The offer that is on the screen, as it was shown first."""
    visit = found.visit
    if machine.on_offer(visit, found.rules):
        return found.presented
    agreed = visit.accepted and not visit.declared and visit.step in (KEPT, WORKING)
    if not agreed or visit.offer is None:
        return None
    return found.presented or await presenting.find(found.row.id, visit.offer)


def _offer_shown(found: Context, presented: Presented) -> OfferShown:
    """The terms of an offer, ready to read; accepting it freezes them."""
    agreement = presented.agreement
    told = wording.shown(agreement, found.version.flow.offers[agreement.offer], found.language)
    # Where it leads is for those who accepted.
    return told if found.visit.accepted else replace(told, link=None, link_label=None)


def _favours(found: Context) -> tuple[OptionShown, ...]:
    asked = found.version.flow.offers[found.visit.offer or ""].in_return
    return tuple(OptionShown(one.code, localised(one.label, found.language.tag)) for one in asked)
