"""Who is in which arm: by a salted hash, in the stated shares, for ever."""

from collections import Counter
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurevoir.flows import variants
from aurevoir.flows.variants import Arm

ARMS = (Arm(name="holdout", share=5), Arm(name="half", share=35), Arm(name="third", share=60))
MANY = [f"{number:032x}" for number in range(100_000)]


@st.composite
def arms(draw: st.DrawFn) -> tuple[Arm, ...]:
    """Two to ten arms whose shares add up."""
    cuts = sorted(draw(st.sets(st.integers(1, 99), min_size=1, max_size=9)))
    shares = [end - start for start, end in zip([0, *cuts], [*cuts, 100], strict=True)]
    return tuple(Arm(name=f"arm_{number}", share=share) for number, share in enumerate(shares))


def test_a_hundred_thousand_subscriptions_fall_into_the_stated_shares() -> None:
    """Each arm's count is within four standard deviations of its share, and the probability stands beside it."""
    drawn = [variants.draw(ARMS, "salt", subscription) for subscription in MANY]
    counted = Counter(one.arm.name for one in drawn)

    for arm in ARMS:
        expected, spread = len(MANY) * arm.share / 100, sqrt(len(MANY) * arm.share / 100 * (1 - arm.share / 100))
        assert abs(counted[arm.name] - expected) < 4 * spread, (arm, counted)
    assert {one.probability for one in drawn} == {0.05, 0.35, 0.6}


def test_another_salt_shuffles_the_subscriptions_anew() -> None:
    """Who was held out once is held out next time as often as anybody else."""
    held = [{one for one in MANY[:20_000] if variants.draw(ARMS, salt, one).arm.name == "holdout"} for salt in "ab"]
    both = len(held[0] & held[1])

    assert 20 < both < 85, "5 % of 5 % of twenty thousand are fifty"


@given(arms(), st.text(max_size=64), st.text(max_size=32))
def test_a_subscription_is_always_in_the_same_arm(of: tuple[Arm, ...], salt: str, subscription: str) -> None:
    """Asked again, and by a process that knows nothing but the rows."""
    first, again = (variants.draw(of, salt, subscription) for _ in range(2))

    assert first == again
    assert first.arm in of
    assert first.probability == first.arm.share / 100


@pytest.mark.parametrize(
    ("kind", "subject", "given_arms", "paths"),
    [
        ("holdout", None, [("holdout", 5, None), ("offers", 95, None)], []),
        ("offer", "half_price", [("half", 50, None), ("third", 50, "third_off")], []),
        ("flow", "saas_classic", [("long", 50, None), ("short", 50, "saas_short")], []),
        ("flow", "saas_classic", [("long", 50, None), ("short", 40, "saas_short")], ["$.arms"]),
        ("flow", "saas_classic", [("same", 50, None), ("same", 50, "saas_short")], ["$.arms"]),
        ("flow", "saas_classic", [("long", 50, None), ("short", 50, "saas_classic")], ["$.arms"]),
        ("flow", None, [("long", 50, None), ("short", 50, "saas_short")], ["$.subject"]),
        ("holdout", "half_price", [("holdout", 5, None), ("offers", 95, None)], ["$.subject"]),
        ("holdout", None, [("holdout", 5, None), ("offers", 95, "saas_short")], ["$.subject"]),
        ("holdout", None, [("control", 5, None), ("offers", 95, None)], ["$.arms"]),
    ],
)
def test_what_cannot_be_answered_is_not_asked(
    kind: variants.ExperimentKind,
    subject: str | None,
    given_arms: list[tuple[str, int, str | None]],
    paths: list[str],
) -> None:
    """Shares that do not add up, arms that do the same, a holdout that would change more than the offers."""
    made = [Arm(name=name, share=share, uses=uses) for name, share, uses in given_arms]

    assert [problem.path for problem in variants.problems(kind, subject, made)] == paths


def test_a_holdout_is_suggested_where_it_can_show_something() -> None:
    """Not below 200 episodes a month; the figures are those of the formula, worked by hand."""
    assert variants.suggest_holdout(199) is None
    small, large = variants.suggest_holdout(200, share=10), variants.suggest_holdout(4000)

    assert small
    assert large
    # 2.802 × √(0.25/60 + 0.25/540) and 2.802 × √(0.25/600 + 0.25/11400)
    assert (small.episodes, small.detectable) == (600, 0.191)
    assert (large.share, large.episodes, large.detectable) == (5, 12_000, 0.059)
