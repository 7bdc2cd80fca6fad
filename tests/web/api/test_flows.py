"""Flows from the operator's server: drafts, checks, versions, and what open visits see of them."""

import httpx
import pytest

from aurevoir.flows import starters
from aurevoir.flows.checks import check_text
from aurevoir.kit import clock
from tests.house import House, count, on_sqlite
from tests.visits import start

pytestmark = on_sqlite
FLOWS = "/api/v1/flows"
SHORT = starters.starter("saas_short")
BROKEN = SHORT.replace("id: confirm", "id: reason").replace("category: unused", "category: unsued")


async def test_a_template_becomes_a_draft_and_then_live(client: httpx.AsyncClient, house: House) -> None:
    """Created, listed without a live version, published, shown to the next customer."""
    source = SHORT.replace("key: saas_short", "key: mine")
    created = await client.post(FLOWS, json={"source": source}, headers=house.operator)
    before = (await client.get(FLOWS, headers=house.operator)).json()["data"]
    published = await client.post(f"{FLOWS}/mine/publish", headers=house.operator)
    shown = await client.post(
        "/widget/v1/sessions", json={"token": house.token(subscription={"id": "other"}), "flow": "mine"}
    )

    assert (created.status_code, created.json()) == (201, {"key": "mine", "source": source, "revision": 1})
    assert {flow["key"]: flow["live_version"] for flow in before} == {"mine": None, "saas_short": 1}
    assert (published.status_code, published.json()["version"]) == (200, 1)
    assert shown.status_code == 201


async def test_a_draft_that_somebody_else_saved_is_not_overwritten(client: httpx.AsyncClient, house: House) -> None:
    """409 with the present revision untouched; without a revision the last one wins."""
    draft = (await client.get(f"{FLOWS}/saas_short/draft", headers=house.operator)).json()
    body = {"source": SHORT + "# mine\n", "revision": draft["revision"]}
    first = await client.put(f"{FLOWS}/saas_short/draft", json=body, headers=house.operator)
    second = await client.put(f"{FLOWS}/saas_short/draft", json=body, headers=house.operator)
    third = await client.put(f"{FLOWS}/saas_short/draft", json={"source": SHORT}, headers=house.operator)

    assert first.json()["revision"] == draft["revision"] + 1
    assert (second.status_code, second.json()["error"]["code"]) == (409, "draft_changed")
    assert third.json()["revision"] == draft["revision"] + 2


async def test_every_problem_is_told_at_once(client: httpx.AsyncClient, house: House) -> None:
    """422 with a path for each; the address must name the same flow."""
    refused = await client.post(FLOWS, json={"source": BROKEN}, headers=house.operator)
    other = await client.put(f"{FLOWS}/another/draft", json={"source": SHORT}, headers=house.operator)

    assert refused.status_code == other.status_code == 422
    assert refused.json()["error"]["problems"][0]["path"]
    assert other.json()["error"]["problems"][0]["path"] == "$.source"
    assert await count("flow") == 1


async def test_what_would_break_a_promise_is_not_published(client: httpx.AsyncClient, house: House) -> None:
    """A draft may be unfinished; what is live stays live."""
    unfinished = SHORT.replace("  - {id: confirm, kind: confirm}\n", "")
    saved = await client.put(f"{FLOWS}/saas_short/draft", json={"source": unfinished}, headers=house.operator)
    found = await client.post(f"{FLOWS}/saas_short/check", headers=house.operator)
    refused = await client.post(f"{FLOWS}/saas_short/publish", headers=house.operator)

    assert saved.status_code == 200
    assert [one for one in found.json()["data"] if one["level"] == "error"]
    assert refused.status_code == 422
    assert refused.json()["error"]["problems"]
    assert (await client.get(FLOWS, headers=house.operator)).json()["data"][0]["live_version"] == 1


async def test_an_open_visit_keeps_its_version(client: httpx.AsyncClient, house: House) -> None:
    """A question that was published meanwhile is for the next customer."""
    visit = await start(client, house)
    renamed = SHORT.replace("Why are you leaving?", "What happened?")
    await client.put(f"{FLOWS}/saas_short/draft", json={"source": renamed}, headers=house.operator)
    published = await client.post(f"{FLOWS}/saas_short/publish", headers=house.operator)
    other = await start(client, house, subscription={"id": "next"})

    assert published.json()["version"] == 2
    assert (await visit.look()).screen["title"] == "Why are you leaving?"
    assert other.screen["title"] == "What happened?"


async def test_going_back_to_an_earlier_version(client: httpx.AsyncClient, house: House) -> None:
    """Versions never change and are listed; a number nobody published is not found."""
    renamed = SHORT.replace("Why are you leaving?", "What happened?")
    await client.put(f"{FLOWS}/saas_short/draft", json={"source": renamed}, headers=house.operator)
    await client.post(f"{FLOWS}/saas_short/publish", headers=house.operator)
    back = await client.post(f"{FLOWS}/saas_short/rollback", json={"version": 1}, headers=house.operator)
    gone = await client.post(f"{FLOWS}/saas_short/rollback", json={"version": 3}, headers=house.operator)
    versions = (await client.get(f"{FLOWS}/saas_short/versions", headers=house.operator)).json()["data"]
    first = await client.get(f"{FLOWS}/saas_short/versions/1", headers=house.operator)

    assert (back.status_code, back.content, gone.status_code) == (204, b"", 404)
    assert [one["number"] for one in versions] == [2, 1]
    assert first.json()["source"] == SHORT
    assert (await start(client, house)).screen["title"] == "Why are you leaving?"


async def test_publishing_the_same_twice_makes_one_version(client: httpx.AsyncClient, house: House) -> None:
    """A repeated call changes nothing."""
    replies = [await client.post(f"{FLOWS}/saas_short/publish", headers=house.operator) for _ in range(2)]

    assert [reply.json()["version"] for reply in replies] == [1, 1]
    assert await count("flow_version") == 1


@pytest.mark.parametrize("path", ["nobody/draft", "nobody/versions/1", "saas_short/versions/9"])
async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient, house: House, path: str) -> None:
    """One 404 for all of it."""
    reply = await client.get(f"{FLOWS}/{path}", headers=house.operator)

    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "flow_not_found")


LONG = SHORT.replace("en: Why are you leaving?", f"en: {'Why ' * 25}")
ERIN = {"rule": "FE-18", "person": "Erin Example", "reason": "The sentence is the law's."}


async def _drafted(client: httpx.AsyncClient, house: House, source: str) -> None:
    saved = await client.put(f"{FLOWS}/saas_short/draft", json={"source": source}, headers=house.operator)
    assert saved.status_code == 200, saved.text


async def test_a_fair_exit_warning_is_answered_for_by_name(client: httpx.AsyncClient, house: House) -> None:
    """Refused with the path and the rule; published with a name and a reason, which the version shows ever after."""
    await _drafted(client, house, LONG)
    refused = await client.post(f"{FLOWS}/saas_short/publish", headers=house.operator)
    published = await client.post(f"{FLOWS}/saas_short/publish", json={"overrides": [ERIN]}, headers=house.operator)
    shown = (await client.get(f"{FLOWS}/saas_short/versions/2", headers=house.operator)).json()
    first = (await client.get(f"{FLOWS}/saas_short/versions/1", headers=house.operator)).json()

    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "warnings_stand")
    assert [one["path"] for one in refused.json()["error"]["problems"]] == ["$.steps[0].ask.en"]
    assert "(FE-18)" in refused.json()["error"]["problems"][0]["message"]
    assert (published.status_code, published.json()["version"]) == (200, 2)
    assert [one["rule"] for one in published.json()["warnings"]] == ["FE-18"]
    assert (shown["source"], shown["revision"]) == (LONG, 2)
    assert [(one["rule"], one["path"], one["person"], one["reason"]) for one in shown["overrides"]] == [
        ("FE-18", "steps[0].ask.en", ERIN["person"], ERIN["reason"])
    ]
    assert first["overrides"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"overrides": [ERIN | {"person": "  "}]},
        {"overrides": [ERIN | {"reason": ""}]},
        {"overrides": [ERIN | {"rule": "FE-99"}]},
        {"overrides": [ERIN | {"person": "a\u0000b"}]},
        {"overrides": [{"rule": "FE-18"}]},
        {"override": []},
        [],
    ],
)
async def test_nobody_answers_namelessly(client: httpx.AsyncClient, house: House, body: object) -> None:
    """A rule that there is, a name and a reason: anything less is refused, and nothing goes live."""
    await _drafted(client, house, LONG)
    reply = await client.post(f"{FLOWS}/saas_short/publish", json=body, headers=house.operator)

    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "invalid"), reply.text
    assert await count("flow_version") == 1


async def test_publishing_needs_no_body_and_takes_only_json(client: httpx.AsyncClient, house: House) -> None:
    """None, an empty one, null and an empty object are the same; what a form could post is not taken."""
    path = f"{FLOWS}/saas_short/publish"
    json_type = {"content-type": "application/json"} | house.operator
    replies = [
        await client.post(path, headers=house.operator),
        await client.post(path, content=b"", headers=json_type),
        await client.post(path, content=b"null", headers=json_type),
        await client.post(path, json={}, headers=house.operator),
    ]
    form = await client.post(path, data={"overrides": "x"}, headers=house.operator)

    assert [reply.status_code for reply in replies] == [200] * 4
    assert form.status_code == 415


async def test_a_draft_is_checked_for_one_pack_where_somebody_asks(client: httpx.AsyncClient, house: House) -> None:
    """Each finding says which packs it comes from; a pack that there is none of is refused."""
    early = SHORT.replace("en: One click is enough.", "en: Stay and get 50% off.")
    await _drafted(client, house, early)
    path = f"{FLOWS}/saas_short/check"
    everywhere, strict, base = [
        (await client.post(path, params=params, headers=house.operator)).json()["data"]
        for params in ({}, {"pack": "strict"}, {"pack": "base"})
    ]
    unknown = await client.post(path, params={"pack": "moon"}, headers=house.operator)

    assert [(one["rule"], one["packs"]) for one in everywhere] == [("FE-14", ["us-mn", "strict"])]
    assert [(one["rule"], one["packs"]) for one in strict] == [("FE-14", ["strict"])]
    assert [(one["rule"], one["packs"]) for one in base] == [("FE-10", [])]
    assert unknown.status_code in (400, 422)


async def test_one_list_for_the_api_the_command_and_publishing(client: httpx.AsyncClient, house: House) -> None:
    """What `/check` tells is what `aurevoir check` finds and what publishing refuses, word for word."""
    faulty = LONG.replace("kind: text", "kind: text\n    required: true")
    await _drafted(client, house, faulty)
    checked = (await client.post(f"{FLOWS}/saas_short/check", headers=house.operator)).json()["data"]
    refused = (await client.post(f"{FLOWS}/saas_short/publish", headers=house.operator)).json()["error"]["problems"]
    found = check_text(faulty, today=clock.now().date())

    assert [(one["path"], one["message"], one["rule"]) for one in checked] == [
        (one.path, one.message, one.rule) for one in found
    ]
    assert [one["path"] for one in refused] == [f"$.{one.path}" for one in found if one.level == "error"]
