"""What was shown is what is charged: each offer carried out by the sandbox, and its days lived through."""

from collections import Counter
from datetime import UTC, datetime, time

from hypothesis import given, reject
from hypothesis import strategies as st
from msgspec.structs import replace

from aurevoir.billing.adapters.sandbox import clock, effects
from aurevoir.billing.adapters.sandbox import ledger as ledgers
from aurevoir.billing.adapters.sandbox.ledger import Ledger
from aurevoir.billing.gateway import Impossible
from aurevoir.billing.plan import Relief, Split
from aurevoir.kit.money import Money
from aurevoir.offers.agreement import Agreement, Charge, work_out
from aurevoir.offers.terms import (
    Amount,
    Discount,
    Offer,
    PaymentHoliday,
    PaymentRelief,
    PlanChange,
    SplitPayment,
    TrialExtension,
)
from tests.billing.sandbox_agreements import ledgers as some_ledgers
from tests.offers.subscriptions import WORDS, ZONE

PRICE = Amount(amount=900, currency="EUR")
OFFERS: tuple[Offer, ...] = (
    Discount(**WORDS, percent_off=33, periods=1),
    Discount(**WORDS, percent_off=50, periods=3),
    Discount(**WORDS, amount_off=PRICE, periods=2),
    PaymentHoliday(**WORDS, renewals=1, access="stop"),
    PaymentHoliday(**WORDS, renewals=3, access="keep"),
    SplitPayment(**WORDS, parts=3),
    SplitPayment(**WORDS, parts=12),
    SplitPayment(**WORDS, parts=4, source="open_invoice"),
    PaymentRelief(**WORDS, relief="defer", invoice="open", days=5),
    PaymentRelief(**WORDS, relief="waive", invoice="open"),
    PaymentRelief(**WORDS, relief="defer", invoice="next", days=5),
    PaymentRelief(**WORDS, relief="waive", invoice="next"),
    PlanChange(**WORDS, plan="basic", quantity=1, price=PRICE),
    PlanChange(**WORDS, plan="basic", quantity=1, price=PRICE, at="now"),
    PlanChange(**WORDS, interval="year", quantity=1, price=PRICE, at="now"),
    PlanChange(**WORDS, interval="month", quantity=1, price=PRICE),
    TrialExtension(**WORDS, days=10),
)


places = st.integers(0, len(OFFERS) - 1)


@given(some_ledgers(), places)
def test_what_was_shown_is_what_is_charged(ledger: Ledger, place: int) -> None:
    """The payments that were told, to the cent and to the day."""
    agreement, agreed = accepted(ledger, place, "first")

    assert _untold(agreed, agreement) == Counter()


@given(some_ledgers(), places, st.integers(0, 400), places)
def test_so_it_is_for_a_second_offer(ledger: Ledger, first: int, days: int, second: int) -> None:
    """Whatever was agreed before, and however long ago: no offer is made that would clash with it."""
    since = clock.advance(accepted(ledger, first, "first")[1], days)
    agreement, agreed = accepted(since, second, "second")
    owed = Counter(Charge(Money(bill.amount, "EUR"), bill.due_on) for bill in agreed.bills)

    assert _untold(replace(agreed, charges=agreed.charges[len(since.charges) :]), agreement) <= owed


def accepted(ledger: Ledger, place: int, key: str) -> tuple[Agreement, Ledger]:
    """The first offer from that place on that can be made today, and the subscription once billing has done it."""
    now = datetime.combine(ledger.today, time(8), UTC)
    for offer in (*OFFERS[place:], *OFFERS[:place]):
        try:
            agreement = work_out("it", offer, ledgers.snapshot(ledger, now), now, ZONE)
        except Impossible:
            continue
        assert agreement.action is not None
        return agreement, effects.apply(ledger, agreement.action, key)
    return reject()


def _untold(ledger: Ledger, agreement: Agreement) -> Counter[Charge]:
    """What is charged beside what was told, until the last day of it; beside one payment others go on as usual."""
    last = max((charge.due_on for charge in agreement.charges), default=ledger.today)
    after = clock.advance(ledger, (last - ledger.today).days)
    charged = Counter(Charge(Money(one.amount, "EUR"), one.on) for one in after.charges)
    told = Counter(agreement.charges)

    assert told <= charged
    about_one_payment = isinstance(agreement.action, Relief | Split) and agreement.interval is None
    return Counter() if about_one_payment else charged - told
