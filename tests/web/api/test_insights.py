"""Reports and exports as the operator's server gets them."""

import csv
import json
from io import StringIO
from typing import Any

import httpx
import pytest

from aurevoir.access import keys
from aurevoir.access.keys import Scope
from aurevoir.kit import clock, db
from tests.factories import make_reason_answer, make_session
from tests.house import House, on_sqlite
from tests.visits import start

REASONS = "/api/v1/insights/reasons"


def table(reply: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(reply.content.decode(), newline="")))


async def get(client: httpx.AsyncClient, house: House, path: str, accept: str = "*/*", **query: Any) -> httpx.Response:
    reply = await client.get(path, params=query, headers=house.operator | {"Accept": accept})
    assert reply.status_code == 200, reply.text
    return reply


async def headers(house: House, scope: Scope) -> dict[str, str]:
    secret = await db.transaction(lambda: keys.create_api_key(house.id, "test", (scope,), clock.now()))
    return {"Authorization": f"Bearer {secret}"}


async def test_a_customers_reason_is_counted_as_soon_as_she_gives_it(client: httpx.AsyncClient, house: House) -> None:
    """Dana answers and leaves: the reason moves by one, with her money, and is covered."""
    visit = await start(client, house)
    given = visit.screen["options"][0]
    await (await visit.answer(given["code"])).leave()
    found = (await get(client, house, REASONS)).json()
    [row] = [row for row in found["rows"] if row["count"]]

    assert (row["code"], row["label"]) == (given["code"], given["label"])
    assert (row["count"], row["n"], row["share"]) == (1, 1, 1.0)
    assert row["mrr_at_stake"] == [{"currency": "EUR", "amount": 2900}]
    assert 0 < row["ci_low"] < row["ci_high"] == 1.0
    assert found["coverage"] == {"known": 1, "of": 1, "answered": 1, "episodes": 1}
    assert len(found["rows"]) > 1, "what was shown and not chosen has a row too"


async def test_a_visit_in_test_mode_moves_nothing(client: httpx.AsyncClient, house: House) -> None:
    """Trying things out leaves no trace in the numbers."""
    visit = await start(client, house, "test")
    await (await visit.answer(visit.screen["options"][0]["code"])).leave()
    found = (await get(client, house, REASONS)).json()

    assert (found["rows"], found["coverage"]["episodes"]) == ([], 0)


async def test_a_report_says_what_it_is(client: httpx.AsyncClient, house: House) -> None:
    """Definition, moment, zone and period stand beside the rows."""
    query = {"from": "2026-01-01", "to": "2026-03-01", "group_by": "month"}
    found = (await get(client, house, REASONS, **query)).json()

    assert found["period"] == {"from": "2026-01-01", "to": "2026-03-01", "label": "2026-01-01/2026-03-01"}
    assert [one["label"] for one in found["periods"]] == ["2026-01", "2026-02"]
    assert (found["zone"], found["mode"], found["group_by"]) == ("UTC", "live", "month")
    assert found["as_of"].endswith("Z")
    assert "Wilson" in found["definition"]["reason_share_primary"]


async def test_the_same_report_comes_as_a_table(client: httpx.AsyncClient, house: House) -> None:
    """`Accept: text/csv` gives the rows that the JSON has, and the export is the same file."""
    await make_reason_answer(await make_session(house.id, clock.now()), "price", shown=("price", "bugs"))
    told = (await get(client, house, REASONS, "application/json")).json()["rows"]
    reply = await get(client, house, REASONS, "text/csv")
    exported = await get(client, house, "/api/v1/exports/reason_stats.csv")

    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert [(row["code"], int(row["count"]), float(row["share"])) for row in table(reply)] == [
        (row["code"], row["count"], row["share"]) for row in told
    ]
    assert exported.content == reply.content


async def test_an_export_is_a_file(client: httpx.AsyncClient, house: House) -> None:
    """Named, typed, streamed, and readable by the next program."""
    await make_session(house.id, clock.now())
    plain = await get(client, house, "/api/v1/exports/sessions.csv")
    lines = await get(client, house, "/api/v1/exports/sessions.jsonl")

    assert plain.headers["content-disposition"] == 'attachment; filename="sessions.csv"'
    assert "content-length" not in plain.headers
    assert lines.headers["content-type"] == "application/jsonl"
    assert [json.loads(line)["session_id"] for line in lines.text.splitlines()] == [
        row["session_id"] for row in table(plain)
    ]


@on_sqlite
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("insights/revenue", 404),
        ("insights/reasons?from=yesterday", 422),
        ("insights/reasons?from=2026-02-01&to=2026-01-01", 422),
        ("insights/reasons?group_by=plan", 422),
        ("insights/reasons?mode=test", 422),
        ("insights/reasons?plan=pro", 422),
        ("exports/people.csv", 404),
        ("exports/sessions", 404),
        ("exports/sessions.pdf", 404),
        ("exports/sessions.csv.exe", 404),
        ("exports/sessions.csv?to=2026-13-01", 422),
        ("exports/reason_stats.csv?mode=test", 422),
    ],
)
async def test_what_makes_no_sense_is_refused(client: httpx.AsyncClient, house: House, path: str, status: int) -> None:
    """In the one shape of errors, with the path of what is wrong; never a file that says something else."""
    reply = await client.get(f"/api/v1/{path}", headers=house.operator)
    error = reply.json()["error"]

    assert reply.status_code == status
    assert error["code"] == {404: "not_found", 422: "invalid"}[status]
    assert status == 404 or error["problems"][0]["path"] == f"$.{path.partition('?')[2].partition('=')[0]}"


@on_sqlite
@pytest.mark.parametrize(("path", "scope"), [("insights/reasons", "exports"), ("exports/answers.csv", "insights")])
async def test_each_needs_its_own_scope(client: httpx.AsyncClient, house: House, path: str, scope: Scope) -> None:
    """Who may see numbers may not read what customers wrote; without a key nobody sees anything."""
    wrong = await client.get(f"/api/v1/{path}", headers=await headers(house, scope))
    right = await client.get(
        f"/api/v1/{path}", headers=await headers(house, "insights" if "insights" in path else "exports")
    )
    none = await client.get(f"/api/v1/{path}")

    assert (wrong.status_code, right.status_code, none.status_code) == (403, 200, 401)
