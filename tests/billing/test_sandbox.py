"""The sandbox as a gateway: kept in the database, each key executed once, whoever sends it."""

import asyncio
from datetime import date, timedelta

import pytest

from aurevoir.billing.adapters.sandbox import books
from aurevoir.billing.adapters.sandbox.books import Account
from aurevoir.billing.adapters.sandbox.gateway import Sandbox
from aurevoir.billing.adapters.sandbox.ledger import Ledger, Terms
from aurevoir.billing.gateway import Conflicting, Connection, Impossible, Rejected
from aurevoir.billing.plan import Action, Cancel, Discount, ExtendTrial, Order, Revert, SubscriptionRef, UndoCancel
from aurevoir.kit import clock
from tests.billing.sandbox_agreements import moment
from tests.house import House, count, slowly_on_postgres

pytestmark = slowly_on_postgres

TODAY = date(2026, 11, 22)
DANA = SubscriptionRef("cus_42", "sub_9")
HALF = Discount(percent_off=50, periods=3, ends_at=moment(date(2027, 2, 4)))
LEAVE = Cancel(ends_on=date(2026, 12, 4), declared_at=moment(TODAY))


def _ledger() -> Ledger:
    terms = Terms(plan="pro", amount=2900, currency="EUR", interval="month", quantity=1)
    return Ledger(today=TODAY, terms=terms, renews_on=date(2026, 12, 4), anchor=4)


@pytest.fixture
def account(house: House) -> Account:
    """Dana's subscription."""
    return Account(house.id, "live", DANA.subscription)


@pytest.fixture
def sandbox(house: House) -> Sandbox:
    """As the registry opens it; another one on the same rows is another process."""
    return Sandbox(Connection(id=house.id, workspace=house.id, mode="live", gateway="sandbox"))


async def _order(sandbox: Sandbox, action: Action, key: str) -> Order:
    snapshot = None if isinstance(action, Cancel | UndoCancel) else await sandbox.snapshot(DANA)
    plan = sandbox.plan(DANA, action, snapshot, "rdm_1", clock.now())
    return Order(plan=plan, number=0, idempotency_key=key)


async def test_what_was_agreed_is_kept_and_can_be_read(sandbox: Sandbox, account: Account) -> None:
    """The snapshot tells of it, verifying finds it by its key, and reverting takes it back."""
    await books.open_subscription(account, _ledger())
    order = await _order(sandbox, HALF, "a")
    before = await sandbox.verify(order)
    done = await sandbox.send(order)
    held = (await sandbox.snapshot(DANA)).discounts
    revert = Revert(redemption="rdm_1", agreed=HALF, references=done.references)
    await sandbox.send(await _order(sandbox, revert, "b"))

    assert (before.state, done.state) == ("not_applied", "confirmed")
    assert await sandbox.verify(order) == done
    assert [(one.percent_off, one.ends_at) for one in held] == [("50", moment(date(2027, 3, 4)))]
    assert (await sandbox.snapshot(DANA)).discounts == ()


async def test_one_key_sent_many_times_at_once_is_one_effect(sandbox: Sandbox, account: Account) -> None:
    """Twelve senders of each of two keys: two discounts, not one lost, none twice."""
    await books.open_subscription(account, _ledger())
    plans = [sandbox.plan(DANA, action, None, "rdm_1", clock.now()) for action in (HALF, LEAVE)]
    orders = [Order(plan=plan, number=0, idempotency_key=key) for plan, key in zip(plans, "ab", strict=True)]
    verdicts = await asyncio.gather(*(sandbox.send(order) for order in orders * 6), return_exceptions=True)
    kept = await books.find(account)

    assert kept is not None
    assert (len(kept.reductions), kept.ends_on, set(kept.executed)) == (1, LEAVE.ends_on, {"a", "b"})
    assert all(getattr(verdict, "state", "") == "confirmed" for verdict in verdicts), verdicts


async def test_a_subscription_that_moved_on_is_a_conflict(sandbox: Sandbox, account: Account) -> None:
    """An offer worked out before a renewal is not carried out after it; a cancellation always is."""
    await books.open_subscription(account, _ledger())
    order, leave = await _order(sandbox, HALF, "a"), await _order(sandbox, LEAVE, "b")
    await books.advance(account, 30)

    with pytest.raises(Conflicting, match="terms_changed"):
        await sandbox.send(order)
    assert (await sandbox.send(leave)).state == "confirmed"
    assert (await sandbox.snapshot(DANA)).status == "cancelled"


async def test_who_is_not_known_can_leave_all_the_same(sandbox: Sandbox, account: Account) -> None:
    """There is nothing to read and nothing to offer; cancelling and taking it back work."""
    with pytest.raises(Rejected, match="no_such_subscription"):
        await sandbox.snapshot(DANA)
    stranger = Order(plan=sandbox.plan(DANA, HALF, None, "rdm_1", clock.now()), number=0, idempotency_key="a")
    with pytest.raises(Rejected, match="no_such_subscription"):
        await sandbox.send(stranger)
    leave = Cancel(ends_on=clock.now().date() + timedelta(days=9), declared_at=clock.now())
    await sandbox.send(await _order(sandbox, leave, "b"))
    left = (await sandbox.snapshot(DANA)).ends_at
    await sandbox.send(await _order(sandbox, UndoCancel(), "c"))

    assert left is not None
    assert (await sandbox.snapshot(DANA)).ends_at is None
    assert await count("sandbox_subscription") == 1


async def test_what_cannot_be_done_is_refused(sandbox: Sandbox, account: Account) -> None:
    """A trial that is none is not extended; nothing is planned for what has ended."""
    await books.open_subscription(account, _ledger())
    extend = ExtendTrial(until=moment(date(2026, 12, 20)))
    with pytest.raises(Rejected, match="no_trial"):
        await sandbox.send(await _order(sandbox, extend, "a"))
    await sandbox.send(await _order(sandbox, LEAVE, "b"))
    await books.advance(account, 30)

    with pytest.raises(Impossible, match="subscription_ended"):
        await _order(sandbox, HALF, "c")


async def test_opening_twice_keeps_the_first(account: Account) -> None:
    """A reload does not begin the subscription anew; another mode has its own."""
    await books.open_subscription(account, _ledger())
    await books.advance(account, 30)
    again = await books.open_subscription(account, _ledger())
    test = await books.open_subscription(account._replace(mode="test"), _ledger())

    assert (len(again.charges), len(test.charges)) == (1, 0)
    with pytest.raises(LookupError):
        await books.advance(account._replace(subscription="sub_unheard_of"), 30)
