"""YAML as data: the booleans of YAML 1.2, no aliases, no tags, bounded size and depth, and every line known."""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from msgspec import Struct, field

from aurevoir.kit.errors import Problem
from aurevoir.kit.struct import safe_text

MAX_BYTES = 256 * 1024
MAX_DEPTH = 40
# libyaml is twenty times as fast; a machine without it still reads templates.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# At most fifteen digits: every JSON reader holds such a number exactly. Longer ones stay text.
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})")
_FRACTION = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,2})?")


class Document(Struct, frozen=True):
    """What a text holds. `lines` gives the line of a path such as `$.steps[0].kind`; keys are always text."""

    value: Any = None
    lines: dict[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def load(text: str) -> Document:
    """The one document in `text`; what cannot be read is told in `problems`, with line and column."""
    data = text.encode("utf-8", "ignore")
    if len(data) > MAX_BYTES:
        return Document(problems=(Problem("$", f"is larger than {MAX_BYTES // 1024} kB"),))
    builder = _Builder()
    try:
        value = builder.document(yaml.parse(data, Loader=_LOADER))
    except yaml.YAMLError as error:
        return Document(problems=(Problem("$", _told(error, data)),))
    return Document(value, builder.lines, tuple(builder.problems))


class _Builder:
    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []

    def document(self, events: Iterator[Any]) -> Any:
        next(events)  # the stream begins
        if isinstance(next(events), yaml.StreamEndEvent):
            return None
        value = self.node(next(events), events, "$", 0)
        next(events)  # the document ends
        after = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise _refusal(after, "only one document is expected")
        return value

    def node(self, event: Any, events: Iterator[Any], path: str, depth: int) -> Any:
        self.lines.setdefault(path, _line(event))
        if isinstance(event, yaml.AliasEvent):
            raise _refusal(event, "aliases (*name) are not used here; write it out")
        if event.tag is not None:
            raise _refusal(event, "tags (!name) are not used here; put text in quotes")
        if depth > MAX_DEPTH:
            raise _refusal(event, f"nested more than {MAX_DEPTH} deep")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        read = self.sequence if isinstance(event, yaml.SequenceStartEvent) else self.mapping
        return read(events, path, depth)

    def sequence(self, events: Iterator[Any], path: str, depth: int) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self.node(event, events, f"{path}[{len(items)}]", depth + 1))
        return items

    def mapping(self, events: Iterator[Any], path: str, depth: int) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while not isinstance(key := next(events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                raise _refusal(key, "a name must be plain text")
            # Never resolved: `on`, `no` and `404` are names like any other.
            name = safe_text(key.value)
            here = f"{path}.{name}"
            if name in items:
                self.problems.append(Problem(here, f"is written twice (again on line {_line(key)})"))
                self.node(next(events), events, here, depth + 1)
                continue
            self.lines[here] = _line(key)
            items[name] = self.node(next(events), events, here, depth + 1)
        return items


def _scalar(event: Any) -> Any:
    text = event.value
    if not event.implicit[0]:  # quoted, or a block of text
        return safe_text(text)
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _FRACTION.fullmatch(text) else safe_text(text)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _refusal(event: Any, said: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=said, problem_mark=event.start_mark)


def _told(error: yaml.YAMLError, data: bytes) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return f"line {mark.line + 1}, column {mark.column + 1}: {getattr(error, 'problem', '')}"
    line = data[: getattr(error, "position", 0)].count(b"\n") + 1
    return f"line {line}: {getattr(error, 'reason', 'cannot be read')}"
