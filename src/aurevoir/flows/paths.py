"""Which steps a customer can come to see: every kind of customer that the conditions tell apart, tried out. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain, combinations, product
from math import prod

from aurevoir.flows.graph import ScreenPlan, plan, way
from aurevoir.flows.packs import Order
from aurevoir.flows.steps import ChoiceStep, ConfirmStep, Flow, OfferStep, ScaleStep, Step
from aurevoir.kit.conditions import Condition, Scalar, Value, holds, leaves

# Comparisons, a few seconds' worth at the very most. Beyond the first number each condition is tried on its own, and
# beyond the second it is taken for possible: both can only find more ways, never fewer.
_MOST_WORK = 500_000
_MOST_WORK_EACH = 5_000
# How many codes of a question that takes several are combined with each other.
_MOST_CODES = 8
_UNLIKE_ANY = "\x00"

Subject = tuple[str, str]
Domains = dict[Subject, list[Value]]


def possible_ways(flow: Flow) -> set[frozenset[str]]:
    """The ids of the steps that one customer may see, for every kind of customer.

    The offer step counts as seen only with a reason that has offers. A step counts on earlier answers only, and only
    on those of questions that were seen.
    """
    plans = plan(flow)
    conditions = [when for step in flow.steps if (when := _when(step)) is not None]
    domains = _domains(flow, conditions)
    if _work(domains, conditions) <= _MOST_WORK:
        return {_seen(flow, plans, attributes, answers) for attributes, answers in _customers(domains)}
    reasons = {subject: values for subject, values in domains.items() if subject == _reason_subject(flow)}
    if _work(reasons, conditions) <= _MOST_WORK:
        return set(_seen_at_most(flow, plans, domains, reasons))
    return {frozenset(step.id for screen in plans for step in (screen.step, *screen.also))}


def longest_path(flow: Flow, order: Order = "survey_first") -> int:
    """The largest number of screens before the receipt that any customer may have to pass."""
    if order == "exit_first":
        return 1
    screens = {screen.step.id for screen in plan(flow)}
    return max(len(seen & screens) for seen in possible_ways(flow))


def can_hold(condition: Condition, flow: Flow) -> bool:
    """Whether there is anybody for whom it holds; True as well when there are too many to try."""
    return _can_hold(condition, _domains(flow, [condition]))


def _can_hold(condition: Condition, domains: Domains) -> bool:
    asked = {_subject(leaf) for leaf in leaves(condition)}
    own = {subject: values for subject, values in domains.items() if subject in asked}
    if _work(own, [condition]) > _MOST_WORK_EACH:
        return True
    return any(holds(condition, attributes, answers) for attributes, answers in _customers(own))


def _seen(
    flow: Flow, plans: Sequence[ScreenPlan], attributes: Mapping[str, Value], answers: Mapping[str, Value]
) -> frozenset[str]:
    steps = chain.from_iterable((screen.step, *screen.also) for screen in way(plans, attributes, answers))
    has_offers = _has_offers(flow, answers)
    return frozenset(step.id for step in steps if has_offers or not isinstance(step, OfferStep))


def _seen_at_most(
    flow: Flow, plans: Sequence[ScreenPlan], domains: Domains, reasons: Domains
) -> Iterator[frozenset[str]]:
    """For each reason, what might show when each condition is looked at alone."""
    for _, answers in _customers(reasons):
        fixed = {**domains, **{("answer", name): [value] for name, value in answers.items()}}
        steps = chain.from_iterable((screen.step, *screen.also) for screen in plans)
        possible = [step for step in steps if (when := _when(step)) is None or _can_hold(when, fixed)]
        has_offers = _has_offers(flow, answers)
        yield frozenset(step.id for step in possible if has_offers or not isinstance(step, OfferStep))


def _when(step: Step) -> Condition | None:
    return None if isinstance(step, ConfirmStep) else step.when


def _reason_subject(flow: Flow) -> Subject | None:
    named = (step.id for step in flow.steps if isinstance(step, ChoiceStep) and step.role == "reason")
    return next((("answer", name) for name in named), None)


def _has_offers(flow: Flow, answers: Mapping[str, Value]) -> bool:
    for step in flow.steps:
        if isinstance(step, ChoiceStep) and step.role == "reason":
            given = answers.get(step.id)
            chosen = given if isinstance(given, tuple) else ()
            return any(option.offers for option in step.options if option.code in chosen)
    return False


def _subject(leaf: Condition) -> Subject:
    return ("attribute", leaf.attribute) if leaf.attribute is not None else ("answer", leaf.answer or "")


def _work(domains: Domains, conditions: Iterable[Condition]) -> int:
    """How many comparisons it takes to try everybody."""
    asked = sum(1 for condition in conditions for _ in leaves(condition))
    return prod(len(values) for values in domains.values()) * max(asked, 1)


def _customers(domains: Domains) -> Iterator[tuple[dict[str, Value], dict[str, Value]]]:
    for values in product(*domains.values()):
        given = list(zip(domains, values, strict=True))
        attributes = {name: value for (kind, name), value in given if kind == "attribute"}
        yield attributes, {name: value for (kind, name), value in given if kind == "answer"}


def _domains(flow: Flow, conditions: Iterable[Condition]) -> Domains:
    """For everything asked about, and always for the reason: one value of each kind that makes a difference."""
    asked: dict[Subject, list[Condition]] = {}
    reason = _reason_subject(flow)
    if reason is not None:
        asked[reason] = []
    for leaf in chain.from_iterable(leaves(condition) for condition in conditions):
        asked.setdefault(_subject(leaf), []).append(leaf)
    steps = {step.id: step for step in flow.steps}
    domains: Domains = {}
    for subject, about in asked.items():
        kind, name = subject
        values = list(_candidates(steps.get(name) if kind == "answer" else None, about))
        if len(values) * len(about) <= _MOST_WORK_EACH:
            told = ((subject == reason and _has_offers(flow, {name: v}), *_truths(about, name, v)) for v in values)
            values = list(dict(zip(told, values, strict=True)).values())
        domains[subject] = values
    return domains


def _truths(about: Iterable[Condition], name: str, value: Value) -> Iterator[bool]:
    for leaf in about:
        yield holds(leaf, {name: value}, {name: value})
        yield holds(Condition(not_=leaf), {name: value}, {name: value})


def _candidates(step: Step | None, about: Iterable[Condition]) -> Iterator[Value]:
    """Values to try: missing, each one compared with, its neighbours, and one that nothing is compared with."""
    yield None
    compared = list(chain.from_iterable(_operands(leaf) for leaf in about))
    if isinstance(step, ChoiceStep):
        yield from _choices(step, compared)
    elif isinstance(step, ScaleStep):
        yield from range(step.low, step.high + 1)
    else:
        yield from chain.from_iterable(_around(operand) for operand in compared)
        if not any(isinstance(operand, int) for operand in compared):
            yield _UNLIKE_ANY


def _operands(leaf: Condition) -> Iterator[Scalar]:
    yield from leaf.in_ or ()
    yield from (operand for operand in (leaf.is_, leaf.at_least, leaf.at_most) if operand is not None)


def _choices(step: ChoiceStep, compared: Sequence[Scalar]) -> Iterator[Value]:
    codes = [option.code for option in step.options]
    if not step.several:
        yield from ((code,) for code in codes)
        return
    mentioned = [code for code in codes if code in compared][:_MOST_CODES]
    for size in range(len(mentioned) + 1):
        for chosen in combinations(mentioned, size):
            yield chosen
            yield from ((*chosen, code) for code in codes if code not in mentioned)


def _around(operand: Scalar) -> Iterator[Value]:
    if isinstance(operand, bool):
        yield from (True, False)
    elif isinstance(operand, int):
        yield from (operand - 1, operand, operand + 1)
    else:
        yield operand
        try:
            day = date.fromisoformat(operand)
            yield from (day - timedelta(1), day, day + timedelta(1))
        except (ValueError, OverflowError):
            return
