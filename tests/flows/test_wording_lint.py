"""Words that shame, press or trick: how many of them are found, and how often something honest is taken for one."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from aurevoir.flows import starters
from aurevoir.flows.checks import check_text
from aurevoir.flows.wording import PLACES, languages, slips
from aurevoir.kit import yaml12

CORPUS = Path(__file__).parent / "wording"


def _entries(name: str) -> list[dict[str, Any]]:
    document = yaml12.load((CORPUS / f"{name}.yaml").read_text("utf-8"))
    assert not document.problems
    found: list[dict[str, Any]] = document.value
    return found


def _counted(name: str) -> tuple[float, float]:
    """Precision and recall over a half of the corpus, printed by language."""
    by_language: dict[str, Counter[str]] = {}
    for entry in _entries(name):
        is_told = bool(slips(entry["text"], entry["lang"], entry["place"]))
        is_meant = entry["fault"] != "none"
        kind = ("found" if is_told else "missed") if is_meant else ("false alarm" if is_told else "rightly quiet")
        by_language.setdefault(entry["lang"], Counter())[kind] += 1
    for language, counts in by_language.items():
        print(name, language, dict(counts))
    all_of: Counter[str] = sum(by_language.values(), Counter())
    told, meant = all_of["found"] + all_of["false alarm"], all_of["found"] + all_of["missed"]
    print(f"{name}: precision {all_of['found'] / told:.3f}, recall {all_of['found'] / meant:.3f}, n {all_of.total()}")
    return all_of["found"] / told, all_of["found"] / meant


def test_what_the_rules_were_written_from_is_found() -> None:
    """Hundreds of shaming and of neutral texts in eight languages."""
    precision, recall = _counted("seen")

    assert precision >= 0.98
    assert recall >= 0.98


def test_what_the_rules_were_not_written_from_is_mostly_found() -> None:
    """An independent half: few false alarms, and four in five of what somebody else thought of."""
    precision, recall = _counted("unseen")

    assert precision >= 0.95
    assert recall >= 0.80


@pytest.mark.parametrize("language", languages())
def test_a_long_text_is_read_quickly(language: str) -> None:
    """2,000 characters of one word over and over: the time grows with the length alone."""
    for place in PLACES:
        assert isinstance(slips("no " * 666, language, place), tuple)


def test_a_language_without_a_lexicon_is_left_alone() -> None:
    """Nothing is guessed; the locale's region does not matter where there is one."""
    assert slips("No thanks, I like paying full price", "sv", "decline") == ()
    assert slips("Não, prefiro pagar mais caro", "pt-BR", "decline") != ()


@pytest.mark.parametrize("text", ["L a s t   c h a n c e!", "LAST CHANCE", "Last chance", "Last\u00a0chance"])
def test_spelling_tricks_do_not_hide_it(text: str) -> None:
    """Spaced out, shouted, with other spaces: it is read as it sounds."""
    assert [slip.fault for slip in slips(text, "en", "heading")] == ["urgency"]


@pytest.mark.parametrize("key", starters.list_starters())
def test_the_starters_are_clean(key: str) -> None:
    """Every text of every flow that ships, in every language that is read."""
    assert check_text(starters.starter(key)) == []
