"""Checks of a flow's skeleton: ids, codes, the one reason step, the confirm step, questions beside others. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from aurevoir.flows.findings import Finding, error, warning
from aurevoir.flows.graph import is_screen
from aurevoir.flows.steps import ChoiceStep, ConfirmStep, Flow, OfferStep, ScaleStep, TextStep

# Screens that no template writes carry these as their step.
RESERVED_IDS = frozenset({"receipt", "working", "in_return", "kept", "unavailable"})
# What reports and exports say where there is no answer.
RESERVED_CODES = frozenset({"none", "skipped", "not_shown", "unknown"})


def step_ids(flow: Flow) -> Iterator[Finding]:
    """Each id names one step, and none of the screens that are built in."""
    yield from _used_once([(f"steps[{index}].id", step.id) for index, step in enumerate(flow.steps)])
    for index, step in enumerate(flow.steps):
        if step.id in RESERVED_IDS:
            yield error(f"steps[{index}].id", f"`{step.id}` is the name of a built-in screen")


def option_codes(flow: Flow) -> Iterator[Finding]:
    """Each code names one option of its step, and is none of the words that reports use."""
    for path, step in _choices(flow):
        codes = [(f"{path}.options[{index}].code", option.code) for index, option in enumerate(step.options)]
        yield from _used_once(codes)
        for where, code in codes:
            if code in RESERVED_CODES:
                yield error(where, f"`{code}` is reserved: reports say it where there is no answer")


def one_reason_step(flow: Flow) -> Iterator[Finding]:
    """Exactly one step has the options that roll up as reasons."""
    reasons = [path for path, step in _choices(flow) if step.role == "reason"]
    if not reasons:
        yield error("steps", "must hold one reason step: a choice with `role: reason`")
    for path in reasons[1:]:
        yield error(f"{path}.role", f"makes a second reason step beside {reasons[0]}")


def reasons_have_categories(flow: Flow) -> Iterator[Finding]:
    """Without a category a reason would be missing from every comparison."""
    for path, step in _reason_steps(flow):
        for index, option in enumerate(step.options):
            if option.category is None:
                yield error(f"{path}.options[{index}].category", "is missing: every reason needs one")


def an_other_reason(flow: Flow) -> Iterator[Finding]:
    """Someone whose reason is not listed can say so; and there is one such option, so that it can stay last."""
    for path, step in _reason_steps(flow):
        categories = [option.category for option in step.options]
        if "other" not in categories:
            yield warning(f"{path}.options", "have no `other`: whoever has another reason must pick a wrong one")
        for only in ("other", "prefer_not_to_say"):
            at = [index for index, category in enumerate(categories) if category == only]
            for index in at[1:]:
                yield error(f"{path}.options[{index}].category", f"is `{only}`, as that of options[{at[0]}] is")


def only_reasons_have_categories_and_offers(flow: Flow) -> Iterator[Finding]:
    """Elsewhere they would be without effect. Without any reason step it is the role that is missing."""
    others = [(path, step) for path, step in _choices(flow) if step.role != "reason"]
    for path, step in others if any(_reason_steps(flow)) else ():
        for index, option in enumerate(step.options):
            for name, given in (("category", option.category), ("offers", option.offers)):
                if given:
                    yield warning(f"{path}.options[{index}].{name}", "has no effect outside the reason step")


def one_confirm_step_at_the_end(flow: Flow) -> Iterator[Finding]:
    """The way out is written down once, and nothing comes after it."""
    at = [index for index, step in enumerate(flow.steps) if isinstance(step, ConfirmStep)]
    if not at:
        yield error("steps", "must end with a confirm step: there is no way out", "FE-01")
    for index in at[1:]:
        yield error(f"steps[{index}]", f"is a second confirm step beside steps[{at[0]}]", "FE-02")
    if len(at) == 1 and at[0] != len(flow.steps) - 1:
        yield error(f"steps[{at[0]}]", "must be the last step: nothing is asked after the confirmation", "FE-02")


def questions_beside_others(flow: Flow) -> Iterator[Finding]:
    """`on` names an earlier question that has a screen of its own."""
    for index, step in enumerate(flow.steps):
        if not isinstance(step, TextStep | ScaleStep) or step.on is None:
            continue
        earlier = {other.id: other for other in flow.steps[:index]}
        host = earlier.get(step.on)
        if host is None:
            later = any(other.id == step.on for other in flow.steps)
            said = "comes later; a question stands after the one it is `on`" if later else "is not a step"
            yield error(f"steps[{index}].on", f"`{step.on}` {said}")
        elif isinstance(host, OfferStep | ConfirmStep) or not is_screen(host):
            yield error(f"steps[{index}].on", f"`{step.on}` is not a question with a screen of its own")


def _choices(flow: Flow) -> Iterator[tuple[str, ChoiceStep]]:
    for index, step in enumerate(flow.steps):
        if isinstance(step, ChoiceStep):
            yield f"steps[{index}]", step


def _reason_steps(flow: Flow) -> Iterator[tuple[str, ChoiceStep]]:
    yield from ((path, step) for path, step in _choices(flow) if step.role == "reason")


def _used_once(named: Sequence[tuple[str, str]]) -> Iterable[Finding]:
    first: dict[str, str] = {}
    for path, name in named:
        if name in first:
            yield error(path, f"`{name}` is already used by {first[name].rpartition('.')[0]}")
        elif name:
            first[name] = path
