"""Everything that is wrong with an input, where a decoder would stop at the first mistake."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from difflib import get_close_matches
from functools import cache
from itertools import islice
from typing import Any

import msgspec
import msgspec.inspect as mi

from aurevoir.kit.errors import Problem

# What a problem with a field that there is none of begins with.
UNKNOWN = "is not known here"


class UnknownKind(Exception):
    """A part whose kind nobody can guess, so that what it holds cannot be read."""


def explain(raw: object, kind: Any) -> tuple[Any, list[Problem]]:
    """`raw` (mappings, lists, text, numbers) read as `kind`, and every problem with it; [] when it is sound.

    What is wrong is mended as far as can be guessed, so that later checks can go on: such a value keeps no promise
    of its type and must never be stored. None: there is nothing to go on with.
    """
    problems: list[Problem] = []
    try:
        mended = _read(raw, _described(kind), "$", problems)
    except UnknownKind:
        return None, problems
    if problems:
        return mended, problems
    try:
        return msgspec.convert(raw, kind), []
    except msgspec.ValidationError as error:
        # The decoder has the last word: what it refuses is refused, even if nothing above knew why.
        said, _, path = str(error).partition(" - at `")
        return None, [Problem(path.rstrip("`") or "$", said)]


# Describing a type takes longer than reading most values of it.
_described = cache(mi.type_info)


def did_you_mean(word: object, known: Sequence[str]) -> str:
    """`; did you mean …?` or nothing."""
    close = get_close_matches(str(word), known, 1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _read(raw: object, kind: mi.Type, path: str, problems: list[Problem]) -> Any:
    described = ""
    while isinstance(kind, mi.Metadata):
        described = (kind.extra_json_schema or {}).get("description", described)
        kind = kind.type
    if isinstance(kind, mi.StrType):
        return _text(raw, kind, path, problems, described)
    return _READERS[type(kind)](raw, kind, path, problems)


def _struct(raw: object, kind: mi.StructType, path: str, problems: list[Problem]) -> Any:
    if not isinstance(raw, dict):
        problems.append(Problem(path, "must be a mapping of names to values"))
        return _blank(kind)
    known = [f.encode_name for f in kind.fields]
    strange = [name for name in raw if name not in known and name != kind.tag_field]
    problems.extend(Problem(f"{path}.{name}", f"{UNKNOWN}{did_you_mean(name, known)}") for name in strange)
    values, lost = {}, False
    for field in kind.fields:
        try:
            values[field.name] = _field(raw, field, f"{path}.{field.encode_name}", problems)
        except UnknownKind:
            lost = True
    if lost:
        raise UnknownKind
    return kind.cls(**values)


def _field(raw: dict[str, object], field: mi.Field, path: str, problems: list[Problem]) -> Any:
    if field.encode_name in raw:
        return _read(raw[field.encode_name], field.type, path, problems)
    if field.required:
        problems.append(Problem(path, "is missing"))
        return _blank(field.type)
    return field.default if field.default is not msgspec.NODEFAULT else field.default_factory()


def _union(raw: object, kind: mi.UnionType, path: str, problems: list[Problem]) -> Any:
    if raw is None and any(isinstance(t, mi.NoneType) for t in kind.types):
        return None
    structs = [t for t in kind.types if isinstance(t, mi.StructType)]
    if len(structs) > 1:
        return _struct(raw, _tagged(raw, structs, path, problems), path, problems)
    fitting = [t for t in kind.types if type(raw) in _FITS.get(type(_bare(t)), ())]
    others = [t for t in kind.types if not isinstance(t, mi.NoneType)]
    if not fitting and len(others) > 1:
        problems.append(Problem(path, f"must be {' or '.join(_NAMES.get(type(_bare(t)), 'a value') for t in others)}"))
        return _blank(kind)
    return _read(raw, (fitting or others)[0], path, problems)


def _tagged(raw: object, kinds: list[mi.StructType], path: str, problems: list[Problem]) -> mi.StructType:
    tag_field = kinds[0].tag_field or "type"
    tag = raw.get(tag_field) if isinstance(raw, dict) else None
    by_tag = {str(kind.tag): kind for kind in kinds}
    if isinstance(tag, str) and tag in by_tag:
        return by_tag[tag]
    known = f"must be one of {', '.join(by_tag)}"
    missing = not isinstance(raw, dict) or tag_field not in raw
    said = f"is missing; it {known}" if missing else f"{known}{did_you_mean(tag, list(by_tag))}"
    problems.append(Problem(f"{path}.{tag_field}", said))
    close = get_close_matches(str(tag), by_tag, 1)
    if not close:
        raise UnknownKind
    return by_tag[close[0]]


def _list(raw: object, kind: mi.VarTupleType, path: str, problems: list[Problem]) -> tuple[Any, ...]:
    if not isinstance(raw, list | tuple):
        problems.append(Problem(path, "must be a list"))
        return ()
    _count(len(raw), kind.min_length, kind.max_length, path, problems)
    read, lost = [], False
    for index, item in enumerate(raw[: kind.max_length]):
        try:
            read.append(_read(item, kind.item_type, f"{path}[{index}]", problems))
        except UnknownKind:
            lost = True
    if lost:
        raise UnknownKind
    return tuple(read)


def _mapping(raw: object, kind: mi.DictType, path: str, problems: list[Problem]) -> dict[str, Any]:
    if not isinstance(raw, dict):
        problems.append(Problem(path, "must be a mapping of names to values"))
        return {}
    _count(len(raw), kind.min_length, kind.max_length, path, problems)
    read, lost = {}, False
    for name, item in islice(raw.items(), kind.max_length):
        try:
            _read(name, kind.key_type, f"{path}.{name}", problems)
            read[name] = _read(item, kind.value_type, f"{path}.{name}", problems)
        except UnknownKind:
            lost = True
    if lost:
        raise UnknownKind
    return read


def _text(raw: object, kind: mi.StrType, path: str, problems: list[Problem], described: str) -> str:
    if not isinstance(raw, str):
        hint = "; put it in quotes" if isinstance(raw, bool | int | float) else ""
        problems.append(Problem(path, f"must be text{hint}"))
        return "" if raw is None else str(raw)
    if kind.min_length and len(raw) < kind.min_length:
        problems.append(Problem(path, "must not be empty"))
    if kind.max_length is not None and len(raw) > kind.max_length:
        problems.append(Problem(path, f"may have at most {kind.max_length} characters and has {len(raw)}"))
    if kind.pattern and not re.search(kind.pattern, raw):
        problems.append(Problem(path, f"must be {described or 'of the form ' + kind.pattern}"))
    return raw


def _whole_number(raw: object, kind: mi.IntType, path: str, problems: list[Problem]) -> int:
    if type(raw) is not int:
        problems.append(Problem(path, "must be a whole number"))
        return kind.ge or 0
    low, high = kind.ge, kind.le
    if (low is not None and raw < low) or (high is not None and raw > high):
        problems.append(Problem(path, f"must be between {low} and {high}"))
        return low or 0
    return raw


def _flag(raw: object, _kind: mi.BoolType, path: str, problems: list[Problem]) -> bool:
    if not isinstance(raw, bool):
        problems.append(Problem(path, "must be true or false"))
    return raw is True


def _one_of(raw: object, kind: mi.LiteralType, path: str, problems: list[Problem]) -> Any:
    if isinstance(raw, bool) or raw not in kind.values:
        known = [str(value) for value in kind.values]
        problems.append(Problem(path, f"must be one of {', '.join(known)}{did_you_mean(raw, known)}"))
        return kind.values[0]
    return raw


def _day(raw: object, _kind: mi.DateType, path: str, problems: list[Problem]) -> date | None:
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        problems.append(Problem(path, "must be a date such as 2026-11-02"))
        return None


def _count(size: int, least: int | None, most: int | None, path: str, problems: list[Problem]) -> None:
    if least and size < least:
        problems.append(Problem(path, "must not be empty"))
    if most is not None and size > most:
        problems.append(Problem(path, f"may hold at most {most} and holds {size}"))


def _bare(kind: mi.Type) -> mi.Type:
    while isinstance(kind, mi.Metadata):
        kind = kind.type
    return kind


def _blank(kind: mi.Type) -> Any:
    """Something of about that type, in place of what is missing."""
    kind = _bare(kind)
    if isinstance(kind, mi.UnionType):
        return None if any(isinstance(t, mi.NoneType) for t in kind.types) else _blank(kind.types[0])
    if isinstance(kind, mi.StructType):
        return kind.cls(**{field.name: _blank(field.type) for field in kind.fields if field.required})
    if isinstance(kind, mi.LiteralType):
        return kind.values[0]
    blanks: dict[type, Any] = {mi.StrType: "", mi.IntType: 0, mi.BoolType: False, mi.DictType: {}, mi.VarTupleType: ()}
    return blanks.get(type(kind))


_READERS: dict[type, Callable[..., Any]] = {
    mi.StructType: _struct,
    mi.UnionType: _union,
    mi.VarTupleType: _list,
    mi.DictType: _mapping,
    mi.IntType: _whole_number,
    mi.BoolType: _flag,
    mi.LiteralType: _one_of,
    mi.DateType: _day,
}
# What each type is written as, for choosing among the members of a union.
_FITS: dict[type, tuple[type, ...]] = {
    mi.StrType: (str,),
    mi.IntType: (int,),
    mi.BoolType: (bool,),
    mi.LiteralType: (str, int),
    mi.DictType: (dict,),
    mi.StructType: (dict,),
    mi.VarTupleType: (list, tuple),
    mi.DateType: (str, date),
}
_NAMES: dict[type, str] = {
    mi.StrType: "text",
    mi.IntType: "a whole number",
    mi.BoolType: "true or false",
    mi.StructType: "a mapping",
    mi.VarTupleType: "a list",
}
