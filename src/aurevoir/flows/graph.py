"""The order of screens: which steps share one, which comes next, which came before. Pure, and without jumps."""

import random
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from aurevoir.flows.steps import ChoiceStep, ConfirmStep, Flow, Option, ScaleStep, Step, TextStep
from aurevoir.kit.conditions import Value, holds

_ALWAYS_LAST = ("prefer_not_to_say", "other")


class ScreenPlan(Struct, frozen=True):
    """What shares a screen: its main step and the questions asked `on` it."""

    step: Step
    also: tuple[TextStep | ScaleStep, ...] = ()


def plan(flow: Flow) -> tuple[ScreenPlan, ...]:
    """Every screen that the flow can show, in order. The same for a version for ever, so callers cache it."""
    beside: dict[str, list[TextStep | ScaleStep]] = {}
    for step in flow.steps:
        if isinstance(step, TextStep | ScaleStep) and step.on is not None:
            beside.setdefault(step.on, []).append(step)
    return tuple(ScreenPlan(step, tuple(beside.get(step.id, ()))) for step in flow.steps if is_screen(step))


def is_screen(step: Step) -> bool:
    """Whether the step has a screen of its own."""
    return not (isinstance(step, TextStep | ScaleStep) and step.on is not None)


def visible(screen: ScreenPlan, attributes: Mapping[str, Value], answers: Mapping[str, Value]) -> ScreenPlan | None:
    """The screen with those questions whose `when` holds; None when its own does not."""
    if not _shows(screen.step, attributes, answers):
        return None
    also = tuple(step for step in screen.also if _shows(step, attributes, answers))
    return screen if also == screen.also else ScreenPlan(screen.step, also)


def way(
    plans: Sequence[ScreenPlan], attributes: Mapping[str, Value], answers: Mapping[str, Value]
) -> Iterator[ScreenPlan]:
    """All screens for these answers, in order.

    An answer counts only while its question is on the way: one that was given before Dana went back and changed her
    reason opens no screen any more.
    """
    known: dict[str, Value] = {}
    for screen in plans:
        shown = visible(screen, attributes, known)
        if shown is None:
            continue
        yield shown
        for step in (shown.step, *shown.also):
            known[step.id] = answers.get(step.id)


def next_screen(
    plans: Sequence[ScreenPlan], after: str | None, attributes: Mapping[str, Value], answers: Mapping[str, Value]
) -> ScreenPlan | None:
    """The screen that follows the one of step `after`, or the first when that is None; None at the end.

    LookupError: `after` has no screen.
    """
    position = _positions(plans)
    at = -1 if after is None else position[after]
    return next((screen for screen in way(plans, attributes, answers) if position[screen.step.id] > at), None)


def previous_screen(
    plans: Sequence[ScreenPlan], before: str, attributes: Mapping[str, Value], answers: Mapping[str, Value]
) -> ScreenPlan | None:
    """The screen that precedes the one of step `before`; None on the first.

    LookupError: `before` has no screen.
    """
    position = _positions(plans)
    at = position[before]
    earlier = [screen for screen in way(plans, attributes, answers) if position[screen.step.id] < at]
    return earlier[-1] if earlier else None


def reason_step(flow: Flow) -> ChoiceStep:
    """The step whose options are the reasons. LookupError: there is none, so the flow was never checked."""
    for step in flow.steps:
        if isinstance(step, ChoiceStep) and step.role == "reason":
            return step
    raise LookupError("no reason step")


def shuffled(options: Sequence[Option], seed: int | str) -> tuple[Option, ...]:
    """The options in an order of their own for each seed, every order as likely as any other (Fisher-Yates).

    "Prefer not to say" and "other" stay last, as written: people look for them there.
    """
    last = tuple(option for option in options if _stays_last(option))
    rest = [option for option in options if not _stays_last(option)]
    random.Random(seed).shuffle(rest)  # noqa: S311 - an order on a screen is no secret
    return (*rest, *last)


def _shows(step: Step, attributes: Mapping[str, Value], answers: Mapping[str, Value]) -> bool:
    when = None if isinstance(step, ConfirmStep) else step.when
    return when is None or holds(when, attributes, answers)


def _positions(plans: Sequence[ScreenPlan]) -> dict[str, int]:
    return {screen.step.id: index for index, screen in enumerate(plans)}


def _stays_last(option: Option) -> bool:
    return (option.category or option.code) in _ALWAYS_LAST
