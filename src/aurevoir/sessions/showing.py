"""Gathering what a screen shows beside the questions: what was written before, the receipt, the offer, its labels."""

import structlog
from msgspec.structs import replace

from aurevoir.access.facts import SubscriptionFacts
from aurevoir.access.installation import Installation
from aurevoir.flows.packs import PACKS
from aurevoir.offers import presenting, wording
from aurevoir.offers.presenting import Presented
from aurevoir.offers.wording import OfferShown
from aurevoir.sessions import machine, queries, receipts
from aurevoir.sessions.context import Context
from aurevoir.sessions.ending import Ending
from aurevoir.sessions.labels import labels
from aurevoir.sessions.look import Look
from aurevoir.sessions.screen import OptionShown, ReceiptShown
from aurevoir.sessions.texts import localised
from aurevoir.sessions.visit import IN_RETURN, KEPT, WORKING

log = structlog.get_logger()


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
        labels=labels(found.version.flow, PACKS[row.pack], visit.offer, found.language.tag),
        notice=_notice(found),
        texts=await queries.get_texts(row.id, returning) if returning else {},
        receipt=receipt,
        offer=_offer_shown(found, presented) if presented else None,
        favours=_favours(found) if visit.step == IN_RETURN else (),
    )


async def barely(installation: Installation, found: Context, receipt: ReceiptShown | None = None) -> Look:
    """What is left to draw with where something went wrong: the interface's own words, and the receipt."""
    if found.visit.declared and receipt is None:
        receipt = await receipts.shown(installation, found.workspace, found.row.id, found.language, found.zone)
    return Look(
        language=found.language,
        seed=found.row.seed,
        subscription=SubscriptionFacts(id="-"),
        ending=Ending(effective_on=None),
        receipt=receipt,
    )


def _notice(found: Context) -> str:
    """What the customer would otherwise be left to wonder about, in the language of the interface."""
    words, wanted = found.language, found.facts.wanted
    if found.offer_is_gone and not found.visit.declared:
        return words.say("The offer is no longer available. Nothing has changed.")
    if wanted is None or found.visit.declared or found.visit.step != machine.begin(found.rules).step:
        return ""
    spoken = dict.fromkeys(words.name_of(tag) or tag for tag in found.version.flow.locales)
    return words.say(
        "This page is not available in this language yet: {language}. It is available in {languages}.",
        language=words.name_of(wanted) or wanted,
        languages=words.listed(tuple(spoken)),
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


def _offer_shown(found: Context, presented: Presented) -> OfferShown | None:
    """The terms of an offer, ready to read; accepting it freezes them."""
    agreement = presented.agreement
    try:
        told = wording.shown(agreement, found.version.flow.offers[agreement.offer], found.language)
    except Exception:
        if not found.visit.accepted:
            raise
        # It stands as it was agreed, though it cannot be said again: the way out is on this screen as well.
        log.exception("offer_not_worded", session=str(found.row.id))
        return None
    # Where it leads is for those who accepted.
    return told if found.visit.accepted else replace(told, link=None, link_label=None)


def _favours(found: Context) -> tuple[OptionShown, ...]:
    asked = found.version.flow.offers[found.visit.offer or ""].in_return
    return tuple(OptionShown(one.code, localised(one.label, found.language.tag)) for one in asked)
