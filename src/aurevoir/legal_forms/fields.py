"""What a legal form asks, and what was written on it. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal

from msgspec import Struct

from aurevoir.kit import mail
from aurevoir.kit.errors import Problem
from aurevoir.kit.i18n import Language
from aurevoir.kit.struct import safe_text

FieldName = Literal["kind", "reason", "name", "contract", "ends_on", "email", "postal"]
Kind = Literal["ordinary", "extraordinary"]
EXTRAORDINARY: Kind = "extraordinary"
# As people in Germany and France write a day, and as machines do.
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})[^\d]+(?P<month>\d{1,2})[^\d]+(?P<year>\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")


class Option(Struct, frozen=True, kw_only=True):
    """One of the answers to choose from, and what is asked beside it."""

    code: Kind
    label: str
    hint: str
    follow_up: "Field | None" = None


class Field(Struct, frozen=True, kw_only=True):
    """One thing that a form asks; `missing` is said where it is required and empty."""

    name: FieldName
    shape: Literal["choice", "line", "text", "day", "email"]
    label: str
    hint: str = ""
    missing: str = ""
    max_length: int = 200
    autocomplete: str = "off"
    options: tuple[Option, ...] = ()
    # How a day is written.
    example: str = ""
    # Behind this heading, closed: it concerns few.
    folded: str = ""
    # Where proofs go, with `{contact}`; said where the workspace has one.
    proofs: str = ""

    @property
    def is_required(self) -> bool:
        """Whether nothing can be declared without it."""
        return bool(self.missing)


class Written(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a customer declares, as it is kept: what was left empty is not there."""

    name: str
    contract: str
    kind: Kind | None = None
    reason: str | None = None
    # None: at the earliest possible moment.
    ends_on: date | None = None
    email: str | None = None
    postal: str | None = None


def every(fields: Iterable[Field]) -> Iterator[Field]:
    """The fields, each followed by those that open beside its options."""
    for field in fields:
        yield field
        yield from (option.follow_up for option in field.options if option.follow_up)


def clean(fields: Iterable[Field], posted: Mapping[str, str]) -> dict[FieldName, str]:
    """What was posted to these fields, as the database can hold it; nothing else."""
    return {field.name: _clean(field, posted.get(field.name, "")) for field in every(fields)}


def _clean(field: Field, text: str) -> str:
    return safe_text(text) if field.shape == "text" else " ".join(safe_text(text).split())


def problems(fields: Iterable[Field], given: Mapping[FieldName, str], language: Language) -> tuple[Problem, ...]:
    """What is missing or cannot be used, in the order of the fields, with the name of each."""
    found = ((field.name, _problem(field, given, language)) for field in every(fields))
    return tuple(Problem(name, sentence) for name, sentence in found if sentence)


def _problem(field: Field, given: Mapping[FieldName, str], language: Language) -> str | None:
    text = given[field.name]
    if not text:
        # Whoever has no e-mail address gives a postal one, where the form asks for it.
        return None if field.name == "email" and given.get("postal") else field.missing or None
    if len(text) > field.max_length:
        return language.say("Use at most {limit} characters.", limit=language.number(field.max_length))
    if field.shape == "email" and not mail.is_address(text):
        return language.say("Enter an e-mail address such as name@example.com.")
    if field.shape == "day" and day(text) is None:
        return language.say("Enter a day such as {example}.", example=field.example)
    return None


def day(text: str) -> date | None:
    """The day that was written. One that has passed is a day like any other: it is the customer's to declare."""
    found = _YEAR_FIRST.fullmatch(text) or _DAY_FIRST.fullmatch(text)
    if found is None:
        return None
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    try:
        read = date(year, int(found["month"]), int(found["day"]))
    except ValueError:
        return None
    return read if 1900 <= year < 3000 else None


def written(given: Mapping[FieldName, str]) -> Written:
    """The declaration behind fields that have no problem."""
    kind = _kind(given)
    return Written(
        name=given["name"],
        contract=given["contract"],
        kind=kind,
        # Written before the ordinary kind was chosen, it is on no page any more.
        reason=None if kind == "ordinary" else given.get("reason") or None,
        ends_on=day(given.get("ends_on", "")),
        email=given["email"] or None,
        postal=given.get("postal") or None,
    )


def _kind(given: Mapping[FieldName, str]) -> Kind | None:
    """As it was chosen; without a choice a reason tells the extraordinary one, and nothing the ordinary one."""
    if "kind" not in given:
        return None
    if given["kind"] in ("ordinary", "extraordinary"):
        return "ordinary" if given["kind"] == "ordinary" else EXTRAORDINARY
    return EXTRAORDINARY if given.get("reason") else "ordinary"
