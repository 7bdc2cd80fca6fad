"""Terms that can come true for nobody, or only below a floor, are refused where they stand."""

from datetime import date
from typing import Any

import pytest

from aurevoir.flows.checks import check_text
from aurevoir.flows.findings import Finding
from aurevoir.flows.offer_terms import carried_out
from aurevoir.flows.reading import read_flow
from aurevoir.flows.starters import starter
from tests.flows.sound import BOTH, Change, changed, half, other_offer

EUR = {"amount": 500, "currency": "EUR"}
MONTHLY = {"attribute": "interval", "is": "month"}
YEARLY = {"attribute": "interval", "in": ["quarter", "year"]}
CHEAP = {"all": [{"attribute": "plan", "in": ["pro", "team"]}, {"attribute": "amount", "at_most": 2000}]}
OFF = {"percent_off": None, "amount_off": EUR}


def floor(**values: Any) -> dict[str, Any]:
    return {"plan": "pro", "currency": "EUR"} | values


TRIAL, UNPAID, ENDED = ({"attribute": "status", "is": one} for one in ("trialing", "past_due", "cancelled"))
HOLIDAY = {"kind": "payment_holiday", "renewals": 1, "access": "keep"}
OF_ANOTHER_STATUS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (HOLIDAY, TRIAL, "active,"),
    ({"kind": "discount", "percent_off": 9, "periods": 1}, TRIAL, "active,"),
    ({"kind": "split_payment", "parts": 3}, UNPAID, "active,"),
    ({"kind": "payment_relief", "relief": "waive", "invoice": "next"}, UNPAID, "active,"),
    ({"kind": "payment_relief", "relief": "waive", "invoice": "open"}, TRIAL, "active or past_due or unpaid,"),
    ({"kind": "plan_change", "plan": "lite", "price": EUR}, ENDED, "active or trialing,"),
]
SAME = "leaves only those who have what they would change to"
# What is changed; the path and the words of the finding; its level.
MISTAKES: list[tuple[Change, str, str, str]] = [
    # discounts
    (half(**OFF | {"amount_off": EUR | {"amount": 0}}), "offers.half.amount_off.amount", "takes nothing off", "error"),
    (half(when=YEARLY), "offers.half.periods", "leaves only quarterly or yearly renewals", "error"),
    # floors
    (half(floor=floor()), "offers.half.floor", "exactly one of amount and cost", "error"),
    (half(floor=floor(amount=1, cost=1)), "offers.half.floor", "exactly one of amount and cost", "error"),
    (half(floor=floor(cost=1)), "offers.half.floor", "cost and margin_percent together", "error"),
    (half(floor=floor(amount=1, margin_percent=1)), "offers.half.floor", "cost and margin_percent together", "error"),
    (half(floor=[floor(amount=1), floor(amount=2)]), "offers.half.floor[1]", "second floor for `pro`", "error"),
    (half(percent_off=100, floor=floor(amount=900)), "offers.half.percent_off", "takes everything off", "error"),
    (half(when=CHEAP, floor=floor(amount=1001)), "offers.half.floor", "pays 2002 or more", "error"),
    (half(when=CHEAP, floor=[floor(amount=1001)]), "offers.half.floor[0]", "pays 2002 or more", "error"),
    (half(**OFF, when=CHEAP, floor=floor(amount=1501)), "offers.half.floor", "pays 2001 or more", "error"),
    (
        half(when=CHEAP, floor=floor(cost=600, margin_percent=41)),
        "offers.half.floor",
        "pays 2034 or more",
        "error",
    ),
    (half(when=CHEAP, floor=floor(plan="gold", amount=9)), "offers.half.floor", "nobody on `gold`", "warning"),
    (half(**OFF, floor=floor(amount=9, currency="USD")), "offers.half.floor.currency", "is not EUR", "error"),
    (
        other_offer(kind="plan_change", plan="pro", price=EUR, floor=floor(amount=501)),
        "offers.more.price.amount",
        "is 500, below the floor of 501",
        "error",
    ),
    (
        other_offer(kind="plan_change", plan="pro", price=EUR, floor=floor(amount=1, currency="USD")),
        "offers.more.floor.currency",
        "is not EUR, as price is",
        "error",
    ),
    (
        other_offer(kind="plan_change", plan="basic", price=EUR, floor=floor(amount=501)),
        "offers.more.floor",
        "the offer leads to `basic`",
        "warning",
    ),
    # parts
    (other_offer(kind="split_payment", parts=4, when=MONTHLY), "offers.more.parts", "renewals by the year", "error"),
    (
        other_offer(kind="split_payment", parts=3, when=MONTHLY),
        "offers.more.parts",
        "renewals by the quarter or year",
        "error",
    ),
    (
        other_offer(kind="split_payment", parts=4, eu_consumers=True),
        "offers.more.eu_consumers",
        "can count as credit",
        "warning",
    ),
    # other kinds
    (
        other_offer(kind="payment_holiday", renewals=2, access="keep"),
        "offers.more.renewals",
        "would be 2 years",
        "warning",
    ),
    (other_offer(kind="plan_change", plan="basic"), "offers.more.price", "is missing", "error"),
    (
        other_offer(kind="plan_change", interval="month", price=EUR, at="now", when=YEARLY),
        "offers.more.at",
        "must be `period_end`",
        "error",
    ),
    (
        other_offer(kind="trial_extension", days=3, when={"attribute": "status", "is": "active"}),
        "offers.more.when",
        "leaves nobody whose `status` is trialing",
        "error",
    ),
    *(
        (
            other_offer(kind="plan_change", **offer, when={"attribute": name, "is": has}),
            "offers.more.when",
            SAME,
            "error",
        )
        for name, has, offer in (
            ("plan", "pro", {"plan": "pro", "price": EUR}),
            ("interval", "year", {"interval": "year", "price": EUR}),
            ("quantity", 4, {"quantity": 4}),
        )
    ),
    *(
        (other_offer(**offer, when=status), "offers.more.when", f"leaves nobody whose `status` is {words}", "error")
        for offer, status, words in OF_ANOTHER_STATUS
    ),
    (
        other_offer(kind="feature_grant", feature="x", until="2026-11-22"),
        "offers.more.until",
        "has passed",
        "warning",
    ),
    # money
    (half(floor=floor(amount=1, currency="XQQ")), "offers.half.floor.currency", "`XQQ` is no currency", "error"),
    (
        half(limits={"budget_per_month": EUR | {"currency": "EUX"}}),
        "offers.half.limits.budget_per_month.currency",
        "`EUX` is no currency",
        "error",
    ),
    (
        half(limits={"budget_per_month": EUR | {"amount": 0}}),
        "offers.half.limits.budget_per_month.amount",
        "is 0",
        "error",
    ),
    (
        half(**OFF, limits={"budget_per_month": EUR | {"currency": "USD"}}),
        "offers.half.limits.budget_per_month.currency",
        "is not EUR, as amount_off is",
        "error",
    ),
    # favours
    (
        half(in_return=[{"code": "story", "label": BOTH}, {"code": "story", "label": BOTH}]),
        "offers.half.in_return[1].code",
        "already used by in_return[0]",
        "error",
    ),
    (
        half(in_return=[{"code": "story", "label": {"en": "x"}}]),
        "offers.half.in_return[0].label.fr",
        "is miss",
        "error",
    ),
    # structure
    (half(floor="900"), "offers.half.floor", "must be a mapping or a list", "error"),
    (half(floor=floor(amount=-1)), "offers.half.floor.amount", "must be between 0", "error"),
    (half(in_return=[{"code": "A b"}]), "offers.half.in_return[0].code", "must be lower_case_words", "error"),
]
# What some mistakes bring about beside what they are.
CONSEQUENCES = {"offers.half.in_return[0].code": {"offers.half.in_return[0].label"}}


def found(change: Change) -> list[Finding]:
    return check_text(changed(change), today=date(2026, 11, 22))


@pytest.mark.parametrize(("change", "path", "words", "level"), MISTAKES)
def test_impossible_terms_are_refused_at_their_path(change: Change, path: str, words: str, level: str) -> None:
    """With its line, and without a false alarm beside it."""
    findings = found(change)
    told = [one for one in findings if one.path == path and words in one.message]

    assert [one.level for one in told] == [level]
    assert told[0].line is not None
    assert {one.path for one in findings} - {path} <= CONSEQUENCES.get(path, set())


@pytest.mark.parametrize(
    "change",
    [
        half(when=CHEAP, floor=floor(amount=1000)),
        half(**OFF, when=CHEAP, floor=floor(amount=1500)),
        half(floor=[floor(amount=1), floor(amount=2, currency="USD"), floor(plan="team", cost=1, margin_percent=0)]),
        half(percent_off=100, floor=floor(amount=0)),
        half(when=YEARLY, periods=1),
        half(in_return=[{"code": "story", "label": BOTH}, {"code": "friend", "label": BOTH}]),
        other_offer(kind="split_payment", parts=3, when=YEARLY),
        other_offer(kind="split_payment", parts=4, source="open_invoice", when=MONTHLY),
        other_offer(kind="payment_holiday", renewals=2, access="keep", when=MONTHLY),
        other_offer(kind="plan_change", quantity=2),
        other_offer(kind="plan_change", interval="year", price=EUR, at="now", when=MONTHLY),
        other_offer(kind="feature_grant", feature="x", until="2026-11-23"),
    ],
)
def test_what_can_come_true_passes(change: Change) -> None:
    """To the cent, and for somebody."""
    assert found(change) == []


def test_a_floor_that_is_just_kept_is_kept() -> None:
    """The least full price that is told is the least indeed: half of 2002 is 1001, half of 2001 is 1000."""
    assert (
        found(half(when={"all": [CHEAP["all"][0], {"attribute": "amount", "at_most": 2002}]}, floor=floor(amount=1001)))
        == []
    )


def test_only_what_billing_can_do_is_published() -> None:
    """By mode; what the product does itself is always possible."""
    flow = read_flow(starter("saas_classic"))
    able = frozenset({"discount", "split_payment", "plan_change", "trial_extension", "payment_holiday"})
    findings = list(carried_out(flow, {"live": ("stripe", able - {"discount"}), "test": ("sandbox", able)}))

    assert [(one.path, one.level) for one in findings] == [("offers.half_price.kind", "error")]
    assert findings[0].message == "is `discount`, which `stripe`, connected in live mode, cannot carry out"
