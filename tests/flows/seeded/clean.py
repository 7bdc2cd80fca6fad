"""Clean templates of every shape, in every language that the interface speaks, from plain words: one for each seed."""

from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

Raw = dict[str, Any]
LANGUAGES = ("en", "fr", "de", "es", "it", "nl", "pt", "pl")
REASONS = (
    *("too_expensive", "unused", "missing_features", "technical_issues", "customer_service", "switched_service"),
    *("too_complex", "temporary_need", "business_closed"),
)
KINDS = (
    *("discount", "payment_holiday", "split_payment", "payment_relief", "plan_change", "trial_extension"),
    *("feature_grant", "guide", "contact", "custom"),
)


@cache
def plain_words() -> dict[str, dict[str, list[str]]]:
    """The words of each language, by what they are for."""
    read: dict[str, dict[str, list[str]]] = yaml.safe_load((Path(__file__).parent / "plain.yaml").read_text("utf-8"))
    return read


class Writer:
    """Writes one template; the same seed writes the same."""

    def __init__(self, seed: int, language: str | None = None) -> None:
        self.source = Random(seed)
        others = self.source.sample(LANGUAGES, self.source.randint(1, 4))
        self.locales = list(dict.fromkeys([language, *others])) if language else others

    def say(self, what: str, **values: object) -> dict[str, str]:
        """Some words of that kind in each language of the template."""
        return {locale: self.source.choice(plain_words()[locale][what]).format(**values) for locale in self.locales}

    def perhaps(self, **fields: Any) -> Raw:
        """Some of these fields; each value is made only when it is wanted."""
        return {name: make() for name, make in fields.items() if self.source.random() < 0.5}

    def template(self) -> Raw:
        """A template without a fault."""
        source = self.source
        kinds = source.sample(KINDS, source.choice((0, 1, 2, 3)))
        offers = {kind: self.offer(kind) for kind in kinds}
        reason = self.reason(list(offers))
        steps = [reason, *self.beside()]
        without = [one["code"] for one in reason["options"] if not one.get("offers")]
        if without and source.random() < 0.5:
            steps.append(self.question({"answer": "reason", "is": source.choice(without)}))
        steps += [{"id": "save", "kind": "offer"}] if offers else []
        steps.append(self.confirm())
        named = {"key": "clean", "title": "Clean", "locales": self.locales, "steps": steps}
        return named | ({"offers": offers} if offers else {})

    def reason(self, offers: list[str]) -> Raw:
        source = self.source
        chosen = sorted(source.sample(range(len(REASONS)), source.randint(3, len(REASONS))))
        options: list[Raw] = [
            {
                "code": REASONS[index],
                "category": REASONS[index],
                "label": {locale: plain_words()[locale]["reason"][index] for locale in self.locales},
            }
            | self.perhaps(follow_up=lambda: {"ask": self.say("follow_up"), "max_length": 300})
            for index in chosen
        ]
        for at, key in enumerate(offers):
            options[at % 2].setdefault("offers", []).append(key)
        options.append({"code": "other", "category": "other", "label": self.say("other")})
        step = {"id": "reason", "kind": "choice", "role": "reason", "ask": self.say("ask"), "options": options}
        return step | self.perhaps(help=lambda: self.say("help"), shuffle=lambda: True)

    def beside(self) -> list[Raw]:
        comment = {"id": "comment", "kind": "text", "on": "reason", "ask": self.say("comment")}
        ends = {"low_label": self.say("low"), "high_label": self.say("high")}
        rating = {"id": "rating", "kind": "scale", "on": "reason", "ask": self.say("question")} | ends
        return [step for step in (comment, rating) if self.source.random() < 0.4]

    def question(self, when: Raw) -> Raw:
        kind = self.source.choice(("choice", "text", "scale"))
        asked: Raw = {"id": "more", "kind": kind, "ask": self.say("question"), "when": when}
        if kind == "choice":
            labels = zip(("one", "two"), ("reason", "other"), strict=True)
            asked |= {"options": [{"code": code, "label": self.say(what)} for code, what in labels], "several": True}
        return asked

    def confirm(self) -> Raw:
        own = {"ask": "confirm", "body": "confirm_body", "cancel_label": "cancel", "keep_label": "keep"}
        return {"id": "confirm", "kind": "confirm"} | self.perhaps(
            **{field: lambda what=what: self.say(what) for field, what in own.items()}
        )

    def offer(self, kind: str) -> Raw:
        terms = self.terms(kind)
        headline, body = _WORDS[kind]
        more = self.perhaps(
            accept_label=lambda: self.say("accept"),
            decline_label=lambda: self.say("decline"),
            limits=lambda: {"once_every_days": 365},
            in_return=lambda: [{"code": "recommend", "label": self.say("favour")}],
        )
        if body:
            more |= self.perhaps(body=lambda: self.say(body, **terms))
        return {"kind": kind, "headline": self.say(headline, **terms)} | terms | more

    def terms(self, kind: str) -> Raw:
        """The terms of such an offer, whole."""
        source = self.source
        off, some_days = source.choice((10, 15, 20, 30, 50)), source.choice((14, 30, 60))
        every: dict[str, Raw] = {
            "discount": {"percent_off": off, "periods": source.randint(2, 12), "when": _MONTHLY},
            "payment_holiday": {"renewals": source.choice((2, 3)), "access": "stop", "when": _MONTHLY},
            "split_payment": {"parts": source.choice((2, 3, 4, 6, 12)), "when": _YEARLY},
            "payment_relief": {"relief": "defer", "invoice": "open", "days": some_days},
            "plan_change": {"plan": "basic", "price": {"amount": 900, "currency": "EUR"}, "when": _ON_PRO},
            "trial_extension": {"days": source.choice((7, 14, 21)), "when": _TRYING},
            "feature_grant": {"feature": "room", "days": source.choice((30, 60, 90))},
            "guide": {"link": "https://example.com/guide", "link_label": self.say("link")},
            "contact": {"link": "mailto:help@example.com", "link_label": self.say("link")},
            "custom": {"action": "pack", "terms": self.say("terms")},
        }
        return every[kind]


_MONTHLY, _YEARLY = {"attribute": "interval", "is": "month"}, {"attribute": "interval", "is": "year"}
_ON_PRO, _TRYING = {"attribute": "plan", "is": "pro"}, {"attribute": "status", "is": "trialing"}
# What the headline and the body of an offer are said with.
_WORDS = {
    "discount": ("discount", "discount_body"),
    "payment_holiday": ("holiday", "holiday_body"),
    "split_payment": ("split", ""),
    "payment_relief": ("relief", ""),
    "plan_change": ("change", ""),
    "trial_extension": ("trial", ""),
    "feature_grant": ("grant", ""),
    "guide": ("guide", ""),
    "contact": ("contact", "contact_body"),
    "custom": ("custom", ""),
}


def clean(seed: int, language: str | None = None) -> Raw:
    """The template of that seed; with `language`, one that has it."""
    return Writer(seed, language).template()
