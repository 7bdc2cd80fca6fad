"""From a posted HTML form to a move, and back to the screen when it could not be taken."""

from collections.abc import Sequence
from typing import Any

from litestar.datastructures import FormMultiDict
from msgspec.structs import replace

from aurevoir.kit.errors import Problem
from aurevoir.sessions.schemas import Shown
from aurevoir.sessions.screen import Given

# Fields of the questions asked beside the main one, and of the open questions beside its options.
_LONGEST = 5000
TEXTS, VALUES, FOLLOW_UPS = "text.", "value.", "follow_up."


def move(form: FormMultiDict) -> dict[str, Any]:
    """The posted fields as a `Move` in the making: bounded and typed only when it is converted."""
    kind = str(form.get("move", ""))
    made: dict[str, Any] = {"kind": kind, "revision": _number(form.get("revision"))}
    if form.get("step"):
        made["step"] = str(form["step"])
    if kind == "accept":
        made["offer"] = str(form.get("offer", ""))
    if kind == "answer":
        made |= _answer(form)
    if kind == "cancel":
        made |= _brief(_answer(form))
    return made


def _brief(answer: dict[str, Any]) -> dict[str, Any]:
    """What a cancel brings along: cut to what is surely taken, since nothing may refuse it."""
    beside = {step: value[:_LONGEST] if isinstance(value, str) else value for step, value in answer["answers"].items()}
    return answer | {"text": (answer["text"] or "")[:_LONGEST] or None, "answers": beside}


def _answer(form: FormMultiDict) -> dict[str, Any]:
    choices = [str(code) for code in form.getall("choices", [])]
    texts = {name.removeprefix(TEXTS): str(form[name]) for name in form if name.startswith(TEXTS)}
    values = {name.removeprefix(VALUES): _number(form[name]) for name in form if name.startswith(VALUES)}
    # Without a script every option shows its open question: only the chosen one's counts.
    text = form.get(f"{FOLLOW_UPS}{choices[0]}") if choices else form.get("text")
    answer: dict[str, Any] = {
        "choices": choices,
        "text": text or None,
        "answers": {step: value for step, value in (texts | values).items() if value not in ("", None)},
    }
    if form.get("value") not in (None, ""):
        answer["value"] = _number(form.get("value"))
    return answer


def _number(value: Any) -> int | None:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def follow_ups(form: FormMultiDict) -> dict[str, str]:
    """What was written beside each option, chosen or not."""
    return {name.removeprefix(FOLLOW_UPS): str(form[name]) for name in form if name.startswith(FOLLOW_UPS)}


def with_problems(shown: Shown, form: FormMultiDict, problems: Sequence[Problem]) -> Shown:
    """The same screen with what is wrong, and with everything that was typed."""
    answer = _answer(form)
    given = Given(
        choices=tuple(answer["choices"]),
        text=answer["text"] or "",
        value=answer.get("value"),
        answers=answer["answers"],
    )
    return replace(shown, screen=replace(shown.screen, problems=tuple(problems), given=given))
