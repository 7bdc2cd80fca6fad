"""CSV as other programs and spreadsheets read it."""

import csv as reader
from datetime import UTC, date, datetime, timedelta, timezone
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurevoir.kit import csv

TRIGGERS = "=+-@\t\r\n\0＝＋－＠"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
BLANKS = st.text(" \u00a0\u2003\x0b", max_size=3)
DANGEROUS = st.builds("{}{}{}".format, BLANKS, st.sampled_from(TRIGGERS), TEXTS)


def read(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(reader.reader(StringIO(data.decode(), newline=""), delimiter=delimiter))


def is_dangerous(text: str) -> bool:
    return next((one for one in text if one in TRIGGERS or not one.isspace()), "x") in TRIGGERS


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and is_dangerous(cell[1:]) else cell


def test_a_file_is_rfc_4180() -> None:
    """Commas between cells, CRLF after every row, quotes only where they are needed and doubled inside."""
    data = csv.header(["code", "text"]) + csv.lines([["a", 'He said "no", twice'], ["b", "two\nlines"], ["c", None]])

    assert data == b'code,text\r\na,"He said ""no"", twice"\r\nb,"two\nlines"\r\nc,\r\n'


def test_values_have_one_form_each() -> None:
    """Booleans are words, days are ISO, moments are UTC with a Z, numbers are numbers."""
    paris = timezone(timedelta(hours=1))
    row: list[csv.Cell] = [
        True,
        False,
        -5,
        0.25,
        date(2026, 2, 1),
        datetime(2026, 2, 1, 0, 30, tzinfo=paris),
        None,
        "x",
    ]

    assert csv.lines([row]) == b"true,false,-5,0.25,2026-02-01,2026-01-31T23:30:00Z,,x\r\n"


def test_a_moment_keeps_its_microseconds() -> None:
    """What was stored is what is exported."""
    assert csv.lines([[datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)]]) == b"2026-01-02T03:04:05.000678Z\r\n"


@given(DANGEROUS)
def test_no_text_begins_a_formula(text: str) -> None:
    """Whatever a customer wrote, no spreadsheet runs it; stripping the apostrophe gives the text back."""
    [[cell, _]] = read(csv.lines([[text, "end"]]))

    assert cell == f"'{text}"
    assert unguarded(cell) == text


@given(TEXTS)
def test_only_dangerous_text_is_changed(text: str) -> None:
    """Everything else is exported as it was written."""
    [[cell, _]] = read(csv.lines([[text, "end"]]))

    assert cell == (f"'{text}" if is_dangerous(text) else text)


@given(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_never_touched(whole: int, decimal: float) -> None:
    """-5 stays -5: a guard on numbers would break every sum."""
    [[first, second]] = read(csv.lines([[whole, decimal]]))

    assert (int(first), float(second)) == (whole, decimal)


@pytest.mark.parametrize("locale", ["fr", "fr-CA", "de", "es-419"])
def test_excel_gets_semicolons_where_the_comma_is_decimal(locale: str) -> None:
    """With the mark by which Excel recognises UTF-8."""
    preset = csv.for_excel(locale)

    assert csv.header(["code", "label"], preset) == b"\xef\xbb\xbfcode;label\r\n"
    assert read(csv.lines([["prix", "Trop cher ; vraiment"]], preset), ";") == [["prix", "Trop cher ; vraiment"]]


@pytest.mark.parametrize("locale", ["en", "en-GB", "pt-BR", "frr"])
def test_excel_gets_commas_elsewhere(locale: str) -> None:
    """`frr` is North Frisian, not French."""
    assert csv.header(["code", "label"], csv.for_excel(locale)) == b"\xef\xbb\xbfcode,label\r\n"


def test_both_presets_guard() -> None:
    """The one for spreadsheets above all."""
    assert csv.lines([["=1+1"]]) == csv.lines([["=1+1"]], csv.for_excel("en")) == b"'=1+1\r\n"
