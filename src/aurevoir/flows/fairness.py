"""Fair-exit rules that a template can break by itself; what runs is held to them again by the session machine. Pure."""

from collections.abc import Iterator

from aurevoir.flows.findings import Finding, error, warning
from aurevoir.flows.packs import Order
from aurevoir.flows.paths import longest_path
from aurevoir.flows.steps import ConfirmStep, Flow, OfferStep
from aurevoir.flows.translations import texts

MOST_SCREENS = 3
MOST_CHARACTERS = 80
MOST_WORDS = 60
_HEADINGS = frozenset({"ask", "headline"})
_BODIES = frozenset({"help", "body", "terms"})


def no_required_question(flow: Flow) -> Iterator[Finding]:
    """Leaving never waits for an answer."""
    for index, step in enumerate(flow.steps):
        if not isinstance(step, OfferStep | ConfirmStep) and step.required:
            yield error(f"steps[{index}].required", "stands in the way: no question may be required", "FE-03")


def few_screens(flow: Flow, order: Order) -> Iterator[Finding]:
    """The longest way that anybody can be led is short."""
    longest = longest_path(flow, order)
    if longest > MOST_SCREENS:
        said = f"lead through up to {longest} screens before the receipt, and {MOST_SCREENS} are the most"
        yield error("steps", f"{said}; ask beside another question with `on`, or use `when`", "FE-02")


def read_at_a_glance(flow: Flow) -> Iterator[Finding]:
    """Headings of a line or two, and texts that somebody in a hurry reads."""
    for path, text in texts(flow):
        field = path.rpartition(".")[2]
        for locale, words in text.items():
            if field in _HEADINGS and len(words) > MOST_CHARACTERS:
                said = f"has {len(words)} characters, and {MOST_CHARACTERS} are read at a glance"
                yield warning(f"{path}.{locale}", said, "FE-18")
            if field in _BODIES and len(words.split()) > MOST_WORDS:
                said = f"has {len(words.split())} words, and {MOST_WORDS} are read in a hurry"
                yield warning(f"{path}.{locale}", said, "FE-18")
