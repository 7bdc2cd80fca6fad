"""Faults in words, each put in its place."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any

import yaml

from tests.flows.seeded.clean import Raw
from tests.flows.seeded.making import discount, find_step, grant, offer_of, put
from tests.flows.seeded.way import Way


@cache
def _faults() -> Any:
    return yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text("utf-8"))


def ways() -> Iterator[Way]:
    for rule, places in _faults().items():
        for place, by_language in places.items():
            for language, texts in by_language.items():
                for text in texts:
                    yield Way(rule, f"{place}: {text}", partial(_PLACES[place], language, text), language)


def _in_step(language: str, text: str, raw: Raw, source: Random) -> str:
    kind, field = source.choice((("choice", "help"), ("confirm", "body")))
    at, step = find_step(raw, kind)
    put(raw, step, field, language, text)
    return f"steps[{at}].{field}.{language}"


def _in_question(language: str, text: str, raw: Raw, source: Random) -> str:
    at, step = find_step(raw, source.choice(("choice", "confirm")))
    put(raw, step, "ask", language, text)
    return f"steps[{at}].ask.{language}"


def _on_confirm(field: str, language: str, text: str, raw: Raw, _source: Random) -> str:
    at, step = find_step(raw, "confirm")
    step.pop("keep_label", None)
    step.pop("cancel_label", None)
    put(raw, step, field, language, text)
    return f"steps[{at}].{field}.{language}"


def _in_offer(field: str, language: str, text: str, raw: Raw, _source: Random) -> str:
    path, offer = grant(raw)
    for other in ("accept_label", "decline_label"):
        offer.pop(other, None)
    put(raw, offer, field, language, text)
    return f"{path}.{field}.{language}"


def _in_discount(language: str, text: str, raw: Raw, _source: Random) -> str:
    path, offer = discount(raw)
    put(raw, offer, "headline", language, text)
    return f"{path}.headline.{language}"


def _in_guide(language: str, text: str, raw: Raw, source: Random) -> str:
    path, offer = offer_of(raw, "guide", link="https://example.com/guide")
    offer.pop("body", None)
    field = source.choice(("headline", "body"))
    put(raw, offer, field, language, text)
    return f"{path}.{field}.{language}"


def _as_favour(language: str, text: str, raw: Raw, _source: Random) -> str:
    path, offer = grant(raw)
    favour: Raw = {"code": "favour"}
    put(raw, favour, "label", language, text)
    offer["in_return"] = [favour]
    return f"{path}.in_return[0].label.{language}"


_PLACES: dict[str, Callable[[str, str, Raw, Random], str]] = {
    "step": _in_step,
    "question": _in_question,
    "cancel": partial(_on_confirm, "cancel_label"),
    "keep": partial(_on_confirm, "keep_label"),
    "accept": partial(_in_offer, "accept_label"),
    "decline": partial(_in_offer, "decline_label"),
    "offer": partial(_in_offer, "body"),
    "headline": _in_discount,
    "guide": _in_guide,
    "favour": _as_favour,
}
