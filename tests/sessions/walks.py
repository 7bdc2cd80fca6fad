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
from aurevoir.flows.steps import ChoiceStep, Flow
from aurevoir.kit.conditions import Value
from aurevoir.kit.errors import AurevoirError
from aurevoir.kit.i18n import language
from aurevoir.sessions import machine, screens
from aurevoir.sessions.ending import Ending
from aurevoir.sessions.look import Look
from aurevoir.sessions.machine import Outcome
from aurevoir.sessions.moves import Accept, Answer, Back, Cancel, Decline, Keep, Move, SeeOffer, Skip, Undo
from aurevoir.sessions.visit import IN_RETURN, RECEIPT, Order, Rules, Visit
from tests.flows.strategies import facts, flows

ORDERS: tuple[Order, ...] = ("survey_first", "survey_first", "exit_first", "survey_only")
WORDS = ("", "fine", "x" * 600, "\x00\ud800", "ça, c’est fini", "42")


class Walk(RuleBasedStateMachine):
    """Dana does whatever she likes, from several tabs and with lost replies; the promises hold all the same."""

    visit: Visit
    law: Rules

    @initialize(
        flow=flows(),
        known=facts(),
        order=st.sampled_from(ORDERS),
        gated=st.booleans(),
        holdout=st.booleans(),
        seed=st.integers(0, 999),
    )
    def begin(self, flow: Flow, known: dict[str, Any], order: Order, gated: bool, holdout: bool, seed: int) -> None:
        words = language(flow.locales[0])
        # Nobody in a holdout is made an offer; for everybody else its time may be over at any moment.
        self.holdout = self.gone = holdout
        self.law = Rules(
            plans=graph.plan(flow),
            order=order,
            attributes=known,
            say=words.say,
            gated=gated,
            fitting_offer=lambda answers: None if self.gone else _fitting(flow, answers, seed),
            at_once=frozenset({"help"}),
            favours={"gift": ("refer", "review"), "help": ("refer",)},
        )
        self.look = Look(
            language=words, seed=seed, subscription=SubscriptionFacts(id="-"), ending=Ending(effective_on=None)
        )
        self.visit = machine.begin(self.law)
        self.offers_shown: set[str] = set()
        self.declined = self.accepted = False

    @property
    def seen(self) -> Visit:
        """The visit as Dana meets it."""
        return machine.without_lost_offer(self.visit, self.law)

    def step(self, move: Move) -> Outcome | None:
        before = self.seen
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
        plan = machine.survey_screen(self.seen, self.law)
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
            assert not self.gone, "nothing is accepted that cannot be had any more"
            assert not self.declined
            assert not self.accepted, "an offer is accepted once"
            assert outcome.visit.state == ("saved" if offer == "help" else "saving")
            self.accepted = True

    @precondition(lambda self: self.visit.step == IN_RETURN)
    @rule(favours=st.lists(st.sampled_from(("refer", "review", "nonsense")), unique=True))
    def answers_in_return(self, favours: list[str]) -> None:
        before = self.visit
        outcome = self.step(Answer(revision=before.revision, step=IN_RETURN, choices=tuple(favours)))
        assert outcome is not None, "what is asked in return may be answered with anything"
        assert "nonsense" not in outcome.favours
        assert outcome.visit.state == before.state, "a favour changes nothing of what was agreed"

    @precondition(lambda self: not self.holdout)
    @rule()
    def limits_are_reached_or_lifted(self) -> None:
        self.gone = not self.gone

    @rule(confirmed=st.booleans(), kind=st.sampled_from(("cancel", "undo_cancel", "discount", "custom")))
    def billing_answers(self, confirmed: bool, kind: str) -> None:
        before = self.visit
        self.visit = machine.settled(before, confirmed=confirmed, kind=kind)
        ends = self.visit.state == "left" and before.state != "left"
        assert not ends or (kind == "cancel" and confirmed), "an offer that was applied ends no subscription"

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
        before, outcome = self.seen, self.step(Cancel(revision=revision, step=step))
        assert outcome is not None, "cancel is never refused"
        if outcome.fact == "declared":
            assert before.confirm_shown, "nobody declares without having seen the confirmation"
            assert not before.declared

    @invariant()
    def two_cancels_always_end_it(self) -> None:
        if self.law.order == "survey_only":
            return
        once = machine.apply(self.seen, Cancel(), self.law).visit
        twice = machine.apply(once, Cancel(), self.law).visit
        assert twice.declared
        assert twice.step == RECEIPT

    @invariant()
    def every_screen_can_be_drawn_and_cancelled_from(self) -> None:
        screen = screens.draw(self.seen, self.law, self.look)
        moves = [action.move for action in screen.actions]
        assert ("accept" in moves) is ("decline" in moves) is (screen.kind == "offer")
        assert self.visit.declared or self.law.order == "survey_only" or "cancel" in moves
        assert len(moves) == len(set(moves))
        if screen.progress:
            assert screen.progress.of <= 3 + self.visit.asked

    @invariant()
    def at_most_one_offer_and_none_after_a_decline(self) -> None:
        if machine.on_offer(self.seen, self.law):
            assert self.visit.offer is not None
            assert not self.holdout
            assert not self.accepted
            assert not self.declined, "a declined offer never comes back, and no other follows it"
            assert not self.law.gated or self.visit.asked, "no incentive leaves the server unasked"
            assert self.law.order == "survey_first"
            self.offers_shown.add(self.visit.offer)
        assert len(self.offers_shown) <= 1


def _fitting(flow: Flow, answers: Mapping[str, Value], seed: int) -> str | None:
    """One of the reason's offers or none: it depends on the answers, and on nothing else."""
    reasons = answers.get(graph.reason_step(flow).id)
    primary = reasons[0] if isinstance(reasons, tuple) else None
    named = next((option.offers for option in graph.reason_step(flow).options if option.code == primary), ())
    return Random(f"{seed}{primary}").choice([*named, None])
