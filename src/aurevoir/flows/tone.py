"""Checks of how a flow speaks: no shaming, no guilt, no fear, no false urgency, no tricks. Pure."""

from collections.abc import Iterator
from functools import lru_cache

from aurevoir.flows import wording
from aurevoir.flows.findings import Finding, error, warning
from aurevoir.flows.packs import PackName
from aurevoir.flows.rules import INDIA, RuleId
from aurevoir.flows.said import WELL_KNOWN, Said, everything_said
from aurevoir.flows.steps import Flow
from aurevoir.flows.wording import Fault, Slip

# Saving, checking and publishing ask about the same words one after another.
_slips = lru_cache(maxsize=4096)(wording.slips)
_WHAT: dict[Fault, str] = {
    "shaming": "puts down whoever leaves",
    "guilt": "makes leaving a matter of guilt",
    "fear": "frightens",
    "urgency": "presses for time",
    "trick": "can be taken for its opposite",
}


def fair_words(flow: Flow) -> Iterator[Finding]:
    """Whatever stands on a screen is said as one would to somebody's face."""
    for said in everything_said(flow):
        for slip in _slips(said.text, said.locale, said.place):
            yield _finding(said, slip)


def read_by_somebody(flow: Flow, packs: frozenset[PackName]) -> Iterator[Finding]:
    """India's guidelines bind in every language; where the lint has no words of one, a person answers for it."""
    if "in" not in packs:
        return
    for index, locale in enumerate(flow.locales):
        if locale.partition("-")[0] not in wording.languages():
            said = f"`{locale}` is a language whose words nothing here can judge: have somebody read them"
            yield warning(f"locales[{index}]", said, "FE-08", packs=("in",), source=INDIA)


def _finding(said: Said, slip: Slip) -> Finding:
    message = f"{_WHAT[slip.fault]}: “{slip.words}”"
    rule = _rule(said, slip.fault)
    is_sure = said.language in WELL_KNOWN and rule != "FE-18"
    return (error if is_sure else warning)(said.path, message, rule)


def _rule(said: Said, fault: Fault) -> RuleId:
    if fault == "urgency":
        return "FE-09"
    # A double negative in a text costs a second look; on a button that leaves or accepts it costs the decision.
    is_button = said.place in ("accept", "decline", "cancel")
    return "FE-18" if fault == "trick" and not is_button else "FE-08"
