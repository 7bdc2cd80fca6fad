"""Checks of the labels that a template may put on buttons: that cancel cancels, and that neither side shouts. Pure."""

import unicodedata
from collections.abc import Iterator, Mapping

from aurevoir.flows import button_words as words
from aurevoir.flows.findings import Finding, error, warning
from aurevoir.flows.said import BUTTONS, WELL_KNOWN, Said, everything_said, plain
from aurevoir.flows.steps import ConfirmStep, Flow
from aurevoir.flows.translations import is_blank
from aurevoir.offers.terms import PaymentRelief

_SIDES = (("accept_label", "decline_label"), ("cancel_label", "keep_label"))
# About as long as the labels that stand there where a template has none.
_USUAL_LENGTH = 20
_MOST_DIFFERENCE = 30


def cancel_says_cancel(flow: Flow) -> Iterator[Finding]:
    """The button that cancels says so in words that leave no doubt."""
    for said in _labels(flow, "cancel_label"):
        clear = words.CANCELS.get(said.language)
        if clear is None:
            yield warning(said.path, "is in a language whose words nothing here can judge: somebody must", "FE-08")
        elif not clear.search(plain(said.text)):
            yield _unclear(said, f"does not clearly say that it cancels, such as “{words.EXAMPLES[said.language]}”")
        elif found := _first(words.NOT_CANCELLING, said):
            yield _unclear(said, f"must cancel and do nothing else, and says “{found}”")
        elif found := _first(words.MORE_TO_COME, said):
            yield warning(said.path, f"sounds as if more were to come: “{found}”; it cancels at once", "FE-08")


def others_do_not(flow: Flow) -> Iterator[Finding]:
    """No other button speaks of cancelling."""
    for said in _labels(flow, "accept_label", "keep_label", "link_label"):
        # An invoice may be cancelled, too.
        if isinstance(flow.offers.get(said.offer or ""), PaymentRelief) or _first(words.INSTEAD, said):
            continue
        if _first(words.NOT_TO_CANCEL, said):
            yield warning(said.path, "says by a negation what it does: “Keep …” is read at once", "FE-18")
        elif found := _first(words.CANCELS, said):
            yield _unclear(said, f"speaks of cancelling (“{found}”), and does not cancel")


def yes_is_yes(flow: Flow) -> Iterator[Finding]:
    """The two sides of an offer are not turned round."""
    for said in _labels(flow, "accept_label"):
        if found := _first(words.NO, said):
            yield _unclear(said, f"begins with “{found}”, and accepts")
    for said in _labels(flow, "decline_label"):
        if found := _first(words.YES, said):
            yield _unclear(said, f"begins with “{found}”, and declines")
        elif found := _first(words.STAYS, said):
            yield warning(said.path, f"speaks of staying (“{found}”), and leads to the cancellation", "FE-08")


def the_question_is_about_leaving(flow: Flow) -> Iterator[Finding]:
    """Where the customer confirms that they leave, nobody asks whether they would like to stay."""
    ends = tuple(f"steps[{index}].ask." for index, step in enumerate(flow.steps) if isinstance(step, ConfirmStep))
    for said in everything_said(flow):
        if not said.path.startswith(ends) or not said.text.rstrip().endswith("?"):
            continue
        if found := _first(words.STAYS, said):
            yield warning(said.path, f"asks about staying (“{found}”), and the first button cancels", "FE-18")


def both_sides_weigh_the_same(flow: Flow) -> Iterator[Finding]:
    """Neither label is a sentence beside a word, and neither shouts."""
    for said in _labels(flow, *BUTTONS):
        if not is_blank(said.text) and _is_wordless(said.text):
            yield error(said.path, "has no words: a button is read, not guessed", "FE-06")
        elif _shouts(said.text):
            yield warning(said.path, "shouts: capitals, signs and pictures draw the eye to one side", "FE-06")
    for path, first, second in _pairs(flow):
        yield from _uneven(path, first, second)


def _uneven(
    path: str, first: tuple[str, Mapping[str, str]], second: tuple[str, Mapping[str, str]]
) -> Iterator[Finding]:
    for one, other in ((first, second), (second, first)):
        for locale, label in one[1].items():
            beside = other[1].get(locale)
            length = len(beside) if beside else _USUAL_LENGTH
            if len(label) - length > _MOST_DIFFERENCE:
                said = (
                    f"has {len(label)} characters beside {'' if beside else 'about '}{length}: one side looks heavier"
                )
                yield warning(f"{path}.{one[0]}.{locale}", said, "FE-06")
    for locale in first[1].keys() & second[1].keys():
        if plain(first[1][locale]) == plain(second[1][locale]):
            yield error(f"{path}.{second[0]}.{locale}", f"says the same as {first[0]}, and does the opposite", "FE-08")


def _pairs(flow: Flow) -> Iterator[tuple[str, tuple[str, Mapping[str, str]], tuple[str, Mapping[str, str]]]]:
    parts = [(f"steps[{index}]", step) for index, step in enumerate(flow.steps)]
    for path, part in (*parts, *((f"offers.{key}", offer) for key, offer in flow.offers.items())):
        for one, other in _SIDES:
            if hasattr(part, one):
                yield path, (one, getattr(part, one) or {}), (other, getattr(part, other) or {})


def _labels(flow: Flow, *fields: str) -> Iterator[Said]:
    return (said for said in everything_said(flow) if said.field in fields)


def _unclear(said: Said, message: str) -> Finding:
    return (error if said.language in WELL_KNOWN else warning)(said.path, message, "FE-08")


def _first(by_language: Mapping[str, words.Pattern], said: Said) -> str | None:
    pattern = by_language.get(said.language)
    match = pattern.search(plain(said.text)) if pattern else None
    return match[0] if match else None


def _is_wordless(label: str) -> bool:
    """Signs alone, or one letter of an alphabet that needs several for a word."""
    return sum(c.isalpha() for c in label) < (2 if label.isascii() else 1)


def _shouts(label: str) -> bool:
    is_loud = label.isupper() and sum(c.isalpha() for c in label) > 4
    # From the arrows on; a degree or trade mark sign is no picture.
    is_drawn = any(c >= "\u2190" and unicodedata.category(c) in ("So", "Sm") for c in label)
    return is_loud or is_drawn or label.count("!") > 1
