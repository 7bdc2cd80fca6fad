"""Form bodies with brackets, as Stripe's clients send them."""

from typing import Any
from urllib.parse import parse_qsl


def parse(body: str) -> dict[str, Any]:
    """`items[0][price]=p&expand[]=x` as nested dicts and lists; every value is text."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        head, *rest = name.replace("]", "").split("[")
        at = root
        for key, following in zip([head, *rest], rest, strict=False):
            at = at.setdefault(key or str(len(at)), {})
            assert isinstance(at, dict), f"{following} inside a value"
        last = rest[-1] if rest else head
        at[last or str(len(at))] = value
    return {name: _lists(value) for name, value in root.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(one) for name, one in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
