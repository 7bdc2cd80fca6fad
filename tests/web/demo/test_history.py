"""The invented past: repeatable, plausible, over before now."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec

from aurevoir.access.facts import Facts
from aurevoir.flows import starters
from aurevoir.flows.graph import reason_step
from aurevoir.flows.reading import read_flow
from aurevoir.web.demo import history, remarks

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PAST = history.visitors(300, NOW, "Europe/Paris")


def test_the_same_seed_tells_the_same_past() -> None:
    """Whoever starts the demo sees the same year; another seed tells another."""
    assert history.visitors(300, NOW, "Europe/Paris") == PAST
    assert history.visitors(300, NOW, "Europe/Paris", seed=21) != PAST


def test_everything_is_over_by_now() -> None:
    """Within the last twelve months, in order; nobody has still to come back."""
    starts = [visitor.starts_at for visitor in PAST]
    returns = [visitor.returns_at for visitor in PAST if visitor.returns_at]

    assert starts == sorted(starts)
    assert NOW - timedelta(days=history.DAYS + 1) < starts[0] < starts[-1] < NOW - timedelta(hours=1)
    assert len(returns) > 5
    assert max(returns) < NOW


def test_every_visitor_is_one_that_a_token_could_state() -> None:
    """Their facts are those of a customer token, each subscription another."""
    facts = [msgspec.convert(visitor.facts, Facts) for visitor in PAST]

    assert len({one.subscription.id for one in facts}) == len(PAST)
    assert {one.subscription.currency for one in facts} == {"EUR", "USD", "GBP"}
    assert {one.locale for one in facts} == {"fr", "en", "de", "es", "ar"}


def test_every_reason_is_one_that_its_flow_offers() -> None:
    """A code that no option has would be skipped in silence."""
    codes = {
        key: {one.code for one in reason_step(read_flow(starters.starter(key))).options}
        for key in starters.list_starters()
    }

    assert [visitor for visitor in PAST if visitor.reason and visitor.reason not in codes[visitor.flow]] == []
    assert set(remarks.FOLLOW_UPS) <= set().union(*codes.values())


def test_the_proportions_are_those_that_are_published() -> None:
    """Price first, then too little use; most give a reason, some go away, few keep or undo."""
    reasons = Counter(visitor.reason for visitor in PAST if visitor.flow == "saas_classic")
    endings = Counter(visitor.ending for visitor in PAST)
    given = sum(visitor.reason is not None for visitor in PAST)

    assert [code for code, _ in reasons.most_common(3) if code] == ["too_expensive", "not_using"]
    assert 0.8 < given / len(PAST) < 0.94
    assert endings["cancel"] > 4 * endings["abandon"] / 2 > endings["keep"] > endings["undo"] > 0
