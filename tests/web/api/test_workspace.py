"""The workspace's settings: the owner's to change, on record, and at work at once."""

from typing import Any

import httpx
import msgspec
import pytest

from aurevoir.access import keys
from aurevoir.kit import clock, db, sql
from tests.house import ABSENT, House, facts, on_sqlite
from tests.visits import start

WORKSPACE = "/api/v1/workspace"


async def change(client: httpx.AsyncClient, house: House, **to: Any) -> httpx.Response:
    """Ask for it with the owner's key."""
    return await client.patch(WORKSPACE, json=to, headers=house.operator)


async def recorded() -> list[dict[str, Any]]:
    """What the trail says was changed, and by whom, from the oldest on."""
    rows = await sql.fetch_all("SELECT actor, payload FROM event WHERE kind = 'workspace.changed' ORDER BY id")
    return [{"actor": row["actor"], **msgspec.json.decode(row["payload"])["changed"]} for row in rows]


async def test_defaults_choose_the_pack_and_are_on_record(client: httpx.AsyncClient, house: House) -> None:
    """A session says which pack applied, and that the workspace's default decided."""
    before = await start(client, house, country=ABSENT, consumer=ABSENT, subscription={"id": "sub_1"})
    told = await change(client, house, default_country="DE", default_consumer=True)
    after = await start(client, house, country=ABSENT, consumer=ABSENT, subscription={"id": "sub_2"})
    detail = await client.get(f"/api/v1/sessions/{after.session['id']}", headers=house.operator)
    [entry] = await recorded()

    assert told.status_code == 200
    assert (told.json()["default_country"], told.json()["default_consumer"]) == ("DE", True)
    assert (before.session["pack"], after.session["pack"]) == ("strict", "de")
    assert "DE by workspace default" in detail.json()["pack_reason"]
    assert entry["actor"].startswith("key_")
    assert (entry["default_country"], entry["default_consumer"]) == ([None, "DE"], [None, True])


@on_sqlite
async def test_only_the_owner_changes_them(client: httpx.AsyncClient, house: House) -> None:
    """A key with every other scope gets 403, and nothing is changed or recorded."""
    others = tuple(scope for scope in keys.SCOPES if scope != "admin")
    key = await db.transaction(lambda: keys.create_api_key(house.id, "all but admin", others, clock.now()))
    headers = {"Authorization": f"Bearer {key}"}
    refused = await client.patch(WORKSPACE, json={"default_country": "US"}, headers=headers)

    assert refused.status_code == 403
    assert (await client.get(WORKSPACE, headers=headers)).status_code == 403
    assert (await client.get(WORKSPACE, headers=house.operator)).json()["default_country"] is None
    assert await recorded() == []


@on_sqlite
async def test_said_twice_it_is_changed_once(client: httpx.AsyncClient, house: House) -> None:
    """What is so already is no change; null goes back to nothing said; an address is told by name only."""
    for _ in range(2):
        await change(client, house, contact_email="help@acme.example", default_country="FR")
    await change(client, house, default_country=None)
    first, second = await recorded()

    assert (first["contact_email"], first["default_country"]) == (None, [None, "FR"])
    assert second["default_country"] == ["FR", None]
    assert "contact_email" not in second


@on_sqlite
@pytest.mark.parametrize(
    ("to", "path"),
    [
        ({"default_country": "Germany"}, "$.default_country"),
        ({"default_consumer": "yes"}, "$.default_consumer"),
        ({"name": " \t"}, "$.name"),
        ({"name": "Ac\0me"}, "$.name"),
        ({"name": "Ac\nme"}, "$.name"),
        ({"contact_email": "nobody"}, "$.contact_email"),
        ({"contact_email": "two@acme.example,three@acme.example"}, "$.contact_email"),
        ({"contact_email": "no\0body@acme.example"}, "$.contact_email"),
        ({"data_after_exit": {"en": "de\0leted"}}, "$.data_after_exit[...]"),
        ({"allowed_origins": ["https://ac\0me.example"]}, "$.allowed_origins[0]"),
        ({"allowed_origins": ["https://acme.example/path"]}, "$.allowed_origins[0]"),
        ({"theme": {"light": {"accent": "red"}}}, "$.theme.light.accent"),
        ({"theme": {"light": {"accent": "#ffcc00"}}}, "$.theme.light.accent"),
        ({"default_flow": "no_such_flow"}, "$.default_flow"),
        ({"data_key": "x"}, "$"),
    ],
)
async def test_what_cannot_be_set_is_refused(
    client: httpx.AsyncClient, house: House, to: dict[str, Any], path: str
) -> None:
    """With the place, and nothing is changed."""
    refused = await change(client, house, **({"name": "Renamed"} | to))
    shown = (await client.get(WORKSPACE, headers=house.operator)).json()

    assert refused.status_code == 422
    assert refused.json()["error"]["problems"][0]["path"] == path
    assert shown["name"] == "Acme Cloud"


@on_sqlite
async def test_a_theme_colours_the_hosted_pages(client: httpx.AsyncClient, house: House) -> None:
    """The style sheet is the workspace's own, and the page asks for it after the common one."""
    made = (await client.post("/api/v1/sessions", json=facts(), headers=house.operator)).json()
    address = made["url"].removeprefix(house.installation.base_url)
    plain = (await client.get(address)).text
    theme = {"light": {"accent": "#7a1fa2"}, "dark": {"accent": "#d9a7ff"}, "radius": 4}
    assert (await change(client, house, theme=theme)).status_code == 200
    page = (await client.get(address)).text
    css = await client.get(f"/exit/{house.company.key}/theme.css")

    assert "theme.css" not in plain
    assert page.index("/exit/pages.css") < page.index(f"/exit/{house.company.key}/theme.css")
    assert css.headers["content-type"] == "text/css; charset=utf-8"
    assert "--accent: light-dark(#7a1fa2, #d9a7ff);" in css.text
    assert (await client.get("/exit/globex/theme.css")).status_code == 404
