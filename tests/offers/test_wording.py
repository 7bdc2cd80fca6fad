"""An agreement in nine languages: complete, in whole sentences, and never more or less than was worked out."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurevoir.billing.gateway import Impossible
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit.i18n import language
from aurevoir.offers.agreement import work_out
from aurevoir.offers.terms import (
    Amount,
    Custom,
    Discount,
    FeatureGrant,
    Guide,
    Offer,
    PaymentHoliday,
    PaymentRelief,
    PlanChange,
    SplitPayment,
    TrialExtension,
)
from aurevoir.offers.wording import OfferShown, shown
from tests.offers.subscriptions import NOW, OVERDUE, WORDS, ZONE, offers, snapshot, snapshots

LOCALES = ("en", "fr", "de", "es", "it", "nl", "pt", "pl", "ar")
DISCOUNT = Discount(**WORDS, percent_off=50, periods=3)
YEAR: dict[str, Any] = {"interval": "year", "amount": 34801}
PRICED = {"discount", "split_payment", "payment_holiday", "payment_relief", "plan_change", "trial_extension"}
BASIC = Amount(amount=900, currency="EUR")
UNPAID: dict[str, Any] = {"status": "past_due", "open_invoice": OVERDUE}


def told(offer: Offer, locale: str, **changes: Any) -> OfferShown:
    return shown(work_out("it", offer, snapshot(**changes), NOW, ZONE), offer, language(locale))


def plain(text: str | None) -> str:
    """Without the spaces and marks that only typesetters see."""
    return (text or "").replace("\u202f", " ").replace("\xa0", " ").replace("\u200f", "")


# The prices that stand out, and the first sentence, of half price for three months.
HALF_PRICE = {
    "en": (
        "€29.00 a month",
        "€14.50 a month until March 1, 2027, then €29.00 a month",
        "Your next 3 renewals, from December 1, 2026 to February 1, 2027, cost €14.50 each instead of €29.00.",
    ),
    "fr": (
        "29,00 € par mois",
        "14,50 € par mois jusqu’au 1er mars 2027, puis 29,00 € par mois",
        (
            "Vos 3 prochaines échéances, du 1er décembre 2026 au 1er février 2027, "
            "sont de 14,50 € chacune au lieu de 29,00 €."
        ),
    ),
    "de": (
        "29,00 € pro Monat",
        "14,50 € pro Monat bis zum 1. März 2027, danach 29,00 € pro Monat",
        "Ihre nächsten 3 Verlängerungen vom 1. Dezember 2026 bis zum 1. Februar 2027 kosten je 14,50 € statt 29,00 €.",
    ),
    "es": (
        "29,00 € al mes",
        "14,50 € al mes hasta el 1 de marzo de 2027; después, 29,00 € al mes",
        (
            "Sus próximas 3 renovaciones, del 1 de diciembre de 2026 al 1 de febrero de 2027, "
            "costarán 14,50 € cada una en lugar de 29,00 €."
        ),
    ),
    "it": (
        "29,00 € al mese",
        "14,50 € al mese fino al 1º marzo 2027, poi 29,00 € al mese",
        "I prossimi 3 rinnovi, dal 1º dicembre 2026 al 1º febbraio 2027, costano 14,50 € ciascuno anziché 29,00 €.",
    ),
    "nl": (
        "€ 29,00 per maand",
        "€ 14,50 per maand tot 1 maart 2027, daarna € 29,00 per maand",
        (
            "Uw volgende 3 verlengingen, van 1 december 2026 tot en met 1 februari 2027, "
            "kosten elk € 14,50 in plaats van € 29,00."
        ),
    ),
    "pt": (
        "€ 29,00 por mês",
        "€ 14,50 por mês até 1 de março de 2027, depois € 29,00 por mês",
        (
            "As próximas 3 renovações, de 1 de dezembro de 2026 a 1 de fevereiro de 2027, "
            "custam € 14,50 cada uma em vez de € 29,00."
        ),
    ),
    "pl": (
        "29,00 € miesięcznie",
        "14,50 € miesięcznie do 1 marca 2027 r., potem 29,00 € miesięcznie",
        ("3 następne odnowienia, od 1 grudnia 2026 r. do 1 lutego 2027 r., kosztują po 14,50 € zamiast 29,00 €."),
    ),
    "ar": (
        "29.00 € شهريًا",
        "14.50 € شهريًا حتى 1 مارس 2027، ثم 29.00 € شهريًا",
        "سعر كل من تجديداتك الـ3 القادمة، من 1 ديسمبر 2026 إلى 1 فبراير 2027، هو 14.50 € بدلًا من 29.00 €.",
    ),
}


@pytest.mark.parametrize("locale", LOCALES)
def test_a_discount_in_every_language(locale: str) -> None:
    """The price today, the price once accepted, how long, from when, and what comes back by itself."""
    said = told(DISCOUNT, locale)

    assert (plain(said.price_now), plain(said.price_after), plain(said.terms[0])) == HALF_PRICE[locale]
    assert said.ends_on == date(2027, 3, 1)
    assert len(said.terms) == 3


@pytest.mark.parametrize(
    ("renewals", "locale", "said"),
    [
        (1, "en", "Your next renewal, on December 1, 2026, is skipped"),
        (2, "en", "Your next 2 renewals, from December 1, 2026 on, are skipped"),
        (1, "fr", "Votre prochaine échéance, le 1er décembre 2026, est suspendue"),
        (2, "de", "Ihre nächsten 2 Zahlungen ab dem 1. Dezember 2026 entfallen"),
        (2, "pl", "2 następne płatności, od 1 grudnia 2026 r., zostają pominięte"),
        (5, "pl", "5 następnych płatności, od 1 grudnia 2026 r., zostaje pominiętych"),
        (12, "pl", "12 następnych płatności"),
        (1, "ar", "نتخطّى تجديدك القادم"),
        (2, "ar", "نتخطّى تجديديك القادمين"),
        (3, "ar", "نتخطّى تجديداتك الـ3 القادمة"),
        (12, "ar", "نتخطّى تجديداتك الـ12 القادمة"),
    ],
)
def test_numbers_take_their_form(renewals: int, locale: str, said: str) -> None:
    """One, two, a few and many are not the same everywhere."""
    holiday = told(PaymentHoliday(**WORDS, renewals=renewals, access="stop"), locale)

    assert plain(holiday.terms[0]).startswith(said)


@pytest.mark.parametrize(
    ("offer", "changes", "now", "after"),
    [
        (
            Discount(**WORDS, percent_off=100, periods=1),
            {},
            "€29.00 a month",
            "€0.00 until January 1, 2027, then €29.00 a month",
        ),
        (
            PaymentHoliday(**WORDS, renewals=2, access="keep"),
            {},
            "€29.00 a month",
            "€0.00 until February 1, 2027, then €29.00 a month",
        ),
        (
            SplitPayment(**WORDS, parts=4),
            {"interval": "year", "amount": 29000},
            "€290.00 a year",
            "4 payments of €72.50; afterwards €290.00 a year",
        ),
        (
            SplitPayment(**WORDS, parts=4),
            YEAR,
            "€348.01 a year",
            "€87.01, then 3 payments of €87.00; afterwards €348.01 a year",
        ),
        (
            SplitPayment(**WORDS, parts=2),
            YEAR,
            "€348.01 a year",
            "€174.01, then one payment of €174.00; afterwards €348.01 a year",
        ),
        (
            SplitPayment(**WORDS, parts=2, source="open_invoice"),
            UNPAID,
            "€50.00 due on November 20, 2026",
            "2 payments of €25.00",
        ),
        (
            PaymentRelief(**WORDS, relief="defer", invoice="open", days=30),
            UNPAID,
            "€50.00 due on November 20, 2026",
            "€50.00 due on December 22, 2026",
        ),
        (
            PaymentRelief(**WORDS, relief="waive", invoice="next"),
            {},
            "€29.00 due on December 1, 2026",
            "€0.00",
        ),
        (
            PlanChange(**WORDS, plan="Basic", price=BASIC),
            {},
            "€29.00 a month",
            "€9.00 a month from December 1, 2026",
        ),
        (
            PlanChange(**WORDS, interval="year", price=Amount(amount=29000, currency="EUR"), at="now"),
            {},
            "€29.00 a month",
            "€290.00 a year from November 22, 2026",
        ),
        (
            TrialExtension(**WORDS, days=14),
            {"status": "trialing"},
            "€0.00 until December 1, 2026, then €29.00 a month",
            "€0.00 until December 15, 2026, then €29.00 a month",
        ),
    ],
)
def test_the_price_today_stands_beside_the_price_once_accepted(
    offer: Offer, changes: dict[str, Any], now: str, after: str
) -> None:
    """Both, for every kind that moves a price; with how long it lasts and what comes next."""
    said = told(offer, "en", **changes)

    assert (said.price_now, said.price_after) == (now, after)


@pytest.mark.parametrize(
    ("parts", "locale", "after"),
    [
        (4, "fr", "87,01 €, puis 3 paiements de 87,00 € ; ensuite 348,01 € par an"),
        (4, "de", "87,01 €, dann 3 Zahlungen zu je 87,00 €; danach 348,01 € pro Jahr"),
        (2, "es", "174,01 €, luego un pago de 174,00 €; después, 348,01 € al año"),
        (3, "ar", "116.01 €، ثم دفعتان قدر كل منهما 116.00 €؛ وبعد ذلك 348.01 € سنويًا"),
        (4, "ar", "87.01 €، ثم 3 دفعات قدر كل منها 87.00 €؛ وبعد ذلك 348.01 € سنويًا"),
    ],
)
def test_parts_are_counted_in_every_language(parts: Any, locale: str, after: str) -> None:
    """The first one apart where it takes the remainder."""
    assert plain(told(SplitPayment(**WORDS, parts=parts), locale, **YEAR).price_after) == after


def test_a_holiday_says_when_it_is_over() -> None:
    """And what is charged then, and whether the access stays."""
    stop = told(PaymentHoliday(**WORDS, renewals=2, access="stop"), "en")
    keep = told(PaymentHoliday(**WORDS, renewals=2, access="keep"), "en")

    assert stop.terms[1] == "Your access pauses on December 1, 2026 and is back on February 1, 2027."
    assert keep.terms[1] == "You keep your access all the while."
    assert stop.terms[2] == "On February 1, 2027 your subscription resumes by itself, and €29.00 is charged."


def test_every_part_is_told() -> None:
    """Few parts one by one, many by their first and last; and the renewal after them."""
    few = told(SplitPayment(**WORDS, parts=4), "en", **YEAR)
    many = told(SplitPayment(**WORDS, parts=12), "en", **YEAR)

    assert few.terms[:5] == (
        "The sum stays €348.01: no fee and no interest.",
        "€87.01 on December 1, 2026",
        "€87.00 on March 1, 2027",
        "€87.00 on June 1, 2027",
        "€87.00 on September 1, 2027",
    )
    assert many.terms[2] == "Then 11 more payments of €29.00 each, the last on November 1, 2027."
    assert many.terms[3] == "On December 1, 2027 your subscription renews for €348.01, in one payment."


@pytest.mark.parametrize(
    ("offer", "changes", "sentence"),
    [
        (
            PaymentRelief(**WORDS, relief="defer", invoice="open", days=30),
            {"status": "past_due", "open_invoice": OVERDUE},
            "Your open invoice of €50.00 is due on December 22, 2026; the sum stays the same.",
        ),
        (
            PaymentRelief(**WORDS, relief="waive", invoice="open"),
            {"status": "past_due", "open_invoice": OVERDUE},
            "Your open invoice of €50.00 is waived: you never have to pay it.",
        ),
        (
            PaymentRelief(**WORDS, relief="waive", invoice="next"),
            {},
            "Your next payment of €29.00, on December 1, 2026, is waived.",
        ),
        (
            PlanChange(**WORDS, plan="Basic", price=Amount(amount=900, currency="EUR")),
            {},
            "You then pay €9.00 a month instead of €29.00.",
        ),
        (
            PlanChange(**WORDS, interval="year", price=Amount(amount=29000, currency="EUR"), at="now"),
            {},
            "The next payment is €290.00, on November 22, 2026.",
        ),
        (
            TrialExtension(**WORDS, days=14),
            {"status": "trialing"},
            "On December 15, 2026 your paid subscription begins at €29.00 a month, unless you cancel before.",
        ),
        (FeatureGrant(**WORDS, feature="x", days=30), {}, "It is yours until December 22, 2026 and costs nothing."),
        (Guide(**WORDS), {}, "Your subscription stays as it is."),
        (Custom(**WORDS, action="x", terms={"en": "We call you tomorrow."}), {}, "We call you tomorrow."),
    ],
)
def test_each_kind_says_what_matters(offer: Offer, changes: dict[str, Any], sentence: str) -> None:
    """In whole sentences; and how to cancel, always last."""
    said = told(offer, "en", **changes)

    assert sentence in said.terms
    assert said.terms[-1] == "You can cancel at any time, in the same place as today."


def test_a_yen_has_no_cents_and_a_dinar_three_decimals() -> None:
    """As CLDR writes them."""
    assert told(DISCOUNT, "en", currency="JPY").price_now == "¥2,900 a month"
    assert plain(told(DISCOUNT, "de", currency="KWD").price_now) == "2,900 KWD pro Monat"


def test_a_guide_leads_somewhere() -> None:
    """Its link, and what the link says in the reader's language."""
    guide = Guide(**WORDS, link="https://example.com/tour", link_label={"en": "Choose a time", "fr": "Choisir"})

    assert (told(guide, "fr").link, told(guide, "fr").link_label) == ("https://example.com/tour", "Choisir")
    assert (told(guide, "fr").headline, told(guide, "de").headline) == ("Restez", "Stay")


@given(offers(), snapshots(), st.sampled_from(LOCALES))
def test_nothing_is_left_to_fill_in(offer: Offer, of: Snapshot, locale: str) -> None:
    """Whatever was agreed, in whatever language: every blank is filled, and every line says something."""
    try:
        agreement = work_out("it", offer, of, NOW, ZONE)
    except Impossible:
        return
    said = shown(agreement, offer, language(locale))

    assert all(line.strip() and "{" not in line for line in (*said.terms, said.headline))
    prices = [price for price in (said.price_now, said.price_after) if price]
    assert len(prices) == (2 if agreement.kind in PRICED else 0)
    assert all("{" not in price and any(c.isdigit() for c in price) for price in prices)
