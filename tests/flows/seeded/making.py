"""Hands on a clean template: to say something somewhere, to give it an offer, a question, a favour."""

from typing import Any

from tests.flows.seeded.clean import Raw

TEXT = {
    "en": "A neutral sentence in plain words.",
    "fr": "Une phrase neutre et simple.",
    "de": "Ein neutraler, einfacher Satz.",
    "es": "Una frase neutra y sencilla.",
    "it": "Una frase neutra e semplice.",
    "nl": "Een neutrale, gewone zin.",
    "pt": "Uma frase neutra e simples.",
    "pl": "Zwykłe, neutralne zdanie.",
}
_CANCEL = {
    "en": "Cancel now",
    "fr": "Résilier maintenant",
    "de": "Jetzt kündigen",
    "es": "Cancelar ahora",
    "it": "Disdici ora",
    "nl": "Nu opzeggen",
    "pt": "Cancelar agora",
    "pl": "Zrezygnuj teraz",
}


def neutral(raw: Raw) -> dict[str, str]:
    """A text in each language of the template that nobody minds."""
    return {locale: TEXT[locale] for locale in raw["locales"]}


def put(raw: Raw, holder: Raw, field: str, language: str, text: str) -> None:
    """Let `field` say `text` in one language, and nothing to mind in the others."""
    neutral_words = _CANCEL if field == "cancel_label" else TEXT
    holder[field] = {locale: neutral_words[locale] for locale in raw["locales"]} | {language: text}


def find_step(raw: Raw, kind: str) -> tuple[int, Raw]:
    return next((at, step) for at, step in enumerate(raw["steps"]) if step["kind"] == kind)


def offer_of(raw: Raw, kind: str, **terms: Any) -> tuple[str, Raw]:
    """The template's offer of that kind, given one where it has none."""
    offers = raw.setdefault("offers", {})
    if kind not in offers:
        offers[kind] = {"kind": kind, "headline": neutral(raw)} | terms
        find_step(raw, "choice")[1]["options"][0].setdefault("offers", []).append(kind)
        if not any(step["kind"] == "offer" for step in raw["steps"]):
            raw["steps"].insert(-1, {"id": "save", "kind": "offer"})
            raw["steps"] = [step for step in raw["steps"] if step["id"] != "more"]
    return f"offers.{kind}", offers[kind]


def grant(raw: Raw) -> tuple[str, Raw]:
    return offer_of(raw, "feature_grant", feature="room", days=30)


def discount(raw: Raw) -> tuple[str, Raw]:
    monthly = {"attribute": "interval", "is": "month"}
    return offer_of(raw, "discount", percent_off=20, periods=3, when=monthly)


def question(raw: Raw, name: str, **more: Any) -> Raw:
    return {"id": name, "kind": "text", "ask": neutral(raw)} | more


def confirm(raw: Raw) -> tuple[str, Raw]:
    at, step = find_step(raw, "confirm")
    return f"steps[{at}]", step
