"""Conditions as data: `all`, `any`, `not` over attributes and answers; never code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, field

from aurevoir.kit.errors import Problem
from aurevoir.kit.struct import Key, Strict

Scalar = bool | int | Annotated[str, Meta(max_length=200)]
Bound = int | Annotated[str, Meta(pattern=r"\A\d{4}-\d{2}-\d{2}\Z", description="an ISO date")]


class Condition(Strict, frozen=True, kw_only=True):
    """Exactly one of `all`, `any`, `not`, `attribute` or `answer`; a leaf carries exactly one comparison.

    Which of them is set is checked by `aurevoir check`, so that a mistake gets its path and all mistakes show at once.
    """

    all: Annotated[tuple[Condition, ...], Meta(min_length=1, max_length=20)] | None = None
    any: Annotated[tuple[Condition, ...], Meta(min_length=1, max_length=20)] | None = None
    not_: Condition | None = field(name="not", default=None)
    attribute: Key | None = None
    answer: Key | None = None
    is_: Scalar | None = field(name="is", default=None)
    in_: Annotated[tuple[Scalar, ...], Meta(min_length=1, max_length=100)] | None = field(name="in", default=None)
    at_least: Bound | None = None
    at_most: Bound | None = None
    exists: bool | None = None


Value = bool | int | str | date | tuple[str, ...] | None
ValueType = Literal["text", "int", "date", "bool"]
# A leaf about what is missing is neither true nor false.
Truth = bool | None
# What an answer may hold: the codes of a choice, or the type of what was written or rated.
AnswerType = frozenset[str] | ValueType

_SHAPES = ("all", "any", "not", "attribute", "answer")
_COMPARISONS = ("is", "in", "at_least", "at_most", "exists")


def holds(condition: Condition, attributes: Mapping[str, Value], answers: Mapping[str, Value]) -> bool:
    """Whether `condition` is true, in three-valued (Kleene) logic.

    A leaf about a missing value is neither true nor false, `not` leaves it so, and what is not true in the end does
    not hold: a missing value is false under `not` as well. Only `exists` can be asked of it. None, empty text and an
    empty list of codes are missing. A list of codes `is` a code when it contains it.
    """
    return _truth(condition, attributes, answers) is True


def leaves(condition: Condition) -> Iterator[Condition]:
    """Every attribute or answer that is asked about, in the order written."""
    if condition.attribute is not None or condition.answer is not None:
        yield condition
    for _, part in _parts(condition):
        yield from leaves(part)


def problems_in(
    condition: Condition, path: str, attributes: Mapping[str, ValueType], answers: Mapping[str, AnswerType]
) -> list[Problem]:
    """Everything wrong with it. `path` is where it stands; each message continues the sentence that its path begins."""
    problems = _problems_of_shape(condition, path)
    if condition.attribute is not None:
        kind = attributes.get(condition.attribute)
        unknown = Problem(f"{path}.attribute", f"`{condition.attribute}` is neither built in nor declared")
        problems += [unknown] if kind is None else _problems_of_type(condition, path, kind)
    if condition.answer is not None:
        given = answers.get(condition.answer)
        unknown = Problem(f"{path}.answer", f"`{condition.answer}` is not an earlier question")
        problems += [unknown] if given is None else _problems_of_type(condition, path, given)
    for name, part in _parts(condition):
        problems += problems_in(part, f"{path}.{name}", attributes, answers)
    return problems


def _parts(condition: Condition) -> Iterator[tuple[str, Condition]]:
    for name, several in (("all", condition.all), ("any", condition.any)):
        for index, part in enumerate(several or ()):
            yield f"{name}[{index}]", part
    if condition.not_ is not None:
        yield "not", condition.not_


def _truth(condition: Condition, attributes: Mapping[str, Value], answers: Mapping[str, Value]) -> Truth:
    if condition.all is not None:
        return _every({_truth(part, attributes, answers) for part in condition.all})
    if condition.any is not None:
        return _negated(_every({_negated(_truth(part, attributes, answers)) for part in condition.any}))
    if condition.not_ is not None:
        return _negated(_truth(condition.not_, attributes, answers))
    if condition.attribute is not None:
        return _leaf(condition, attributes.get(condition.attribute))
    return _leaf(condition, answers.get(condition.answer or ""))


def _every(truths: set[Truth]) -> Truth:
    return False if False in truths else None if None in truths else True


def _negated(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _leaf(condition: Condition, value: Value) -> Truth:
    missing = value in (None, "", ())
    if condition.exists is not None:
        return condition.exists is not missing
    if missing:
        return None
    if condition.is_ is not None:
        return _equal(value, condition.is_)
    if condition.in_ is not None:
        return any(_equal(value, wanted) for wanted in condition.in_)
    if condition.at_least is not None:
        return _in_order(condition.at_least, value)
    return _in_order(value, condition.at_most)


def _equal(value: Value, wanted: Scalar) -> bool:
    if isinstance(value, tuple):
        return wanted in value
    if isinstance(value, date):
        return value.isoformat() == wanted
    # `is: 1` does not mean true, though Python thinks so.
    return type(value) is type(wanted) and value == wanted


def _in_order(first: Value, second: Value) -> Truth:
    low, high = _point(first), _point(second)
    return None if low is None or high is None or low[0] != high[0] else low[1] <= high[1]


def _point(value: Value) -> tuple[ValueType, int] | None:
    """A number or a day as something that can be put in order with its like; anything else is None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return "int", value
    if isinstance(value, str):
        value = _day(value)
    return ("date", value.toordinal()) if isinstance(value, date) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _problems_of_shape(condition: Condition, path: str) -> list[Problem]:
    shapes = _set_in(condition, _SHAPES)
    comparisons = _set_in(condition, _COMPARISONS)
    if len(shapes) != 1:
        return [Problem(path, "needs exactly one of all, any, not, attribute, answer")]
    if shapes[0] not in ("attribute", "answer"):
        return [Problem(f"{path}.{name}", f"cannot stand beside `{shapes[0]}`") for name in comparisons]
    if len(comparisons) != 1:
        return [Problem(path, "needs exactly one comparison: is, in, at_least, at_most or exists")]
    return []


def _set_in(condition: Condition, names: tuple[str, ...]) -> list[str]:
    written = {"not": "not_", "is": "is_", "in": "in_"}
    return [name for name in names if getattr(condition, written.get(name, name)) is not None]


def _problems_of_type(condition: Condition, path: str, kind: AnswerType) -> list[Problem]:
    compared = [(f"{path}.in[{index}]", wanted) for index, wanted in enumerate(condition.in_ or ())]
    if condition.is_ is not None:
        compared.append((f"{path}.is", condition.is_))
    found = [Problem(where, misfit) for where, wanted in compared if (misfit := _misfit(wanted, kind))]
    for name, bound in (("at_least", condition.at_least), ("at_most", condition.at_most)):
        if bound is not None and kind not in ("int", "date"):
            found.append(Problem(f"{path}.{name}", "compares numbers or dates only"))
        elif bound is not None and (misfit := _misfit(bound, kind)):
            found.append(Problem(f"{path}.{name}", misfit))
    return found


def _misfit(wanted: Scalar, kind: AnswerType) -> str | None:
    """What is wrong with comparing a value of `kind` with `wanted`."""
    if isinstance(kind, frozenset):
        return None if wanted in kind else f"`{wanted}` is not one of its options"
    if kind == "date":
        return None if isinstance(wanted, str) and _day(wanted) else "must be a date such as 2026-11-02"
    types: dict[ValueType, tuple[type, str]] = {"text": (str, "text"), "int": (int, "a whole number")}
    expected, name = types.get(kind, (bool, "true or false"))
    return None if type(wanted) is expected else f"must be {name}"
