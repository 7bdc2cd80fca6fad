"""From a stored session to what the machine and the drawing need."""

from datetime import date

import msgspec
from msgspec import Struct

from aurevoir.access.facts import StoredFacts
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.flows.experiments import Arms
from aurevoir.flows.graph import ScreenPlan
from aurevoir.flows.packs import PACKS
from aurevoir.flows.service import Version
from aurevoir.flows.steps import ConfirmStep, OfferStep
from aurevoir.kit.conditions import Value
from aurevoir.kit.i18n import Language, language
from aurevoir.offers.presenting import Presented
from aurevoir.offers.terms import kind_of
from aurevoir.sessions import ending as endings
from aurevoir.sessions.ending import Ending
from aurevoir.sessions.queries import SessionRow
from aurevoir.sessions.texts import Words, in_words
from aurevoir.sessions.visit import Order, Rules, Visit

_MRR_BANDS = ((0, "none"), (2_000, "under_20"), (10_000, "20_to_100"), (50_000, "100_to_500"), (250_000, "500_to_2500"))


# Kinds of offer that there is nothing to carry out of.
AT_ONCE = frozenset({"guide", "contact"})


class Context(Struct, frozen=True, kw_only=True):
    """One session with all that shapes it."""

    workspace: WorkspaceSettings
    version: Version
    row: SessionRow
    visit: Visit
    facts: StoredFacts
    rules: Rules
    language: Language
    ending: Ending
    # Of the experiments that ran when it began.
    arms: Arms
    # The offer on the screen, as it was shown.
    presented: Presented | None = None
    # Whether an offer was on the screen that cannot be had any more.
    offer_is_gone: bool = False

    @property
    def zone(self) -> str:
        """In which the customer reads moments: their own zone where it is known, else the workspace's."""
        return self.facts.zone or self.workspace.zone

    @property
    def data_after_exit(self) -> Words:
        """What happens to the customer's data, in words of the operator."""
        return in_words(self.workspace.data_after_exit, self.language.tag)


_facts = msgspec.json.Decoder(StoredFacts)
_arms = msgspec.json.Decoder(Arms)
_visit = msgspec.json.Decoder(Visit)


def visit_of(row: SessionRow) -> Visit:
    """Where the customer stood when it was stored."""
    return _visit.decode(row.visit)


def offer_took_effect(row: SessionRow, version: Version) -> bool:
    """Whether billing carried out what was accepted: then the visit is over."""
    visit = visit_of(row)
    return visit.accepted and kind_of(version.flow.offers[visit.offer or ""]) not in AT_ONCE


def context(row: SessionRow, workspace: WorkspaceSettings, version: Version, today: date) -> Context:
    """Everything about the session on the workspace's day `today`."""
    facts, visit, words = _facts.decode(row.facts), visit_of(row), language(row.locale)
    # Declared once, the day stands, whenever the receipt is looked at.
    declared_on = workspace.local(row.decided_at).date() if visit.declared and row.decided_at else today
    ends = endings.ending(facts.subscription, declared_on)
    return Context(
        workspace=workspace,
        version=version,
        row=row,
        visit=visit,
        facts=facts,
        rules=_rules(row, facts, version, words, today),
        language=words,
        ending=ends,
        arms=_arms.decode(row.arms) if row.arms else Arms(),
    )


def _rules(row: SessionRow, facts: StoredFacts, version: Version, words: Language, today: date) -> Rules:
    """What the machine must know; the pack decides the order, never the template."""
    order: Order = "survey_only" if row.channel == "after_exit" else PACKS[row.pack].order
    offers, is_surveyed = version.flow.offers, row.answers_withdrawn_at is None
    return Rules(
        # Whoever took their answers back is not asked again in this visit.
        plans=version.plans if is_surveyed else tuple(filter(_asks_nothing, version.plans)),
        order=order,
        attributes=attributes(facts, row.locale, row.mrr, today),
        say=words.say,
        may_cancel=facts.may_cancel,
        may_undo=row.ends_on is None or today < row.ends_on,
        gated=PACKS[row.pack].gated,
        at_once=frozenset(key for key, offer in offers.items() if kind_of(offer) in AT_ONCE),
        favours={key: tuple(one.code for one in offer.in_return) for key, offer in offers.items() if offer.in_return},
    )


def _asks_nothing(plan: ScreenPlan) -> bool:
    return isinstance(plan.step, OfferStep | ConfirmStep)


def attributes(facts: StoredFacts, locale: str, mrr: int | None, today: date) -> dict[str, Value]:
    """What conditions may look at: the operator's attributes and the built-in ones, which win."""
    subscription = facts.subscription
    own: dict[str, Value] = {key: value for key, value in facts.attributes.items() if not isinstance(value, float)}
    return own | {
        "plan": subscription.plan,
        "amount": subscription.amount,
        "currency": subscription.currency,
        "interval": subscription.interval,
        "quantity": subscription.quantity,
        "status": subscription.status,
        "started_on": subscription.started_on,
        "renews_on": subscription.renews_on,
        "commitment_ends_on": subscription.commitment_ends_on,
        "locale": locale,
        "country": facts.country,
        "region": facts.region,
        "consumer": facts.consumer,
        "tenure_days": subscription.started_on and (today - subscription.started_on).days,
        "days_to_renewal": subscription.renews_on and (subscription.renews_on - today).days,
        "mrr_band": mrr_band(mrr),
    }


def mrr_band(mrr: int | None) -> str | None:
    """The band of a monthly revenue in minor units: `none`, `under_20`, … `over_2500` (major units of two decimals)."""
    if mrr is None:
        return None
    return next((name for limit, name in _MRR_BANDS if mrr <= limit), "over_2500")
