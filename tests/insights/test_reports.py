"""The reasons report, on the worked example and at its edges."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from aurevoir.flows import graph, starters
from aurevoir.flows import service as flows
from aurevoir.flows.reading import read_flow
from aurevoir.insights import reports
from aurevoir.insights.measures import MEASURES
from aurevoir.insights.reports import Coverage, Money, ReasonRow, ReasonsReport
from aurevoir.insights.selection import Selection
from aurevoir.kit.errors import Invalid
from tests.factories import make_declaration, make_reason_answer, make_session, make_workspace
from tests.house import slowly_on_postgres
from tests.insights.golden import at, make_january

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


async def report(workspace: UUID, **options: Any) -> ReasonsReport:
    january = {"since": date(2026, 1, 1), "until": date(2026, 2, 1), "zone": "Europe/Paris", "now": NOW}
    return await reports.reasons(msgspec.convert({"workspace": workspace, **january, **options}, Selection))


def row(found: ReasonsReport, code: str) -> ReasonRow:
    return next(row for row in found.rows if row.code == code)


async def test_the_worked_example() -> None:
    """Price is the reason of 4 of 9 episodes: 44.4 % [18.9, 73.3]; three visits count once, test and bounced never."""
    found = await report(await make_january())
    price = row(found, "price")

    assert found.coverage == Coverage(known=2, of=2, answered=9, episodes=9)
    assert (price.count, price.n) == (4, 9)
    assert (price.share, price.ci_low, price.ci_high) == pytest.approx((0.444, 0.189, 0.733), abs=0.0005)
    assert {other.code: other.count for other in found.rows} == {
        "price": 4, "bugs": 1, "missing": 1, "support": 1, "temporary": 1, "unused": 1, "other": 0
    }  # fmt: skip


@slowly_on_postgres
async def test_half_past_midnight_in_paris_is_february() -> None:
    """Days are those of the workspace's zone, not of UTC."""
    workspace = await make_january()
    found = await report(workspace, since=date(2026, 2, 1), until=date(2026, 3, 1))

    assert (found.coverage.episodes, row(found, "price").count) == (1, 1)


@slowly_on_postgres
async def test_money_is_counted_once_at_the_first_session_of_the_episode() -> None:
    """c1 40, c2 29, c8 50 and c3 10, as it was when c3 first came."""
    found = await report(await make_january())

    assert row(found, "price").mrr_at_stake == (Money("EUR", 4000 + 2900 + 5000 + 1000),)


@slowly_on_postgres
async def test_unknown_money_is_not_zero() -> None:
    """What is unknown is counted beside the sum; a trial is known to be zero."""
    found = await report(await make_january())

    assert (row(found, "support").mrr_at_stake, row(found, "support").mrr_unknown) == ((), 1)
    assert (row(found, "unused").mrr_at_stake, row(found, "unused").mrr_unknown) == ((Money("EUR", 0),), 0)


async def test_currencies_are_never_added_up() -> None:
    """One sum for each, in the order of their codes."""
    workspace = await make_workspace()
    for customer, currency, mrr in (("a", "USD", 100), ("b", "EUR", 200), ("c", "USD", 300), ("d", None, 400)):
        session = await make_session(workspace, at(2), customer=customer, currency=currency, mrr=mrr)
        await make_reason_answer(session, "price")
    price = row(await report(workspace), "price")

    assert price.mrr_at_stake == (Money("EUR", 200), Money("USD", 400))
    assert price.mrr_unknown == 1


@slowly_on_postgres
async def test_a_share_is_of_those_to_whom_the_reason_was_shown() -> None:
    """An option that only some saw has its own denominator."""
    workspace = await make_workspace()
    for number in range(10):
        shown = ("price", "bugs") if number < 4 else ("price", "unused")
        session = await make_session(workspace, at(2), customer=str(number))
        await make_reason_answer(session, "bugs" if number == 0 else "price", shown=shown)
    found = await report(workspace)

    assert [(row.code, row.count, row.n, row.share) for row in found.rows] == [
        ("price", 9, 10, 0.9),
        ("bugs", 1, 4, 0.25),
        ("unused", 0, 6, 0.0),
    ]


@slowly_on_postgres
async def test_only_the_primary_reason_counts() -> None:
    """Further choices are answers too, and no second episode."""
    workspace = await make_workspace()
    await make_reason_answer(await make_session(workspace, at(2)), "bugs", "price")
    found = await report(workspace)

    assert (row(found, "bugs").count, row(found, "price").count) == (1, 0)


@slowly_on_postgres
async def test_the_last_answered_reason_is_the_episodes_reason() -> None:
    """By the time of the answer; a later visit that skips the question takes nothing back."""
    workspace = await make_workspace()
    first, second, third = [await make_session(workspace, at(day)) for day in (2, 3, 4)]
    await make_reason_answer(first, "price", at=at(6))
    await make_reason_answer(second, "bugs", at=at(5))
    await make_reason_answer(third, at=at(7))
    found = await report(workspace)

    assert (row(found, "price").count, row(found, "bugs").count) == (1, 0)
    assert found.coverage.episodes == found.coverage.answered == 1


@slowly_on_postgres
async def test_thirty_days_after_the_first_visit_a_new_episode_begins() -> None:
    """The window is fixed by the first visit, not moved by later ones."""
    workspace = await make_workspace()
    for days in (0, 29, 30):
        await make_reason_answer(await make_session(workspace, at(1) + timedelta(days=days)), "price")
    found = await report(workspace)

    assert (found.coverage.episodes, row(found, "price").count) == (2, 2)


@slowly_on_postgres
async def test_an_episode_is_valid_when_any_of_its_visits_is() -> None:
    """Bounced twice is no episode; bounced, then moved is one, with the money of the first visit."""
    workspace = await make_workspace()
    for customer, day, moves in (("a", 2, 0), ("a", 3, 0), ("b", 2, 0)):
        await make_session(workspace, at(day), customer=customer, moves=moves, mrr=day * 100)
    await make_reason_answer(await make_session(workspace, at(3), customer="b", moves=2, mrr=300), "price")
    found = await report(workspace)

    assert found.coverage.episodes == 1
    assert row(found, "price").mrr_at_stake == (Money("EUR", 200),)


@slowly_on_postgres
async def test_coverage_says_for_how_many_cancellations_a_reason_is_known() -> None:
    """Known for 1 of 2: one cancelled without a word, one took it back, one only looked."""
    workspace = await make_workspace()
    sessions = [await make_session(workspace, at(2), customer=name) for name in "abcd"]
    await make_reason_answer(sessions[0], "price")
    await make_reason_answer(sessions[2], "price")
    await make_reason_answer(sessions[3])
    for number in range(3):
        await make_declaration(sessions[number], at(2), undone_at=at(3) if number == 2 else None)
    found = await report(workspace)

    assert found.coverage == Coverage(known=1, of=2, answered=2, episodes=4)


@slowly_on_postgres
async def test_declared_again_after_an_undo_stands() -> None:
    """The last word counts."""
    workspace = await make_workspace()
    session = await make_session(workspace, at(2))
    await make_declaration(session, at(2), undone_at=at(3))
    await make_declaration(session, at(4))

    assert (await report(workspace)).coverage.of == 1


@slowly_on_postgres
async def test_imported_reasons_stay_out_of_shares() -> None:
    """Nobody knows what those customers were shown."""
    workspace = await make_workspace()
    for customer, channel in (("a", "imported"), ("b", "agent")):
        session = await make_session(workspace, at(2), customer=customer, channel=channel)
        await make_reason_answer(session, "price")
    found = await report(workspace)

    assert (row(found, "price").count, row(found, "price").n) == (1, 1)
    assert (found.coverage.answered, found.coverage.episodes) == (1, 2)


@slowly_on_postgres
async def test_workspaces_do_not_mix() -> None:
    """Globex sees nothing of Acme's January."""
    await make_january()
    globex = await make_workspace("globex")
    found = await report(globex)

    assert (found.rows, found.coverage) == ((), Coverage(known=0, of=0, answered=0, episodes=0))


@slowly_on_postgres
async def test_periods_have_rows_and_coverage_of_their_own() -> None:
    """By month, cut to what was asked for; a month without anyone is on the axis all the same."""
    workspace = await make_january()
    found = await report(workspace, since=date(2025, 12, 15), until=date(2026, 2, 15), grain="month")

    assert [(one.label, one.coverage.episodes) for one in found.periods] == [
        ("2025-12", 0),
        ("2026-01", 9),
        ("2026-02", 1),
    ]
    assert (found.periods[0].start, found.periods[-1].end) == (date(2025, 12, 15), date(2026, 2, 15))
    assert [(row.period.label, row.count, row.n) for row in found.rows if row.period and row.code == "price"] == [
        ("2026-01", 4, 9),
        ("2026-02", 1, 1),
    ]
    assert found.coverage.episodes == 10


@pytest.mark.parametrize("grain", ["week", "month", "quarter", "year"])
async def test_periods_add_up_to_the_whole(grain: Any) -> None:
    """Every episode is in one period, whatever its length."""
    workspace = await make_january()
    span = {"since": date(2026, 1, 1), "until": date(2026, 3, 1)}
    whole, parts = await report(workspace, **span), await report(workspace, **span, grain=grain)

    for code in ("price", "missing", "other"):
        own = [row for row in parts.rows if row.code == code]
        assert sum(row.count for row in own) == row(whole, code).count
        assert sum(row.n for row in own) == row(whole, code).n
    assert sum(one.coverage.answered for one in parts.periods) == whole.coverage.answered


@slowly_on_postgres
async def test_the_report_carries_its_definitions() -> None:
    """Zone, moment, period, and one sentence for each number."""
    found = await report(await make_workspace())

    assert (found.zone, found.as_of, found.period.start, found.period.end) == (
        "Europe/Paris", NOW, date(2026, 1, 1), date(2026, 2, 1)
    )  # fmt: skip
    assert found.definition["reason_share_primary"].startswith(MEASURES["reason_share_primary"].formula)


@slowly_on_postgres
async def test_unless_told_otherwise_it_covers_twelve_months_up_to_now() -> None:
    """Today counts, in the workspace's zone: at 23:30 UTC it is tomorrow in Paris."""
    late = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    found = await report(await make_workspace(), since=None, until=None, now=late)

    assert (found.period.start, found.period.end) == (date(2025, 5, 1), date(2026, 4, 2))


@slowly_on_postgres
async def test_reasons_have_the_words_of_the_live_flow() -> None:
    """In the reader's language; a code that no live flow knows stands for itself."""
    workspace = await make_workspace()
    await flows.load(workspace, starters.starter("saas_classic"), "test", NOW, publish_it=True)
    live = await flows.live_version(workspace, "saas_classic", None)
    option = live.reason_step.options[0]
    await make_reason_answer(await make_session(workspace, at(2)), option.code, shown=(option.code, "of_old"))
    found = await report(workspace, locale="fr")

    assert row(found, option.code).label == option.label["fr"]
    assert row(found, option.code).category == option.category
    assert (row(found, "of_old").label, row(found, "of_old").category) == ("of_old", None)


@slowly_on_postgres
async def test_where_flows_differ_the_default_one_has_the_word() -> None:
    """Two flows may give one reason different labels; a report shows one of them, and always the same."""
    workspace = await make_workspace()
    source = starters.starter("saas_classic")
    words = graph.reason_step(read_flow(source)).options[0]
    for key, label in (("a_first", "Alpha"), ("z_last", "Omega")):
        other = source.replace("key: saas_classic", f"key: {key}").replace(words.label["en"], label)
        await flows.load(workspace, other, "test", NOW, publish_it=True)
    await make_reason_answer(await make_session(workspace, at(2)), words.code, shown=(words.code,))
    labels = [row(await report(workspace, default_flow=key), words.code).label for key in ("a_first", "z_last")]

    assert labels == ["Alpha", "Omega"]


@slowly_on_postgres
async def test_test_mode_is_never_counted() -> None:
    """It is refused, because an empty report would look like an answer."""
    with pytest.raises(Invalid) as refused:
        await report(await make_workspace(), mode="test")

    assert [problem.path for problem in refused.value.problems] == ["$.mode"]
