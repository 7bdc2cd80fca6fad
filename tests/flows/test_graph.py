"""The order of screens, and the order of options."""

from collections import Counter
from itertools import pairwise
from math import sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurevoir.flows.graph import ScreenPlan, next_screen, plan, previous_screen, reason_step, shuffled, visible, way
from aurevoir.flows.reading import read_flow
from aurevoir.flows.steps import ChoiceStep, Flow, Option
from aurevoir.flows.taxonomy import Category
from aurevoir.kit.conditions import Value
from tests.flows.strategies import facts, flows

FLOW = """
key: branches
title: Branches
locales: [en]
steps:
  - id: reason
    kind: choice
    role: reason
    ask: {en: Why?}
    options:
      - {code: bugs, category: technical_issues, label: {en: Bugs}}
      - {code: other, category: other, label: {en: Other}}
  - {id: comment, kind: text, on: reason, ask: {en: More?}, when: {attribute: consumer, is: true}}
  - id: which
    kind: choice
    when: {answer: reason, is: bugs}
    ask: {en: Which?}
    options: [{code: crash, label: {en: Crash}}, {code: slow, label: {en: Slow}}]
  - {id: since, kind: text, when: {answer: which, is: crash}, ask: {en: Since when?}}
  - {id: confirm, kind: confirm}
"""
PLANS = plan(read_flow(FLOW))


def ids(screens: list[ScreenPlan]) -> list[str]:
    return [screen.step.id for screen in screens]


def option(code: str, category: Category | None = None) -> Option:
    return Option(code=code, label={"en": code}, category=category)


def some_answers(flow: Flow, source: Random) -> dict[str, Value]:
    """Answers to some of the choice steps."""
    answered = [step for step in flow.steps if isinstance(step, ChoiceStep) and source.random() < 0.8]
    return {step.id: (source.choice(step.options).code,) for step in answered}


def test_questions_beside_another_share_its_screen() -> None:
    """A step with `on` has no screen of its own."""
    assert ids(list(PLANS)) == ["reason", "which", "since", "confirm"]
    assert [step.id for step in PLANS[0].also] == ["comment"]


def test_a_question_beside_another_shows_when_its_own_condition_holds() -> None:
    """The screen is the same without it."""
    shown, hidden = visible(PLANS[0], {"consumer": True}, {}), visible(PLANS[0], {}, {})

    assert shown is PLANS[0]
    assert hidden is not None
    assert hidden.also == ()


def test_screens_whose_condition_does_not_hold_are_passed_over() -> None:
    """Only who met bugs is asked which; only who met a crash is asked since when."""
    crash: dict[str, Value] = {"reason": ("bugs",), "which": ("crash",)}

    assert ids(list(way(PLANS, {}, {}))) == ["reason", "confirm"]
    assert ids(list(way(PLANS, {}, {"reason": ("bugs",)}))) == ["reason", "which", "confirm"]
    assert ids(list(way(PLANS, {}, crash))) == ["reason", "which", "since", "confirm"]


def test_an_answer_off_the_way_opens_no_screen() -> None:
    """Dana goes back and changes her reason: what she said about the old one leads nowhere any more."""
    changed: dict[str, Value] = {"reason": ("other",), "which": ("crash",)}

    assert ids(list(way(PLANS, {}, changed))) == ["reason", "confirm"]


def test_next_and_previous_start_and_end_where_the_flow_does() -> None:
    """None before the first screen is asked for means the first; None is also what comes after the last."""
    first, last = next_screen(PLANS, None, {}, {}), next_screen(PLANS, "confirm", {}, {})

    assert first is not None
    assert first.step.id == "reason"
    assert last is None
    assert previous_screen(PLANS, "reason", {}, {}) is None
    with pytest.raises(LookupError):
        next_screen(PLANS, "comment", {}, {})


def test_from_a_screen_that_is_hidden_by_now_the_way_goes_on() -> None:
    """Whoever stands on a screen that a changed answer took away comes to its neighbours."""
    onward, back = next_screen(PLANS, "which", {}, {}), previous_screen(PLANS, "which", {}, {})

    assert onward is not None
    assert back is not None
    assert (onward.step.id, back.step.id) == ("confirm", "reason")


@given(flows(), facts(), st.randoms())
def test_every_walk_ends_on_confirm_and_back_is_the_way_we_came(
    flow: Flow, attributes: dict[str, Value], source: Random
) -> None:
    """Stepping on from the first screen passes the whole way once, and `back` undoes each step."""
    plans, answers = plan(flow), some_answers(flow, source)
    walked, at = [], next_screen(plans, None, attributes, answers)
    while at is not None:
        walked.append(at)
        at = next_screen(plans, at.step.id, attributes, answers)

    assert walked == list(way(plans, attributes, answers))
    assert walked[-1].step.id == "confirm"
    for earlier, later in pairwise(walked):
        assert previous_screen(plans, later.step.id, attributes, answers) == earlier


@given(flows())
def test_every_question_has_one_place(flow: Flow) -> None:
    """No step is lost when steps are laid out on screens, and none is asked twice."""
    placed = [step.id for screen in plan(flow) for step in (screen.step, *screen.also)]

    assert Counter(placed) == Counter(step.id for step in flow.steps)
    assert reason_step(flow).id == "reason"


def test_a_flow_without_reasons_has_no_reason_step() -> None:
    """Whoever asks a flow that was never checked is told."""
    flow = read_flow("{key: a, title: A, locales: [en], steps: [{id: confirm, kind: confirm}]}")

    with pytest.raises(LookupError):
        reason_step(flow)


def test_every_option_comes_first_equally_often() -> None:
    """Over 60,000 seeds no option is first more often than chance allows (4 sigma)."""
    n, options = 60_000, [option(code) for code in "abcdef"]
    firsts = Counter(shuffled(options, seed)[0].code for seed in range(n))
    sigma = sqrt(n * (1 / 6) * (5 / 6))

    assert len(firsts) == 6
    assert max(abs(times - n / 6) for times in firsts.values()) < 4 * sigma


def test_every_order_is_equally_likely() -> None:
    """All 24 orders of four options occur evenly: chi-square with 23 degrees of freedom, p > 0.001; text seeds too."""
    n, options = 60_000, [option(code) for code in "abcd"]
    orders = Counter(tuple(o.code for o in shuffled(options, f"ses_{seed}")) for seed in range(n))
    chi_square = sum((times - n / 24) ** 2 / (n / 24) for times in orders.values())

    assert len(orders) == 24
    assert chi_square < 49.73


def test_other_and_prefer_not_to_say_stay_last() -> None:
    """They stand where people look for them, in the order written; all else moves."""
    options = [option("x", "other"), option("a", "unused"), option("y", "prefer_not_to_say"), option("b", "no_value")]
    orders = {tuple(o.code for o in shuffled(options, seed)) for seed in range(50)}

    assert orders == {("a", "b", "x", "y"), ("b", "a", "x", "y")}


def test_outside_the_reason_step_the_code_says_what_stays_last() -> None:
    """A choice without categories knows `other` by its code."""
    options = [option("other"), option("a"), option("b")]

    assert {shuffled(options, seed)[-1].code for seed in range(50)} == {"other"}


def test_one_seed_is_one_order() -> None:
    """Going back shows the options as they stood."""
    options = [option(code) for code in "abcdef"]

    assert shuffled(options, "ses_1") == shuffled(options, "ses_1")
    assert shuffled(options, "ses_1") != shuffled(options, "ses_2")
