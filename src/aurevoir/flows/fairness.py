"""Fair-exit rules that a template can break by itself; what runs is held to them again by the session machine. Pure."""

from collections.abc import Iterator

from aurevoir.flows.findings import Finding, error, warning
from aurevoir.flows.graph import plan
from aurevoir.flows.packs import PACKS, PackName
from aurevoir.flows.paths import longest_path
from aurevoir.flows.rules import UNITED_KINGDOM
from aurevoir.flows.said import everything_said
from aurevoir.flows.steps import ChoiceStep, ConfirmStep, Flow, OfferStep

MOST_SCREENS = 3
# One question and the confirmation: more may turn out to be more than is reasonably necessary.
FEW_SCREENS = 2
MOST_CHARACTERS = 80
MOST_LABEL_CHARACTERS = 120
MOST_WORDS = 60
MOST_OPTIONS = 12
MOST_QUESTIONS = 4


def no_required_question(flow: Flow) -> Iterator[Finding]:
    """Leaving never waits for an answer."""
    for index, step in enumerate(flow.steps):
        if not isinstance(step, OfferStep | ConfirmStep) and step.required:
            yield error(f"steps[{index}].required", "stands in the way: no question may be required", "FE-03")


def few_screens(flow: Flow, packs: frozenset[PackName]) -> Iterator[Finding]:
    """The longest way that anybody can be led is short; where the confirmation comes first, it is."""
    asked_first: tuple[PackName, ...] = tuple(
        name for name, pack in PACKS.items() if name in packs and pack.order == "survey_first"
    )
    longest = longest_path(flow) if asked_first else 0
    if longest > MOST_SCREENS:
        said = f"lead through up to {longest} screens before the receipt, and {MOST_SCREENS} are the most"
        yield error(
            "steps", f"{said}; ask beside another question with `on`, or use `when`", "FE-02", packs=asked_first
        )
    elif longest > FEW_SCREENS and "uk-2027" in packs:
        said = f"lead through up to {longest} screens before the receipt; British law will allow only what is"
        message = f"{said} reasonably necessary, and guidance on how many screens that is has yet to come"
        yield warning("steps", message, "FE-02", packs=("uk-2027",), source=UNITED_KINGDOM)


def read_at_a_glance(flow: Flow) -> Iterator[Finding]:
    """Headings of a line or two, and texts that somebody in a hurry reads."""
    for said in everything_said(flow):
        most = {"heading": MOST_CHARACTERS, "reason": MOST_LABEL_CHARACTERS}.get(said.place)
        if most and len(said.text) > most:
            yield warning(said.path, f"has {len(said.text)} characters, and {most} are read at a glance", "FE-18")
        count = len(said.text.split())
        if said.place == "body" and count > MOST_WORDS:
            yield warning(said.path, f"has {count} words, and {MOST_WORDS} are read in a hurry", "FE-18")


def few_things_on_a_screen(flow: Flow) -> Iterator[Finding]:
    """A screen is no form: few options, few questions."""
    at = {step.id: index for index, step in enumerate(flow.steps)}
    for screen in plan(flow):
        path, asked = f"steps[{at[screen.step.id]}]", 1 + len(screen.also)
        if asked > MOST_QUESTIONS:
            said = f"asks {asked} questions on one screen, and {MOST_QUESTIONS} are read at a glance"
            yield warning(path, said, "FE-18")
        if isinstance(screen.step, ChoiceStep) and len(screen.step.options) > MOST_OPTIONS:
            said = f"are {len(screen.step.options)}, and {MOST_OPTIONS} are read at a glance"
            yield warning(f"{path}.options", said, "FE-18")


def worded_by_law(flow: Flow, packs: frozenset[PackName]) -> Iterator[Finding]:
    """Whoever prepares a flow for one country alone learns which of its words the law replaces there."""
    pack = PACKS[next(iter(packs))] if len(packs) == 1 else PACKS["base"]
    ends = [f"steps[{index}]" for index, step in enumerate(flow.steps) if isinstance(step, ConfirmStep)]
    for said in everything_said(flow):
        if said.path.partition(".")[0] in ends:
            is_replaced = said.field == "cancel_label" and pack.cancel_words
            if is_replaced or pack.order == "exit_first":
                message = f"is not shown under `{pack.name}`: the law words it"
                yield warning(said.path, message, packs=(pack.name,))
