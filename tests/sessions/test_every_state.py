"""Every state that the starters can lead to, in every pack, visited one by one: none is further from the way out."""

import os
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from itertools import product
from typing import Any

import pytest
from msgspec.structs import replace

from aurevoir.access.facts import SubscriptionFacts
from aurevoir.flows import graph, starters
from aurevoir.flows.packs import PACKS, PackName
from aurevoir.flows.reading import read_flow
from aurevoir.flows.steps import ChoiceStep, Flow, ScaleStep
from aurevoir.kit.conditions import Value
from aurevoir.kit.i18n import language
from aurevoir.offers.terms import Contact, Guide
from aurevoir.offers.wording import OfferShown
from aurevoir.sessions import machine, screens
from aurevoir.sessions.ending import Ending
from aurevoir.sessions.labels import labels
from aurevoir.sessions.look import Look
from aurevoir.sessions.moves import Accept, Answer, Back, Cancel, Decline, Keep, Move, SeeOffer, Skip, Undo
from aurevoir.sessions.screen import Action, Screen
from aurevoir.sessions.visit import IN_RETURN, RECEIPT, Rules, Visit
from tests.sessions.walks import VISITED

FACTS: Mapping[str, Value] = {
    "plan": "pro",
    "amount": 4900,
    "currency": "EUR",
    "interval": "month",
    "status": "active",
    "tenure_days": 400,
    "started_on": date(2025, 1, 1),
    "renews_on": date(2027, 1, 1),
    "country": "ES",
    "consumer": True,
    "seats": 5,
}
_PLAIN: tuple[type[Skip | Back | SeeOffer | Decline | Keep | Undo], ...] = (Skip, Back, SeeOffer, Decline, Keep, Undo)
_KINDS = {kind.__struct_config__.tag: kind for kind in _PLAIN}


@cache
def _flow(key: str) -> Flow:
    return read_flow(starters.starter(key))


def _rules(flow: Flow, pack: PackName) -> Rules:
    """Whatever a reason names is to be had."""
    reason = graph.reason_step(flow)
    named = {option.code: option.offers for option in reason.options}

    def fitting(answers: Mapping[str, Value]) -> str | None:
        given = answers.get(reason.id)
        return next(iter(named[str(given[0])]), None) if isinstance(given, tuple) else None

    return Rules(
        plans=graph.plan(flow),
        order=PACKS[pack].order,
        gated=PACKS[pack].gated,
        attributes=FACTS,
        say=language("en").say,
        fitting_offer=fitting,
        at_once=frozenset(key for key, offer in flow.offers.items() if isinstance(offer, Guide | Contact)),
        favours={key: tuple(one.code for one in offer.in_return) for key, offer in flow.offers.items()},
    )


def _draw(visit: Visit, rules: Rules, flow: Flow, pack: PackName) -> Screen:
    offer = OfferShown(key=visit.offer or "", kind="-", headline="-", body="", terms=())
    look = Look(
        language=language("en"),
        seed=1,
        subscription=SubscriptionFacts(id="-"),
        ending=Ending(effective_on=None),
        labels=labels(flow, PACKS[pack], visit.offer, "en"),
        offer=offer if machine.on_offer(visit, rules) else None,
    )
    return screens.draw(visit, rules, look)


def _moves(visit: Visit, screen: Screen, rules: Rules) -> Iterator[Move]:
    """Everything that the screen offers, a question answered in every way that makes a difference."""
    for action in screen.actions:
        if action.move == "answer":
            yield from _answers(visit, rules)
        elif action.move == "accept":
            yield Accept(revision=visit.revision, offer=visit.offer or "")
        elif action.move != "cancel":
            yield _KINDS[action.move](revision=visit.revision, step=action.step)
        else:
            yield Cancel(step=action.step)


def _answers(visit: Visit, rules: Rules) -> Iterator[Move]:
    plan = machine.survey_screen(visit, rules)
    step = plan.step if plan else None
    codes = [one.code for one in step.options] if isinstance(step, ChoiceStep) else rules.favours.get(visit.offer or "")
    if step is None or isinstance(step, ChoiceStep):
        for code in codes or ():
            yield Answer(revision=visit.revision, step=visit.step, choices=(code,))
    elif isinstance(step, ScaleStep):
        for value in (step.low, step.high):
            yield Answer(revision=visit.revision, step=visit.step, value=value)
    else:
        yield Answer(revision=visit.revision, step=visit.step, text="Because")


def _after(visit: Visit, screen: Screen, rules: Rules) -> Iterator[Visit]:
    """Where each move leads, and whatever else can happen meanwhile."""
    for move in _moves(visit, screen, rules):
        yield machine.apply(visit, move, rules).visit
    if visit.state == "open":
        yield machine.reopen(replace(visit, state="abandoned"), rules)
    yield machine.reopen(visit, rules)
    for kind in ("cancel", "undo_cancel", "discount"):
        for confirmed in (True, False):
            yield machine.settled(visit, confirmed=confirmed, kind=kind)


def _known(visit: Visit, rules: Rules) -> Visit:
    """The same without what only counts, and without answers to questions that are not on the way any more."""
    way = graph.way(rules.plans, rules.attributes, machine.answers_of(visit))
    asked = {step.id for plan in way for step in (plan.step, *plan.also)}
    return replace(
        visit,
        revision=0,
        declarations=min(visit.declarations, 1),
        given={step: visit.given[step] for step in sorted(asked & set(visit.given))},
        skipped=tuple(sorted(asked & set(visit.skipped))),
    )


def _every(flow: Flow, pack: PackName, rules: Rules) -> Iterator[tuple[Visit, Screen]]:
    begun = machine.begin(rules)
    seen, waiting = {str(begun)}, deque([begun])
    while waiting:
        visit = waiting.popleft()
        screen = _draw(visit, rules, flow, pack)
        yield visit, screen
        for after in _after(visit, screen, rules):
            known = _known(after, rules)
            if str(known) not in seen:
                seen.add(str(known))
                waiting.append(known)


def _pressed(visit: Visit, action: Action, rules: Rules) -> Visit:
    return machine.apply(visit, Cancel(step=action.step), rules).visit


def _presses_to_the_receipt(visit: Visit, screen: Screen, rules: Rules, flow: Flow, pack: PackName) -> list[str]:
    """The steps that pressing cancel leads through, the receipt last."""
    steps: list[str] = []
    while screen.kind != "receipt" and len(steps) < 5:
        [leave] = [action for action in screen.actions if action.move == "cancel"]
        visit = _pressed(visit, leave, rules)
        screen = _draw(visit, rules, flow, pack)
        steps.append(visit.step)
    return steps


def _cases() -> Iterator[Any]:
    """The short starter in every pack; the others where packs differ most, and in all of them in the audit."""
    for starter, pack in product(starters.list_starters(), VISITED):
        is_short = starter == "saas_short"
        differs = pack in ("base", "de") or (starter, pack) == ("crisis_relief", "strict")
        if is_short or differs or "AUREVOIR_AUDIT" in os.environ:
            yield pytest.param(starter, pack, marks=() if is_short else pytest.mark.slow)


@pytest.mark.parametrize(("starter", "pack"), list(_cases()))
def test_no_state_is_more_than_two_presses_from_the_receipt(starter: str, pack: PackName) -> None:
    """One to the confirmation, one more to the receipt; and never more than three screens before it."""
    flow = _flow(starter)
    rules = _rules(flow, pack)
    states = 0
    for visit, screen in _every(flow, pack, rules):
        states += 1
        if visit.declared:
            continue
        steps = _presses_to_the_receipt(visit, screen, rules, flow, pack)
        assert steps in ([rules.confirm, RECEIPT], [RECEIPT])
        assert (screen.kind == "confirm") is (steps == [RECEIPT])
        if screen.progress:
            assert screen.progress.of <= machine.MOST_SCREENS + visit.asked
        if rules.gated and not visit.asked:
            assert screen.offer is None or visit.step == IN_RETURN

    assert states > 10
