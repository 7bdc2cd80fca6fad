"""A flow without a mistake, and ways to put one in."""

import copy
import json
from collections.abc import Callable
from typing import Any

from aurevoir.kit.yaml12 import load

SOUND = """
key: demo
title: Demo
locales: [en, fr]
attributes: {vip: bool}
steps:
  - id: reason
    kind: choice
    role: reason
    ask: {en: Why?, fr: Pourquoi ?}
    options:
      - {code: price, category: too_expensive, label: {en: Price, fr: Prix}, offers: [half]}
      - {code: bugs, category: technical_issues, label: {en: Bugs, fr: Bogues}}
      - {code: other, category: other, label: {en: Other, fr: Autre}}
  - {id: comment, kind: text, on: reason, ask: {en: More?, fr: Autre chose ?}}
  - {id: rating, kind: scale, ask: {en: How?, fr: Comment ?}, when: {answer: reason, is: bugs}}
  - {id: save, kind: offer}
  - {id: confirm, kind: confirm}
offers:
  half:
    kind: discount
    percent_off: 50
    periods: 3
    when: {attribute: tenure_days, at_least: 60}
    headline: {en: Half price, fr: Moitié prix}
"""
BOTH = {"en": "x", "fr": "x"}
QUESTION = {"kind": "text", "ask": BOTH}
BARE = ("offer", "confirm")
Change = Callable[[dict[str, Any]], object]


def changed(*changes: Change) -> str:
    """The sound flow, with something changed, as text."""
    raw = copy.deepcopy(load(SOUND).value)
    for change in changes:
        change(raw)
    return json.dumps(raw, ensure_ascii=False, indent=1)


def step(index: int, **values: object) -> Change:
    return lambda raw: raw["steps"][index].update(values)


def option(index: int, **values: object) -> Change:
    return lambda raw: raw["steps"][0]["options"][index].update(values)


def added(index: int, **values: object) -> Change:
    return lambda raw: raw["steps"].insert(index, values if values.get("kind") in BARE else QUESTION | values)


def half(**values: object) -> Change:
    return lambda raw: raw["offers"]["half"].update(values)


def other_offer(**values: object) -> Change:
    """A second offer, reachable by the same reason."""

    def change(raw: dict[str, Any]) -> None:
        raw["offers"]["more"] = {"headline": BOTH} | values
        raw["steps"][0]["options"][0]["offers"] = ["half", "more"]

    return change


def top(**values: object) -> Change:
    return lambda raw: raw.update(values)


def without(name: str, index: int) -> Change:
    return lambda raw: raw["steps"][index].pop(name)


def asks(**leaf: object) -> Change:
    return step(2, when={"is" if name == "is_" else name: value for name, value in leaf.items()})
