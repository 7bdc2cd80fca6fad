"""Exports: a dataset in a format, streamed a page at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec
from msgspec import Struct

from aurevoir.insights.datasets import DATASETS, Table
from aurevoir.insights.fields import Page
from aurevoir.insights.selection import Selection
from aurevoir.kit import csv
from aurevoir.kit.errors import NotFound

_MEDIA = {"csv": "text/csv", "csv_excel": "text/csv", "jsonl": "application/jsonl"}
FORMATS = tuple(_MEDIA)


class Export(Struct, frozen=True):
    """A file on its way: what it is called, what it is, and its bytes."""

    name: str
    media_type: str
    chunks: AsyncIterator[bytes]


async def export(dataset: str, form: str, selection: Selection) -> Export:
    """The dataset as a file; its first page is read already, so that what can be refused is refused before any byte.

    Raises NotFound for an unknown dataset or format, Invalid where the selection makes no sense for the dataset.
    """
    if dataset not in DATASETS or form not in FORMATS:
        raise NotFound("There is no such dataset, or not in this format.")
    table = await DATASETS[dataset].open(selection)
    first: Page = await anext(table.pages, [])
    suffix = "jsonl" if form == "jsonl" else "csv"
    return Export(f"{dataset}.{suffix}", _MEDIA[form], _chunks(table, first, form, selection.locale))


async def _chunks(table: Table, first: Page, form: str, locale: str) -> AsyncIterator[bytes]:
    head, body = _writer(table.columns, form, locale)
    yield head + await asyncio.to_thread(body, first)
    async for page in table.pages:
        yield await asyncio.to_thread(body, page)


def _writer(columns: Sequence[str], form: str, locale: str) -> tuple[bytes, Callable[[Page], bytes]]:
    if form == "jsonl":
        encode = msgspec.json.Encoder().encode_lines
        return b"", lambda page: encode([dict(zip(columns, row, strict=True)) for row in page])
    preset = csv.for_excel(locale) if form == "csv_excel" else csv.PLAIN
    return csv.header(columns, preset), lambda page: csv.lines(page, preset)
