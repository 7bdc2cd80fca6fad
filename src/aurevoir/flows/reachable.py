"""Checks of a flow's conditions: that they can be asked, and that every step can come to be shown. Pure."""

from collections.abc import Iterator

from aurevoir.flows.attributes import BUILT_IN
from aurevoir.flows.findings import Finding, error, of_problem
from aurevoir.flows.paths import possible_ways
from aurevoir.flows.steps import ChoiceStep, ConfirmStep, Flow, OfferStep, ScaleStep, Step, TextStep
from aurevoir.kit.conditions import AnswerType, problems_in


def declared_attributes(flow: Flow) -> Iterator[Finding]:
    """A built-in attribute may be declared again, as what it is."""
    for name, kind in flow.attributes.items():
        if BUILT_IN.get(name, kind) != kind:
            yield error(f"attributes.{name}", f"is built in as `{BUILT_IN[name]}`")


def sound(flow: Flow) -> Iterator[Finding]:
    """Every condition is well formed and asks only what is known by then."""
    attributes = {**flow.attributes, **BUILT_IN}
    for index, step in enumerate(flow.steps):
        if not isinstance(step, ConfirmStep) and step.when is not None:
            known = _answers_before(flow, index)
            yield from map(of_problem, problems_in(step.when, f"steps[{index}].when", attributes, known))
    known = _answers_before(flow, len(flow.steps))
    for key, offer in flow.offers.items():
        if offer.when is not None:
            yield from map(of_problem, problems_in(offer.when, f"offers.{key}.when", attributes, known))


def every_step_can_show(flow: Flow) -> Iterator[Finding]:
    """No step waits for what can never be. What another check has told about already is not told again."""
    told = {finding.path.partition(".when")[0] for finding in sound(flow)}
    ways = possible_ways(flow)
    for index, step in enumerate(flow.steps):
        path = f"steps[{index}]"
        if path in told or _lost_its_place(flow, step) or any(step.id in seen for seen in ways):
            continue
        if isinstance(step, OfferStep) and not _reasons_with_offers(flow):
            continue
        yield error(path, f"can never show: {_why(step)}")


def _why(step: Step) -> str:
    if isinstance(step, TextStep | ScaleStep) and step.on is not None and step.when is None:
        return f"nor can `{step.on}`, on whose screen it is asked"
    return "no customer can meet its `when`"


def _answers_before(flow: Flow, index: int) -> dict[str, AnswerType]:
    """The questions on earlier screens: what is asked on the same screen is not answered yet."""
    own = getattr(flow.steps[index], "on", None) if index < len(flow.steps) else None
    known: dict[str, AnswerType] = {}
    for step in flow.steps[:index]:
        if own is not None and own in (step.id, getattr(step, "on", None)):
            continue
        if isinstance(step, ChoiceStep):
            known[step.id] = frozenset(option.code for option in step.options)
        elif isinstance(step, TextStep | ScaleStep):
            known[step.id] = "text" if isinstance(step, TextStep) else "int"
    return known


def _lost_its_place(flow: Flow, step: Step) -> bool:
    """Whether `on` names no screen, which is a finding of its own."""
    on = getattr(step, "on", None)
    return on is not None and not any(other.id == on and getattr(other, "on", None) is None for other in flow.steps)


def _reasons_with_offers(flow: Flow) -> bool:
    steps = [step for step in flow.steps if isinstance(step, ChoiceStep) and step.role == "reason"]
    return any(option.offers for step in steps for option in step.options)
