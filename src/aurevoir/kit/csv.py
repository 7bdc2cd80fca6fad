"""Tables as CSV (RFC 4180): a batch of rows at a time, and nothing in them that a spreadsheet would run."""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from io import StringIO

from msgspec import Struct

Cell = str | int | float | bool | date | datetime | None

# OWASP "CSV injection", CWE-1236: what a spreadsheet takes for the beginning of a formula, also after blanks.
_FORMULA = re.compile(r"[^\S\t\r\n]*[=+\-@\t\r\n\0＝＋－＠]")
# Their decimal comma makes Excel expect semicolons between cells.
_SEMICOLON = ("de", "es", "fr")


class Preset(Struct, frozen=True):
    """How a file is laid out."""

    delimiter: str = ","
    mark: bytes = b""


PLAIN = Preset()


def for_excel(locale: str) -> Preset:
    """A file that Excel opens as UTF-8, in columns, where the computer speaks the language of `locale`."""
    return Preset(";" if locale.partition("-")[0] in _SEMICOLON else ",", b"\xef\xbb\xbf")


def header(names: Sequence[str], preset: Preset = PLAIN) -> bytes:
    """The first line, with the byte order mark where the preset has one."""
    return preset.mark + lines([names], preset)


def lines(rows: Iterable[Sequence[Cell]], preset: Preset = PLAIN) -> bytes:
    """The rows, each ended by CRLF: None is empty, moments are UTC with a Z, text is guarded, numbers never are."""
    out = StringIO()
    csv.writer(out, delimiter=preset.delimiter, lineterminator="\r\n").writerows([map(_shown, row) for row in rows])
    return out.getvalue().encode("utf-8", "replace")


def guard(text: str) -> str:
    """`text` with a leading apostrophe where a spreadsheet would take it for a formula.

    To read it back: strip one leading apostrophe if what follows is one of `= + - @`, TAB, CR, LF, NUL or a full-width
    form of the first four, blanks before it or not.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _shown(value: Cell) -> str | int | float | None:
    if isinstance(value, str):
        return guard(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
