"""A random walk through the session machine: any flow, pack, customer and moves, and what must hold on each screen."""

from collections.abc import Mapping
from random import Random
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from aurevoir.access.facts import SubscriptionFacts
from aurevoir.flows import graph
from aurevoir.flows.packs import PACKS, PackName
from aurevoir.flows.steps import ChoiceStep, Flow
from aurevoir.kit.conditions import Value
from aurevoir.kit.errors import AurevoirError
from aurevoir.kit.i18n import language
from aurevoir.offers.wording import OfferShown
from aurevoir.sessions import machine, screens
from aurevoir.sessions.ending import Ending
from aurevoir.sessions.labels import labels
from aurevoir.sessions.look import Look
from aurevoir.sessions.machine import Outcome
from aurevoir.sessions.moves import Accept, Answer, Back, Cancel, Decline, Keep, Move, SeeOffer, Skip, Undo
from aurevoir.sessions.screen import Screen
from aurevoir.sessions.visit import IN_RETURN, RECEIPT, Rules, Visit
from tests.flows.strategies import facts, flows, unruly_flows

# Those that sessions follow.
VISITED: tuple[PackName, ...] = ("base", "us-ca", "us-mn", "de", "fr", "strict", "in")
WORDS = ("", "fine", "x" * 600, "\x00\ud800", "ça, c’est fini", "42")
# Stands in every word of an offer and nowhere else.
MARK = "\u2603"


class Walk(RuleBasedStateMachine):
    """Dana does whatever she likes, from several tabs and with lost replies; the promises hold all the same."""

    visit: Visit
    law: Rules

    @initialize(
        flow=st.one_of(flows(), unruly_flows()),
        known=facts(),
        pack=st.sampled_from(VISITED),
        has_ended=st.integers(0, 5),
        holdout=st.booleans(),
        declined=st.integers(0, 9),
        seed=st.integers(0, 999),
    )
    def begin(
        self,
        flow: Flow,
        known: dict[str, Any],
        pack: PackName,
        has_ended: int,
        holdout: bool,
        declined: int,
        seed: int,
    ) -> None:
        self.flow, self.pack, self.words = flow, PACKS[pack], language(flow.locales[0])
        # Nobody in a holdout is made an offer; for everybody else its time may be over at any moment.
        self.holdout = self.gone = holdout
        self.law = Rules(
            plans=graph.plan(flow),
            # One in six comes when the subscription has ended.
            order="survey_only" if has_ended == 0 else self.pack.order,
            attributes=known,
            say=self.words.say,
            gated=self.pack.gated,
            fitting_offer=lambda answers: None if self.gone else _fitting(flow, answers, seed),
            at_once=frozenset({"help"}),
            favours={"gift": ("refer", "review"), "help": ("refer",)},
        )
        self.seed = seed
        # One in ten declined an offer earlier in the same episode.
        self.declined = declined == 0
        self.visit = machine.begin(self.law, declined=self.declined)
        self.offers_shown: set[str] = set()
        self.said: set[str] = set()
        self.accepted = self.asked = False

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
        self.said |= {answer.step for answer in outcome.answered if answer.is_answered}
        return outcome

    def drawn(self) -> Screen:
        """The screen that Dana sees, with what the service would gather for it."""
        visit, is_offered = self.seen, machine.on_offer(self.seen, self.law)
        shown = visit.offer or ""
        offer = OfferShown(key=shown, kind="guide", headline=MARK, body=MARK, terms=(MARK,))
        look = Look(
            language=self.words,
            seed=self.seed,
            subscription=SubscriptionFacts(id="-"),
            ending=Ending(effective_on=None),
            labels=labels(self.flow, self.pack, shown, self.words.tag),
            offer=offer if is_offered or visit.accepted else None,
        )
        return screens.draw(visit, self.law, look)

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
        could = {action.move for action in self.drawn().actions}
        if self.step(kind(revision=self.visit.revision)) is not None and kind is SeeOffer:
            assert "see_offer" in could, "what nobody was offered to see cannot be asked for"
            self.asked = True

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
        before, self.visit = self.seen, machine.reopen(self.seen, self.law)
        self.asked = self.asked and self.visit == before

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
        """FE-01, FE-02, FE-03: with nothing answered, from wherever she is."""
        if self.law.order == "survey_only":
            return
        once = machine.apply(self.seen, Cancel(), self.law).visit
        twice = machine.apply(once, Cancel(), self.law).visit
        assert once.step in (self.law.confirm, RECEIPT)
        assert twice.declared
        assert twice.step == RECEIPT

    @invariant()
    def the_promises_hold_on_the_screen(self) -> None:
        screen = self.drawn()
        self._can_be_cancelled_from(screen)
        self._has_nothing_chosen(screen)
        self._is_the_one_offer(screen)
        self._is_as_the_pack_wants(screen)

    def _can_be_cancelled_from(self, screen: Screen) -> None:
        """FE-01, FE-02, FE-03, FE-06."""
        moves = [action.move for action in screen.actions]
        assert ("accept" in moves) is ("decline" in moves) is (screen.kind == "offer")
        assert self.visit.declared or self.law.order == "survey_only" or "cancel" in moves
        assert len(moves) == len(set(moves))
        assert all(action.label for action in screen.actions)
        assert not screen.required
        if screen.progress and self.law.order == "survey_first":
            assert screen.progress.of <= machine.MOST_SCREENS + self.visit.asked
        prominent = {action.role for action in screen.actions if action.move in ("accept", "decline", "cancel")}
        assert prominent <= {"primary", "leave"}, "they look the same and weigh the same"

    def _has_nothing_chosen(self, screen: Screen) -> None:
        """FE-07: only what she said herself stands in a field."""
        if (given := screen.given) is not None:
            assert (given.choices, given.value) == ((), None) or self.visit.step in self.said
            assert set(given.answers) <= self.said

    def _is_the_one_offer(self, screen: Screen) -> None:
        """FE-04, FE-11."""
        assert (screen.kind == "offer") is machine.on_offer(self.seen, self.law)
        if screen.kind == "offer":
            assert screen.offer is not None
            assert not self.holdout
            assert not self.accepted
            assert not self.declined, "a declined offer never comes back, and no other follows it"
            assert self.law.order == "survey_first"
            self.offers_shown.add(screen.offer.key)
        assert len(self.offers_shown) <= 1
        assert self.visit.accepted is self.accepted, "nothing is accepted by itself"

    def _is_as_the_pack_wants(self, screen: Screen) -> None:
        """FE-14: not one word of an offer unasked. FE-15: nothing but the confirmation first, in the law's words."""
        if self.law.gated and not self.asked and not self.accepted:
            assert MARK not in msgspec.json.encode(screen).decode()
        if self.law.order != "exit_first" or self.visit.declared:
            return
        assert screen.kind in ("confirm", "kept")
        assert (screen.options, screen.also, screen.offer) == ((), (), None)
        if screen.kind == "confirm":
            assert screen.title == self.words.say("Confirm your cancellation")
            assert screen.body == self.words.say("Here is what happens when you cancel.")
            cancel, keep = screen.actions
            assert cancel.label in (*self.pack.cancel_words.values(), self.words.say("Cancel my subscription"))
            assert keep.label == self.words.say("Keep my subscription")


def _fitting(flow: Flow, answers: Mapping[str, Value], seed: int) -> str | None:
    """One of the reason's offers or none: it depends on the answers, and on nothing else."""
    reasons = answers.get(graph.reason_step(flow).id)
    primary = reasons[0] if isinstance(reasons, tuple) else None
    named = next((option.offers for option in graph.reason_step(flow).options if option.code == primary), ())
    return Random(f"{seed}{primary}").choice([*named, None])
