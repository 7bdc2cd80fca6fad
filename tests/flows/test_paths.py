"""Which steps somebody can come to see, and how long the longest way is."""

import time
from collections.abc import Mapping
from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from aurevoir.flows.graph import plan, reason_step, way
from aurevoir.flows.paths import can_hold, longest_path, possible_ways
from aurevoir.flows.reading import flow_from
from aurevoir.flows.steps import Flow, OfferStep
from aurevoir.kit.conditions import Condition, Value
from tests.flows.strategies import facts, flows

REASON = {
    "id": "reason",
    "kind": "choice",
    "role": "reason",
    "ask": {"en": "Why?"},
    "options": [
        {"code": "price", "category": "too_expensive", "label": {"en": "Price"}, "offers": ["tour"]},
        {"code": "bugs", "category": "technical_issues", "label": {"en": "Bugs"}},
        {"code": "other", "category": "other", "label": {"en": "Other"}},
    ],
}
OFFER = {"id": "save", "kind": "offer"}
CONFIRM = {"id": "confirm", "kind": "confirm"}
TOUR = {"tour": {"kind": "guide", "headline": {"en": "A tour"}}}


def flow_of(*steps: Mapping[str, object], several: bool = False) -> Flow:
    everything = [REASON | {"several": several}, *steps, CONFIRM]
    return flow_from({"key": "k", "title": "T", "locales": ["en"], "steps": everything, "offers": TOUR})


def text(name: str, **when: object) -> Mapping[str, object]:
    step: dict[str, object] = {"id": name, "kind": "text", "ask": {"en": "More?"}}
    return step | {"when": when} if when else step


def test_an_offer_counts_only_with_a_reason_that_has_one() -> None:
    """Bugs lead to a question, the price to an offer: nobody sees both."""
    assert longest_path(flow_of(OFFER)) == 3
    assert longest_path(flow_of(text("which", answer="reason", **{"is": "bugs"}), OFFER)) == 3
    assert longest_path(flow_of(text("which", answer="reason", **{"is": "price"}), OFFER)) == 4


def test_who_picks_several_reasons_may_see_both() -> None:
    """With `several`, bugs and the price come together."""
    which = text("which", answer="reason", **{"is": "bugs"})

    assert longest_path(flow_of(which, OFFER, several=True)) == 4


def test_screens_that_exclude_each_other_are_not_added_up() -> None:
    """One question for consumers and another for businesses make one screen."""
    private, business = (
        text("a", attribute="consumer", **{"is": True}),
        text("b", attribute="consumer", **{"is": False}),
    )

    assert longest_path(flow_of(private, business)) == 3
    assert longest_path(flow_of(private, text("b", attribute="seats", at_least=5))) == 4


def test_nothing_stands_before_the_confirmation_where_it_comes_first() -> None:
    """With the exit first, the survey comes after the receipt."""
    assert longest_path(flow_of(text("a"), text("b"), OFFER), "exit_first") == 1


def test_a_step_that_waits_for_a_hidden_one_is_hidden_too() -> None:
    """What nobody is asked, nobody has answered."""
    impossible = text("a", all=[{"answer": "reason", "is": "bugs"}, {"answer": "reason", "is": "price"}])
    seen = frozenset.union(*possible_ways(flow_of(impossible, text("b", answer="a", exists=True))))

    assert seen == {"reason", "confirm"}


@given(flows(), facts(), st.randoms())
def test_no_real_customer_sees_what_was_thought_impossible(
    flow: Flow, attributes: dict[str, Value], source: Random
) -> None:
    """Every walk of a real customer is among the possible ones, and none is longer than the longest."""
    options = reason_step(flow).options
    chosen = source.choice(options)
    screens = list(way(plan(flow), attributes, {"reason": (chosen.code,)}))
    seen = [screen for screen in screens if chosen.offers or not isinstance(screen.step, OfferStep)]
    steps = frozenset(step.id for screen in seen for step in (screen.step, *screen.also))

    assert steps in possible_ways(flow)
    assert len(seen) <= longest_path(flow)


def test_very_many_conditions_are_judged_apart_and_quickly() -> None:
    """Where all combinations are too many to try, no screen is overlooked and nothing takes long."""
    names = [f"fact_{index}" for index in range(17)]
    steps = [text(name, attribute=name, **{"in": ["a", "b", "c"]}) for name in names]
    flow = msgspec.structs.replace(flow_of(*steps), attributes=dict.fromkeys(names, "text"))
    began = time.perf_counter()

    assert longest_path(flow) == 2 + len(names)
    assert time.perf_counter() - began < 5


def test_a_question_with_all_too_many_answers_is_judged_quickly() -> None:
    """Thirty reasons, several at once, asked about in thousands of places: an upper bound, and at once."""
    options = [{"code": f"c{n}", "category": "unused", "label": {"en": "x"}} for n in range(30)]
    either = [{"any": [{"answer": "reason", "is": f"c{(n + m) % 30}"} for m in range(15)]} for n in range(15)]
    steps = [REASON | {"several": True, "options": options}, *(text(f"t{n}", any=either) for n in range(18)), CONFIRM]
    flow = flow_from({"key": "k", "title": "T", "locales": ["en"], "steps": steps})
    began = time.perf_counter()

    assert longest_path(flow) == 20
    assert time.perf_counter() - began < 5


def test_contradictions_are_seen_and_possibilities_are_too() -> None:
    """`can_hold` is exact for numbers, days and words."""
    flow = flow_of()
    high, low = Condition(attribute="amount", at_least=100), Condition(attribute="amount", at_most=99)
    late, early = (
        Condition(attribute="renews_on", at_least="2026-02-01"),
        Condition(attribute="renews_on", is_="2026-01-31"),
    )
    some, none = Condition(attribute="plan", exists=True), Condition(attribute="plan", exists=False)

    assert not can_hold(Condition(all=(high, low)), flow)
    assert not can_hold(Condition(all=(late, early)), flow)
    assert not can_hold(Condition(all=(some, none)), flow)
    assert can_hold(Condition(all=(high, Condition(attribute="amount", at_most=100))), flow)
    assert can_hold(Condition(all=(Condition(not_=late), Condition(not_=early))), flow)
    assert can_hold(Condition(all=(some, Condition(not_=Condition(attribute="plan", is_="pro")))), flow)
