"""Conditions: what holds, what does not, and what is wrong with one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurevoir.kit.conditions import Condition, Scalar, Value, holds, leaves, problems_in

NAMES = ("plan", "seats", "since")
MISSING = (None, "", ())


def plan_is(value: Scalar) -> Condition:
    return Condition(attribute="plan", is_=value)


def opposite(condition: Condition) -> Condition:
    return Condition(not_=condition)


# Leaves over three attributes, one of each type.
LEAVES = st.one_of(
    st.builds(lambda value: Condition(attribute="plan", is_=value), st.sampled_from(["pro", "team"])),
    st.builds(lambda bound: Condition(attribute="seats", at_least=bound), st.integers(0, 3)),
    st.builds(lambda bound: Condition(attribute="since", at_most=bound), st.sampled_from(["2026-01-01", "2026-01-03"])),
    st.builds(lambda name, there: Condition(attribute=name, exists=there), st.sampled_from(NAMES), st.booleans()),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda parts: Condition(all=tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: Condition(any=tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(opposite, inner),
    ),
    max_leaves=8,
)
PRESENT = st.fixed_dictionaries(
    {
        "plan": st.sampled_from(["pro", "team", "free"]),
        "seats": st.integers(0, 3),
        "since": st.sampled_from([date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 4)]),
    }
)


def with_denials_at_the_leaves(condition: Condition, facts: dict[str, Value], *, denied: bool) -> bool:
    """The definition in other words: `not` is pushed to the leaves, and there a missing value is false either way."""
    if condition.not_ is not None:
        return with_denials_at_the_leaves(condition.not_, facts, denied=not denied)
    parts = condition.all or condition.any
    if parts is not None:
        truths = [with_denials_at_the_leaves(part, facts, denied=denied) for part in parts]
        return all(truths) if (condition.all is not None) is not denied else any(truths)
    if condition.exists is None and facts.get(condition.attribute or "") in MISSING:
        return False
    return holds(condition, facts, {}) is not denied


@pytest.mark.parametrize("missing", MISSING)
def test_a_missing_value_is_false_and_false_under_not(missing: Value) -> None:
    """Nobody gets an offer because we know nothing about them."""
    facts = {"plan": missing}

    assert not holds(plan_is("pro"), facts, {})
    assert not holds(opposite(plan_is("pro")), facts, {})
    assert not holds(opposite(opposite(plan_is("pro"))), {}, {})


def test_what_is_missing_can_be_asked_with_exists() -> None:
    """`exists` is the one comparison that a missing value answers, both ways."""
    absent = Condition(attribute="plan", exists=False)

    assert holds(absent, {}, {})
    assert not holds(opposite(absent), {}, {})
    assert not holds(absent, {"plan": "pro"}, {})
    assert holds(Condition(attribute="seats", exists=True), {"seats": 0}, {})


def test_a_missing_value_does_not_spoil_what_is_decided_without_it() -> None:
    """`any` with one true part holds, and `not` of an `all` with one false part does."""
    unknown, true, false = Condition(attribute="seats", at_least=1), plan_is("pro"), plan_is("team")
    facts = {"plan": "pro"}

    assert holds(Condition(any=(unknown, true)), facts, {})
    assert holds(opposite(Condition(all=(unknown, false))), facts, {})
    assert not holds(Condition(all=(unknown, true)), facts, {})
    assert not holds(opposite(Condition(any=(unknown, false))), facts, {})


@given(CONDITIONS, PRESENT, st.sets(st.sampled_from(NAMES)))
def test_missing_values_are_false_at_every_leaf_under_every_not(
    condition: Condition, facts: dict[str, Value], absent: set[str]
) -> None:
    """Three-valued logic says the same as pushing `not` to the leaves and calling missing ones false."""
    known = {name: value for name, value in facts.items() if name not in absent}

    assert holds(condition, known, {}) is with_denials_at_the_leaves(condition, known, denied=False)


@given(CONDITIONS, CONDITIONS, PRESENT)
def test_de_morgan_holds_where_all_is_known(first: Condition, second: Condition, facts: dict[str, Value]) -> None:
    """With every value present it is ordinary logic: nothing is neither true nor false."""
    neither = Condition(all=(opposite(first), opposite(second)))

    assert holds(opposite(Condition(any=(first, second))), facts, {}) is holds(neither, facts, {})
    assert holds(opposite(first), facts, {}) is not holds(first, facts, {})


@pytest.mark.parametrize(
    ("comparison", "value", "expected"),
    [
        ({"is_": "pro"}, "pro", True),
        ({"is_": "pro"}, "team", False),
        ({"is_": 1}, 1, True),
        ({"is_": 1}, True, False),
        ({"is_": True}, 1, False),
        ({"is_": False}, False, True),
        ({"is_": "2026-01-01"}, date(2026, 1, 1), True),
        ({"is_": "price"}, ("price", "other"), True),
        ({"is_": "price"}, ("other",), False),
        ({"in_": ("pro", "team")}, "team", True),
        ({"in_": ("price", "unused")}, ("other", "unused"), True),
        ({"in_": ("price", "unused")}, ("other",), False),
        ({"at_least": 60}, 60, True),
        ({"at_least": 60}, 59, False),
        ({"at_least": 1}, True, False),
        ({"at_most": 0}, 0, True),
        ({"at_least": "2026-01-01"}, date(2026, 1, 1), True),
        ({"at_most": "2026-01-01"}, "2026-01-02", False),
        ({"at_most": "2026-01-01"}, "2025-12-31", True),
        ({"at_least": "2026-01-01"}, 800_000, False),
        ({"at_least": 60}, "much", False),
        ({"at_least": 60}, ("price",), False),
    ],
)
def test_a_value_is_compared_as_what_it_is(comparison: dict[str, Scalar], value: Value, expected: bool) -> None:
    """Numbers, days, texts and lists of codes each have their own comparison, and true is not one."""
    condition = Condition(answer="it", **comparison)  # type: ignore[arg-type]

    assert holds(condition, {}, {"it": value}) is expected


def test_answers_and_attributes_of_one_name_are_not_confused() -> None:
    """`answer: plan` asks the question, `attribute: plan` the subscription."""
    asked = Condition(answer="plan", is_="pro")

    assert not holds(asked, {"plan": "pro"}, {})
    assert holds(asked, {}, {"plan": "pro"})


def test_all_leaves_are_found_wherever_they_hide() -> None:
    """Whoever asks what a condition is about misses nothing."""
    deep = Condition(all=(plan_is("pro"), opposite(Condition(any=(Condition(answer="reason", is_="a"),)))))

    assert [leaf.attribute or leaf.answer for leaf in leaves(deep)] == ["plan", "reason"]


@pytest.mark.parametrize(
    ("condition", "path", "words"),
    [
        (Condition(), "w", "needs exactly one of"),
        (Condition(attribute="plan", answer="reason", is_="a"), "w", "needs exactly one of"),
        (Condition(attribute="plan"), "w", "exactly one comparison"),
        (Condition(attribute="plan", is_="pro", exists=True), "w", "exactly one comparison"),
        (Condition(all=(plan_is("pro"),), exists=True), "w.exists", "cannot stand beside `all`"),
        (Condition(not_=Condition(any=(plan_is("pro"), Condition()))), "w.not.any[1]", "needs exactly one of"),
        (Condition(attribute="colour", is_="red"), "w.attribute", "`colour` is neither built in nor declared"),
        (Condition(answer="mood", is_="fine"), "w.answer", "`mood` is not an earlier question"),
        (Condition(answer="reason", in_=("a", "x")), "w.in[1]", "`x` is not one of its options"),
        (Condition(answer="reason", at_least=1), "w.at_least", "numbers or dates only"),
        (Condition(attribute="seats", is_="four"), "w.is", "must be a whole number"),
        (Condition(attribute="seats", is_=True), "w.is", "must be a whole number"),
        (Condition(attribute="seats", at_most="2026-01-01"), "w.at_most", "must be a whole number"),
        (Condition(attribute="since", at_least=3), "w.at_least", "must be a date"),
        (Condition(attribute="since", is_="2026-02-30"), "w.is", "must be a date"),
        (Condition(attribute="plan", in_=("pro", 3)), "w.in[1]", "must be text"),
        (Condition(attribute="plan", at_least=3), "w.at_least", "numbers or dates only"),
        (Condition(attribute="vip", is_=1), "w.is", "must be true or false"),
        (Condition(answer="stars", is_="five"), "w.is", "must be a whole number"),
    ],
)
def test_every_mistake_has_its_place(condition: Condition, path: str, words: str) -> None:
    """One mistake, one problem, with the path of the very part."""
    problems = problems_in(
        condition,
        "w",
        {"plan": "text", "seats": "int", "since": "date", "vip": "bool"},
        {"reason": frozenset("ab"), "stars": "int"},
    )

    assert [problem.path for problem in problems] == [path]
    assert words in problems[0].message


def test_all_mistakes_are_told_at_once() -> None:
    """The first mistake hides no other."""
    condition = Condition(all=(Condition(attribute="x", is_=1), Condition(), Condition(attribute="seats", is_="y")))
    problems = problems_in(condition, "steps[0].when", {"seats": "int"}, {})

    assert [problem.path for problem in problems] == [
        "steps[0].when.all[0].attribute",
        "steps[0].when.all[1]",
        "steps[0].when.all[2].is",
    ]
