"""A random walk through the session machine: any flow, pack, customer and moves, and what must hold at each step."""

from collections.abc import Mapping
from random import Random
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from aurevoir.access.facts import SubscriptionFacts
from aurevoir.flows import graph
from aurevoir.flows.steps import ChoiceStep, Flow, OfferStep
from aurevoir.kit.conditions import Value
from aurevoir.kit.errors import AurevoirError
from aurevoir.kit.i18n import language
from aurevoir.sessions import machine, screens
from aurevoir.sessions.ending import Ending
from aurevoir.sessions.machine import Order, Outcome, Rules, Visit
from aurevoir.sessions.moves import Accept, Answer, Back, Cancel, Decline, Keep, Move, SeeOffer, Skip, Undo
from aurevoir.sessions.screens import Look
from tests.flows.strategies import facts, flows

ORDERS: tuple[Order, ...] = ("survey_first", "survey_first", "exit_first", "survey_only")
WORDS = ("", "fine", "x" * 600, "\x00\ud800", "ça, c’est fini", "42")


class Walk(RuleBasedStateMachine):
    """Dana does whatever she likes, from several tabs and with lost replies; the promises hold all the same."""

    visit: Visit
    law: Rules

    @initialize(
        flow=flows(), known=facts(), order=st.sampled_from(ORDERS), gated=st.booleans(), seed=st.integers(0, 999)
    )
    def begin(self, flow: Flow, known: dict[str, Any], order: Order, gated: bool, seed: int) -> None:
        words = language(flow.locales[0])
        self.law = Rules(
            plans=graph.plan(flow),
            order=order,
            attributes=known,
            say=words.say,
            gated=gated,
            fitting_offer=lambda answers: _fitting(flow, answers, seed),
        )
        self.look = Look(
            language=words, seed=seed, subscription=SubscriptionFacts(id="-"), ending=Ending(effective_on=None)
        )
        self.visit = machine.begin(self.law)
        self.offers_shown: set[str] = set()
        self.declined = False

    def step(self, move: Move) -> Outcome | None:
        before = self.visit
        try:
            outcome = machine.apply(before, move, self.law)
        except AurevoirError:
            return None
        self.visit = msgspec.json.decode(msgspec.json.encode(outcome.visit), type=Visit)
        assert self.visit == outcome.visit, "a visit survives being stored"
        assert self.visit.revision in (before.revision, before.revision + 1)
        return outcome

    @rule(draw=st.randoms(use_true_random=False))
    def answers(self, draw: Random) -> None:
        plan = machine.survey_screen(self.visit, self.law)
        codes = [o.code for o in plan.step.options] if plan and isinstance(plan.step, ChoiceStep) else ["nothing"]
        beside = {one.id: draw.choice(WORDS) or draw.randint(0, 9) for one in (plan.also if plan else ())}
        self.step(
            Answer(
                revision=self.visit.revision,
                step=self.visit.step,
                choices=tuple(draw.sample(codes, draw.randint(0, min(2, len(codes))))),
                text=draw.choice(WORDS),
                value=draw.choice((None, 0, 3, 10)),
                answers=beside if draw.random() < 0.5 else {},
            )
        )

    @rule(kind=st.sampled_from((Skip, Back, SeeOffer, Keep, Undo)))
    def moves(self, kind: type[Skip | Back | SeeOffer | Keep | Undo]) -> None:
        self.step(kind(revision=self.visit.revision))

    @rule()
    def declines(self) -> None:
        if self.step(Decline(revision=self.visit.revision)) is not None:
            self.declined = True

    @rule(offer=st.sampled_from(("gift", "pause", "help", "nonsense")))
    def accepts(self, offer: str) -> None:
        outcome = self.step(Accept(revision=self.visit.revision, offer=offer))
        if outcome and outcome.fact == "accepted":
            assert self.offers_shown == {offer}, "only what was shown can be accepted"

    @rule(confirmed=st.booleans())
    def billing_answers(self, confirmed: bool) -> None:
        self.visit = machine.settled(self.visit, confirmed=confirmed)

    @precondition(lambda self: self.visit.state == "open")
    @rule()
    def goes_away(self) -> None:
        self.visit = replace(self.visit, state="abandoned")

    @rule()
    def returns(self) -> None:
        self.visit = machine.reopen(self.visit, self.law)

    @rule(revision=st.integers(0, 50), kind=st.sampled_from((Skip, Back, SeeOffer, Keep, Undo, Decline)))
    def moves_from_another_tab(self, revision: int, kind: type[Skip]) -> None:
        if revision != self.visit.revision:
            outcome = machine.apply(self.visit, kind(revision=revision), self.law)
            assert outcome == Outcome(self.visit), "a move on another revision changes nothing"

    @rule(from_confirm=st.booleans(), revision=st.none() | st.integers(0, 50))
    def cancels(self, from_confirm: bool, revision: int | None) -> None:
        step = self.law.confirm if from_confirm else self.visit.step
        before, outcome = self.visit, self.step(Cancel(revision=revision, step=step))
        assert outcome is not None, "cancel is never refused"
        if outcome.fact == "declared":
            assert before.confirm_shown, "nobody declares without having seen the confirmation"
            assert not before.declared

    @invariant()
    def two_cancels_always_end_it(self) -> None:
        if self.law.order == "survey_only":
            return
        once = machine.apply(self.visit, Cancel(), self.law).visit
        twice = machine.apply(once, Cancel(), self.law).visit
        assert twice.declared
        assert twice.step == machine.RECEIPT

    @invariant()
    def every_screen_can_be_drawn_and_cancelled_from(self) -> None:
        if self._stands_on_offer():
            return
        screen = screens.draw(self.visit, self.law, self.look)
        moves = [action.move for action in screen.actions]
        assert self.visit.declared or self.law.order == "survey_only" or "cancel" in moves
        assert len(moves) == len(set(moves))
        if screen.progress:
            assert screen.progress.of <= 3 + self.visit.asked

    @invariant()
    def at_most_one_offer_and_none_after_a_decline(self) -> None:
        if self._stands_on_offer() and self.visit.state == "open":
            assert self.visit.offer is not None
            assert not self.declined, "a declined offer never comes back, and no other follows it"
            assert not self.law.gated or self.visit.asked, "no incentive leaves the server unasked"
            assert self.law.order == "survey_first"
            self.offers_shown.add(self.visit.offer)
        assert len(self.offers_shown) <= 1

    def _stands_on_offer(self) -> bool:
        return any(isinstance(plan.step, OfferStep) and plan.step.id == self.visit.step for plan in self.law.plans)


def _fitting(flow: Flow, answers: Mapping[str, Value], seed: int) -> str | None:
    """One of the reason's offers or none: it depends on the answers, and on nothing else."""
    reasons = answers.get(graph.reason_step(flow).id)
    primary = reasons[0] if isinstance(reasons, tuple) else None
    named = next((option.offers for option in graph.reason_step(flow).options if option.code == primary), ())
    return Random(f"{seed}{primary}").choice([*named, None])
