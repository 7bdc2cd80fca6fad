"""Intervals against published values, and a dictionary without gaps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurevoir.insights import measures
from aurevoir.insights.measures import MEASURES, wilson

COUNTS = st.integers(0, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Newcombe 1998, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # Worked by hand.
        (4, 9, 0.1888, 0.7333),
        (3, 9, 0.1206, 0.6458),
    ],
)
def test_wilson_gives_the_published_values(successes: int, n: int, low: float, high: float) -> None:
    """The interval is the one that text books mean by that name."""
    found = wilson(successes, n)

    assert found == pytest.approx((low, high), abs=0.00005)


def test_nothing_seen_is_anything_between_none_and_all() -> None:
    """Without an observation the share is not known at all."""
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("successes", "n"), [(-1, 5), (6, 5), (0, -1)])
def test_impossible_counts_are_a_mistake_of_ours(successes: int, n: int) -> None:
    """Better no number than a wrong one."""
    with pytest.raises(ValueError, match="successes"):
        wilson(successes, n)


@given(COUNTS)
def test_an_interval_holds_the_share_and_stays_a_share(counts: tuple[int, int]) -> None:
    """From 0 to 1, with the observed share inside, exact at the ends, and mirrored for what did not happen."""
    successes, n = counts
    low, high = wilson(successes, n)
    mirrored = wilson(n - successes, n)

    assert 0.0 <= low <= (successes / n if n else 0.5) <= high <= 1.0
    assert (low, high) == pytest.approx((1 - mirrored[1], 1 - mirrored[0]))


@given(COUNTS)
def test_more_confidence_needs_more_room(counts: tuple[int, int]) -> None:
    """A 99 % interval holds the 95 % one."""
    wide, narrow = wilson(*counts, confidence=0.99), wilson(*counts)

    assert wide[0] <= narrow[0]
    assert narrow[1] <= wide[1]


def test_every_share_names_its_denominator() -> None:
    """A share without one could mean anything."""
    shares = [measure for measure in MEASURES.values() if measure.unit == "share"]

    assert shares
    assert all(measure.denominator for measure in shares)


def test_the_page_tells_every_measure() -> None:
    """docs/measures.md is made from the dictionary, so it has to hold all of it."""
    page = measures.markdown()

    for measure in MEASURES.values():
        for text in (f"## `{measure.id}`", measure.formula, measure.numerator, measure.caveat):
            assert text in page
