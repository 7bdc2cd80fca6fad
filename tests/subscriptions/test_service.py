"""Recording what billing tells: what is known afterwards, and that the same again changes nothing."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from aurevoir.access import vault
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing.source import Page, State
from aurevoir.kit import crypto, db, sql
from aurevoir.subscriptions import queries
from aurevoir.subscriptions import service as subscriptions
from aurevoir.subscriptions.history import Declared
from aurevoir.subscriptions.service import OwnWord
from tests.cast import DANA
from tests.house import House, count
from tests.subscriptions.telling import ACTIVE, LEFT, day, gone, held, paid

T = TypeVar("T")
CHEAPER = State(status="active", mrr=1900, currency="EUR", plan="basic", interval="month", quantity=1)
LIFE = [held(ACTIVE, 0), held(CHEAPER, 5), held(ACTIVE, 9), held(LEFT, 20)]


async def within(unit: Callable[[], Awaitable[T]]) -> T:
    """In a unit, as everything is recorded."""
    return await db.transaction(unit)


def pseudonym(workspace: WorkspaceSettings) -> str:
    """Dana's subscription, as rows know it."""
    return vault.pseudonyms(workspace.data_key, DANA.id, DANA.subscription).subscription


async def periods(workspace: WorkspaceSettings) -> list[tuple[object, ...]]:
    """The history as it is stored."""
    stored = await queries.list_periods(workspace.id, "live", pseudonym(workspace))
    return [(one.valid_from, one.valid_to, one.status, one.mrr, one.ended_by, one.reason_code) for one in stored]


async def test_the_same_facts_in_any_order_and_portions_are_the_same_history(house: House) -> None:
    """As rows, too; and told a second time nothing changes."""
    workspace = await house.settings()
    shuffled = LIFE[:]
    random.Random(7).shuffle(shuffled)
    for one in shuffled:
        await within(lambda: subscriptions.record_states(workspace, "live", "stripe", [one]))  # noqa: B023 - awaited
    before = await periods(workspace)
    again = await within(lambda: subscriptions.record_states(workspace, "live", "stripe", LIFE))

    assert again == 0
    assert before == await periods(workspace)
    assert [row[:4] for row in before] == [
        (day(0), day(5), "active", 2900),
        (day(5), day(9), "active", 1900),
        (day(9), day(20), "active", 2900),
        (day(20), None, "cancelled", 0),
    ]


async def test_told_by_many_at_once_it_is_the_same_history(house: House) -> None:
    """Those who record the same subscription wait for each other."""
    workspace = await house.settings()
    units = [partial(subscriptions.record_states, workspace, "live", "stripe", [one]) for one in LIFE * 3]
    await asyncio.gather(*(db.transaction(unit) for unit in units))
    stored = await periods(workspace)

    assert [row[:2] for row in stored] == [(day(0), day(5)), (day(5), day(9)), (day(9), day(20)), (day(20), None)]


async def test_the_state_at_a_moment_is_one_question(house: House) -> None:
    """Who was active then, for how much: the intervals answer it."""
    workspace = await house.settings()
    await within(lambda: subscriptions.record_states(workspace, "live", "stripe", LIFE))
    at = [await queries.list_present(workspace.id, "live", None, None, 10, day(number)) for number in (-1, 6, 30)]

    assert [[(one.status, one.mrr) for one in found] for found in at] == [[], [("active", 1900)], [("cancelled", 0)]]
    assert DANA.id not in str(at)


async def test_a_page_recorded_twice_is_recorded_once(house: House) -> None:
    """States, payments and exits carry keys of their own."""
    workspace = await house.settings()
    page = Page(states=tuple(LIFE), payments=(paid(), paid("in_2")), exits=(gone(),))
    for _ in range(2):
        await within(lambda: subscriptions.record(workspace, "live", "stripe", page))

    assert [await count(table) for table in ("subscription", "subscription_state", "payment", "past_exit")] == [
        1,
        4,
        2,
        1,
    ]


async def test_the_latest_word_on_a_payment_counts(house: House) -> None:
    """Whenever it arrives; what was paid at the same second stays paid."""
    workspace = await house.settings()
    failed = paid(status="failed", paid_at=None, told_at=day(9))
    same_second = paid(status="open", paid_at=None)
    for told in (paid(), failed, same_second):
        await within(lambda: subscriptions.record_payments(workspace, "live", "stripe", [told]))  # noqa: B023
    kept = await queries.list_payments(workspace.id, "live", pseudonym(workspace), 10)

    assert [(one.reference, one.status, one.amount, one.paid_at) for one in kept] == [("in_1", "paid", 2900, day(10))]


async def test_an_exit_from_elsewhere_is_labelled_imported(house: House) -> None:
    """With its category; the comment is sealed."""
    workspace = await house.settings()
    await within(lambda: subscriptions.record_exits(workspace, "live", "stripe", [gone()]))
    row = await sql.fetch_one("SELECT channel, category, ended_by, comment FROM past_exit")

    assert row is not None
    assert (row["channel"], row["category"], row["ended_by"]) == ("imported", "too_expensive", "customer")
    assert b"nice" not in bytes(row["comment"])
    assert crypto.unseal(workspace.data_key, bytes(row["comment"])) == b"It was nice."


async def test_what_was_declared_here_outranks_the_provider(house: House) -> None:
    """Whether billing tells of the end before or after; and it is no exit from elsewhere then."""
    workspace = await house.settings()
    names = vault.pseudonyms(workspace.data_key, DANA.id, DANA.subscription)
    declared = Declared(day(18), "missing_features")
    page = Page(states=tuple(LIFE), exits=(gone(),))

    async def told() -> None:
        await subscriptions.record(workspace, "live", "stripe", page)

    async def said(word: Declared | None) -> None:
        await subscriptions.record_own_words([OwnWord(workspace.id, "live", names, word)], day(18))

    await within(told)
    assert (await periods(workspace))[-1][4:] == ("unknown", None)
    await within(lambda: said(declared))
    after = await periods(workspace)
    await within(told)

    assert after[-1][4:] == ("customer", "missing_features")
    assert await periods(workspace) == after
    assert await count("past_exit") == 0


async def test_a_declaration_that_was_taken_back_says_nothing_of_a_later_end(house: House) -> None:
    """Billing's own word counts again."""
    workspace = await house.settings()
    names = vault.pseudonyms(workspace.data_key, DANA.id, DANA.subscription)
    for word in (Declared(day(3), "other"), None):
        own = OwnWord(workspace.id, "live", names, word)
        await within(lambda: subscriptions.record_own_words([own], day(4)))  # noqa: B023
    await within(lambda: subscriptions.record_states(workspace, "live", "stripe", LIFE))

    assert (await periods(workspace))[-1][4:] == ("unknown", None)


async def test_two_workspaces_know_different_customers(house: House, globex: House) -> None:
    """The same ids in another workspace are somebody else's."""
    mine, theirs = await house.settings(), await globex.settings()
    await within(lambda: subscriptions.record_states(mine, "live", "stripe", LIFE))

    assert await queries.list_present(theirs.id, "live", None, None, 10, day(30)) == []
