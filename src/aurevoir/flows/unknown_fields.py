"""Fields and kinds that a template has no means for: which fair-exit rule each would break, and why. Pure."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from msgspec import Struct

from aurevoir.flows.rules import RuleId
from aurevoir.flows.translations import TEXT_FIELDS
from aurevoir.kit.errors import Problem
from aurevoir.kit.problems import UNKNOWN

# From here on, a name is taken for a slip of the pen.
_ALIKE = 0.9


class Intent(Struct, frozen=True):
    """What somebody who writes one of these words has in mind, and what a promise says to it."""

    rule: RuleId
    why: str
    words: frozenset[str]


def _intent(rule: RuleId, why: str, words: str) -> Intent:
    return Intent(rule, why, frozenset(words.split()))


# The first that shares a word with the name of a field (or with a kind of step) tells what it would break.
_DRAWN = "buttons look alike, and the server draws them"
_FIELDS = (
    _intent(
        "FE-06",
        _DRAWN,
        "style styles styling emphasis emphasise emphasize color colour colors colours size font weight primary "
        "secondary variant prominent prominence highlight highlighted recommended featured badge popular best theme "
        "css class classname position align order opacity contrast ghost muted subtle icon background width height",
    ),
    _intent(
        "FE-10", "terms are worked out from billing and always shown", "terms term small fine print footnote conditions"
    ),
    _intent("FE-13", "cancelling waits for nothing", "block blocks blocking depends webhook hook pending await"),
    _intent(
        "FE-01",
        "nothing hides or holds up the way out",
        "cancel cancelable cancellable cancellation delay delayed wait cooldown sleep dwell lock locked login password "
        "captcha verify verification otp phone call chat agent ticket approval approve leave exit unsubscribe "
        "hide hides hidden visible visibility disabled enabled",
    ),
    _intent(
        "FE-07",
        "nothing is ever chosen beforehand",
        "default defaults selected preselect preselected preselection checked prechecked preset prefill prefilled "
        "initial autoselect ticked chosen preference",
    ),
    _intent(
        "FE-09",
        "there are no countdowns; an offer that ends on a date is a `feature_grant` with `until`",
        "countdown timer clock expire expires expired expiry expiration deadline ends end ending until valid validity "
        "urgency urgent limited scarcity stock remaining left hours minutes seconds ttl timeout flash",
    ),
    _intent(
        "FE-11",
        "accepting is the customer's own move",
        "accept autoaccept auto automatic automatically autoapply apply applied opt optout silent silently implied "
        "assume bind binding irrevocable final commitment lockin",
    ),
    _intent(
        "FE-03",
        "no question is required, and each can be skipped",
        "required require requires mandatory optional obligatory compulsory must skip skippable force forced enforce "
        "min minimum validate validation",
    ),
    _intent(
        "FE-04",
        "there is one offer, and none after a refusal",
        "second fallback again retry retries repeat alternative alternatives upsell downsell counter counteroffer more "
        "decline declined refusal refused reoffer extra offers",
    ),
    _intent(
        "FE-14",
        "an incentive is shown on request where the law says so, and no template changes that",
        "permission permissions consent gate gated unasked ask incentive promo promotion teaser banner preview",
    ),
    _intent(
        "FE-02",
        "steps run in order and none is added: there are no jumps",
        "goto jump next then redirect loop page pages interstitial before after branch confirmations typing type "
        "phrase screens steps",
    ),
    _intent(
        "FE-06",
        _DRAWN,
        "show display button buttons",
    ),
    _intent(
        "FE-19",
        "closing and going back are always possible",
        "close closable dismiss dismissible dismissable escape esc back modal trap overlay persistent",
    ),
    _intent(
        "FE-20",
        "texts are the same for everyone, and facts come from the token",
        "lose loses loss losses placeholder placeholders variable variables figures figure stats usage",
    ),
    _intent("FE-12", "the receipt is the same for every cancellation", "receipt email mail notify acknowledgement"),
    _intent("FE-23", "every screen works without scripts", "script scripts js javascript html onclick onload iframe"),
    _intent(
        "FE-24",
        "experiments are started beside the flow, with arms of their own",
        "experiment holdout ab arm arms split",
    ),
)
_KINDS = (
    _intent("FE-09", "there are no countdowns", "countdown timer clock urgency deadline"),
    _intent(
        "FE-14",
        "the question whether to see an offer is built in, where the law asks for one",
        "permission gate consent incentive promo promotion teaser banner",
    ),
    _intent(
        "FE-04", "there is one place for offers, of the kind `offer`", "upsell downsell counteroffer discount coupon"
    ),
    _intent(
        "FE-01",
        "nothing hides or holds up the way out",
        "wait delay cooldown lock login password captcha verify verification otp phone call chat agent ticket approval "
        "contact support callback appointment",
    ),
    _intent(
        "FE-02",
        "a screen asks, offers or confirms, and nothing else stands before the receipt",
        "page screen interstitial info message notice warning loss losses benefits video image testimonial "
        "testimonials review reminder ad redirect goto jump survey form confirmation summary step",
    ),
)
# Fields of offers that are terms: without one of them, or with one that cannot be, the terms are not complete.
_TERMS = frozenset(
    {
        *("percent_off", "amount_off", "periods", "parts", "source", "renewals", "access", "relief", "invoice", "days"),
        *("price", "quantity", "interval", "at", "feature", "until", "terms", "amount", "currency"),
    }
)


def rule_of(problem: Problem, raw: object) -> tuple[RuleId | None, str]:
    """The rule that an unreadable part would break, and the message that says why; (None, as it was) without one.

    `raw` is the whole template as plain data.
    """
    parent, _, name = problem.path.rpartition(".")
    if problem.message.startswith(UNKNOWN):
        return _of_field(problem, parent, name, raw)
    if name == "kind" and parent.startswith("$.steps"):
        found = _first(_KINDS, _words(_at(raw, problem.path)))
        known = problem.message.partition(";")[0]
        return (found.rule, f"{known}: {found.why}") if found else (None, problem.message)
    if problem.message == "must not be empty" and parent.rpartition(".")[2] in TEXT_FIELDS:
        return "FE-22", problem.message
    if parent.startswith("$.offers.") and (problem.message == "is missing" or name in _TERMS):
        return "FE-10", problem.message
    return ("FE-03" if name == "required" else None), problem.message


def _of_field(problem: Problem, parent: str, name: str, raw: object) -> tuple[RuleId | None, str]:
    holder = _at(raw, parent)
    if isinstance(holder, dict) and holder.get("kind") == "confirm" and name in ("when", "on"):
        return "FE-01", f"{UNKNOWN}: the confirmation is there for everyone, always"
    hint = re.search(r"did you mean `(.+?)`", problem.message)
    if hint and SequenceMatcher(None, name, hint[1]).ratio() >= _ALIKE:
        return None, problem.message
    found = _first(_FIELDS, _words(name))
    is_offer = parent.startswith("$.offers.") or (isinstance(holder, dict) and holder.get("kind") == "offer")
    if found is not None and found.rule == "FE-01" and is_offer:
        found = Intent("FE-05", "the way to cancel stands beside every offer", found.words)
    return (found.rule, f"{UNKNOWN}: {found.why}") if found else (None, problem.message)


def _first(intents: Iterable[Intent], words: frozenset[str]) -> Intent | None:
    return next((intent for intent in intents if intent.words & words), None)


def _words(name: object) -> frozenset[str]:
    """`preSelected`, `pre-selected` and `pre_selected` alike, whole and in parts."""
    if not isinstance(name, str):
        return frozenset()
    parts = [part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)]
    return frozenset({*parts, "".join(parts)})


def _at(raw: object, path: str) -> object:
    """What stands at a path such as `$.steps[0].options[1]`; None where there is nothing."""
    for name, index in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path):
        if name:
            raw = raw.get(name) if isinstance(raw, dict) else None
        else:
            raw = raw[int(index)] if isinstance(raw, list) and int(index) < len(raw) else None
    return raw
