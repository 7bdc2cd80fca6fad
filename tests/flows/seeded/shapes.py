"""Shapes that no customer should meet, and offers that say too little or too much."""

from collections.abc import Iterator
from functools import partial
from random import Random
from typing import Any

from tests.flows.seeded.clean import Raw
from tests.flows.seeded.making import TEXT, confirm, discount, find_step, grant, neutral, offer_of, put, question
from tests.flows.seeded.way import Change, Way


def ways() -> Iterator[Way]:
    for rule, changes in _SHAPES.items():
        for number, change in enumerate(changes):
            yield Way(rule, f"shape {number}", change)


def _no_confirm(raw: Raw, _source: Random) -> str:
    raw["steps"].pop()
    return "steps"


def _many_screens(count: int, raw: Raw, source: Random) -> str:
    for number in range(count):
        at = source.randrange(1, len(raw["steps"]))
        raw["steps"].insert(at, question(raw, f"extra_{number}"))
    return "steps"


def _second_confirm(raw: Raw, source: Random) -> str:
    at = source.randrange(len(raw["steps"]))
    raw["steps"].insert(at, {"id": "sure", "kind": "confirm"})
    return f"steps[{len(raw['steps']) - 1}]"


def _question_after(raw: Raw, _source: Random) -> str:
    raw["steps"].append(question(raw, "late"))
    return f"steps[{len(raw['steps']) - 2}]"


def _required(raw: Raw, source: Random) -> str:
    at = source.choice([at for at, step in enumerate(raw["steps"]) if step["kind"] not in ("offer", "confirm")])
    raw["steps"][at]["required"] = True
    return f"steps[{at}].required"


def _second_offer(raw: Raw, source: Random) -> str:
    discount(raw)
    at, _ = find_step(raw, "offer")
    second: Raw = {"id": "again", "kind": "offer"}
    if source.random() < 0.5:
        second["when"] = {"attribute": "tenure_days", "at_least": 30}
    raw["steps"].insert(at + 1, second)
    return f"steps[{at + 1}]"


def _longer(first: str, second: str, raw: Raw, _source: Random) -> str:
    path, holder = discount(raw) if first.startswith(("accept", "decline")) else confirm(raw)
    put(raw, holder, first, "en", _LONG_CANCEL if first == "cancel_label" else _LONG)
    put(raw, holder, second, "en", "Out")
    return f"{path}.{first}.en"


_LONG = "That sounds good to me, please go on with it just like that"
_LONG_CANCEL = "Cancel the subscription of this workspace with all its seats"


def _loud(field: str, text: str, raw: Raw, _source: Random) -> str:
    path, holder = discount(raw) if field.startswith(("accept", "decline")) else confirm(raw)
    put(raw, holder, field, "en", text)
    return f"{path}.{field}.en"


def _without_term(kind: str, term: str, raw: Raw, _source: Random) -> str:
    complete: dict[str, dict[str, Any]] = {
        "discount": {"percent_off": 20, "periods": 3, "when": {"attribute": "interval", "is": "month"}},
        "payment_holiday": {"renewals": 2, "access": "stop", "when": {"attribute": "interval", "is": "month"}},
        "split_payment": {"parts": 4},
        "payment_relief": {"relief": "defer", "invoice": "open", "days": 30},
        "plan_change": {"plan": "basic", "price": {"amount": 900, "currency": "EUR"}},
        "trial_extension": {"days": 14},
        "feature_grant": {"feature": "room", "days": 30},
        "custom": {"action": "pack", "terms": neutral(raw)},
    }
    path, offer = offer_of(raw, kind, **complete[kind])
    offer.pop(term)
    return f"{path}.{term}"


def _as_many_months(raw: Raw, _source: Random) -> str:
    path, offer = discount(raw)
    offer["periods"] = 3
    put(raw, offer, "headline", "en", "Less for six months")
    return f"{path}.headline.en"


def _another_day(raw: Raw, _source: Random) -> str:
    path, offer = grant(raw)
    del offer["days"]
    offer["until"] = "2031-01-31"
    put(raw, offer, "headline", "en", "More room until 31 December 2030")
    return f"{path}.headline.en"


def _another_price(raw: Raw, _source: Random) -> str:
    price = {"amount": 900, "currency": "EUR"}
    path, offer = offer_of(raw, "plan_change", plan="basic", price=price, when={"attribute": "plan", "is": "pro"})
    put(raw, offer, "headline", "en", "Move to the Basic plan for 5 €")
    return f"{path}.headline.en"


def _bare_promise(raw: Raw, _source: Random) -> str:
    path, offer = offer_of(raw, "custom", action="pack", terms=neutral(raw))
    put(raw, offer, "headline", "en", "Half price, packed by hand")
    put(raw, offer, "terms", "en", "We will be in touch.")
    return f"{path}.headline.en"


def _asks_to_stay(text: str, raw: Raw, _source: Random) -> str:
    path, step = confirm(raw)
    put(raw, step, "ask", "en", text)
    return f"{path}.ask.en"


def _long_text(kind: str, field: str, words: int, raw: Raw, _source: Random) -> str:
    at, step = find_step(raw, kind)
    locale = raw["locales"][0]
    step[field] = {one: TEXT[one] for one in raw["locales"]} | {locale: "word " * words}
    return f"steps[{at}].{field}.{locale}"


def _crowded(raw: Raw, _source: Random) -> str:
    for number in range(6):
        raw["steps"].insert(1, question(raw, f"beside_{number}", on="reason"))
    return "steps[0]"


def _many_options(raw: Raw, _source: Random) -> str:
    options = raw["steps"][0]["options"]
    for number in range(14):
        label = {locale: f"{TEXT[locale][:-1]} {number}" for locale in raw["locales"]}
        options.insert(0, {"code": f"r_{number}", "category": "no_value", "label": label})
    return "steps[0].options"


def _lost_language(text: str | None, raw: Raw, source: Random) -> str:
    locale = source.choice(raw["locales"])
    at, step = source.choice([(at, step) for at, step in enumerate(raw["steps"]) if "ask" in step])
    if text is None and len(raw["locales"]) > 1:
        del step["ask"][locale]
    else:
        step["ask"][locale] = text or ""
    return f"steps[{at}].ask.{locale}"


def _not_translated(raw: Raw, source: Random) -> str:
    at, step = find_step(raw, source.choice(("choice", "confirm")))
    if len(raw["locales"]) == 1:
        raw["locales"].append("fr")
    first, second = raw["locales"][:2]
    step["ask"] = neutral(raw) | dict.fromkeys((first, second), "Here is what happens to your plan now.")
    return f"steps[{at}].ask.{second}"


def _no_phrases(raw: Raw, source: Random) -> str:
    raw["locales"].append(source.choice(("sv", "ja", "cs", "fi", "da")))
    return f"locales[{len(raw['locales']) - 1}]"


_SHAPES: dict[str, tuple[Change, ...]] = {
    "FE-01": (_no_confirm,),
    "FE-02": (*(partial(_many_screens, count) for count in (3, 4, 6)), _second_confirm, _question_after),
    "FE-03": (_required,) * 6,
    "FE-04": (_second_offer,) * 10,
    "FE-06": (
        partial(_longer, "accept_label", "decline_label"),
        partial(_longer, "cancel_label", "keep_label"),
        *(partial(_loud, "accept_label", text) for text in ("ACCEPT NOW", "👉 Take it", "I agree!!", "→ Go on")),
        *(partial(_loud, "keep_label", text) for text in ("STAY WITH US", "★ Keep it", "…", "×")),
        *(partial(_loud, "decline_label", text) for text in (".", "–", "•", "x")),
    ),
    "FE-09": (_another_day, _another_day),
    "FE-10": (
        *(partial(_without_term, "discount", term) for term in ("periods", "percent_off")),
        *(partial(_without_term, "payment_holiday", term) for term in ("renewals", "access")),
        partial(_without_term, "split_payment", "parts"),
        *(partial(_without_term, "payment_relief", term) for term in ("relief", "invoice", "days")),
        *(partial(_without_term, "plan_change", term) for term in ("price", "plan")),
        partial(_without_term, "trial_extension", "days"),
        *(partial(_without_term, "feature_grant", term) for term in ("feature", "days")),
        partial(_without_term, "custom", "terms"),
        _as_many_months,
        _another_price,
        _bare_promise,
    ),
    "FE-18": (
        *(partial(_long_text, "choice", "ask", count) for count in (17, 30)),
        *(partial(_long_text, "confirm", "body", count) for count in (61, 120)),
        partial(_long_text, "choice", "help", 80),
        *(partial(_asks_to_stay, text) for text in ("Do you want to keep your plan?", "Would you like to stay?")),
        _crowded,
        _many_options,
    ),
    "FE-22": (
        *(partial(_lost_language, text) for text in (None, "", "   ", "\u200b", "\u2800", "\u00a0\u200d")),
        _not_translated,
        _no_phrases,
    ),
}
