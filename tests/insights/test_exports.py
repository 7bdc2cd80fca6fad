"""Exports: every row once, in every format, with nothing in it that a spreadsheet would run."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest

from aurevoir.flows import service as flows
from aurevoir.flows import starters
from aurevoir.insights import exports, queries
from aurevoir.insights.datasets import DATASETS
from aurevoir.insights.selection import Selection
from aurevoir.insights.views import VIEWS
from aurevoir.kit.errors import Invalid, NotFound
from tests.factories import make_answer, make_declaration, make_reason_answer, make_session, make_workspace
from tests.house import on_sqlite, slowly_on_postgres
from tests.insights.golden import at, make_january

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


async def export(workspace: UUID, dataset: str, form: str = "csv", **options: Any) -> bytes:
    selection = Selection(workspace=workspace, now=NOW, zone="Europe/Paris", **options)
    made = await exports.export(dataset, form, selection)
    return b"".join([chunk async for chunk in made.chunks])


def table(data: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


async def rows(workspace: UUID, dataset: str, **options: Any) -> list[dict[str, str]]:
    return table(await export(workspace, dataset, **options))


async def test_sessions_are_exported_with_ids_days_and_labels() -> None:
    """Ids with their prefix, moments in UTC, days of the workspace, the reason in words, no test mode."""
    workspace = await make_workspace()
    await flows.load(workspace, starters.starter("saas_classic"), "test", NOW, publish_it=True)
    version = await flows.live_version(workspace, "saas_classic", None)
    option = version.reason_step.options[0]
    session = await make_session(workspace, at(31, "23:30"), version_id=version.id, decided_at=at(31, "23:45"))
    await make_reason_answer(session, option.code, shown=(option.code,))
    await make_declaration(session, at(31, "23:45"))
    await make_session(workspace, at(3), mode="test", customer="other")
    [row] = await rows(workspace, "sessions", locale="de")

    assert row["session_id"] == f"ses_{session.hex}"
    assert row["episode_id"].startswith("epi_")
    assert (row["started_at"], row["started_on"]) == ("2026-01-31T23:30:00Z", "2026-02-01")
    assert (row["decided_on"], row["declared_at"], row["undone_at"]) == ("2026-02-01", "2026-01-31T23:45:00Z", "")
    assert (row["reason"], row["reason_label"], row["flow_version"]) == (option.code, option.label["de"], "1")
    assert (row["mode"], row["is_bounced"], row["mrr"], row["zone"]) == ("live", "false", "2900", "Europe/Paris")


@slowly_on_postgres
async def test_answers_are_exported_with_their_text() -> None:
    """One row for each step, guarded against formulas; left out is not the same as never shown."""
    workspace = await make_workspace()
    session = await make_session(workspace, at(2))
    await make_reason_answer(session, "price", "bugs", text='=HYPERLINK("https://evil.example")')
    await make_answer(session, "comment", "text", is_answered=False)
    await make_answer(session, "nps", "scale", value=7)
    found = {row["step"]: row for row in await rows(workspace, "answers")}

    assert found["reason"]["text"] == '\'=HYPERLINK("https://evil.example")'
    assert (found["reason"]["choice"], found["reason"]["choices"]) == ("price", "price|bugs")
    assert (found["comment"]["is_answered"], found["comment"]["text"]) == ("false", "")
    assert (found["nps"]["value"], found["nps"]["kind"]) == ("7", "scale")


async def test_the_reason_stats_are_the_report() -> None:
    """One row for each reason, with its interval, its money by currency and the coverage."""
    january = {"since": date(2026, 1, 1), "until": date(2026, 2, 1)}
    price = (await rows(await make_january(), "reason_stats", **january))[0]

    assert (price["period"], price["from"], price["to"]) == ("2026-01-01/2026-02-01", "2026-01-01", "2026-02-01")
    assert (price["code"], price["count"], price["n"], price["share"]) == ("price", "4", "9", "0.444444")
    assert (price["ci_low"], price["ci_high"]) == ("0.188779", "0.733349")
    assert (price["mrr_at_stake_minor_eur"], price["mrr_unknown"]) == ("12900", "0")
    assert (price["reasons_known"], price["cancellations"], price["answered_episodes"]) == ("2", "2", "9")


@slowly_on_postgres
async def test_a_second_currency_is_a_second_column() -> None:
    """Not a second row, which would count the episodes twice; no money in a currency is an empty cell."""
    workspace = await make_workspace()
    for customer, reason, currency in (("a", "price", "USD"), ("b", "price", "EUR"), ("c", "bugs", "USD")):
        session = await make_session(workspace, at(2), customer=customer, currency=currency)
        await make_reason_answer(session, reason, shown=("price", "bugs"))
    found = await rows(workspace, "reason_stats", currency="CHF")
    money = {row["code"]: [row[f"mrr_at_stake_minor_{one}"] for one in ("chf", "eur", "usd")] for row in found}

    assert money == {"price": ["", "2900", "2900"], "bugs": ["", "", "2900"]}
    assert sum(int(row["count"]) for row in found) == 3


@slowly_on_postgres
async def test_the_reason_stats_follow_their_grouping() -> None:
    """One row for each period and reason."""
    found = await rows(await make_january(), "reason_stats", grain="month")

    assert [(row["period"], row["count"]) for row in found if row["code"] == "price"] == [
        ("2026-01", "4"),
        ("2026-02", "1"),
    ]


@slowly_on_postgres
@pytest.mark.parametrize(
    ("dataset", "key"), [("sessions", "session_id"), ("answers", "session_id"), ("episodes", "episode_id")]
)
@pytest.mark.parametrize("page", [1, 3])
async def test_pages_join_without_gap_or_overlap(
    monkeypatch: pytest.MonkeyPatch, dataset: str, key: str, page: int
) -> None:
    """However small the page, and though some began at the very same moment: every row once, in order."""
    workspace = await make_workspace()
    for number in range(7):
        session = await make_session(workspace, at(2 + number // 3), customer=str(number))
        await make_reason_answer(session, "price")
        await make_answer(session, "comment", "text", text=str(number))
    whole = await rows(workspace, dataset)
    monkeypatch.setattr(queries, "PAGE", page)
    paged = await rows(workspace, dataset)

    assert paged == whole
    assert len({(row[key], row.get("step")) for row in paged}) == len(paged) == (14 if dataset == "answers" else 7)
    assert [row["started_on"] for row in paged] == sorted(row["started_on"] for row in paged)


@slowly_on_postgres
async def test_days_are_cut_half_open() -> None:
    """The first day is in, the last one is not, in the workspace's zone."""
    workspace = await make_workspace()
    for day, time in ((1, "22:59"), (1, "23:00"), (2, "22:59"), (2, "23:00")):
        await make_session(workspace, at(day, time), customer=f"{day}-{time}")
    found = await rows(workspace, "sessions", since=date(2026, 1, 2), until=date(2026, 1, 3))

    assert [row["customer"] for row in found] == ["1-23:00", "2-22:59"]


@slowly_on_postgres
async def test_test_mode_is_exported_when_asked_for() -> None:
    """Alone: live and test are kept apart."""
    workspace = await make_january()
    sessions = await rows(workspace, "sessions", mode="test")
    answers = await rows(workspace, "answers", mode="test")

    assert [row["customer"] for row in sessions] == ["c4"]
    assert [(row["mode"], row["choice"]) for row in answers] == [("test", "price")]


@on_sqlite
@pytest.mark.parametrize("dataset", ["episodes", "reason_stats"])
async def test_test_mode_has_no_episodes(dataset: str) -> None:
    """Refused before the first byte, not answered with an empty file."""
    with pytest.raises(Invalid):
        await export(await make_workspace(), dataset, mode="test")


@slowly_on_postgres
@pytest.mark.parametrize("dataset", DATASETS)
async def test_every_format_tells_the_same(dataset: str) -> None:
    """Same names, same order, same values; only JSON Lines knows null from empty."""
    workspace = await make_january()
    plain = await export(workspace, dataset)
    excel = await export(workspace, dataset, "csv_excel", locale="fr")
    lines = [json.loads(line) for line in (await export(workspace, dataset, "jsonl")).splitlines()]

    assert plain.count(b"\r\n") == len(lines) + 1 > 1
    assert excel.startswith(b"\xef\xbb\xbf")
    assert table(excel, ";") == table(plain)
    assert [list(row) for row in lines] == [list(row) for row in table(plain)]
    assert [{name: _as_csv(value) for name, value in row.items()} for row in lines] == table(plain)


def _as_csv(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


@on_sqlite
@pytest.mark.parametrize("form", exports.FORMATS)
async def test_nothing_to_export_is_a_file_all_the_same(form: str) -> None:
    """With its header, so that a program can read it."""
    data = await export(await make_workspace(), "sessions", form)

    assert data.count(b"\n") == (0 if form == "jsonl" else 1)


@on_sqlite
@pytest.mark.parametrize(("dataset", "form"), [("people", "csv"), ("sessions", "pdf"), ("", ""), ("sessions", "")])
async def test_what_there_is_not_is_not_found(dataset: str, form: str) -> None:
    """An unknown dataset or format is no empty file."""
    with pytest.raises(NotFound):
        await export(await make_workspace(), dataset, form)


@on_sqlite
async def test_the_dictionary_explains_every_column() -> None:
    """Of each dataset and each view, with its type and its meaning."""
    found = await rows(await make_workspace(), "dictionary")
    explained = {(row["dataset"], row["column"]) for row in found}

    assert {name for name, _ in explained} == {*DATASETS, *VIEWS}
    for name, dataset in DATASETS.items():
        assert {(name, column.name) for column in dataset.columns} <= explained
    assert all(row["type"] and row["meaning"] for row in found)


@slowly_on_postgres
async def test_columns_are_those_of_the_dictionary() -> None:
    """A program that reads the dictionary knows the files."""
    workspace = await make_january()
    for name, dataset in DATASETS.items():
        columns = list((await rows(workspace, name))[0])
        told = [column.name.replace("<currency>", "eur") for column in dataset.columns]

        assert columns == told


@slowly_on_postgres
async def test_episodes_agree_with_the_report() -> None:
    """Adding up the rows gives the report's counts and sums."""
    workspace = await make_january()
    january = {"since": date(2026, 1, 1), "until": date(2026, 2, 1)}
    episodes = await rows(workspace, "episodes", **january)
    stats = {row["code"]: row for row in await rows(workspace, "reason_stats", **january)}
    prices = [row for row in episodes if row["reason"] == "price"]

    assert len(prices) == int(stats["price"]["count"])
    assert sum(int(row["mrr"]) for row in prices) == int(stats["price"]["mrr_at_stake_minor_eur"])
    assert sum(row["is_cancelled"] == "true" for row in episodes) == int(stats["price"]["cancellations"])


@slowly_on_postgres
async def test_an_episode_without_a_reason_is_exported_too() -> None:
    """With empty cells where the answer would be."""
    workspace = await make_workspace()
    await make_session(workspace, at(2), mrr=None)
    [row] = await rows(workspace, "episodes")

    assert (row["is_answered"], row["reason"], row["reason_label"], row["reason_session_id"]) == ("false", "", "", "")
    assert (row["mrr"], row["sessions"], row["is_cancelled"]) == ("", "1", "false")


@slowly_on_postgres
async def test_a_workspace_exports_its_own_rows_only() -> None:
    """Globex gets nothing of Acme's."""
    await make_january()
    globex = await make_workspace("globex")

    for name in ("sessions", "episodes", "answers", "reason_stats"):
        assert await rows(globex, name) == []


@slowly_on_postgres
async def test_a_session_that_begins_meanwhile_disturbs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages hold no snapshot; what was there at the start comes once, whatever is written between two pages."""
    workspace = await make_workspace()
    for number in range(4):
        await make_session(workspace, at(10) + timedelta(days=number), customer=str(number))
    monkeypatch.setattr(queries, "PAGE", 2)
    made = await exports.export("sessions", "csv", Selection(workspace=workspace, now=NOW))
    data = await anext(made.chunks)
    await make_session(workspace, at(1), customer="earlier")
    data += b"".join([chunk async for chunk in made.chunks])

    assert [row["customer"] for row in table(data)] == ["0", "1", "2", "3"]
