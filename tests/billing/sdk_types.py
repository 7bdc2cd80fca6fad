"""What requests may contain by the types of Stripe's own SDK, which are of the pinned version; checked at run time."""

import inspect
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

import stripe
import stripe.params
from stripe import RequestOptions


def problems(operation: str, path: list[str], parameters: dict[str, Any]) -> list[str]:
    """Everything that the SDK's own types refuse of a request; `operation` as `client.Client` takes it."""
    method = _method(operation)
    wanted = [name for name, one in inspect.signature(method).parameters.items() if one.kind is one.POSITIONAL_ONLY]
    found = [] if len(wanted) == len(path) else [f"{operation}: takes {len(wanted)} ids, not {len(path)}"]
    return found + list(_wrong(parameters, _accepted(operation), operation))


def _method(operation: str) -> Any:
    service: Any = _client().v1
    *names, method = operation.split(".")
    for name in names:
        service = getattr(service, name)
    return getattr(service, f"{method}_async")


@cache
def _client() -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_1", http_client=stripe.HTTPXClient())


@cache
def _accepted(operation: str) -> type:
    """The TypedDict of a method's `params`; its annotation names it."""
    annotation = str(inspect.get_annotations(_method(operation).__func__)["params"])
    name = re.search(r"'(\w+Params)'", annotation)
    assert name, annotation
    found: type = getattr(stripe.params, name[1])
    return found


@cache
def _members(kind: type) -> dict[str, Any]:
    # What concerns the request itself is not sent; some of its types are known to type checkers only.
    found = get_type_hints(kind, localns={"StripeContext": Any, "Mapping": dict}, include_extras=True)
    return {name: one for name, one in found.items() if name not in RequestOptions.__annotations__}


def _wrong(value: Any, accepted: Any, at: str) -> Iterator[str]:
    origin, inner = get_origin(accepted), get_args(accepted)
    if origin in _CHECKS:
        yield from _CHECKS[origin](value, inner, at)
    elif hasattr(accepted, "__required_keys__"):
        yield from _wrong_members(value, accepted, at)
    elif not _is(value, accepted):
        yield f"{at}: {value!r} is no {accepted}"


def _wrong_word(value: Any, words: tuple[Any, ...], at: str) -> Iterator[str]:
    if value not in words:
        yield f"{at}: {value!r} is none of {words}"


def _wrong_mapping(value: Any, _: tuple[Any, ...], at: str) -> Iterator[str]:
    if not (isinstance(value, dict) and all(isinstance(one, str) for one in value.values())):
        yield f"{at}: not a mapping of texts"


def _wrong_all(value: Any, options: tuple[Any, ...], at: str) -> Iterator[str]:
    found = [list(_wrong(value, one, at)) for one in _closed(options) if one is not type(None)]
    if all(found):
        # The one that came furthest tells the most.
        yield from max(found, key=lambda wrong: max(len(one.partition(":")[0]) for one in wrong))


def _wrong_list(value: Any, inner: tuple[Any, ...], at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at}: not a list"
        return
    for number, one in enumerate(value):
        yield from _wrong(one, inner[0], f"{at}[{number}]")


def _closed(options: tuple[Any, ...]) -> tuple[Any, ...]:
    """`Literal["a", "b"] | str` is how the SDK says that more may come: for us it is "a" or "b"."""
    enumerated = any(get_origin(one) is Literal and any(get_args(one)) for one in options)
    return tuple(one for one in options if one is not str or not enumerated)


def _wrong_members(value: Any, accepted: type, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at}: not an object"
        return
    known = _members(accepted)
    yield from (f"{at}.{name}: unknown" for name in value if name not in known)
    yield from (f"{at}.{name}: missing" for name in accepted.__required_keys__ - set(value))  # type: ignore[attr-defined]
    for name in value.keys() & known.keys():
        yield from _wrong(value[name], known[name], f"{at}.{name}")


def _is(value: Any, accepted: Any) -> bool:
    if accepted is Decimal:
        return isinstance(value, str) and Decimal(value).is_finite()
    if accepted in (int, float):
        return isinstance(value, int | float if accepted is float else int) and not isinstance(value, bool)
    return isinstance(accepted, type) and isinstance(value, accepted)


_CHECKS: dict[Any, Callable[[Any, tuple[Any, ...], str], Iterator[str]]] = {
    NotRequired: lambda value, inner, at: _wrong(value, inner[0], at),
    Required: lambda value, inner, at: _wrong(value, inner[0], at),
    Union: _wrong_all,
    UnionType: _wrong_all,
    Literal: _wrong_word,
    list: _wrong_list,
    dict: _wrong_mapping,
}
