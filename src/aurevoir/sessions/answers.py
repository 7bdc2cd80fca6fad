"""What was given to a step: read from a move and checked against the question. Pure."""

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from aurevoir.flows.steps import ChoiceStep, FollowUp, ScaleStep, Step, TextStep
from aurevoir.kit.conditions import Value
from aurevoir.kit.errors import Invalid, Problem
from aurevoir.kit.struct import safe_text
from aurevoir.sessions.moves import Filled

Say = Callable[..., str]


class StepAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step's answer. `is_answered` False: it was shown and left out."""

    step: str
    choices: tuple[str, ...] = ()
    value: int | None = None
    text: str | None = None
    has_text: bool = False
    is_answered: bool = True

    @property
    def value_for_conditions(self) -> Value:
        """Codes of a choice, the number of a scale, True for a text."""
        return self.choices or (self.value if self.value is not None else True)

    def without_text(self) -> "StepAnswer":
        """The same, without the customer's own words."""
        return replace(self, text=None)


def read(step: Step, also: Sequence[TextStep | ScaleStep], move: Filled, say: Say) -> tuple[StepAnswer, ...]:
    """The answers of one screen; raises Invalid with every problem at once, each with its path in the move."""
    problems: list[Problem] = []
    main = _main(step, move, say, problems)
    beside = [_beside(one, move.answers.get(one.id), say, problems) for one in also]
    unknown = set(move.answers) - {one.id for one in also}
    problems += [Problem(f"$.answers.{key}", say("This question is not on the screen.")) for key in sorted(unknown)]
    if not problems and not main.is_answered and not any(answer.is_answered for answer in beside):
        problems.append(
            Problem(_MAIN_PATH[type(step)], say("Nothing is answered yet. You can also go on without an answer."))
        )
    if problems:
        raise Invalid(say("There is a problem with this answer."), problems=problems)
    return (main, *beside)


def read_what_fits(step: Step, also: Sequence[TextStep | ScaleStep], move: Filled, say: Say) -> tuple[StepAnswer, ...]:
    """The same of a move that nothing may refuse: what is not allowed is left behind."""
    for fits in (move, replace(move, text=None, answers={})):
        try:
            return read(step, also, fits, say)
        except Invalid:
            continue
    return ()


def left_out(step: Step, also: Sequence[TextStep | ScaleStep]) -> tuple[StepAnswer, ...]:
    """A screen that was shown and skipped."""
    return tuple(StepAnswer(step=one.id, is_answered=False) for one in (step, *also))


_MAIN_PATH: dict[type, str] = {ChoiceStep: "$.choices", TextStep: "$.text", ScaleStep: "$.value"}


def _main(step: Step, move: Filled, say: Say, problems: list[Problem]) -> StepAnswer:
    for name, path in (("choices", "$.choices"), ("text", "$.text"), ("value", "$.value")):
        if getattr(move, name) not in ((), None, "") and name not in _ALLOWED[type(step)]:
            problems.append(Problem(path, say("This question takes another kind of answer.")))
    if isinstance(step, ChoiceStep):
        return _choice(step, move, say, problems)
    if isinstance(step, TextStep):
        return _text(step.id, move.text or "", step.max_length, "$.text", say, problems)
    assert isinstance(step, ScaleStep)
    return _scale(step, move.value, "$.value", say, problems)


_ALLOWED: dict[type, tuple[str, ...]] = {ChoiceStep: ("choices", "text"), TextStep: ("text",), ScaleStep: ("value",)}


def _choice(step: ChoiceStep, move: Filled, say: Say, problems: list[Problem]) -> StepAnswer:
    by_code = {option.code: option for option in step.options}
    for at, code in enumerate(move.choices):
        if code not in by_code or code in move.choices[:at]:
            problems.append(Problem(f"$.choices[{at}]", say("This is not one of the answers.")))
    if len(move.choices) > 1 and not step.several:
        problems.append(Problem("$.choices", say("Choose one answer.")))
    primary = by_code.get(move.choices[0]) if move.choices else None
    text = _follow_up(primary.follow_up if primary else None, move, say, problems)
    return StepAnswer(
        step=step.id, choices=move.choices, text=text, has_text=text is not None, is_answered=bool(move.choices)
    )


def _follow_up(question: FollowUp | None, move: Filled, say: Say, problems: list[Problem]) -> str | None:
    text = safe_text(move.text or "")
    if text and question is None:
        problems.append(Problem("$.text", say("This answer has no open question beside it.")))
    elif question is not None and len(text) > question.max_length:
        problems.append(Problem("$.text", say("Use at most {limit} characters.", limit=question.max_length)))
    return text or None


def _beside(step: TextStep | ScaleStep, raw: str | int | None, say: Say, problems: list[Problem]) -> StepAnswer:
    path = f"$.answers.{step.id}"
    if isinstance(step, TextStep) and isinstance(raw, str | None):
        return _text(step.id, raw or "", step.max_length, path, say, problems)
    if isinstance(step, ScaleStep) and isinstance(raw, int | None):
        return _scale(step, raw, path, say, problems)
    problems.append(Problem(path, say("This question takes another kind of answer.")))
    return StepAnswer(step=step.id, is_answered=False)


def _text(step: str, raw: str, limit: int, path: str, say: Say, problems: list[Problem]) -> StepAnswer:
    text = safe_text(raw)
    if len(text) > limit:
        problems.append(Problem(path, say("Use at most {limit} characters.", limit=limit)))
    return StepAnswer(step=step, text=text or None, has_text=bool(text), is_answered=bool(text))


def _scale(step: ScaleStep, value: int | None, path: str, say: Say, problems: list[Problem]) -> StepAnswer:
    if value is not None and not step.low <= value <= step.high:
        problems.append(Problem(path, say("Choose a number from {low} to {high}.", low=step.low, high=step.high)))
    return StepAnswer(step=step.id, value=value, is_answered=value is not None)
