"""The widget API: sessions begun and resumed, moves made once, late, twice or on another screen."""

from typing import Any

import httpx
import pytest

from aurevoir.kit import sql
from tests.house import House, count, on_sqlite
from tests.sessions.offered import accept, offered, publish
from tests.visits import MOVES, SESSION, START, Visit, start

pytestmark = on_sqlite


async def answers() -> list[dict[str, object]]:
    """What is stored of answers."""
    return await sql.fetch_all("SELECT step, is_answered, text, value FROM answer ORDER BY step")


async def test_a_first_visit_begins_a_session(client: httpx.AsyncClient, house: House) -> None:
    """201, and the first screen with a way to cancel on it."""
    visit = await start(client, house)

    assert visit.status == 201
    assert visit.session["state"] == "open"
    assert (visit.session["mode"], visit.session["pack"], visit.session["revision"]) == ("live", "base", 0)
    assert visit.session["id"].startswith("ses_")
    assert visit.screen["kind"] == "choice"
    assert visit.screen["given"] is None
    assert "cancel" in visit.moves


async def test_a_fresh_token_resumes_the_open_session(client: httpx.AsyncClient, house: House) -> None:
    """200, where it was left, with the same session token: it is made, not stored."""
    first = await (await start(client, house)).answer("too_expensive")
    again = await start(client, house)

    assert again.status == 200
    assert again.session["id"] == first.session["id"]
    assert again.session["token"] == first.session["token"]
    assert again.screen == first.screen
    assert await count("session") == 1


async def test_the_same_token_gives_the_same_session(client: httpx.AsyncClient, house: House) -> None:
    """Also once that session is over, and beside a newer one: a `jti` belongs to one."""
    token = house.token()
    first = Visit(client, (await client.post(START, json={"token": token})).json())
    await (await first.leave()).move("undo")
    reloaded = await client.post(START, json={"token": token})
    newer = await start(client, house)
    again = await client.post(START, json={"token": token})

    assert newer.session["id"] != first.session["id"]
    for reply in (reloaded, again):
        assert (reply.status_code, reply.json()["session"]["id"]) == (200, first.session["id"])
        assert (reply.json()["session"]["state"], reply.json()["screen"]["kind"]) == ("undone", "kept")


async def test_a_token_id_never_opens_another_customers_session(client: httpx.AsyncClient, house: House) -> None:
    """A server that signs the same `jti` for everybody must not show one customer's session to another."""
    dana = await start(client, house, jti="always the same")
    erins = house.token(jti="always the same", sub="erin", subscription={"id": "sub_of_erin"})
    reply = await client.post(START, json={"token": erins})

    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "invalid_token")
    assert (await dana.look()).state == "open"
    assert await count("session") == 1


async def test_a_test_token_never_opens_a_live_session(client: httpx.AsyncClient, house: House) -> None:
    """Not even with the live token's `jti`: modes are apart."""
    await start(client, house, jti="one")
    reply = await client.post(START, json={"token": house.token("test", jti="one")})

    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "invalid_token")


async def test_modes_and_subscriptions_are_apart(client: httpx.AsyncClient, house: House) -> None:
    """Three sessions: live, test, and that of Dana's other subscription; only live ones have an episode."""
    live, test = await start(client, house), await start(client, house, "test")
    other = await start(client, house, subscription={"id": "sub_10"})

    assert len({visit.session["id"] for visit in (live, test, other)}) == 3
    assert test.session["mode"] == "test"
    assert await count("episode") == 2
    assert await count("session", "mode = 'test' AND episode_id IS NULL") == 1


async def test_the_locale_is_the_pages_else_the_tokens(client: httpx.AsyncClient, house: House) -> None:
    """Each one that the flow has; else the flow's first."""
    wanted: list[tuple[dict[str, Any], str | None]] = [
        ({"locale": "fr"}, None),
        ({"locale": "fr"}, "de"),
        ({"locale": "xx"}, None),
        ({}, "pt-BR"),
    ]
    shown = []
    for claims, asked in wanted:
        body = {"token": house.token(**claims)} | ({"locale": asked} if asked else {})
        shown.append((await client.post(START, json=body)).json()["screen"]["locale"])

    assert shown == ["fr", "de", "en", "en"]


async def test_an_unknown_flow_is_not_found(client: httpx.AsyncClient, house: House) -> None:
    """And no session was begun for it."""
    reply = await client.post(START, json={"token": house.token(), "flow": "nobody_wrote_it"})

    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "flow_not_found")
    assert await count("session") == 0


async def test_only_its_own_token_opens_a_session(client: httpx.AsyncClient, house: House) -> None:
    """Nothing, nonsense, a customer token, another session's signature, a changed bit: all the same 401."""
    visit, other = await start(client, house), await start(client, house, subscription={"id": "other"})
    token, foreign = visit.session["token"], other.session["token"]
    name, _, signature = token.partition(".")
    flipped = f"{name}.{int(signature[0], 16) ^ 1:x}{signature[1:]}"
    wrong = ["", "x", name, f"{name}.", f"{name}.{foreign.partition('.')[2]}", flipped, house.token(), f"{token}\xe9"]
    headers = [{b"Authorization": f"Bearer {one}".encode("latin-1")} for one in wrong]
    headers += [{}, {b"Authorization": token.encode()}, {b"Authorization": f"Basic {token}".encode()}]
    replies = [await client.get(SESSION, headers=one) for one in headers]
    replies += [await client.post(MOVES, headers=one, json={"kind": "cancel"}) for one in headers]

    assert {(reply.status_code, reply.json()["error"]["code"]) for reply in replies} == {(401, "unauthorised")}
    assert (await visit.look()).session["revision"] == 0


async def test_each_answer_is_saved_as_it_is_given(client: httpx.AsyncClient, house: House) -> None:
    """A tab that is closed now loses nothing: the code, the words, the order shown."""
    visit = await start(client, house)
    shown = [option["code"] for option in visit.screen["options"]]
    await visit.answer("too_expensive", answers={"comment": "  Trop cher…  "})
    choices = await sql.fetch_all("SELECT code, rank FROM answer_choice ORDER BY position")

    assert [answer["text"] for answer in await answers()] == ["Trop cher…", None]
    assert [choice["code"] for choice in choices] == shown
    assert [choice["code"] for choice in choices if choice["rank"] == 1] == ["too_expensive"]


async def test_a_lost_reply_is_sent_again_without_harm(client: httpx.AsyncClient, house: House) -> None:
    """The same move twice is one answer and one event; the second reply shows where things stand."""
    visit = await start(client, house)
    replies = [await visit.send("answer", choices=["too_expensive"]) for _ in range(3)]

    assert [reply.status_code for reply in replies] == [200, 200, 200]
    assert replies[0].json() == replies[1].json() == replies[2].json()
    assert await count("event", "kind = 'session.answered'") == 1
    assert await count("answer", "is_answered") == 1


@pytest.mark.parametrize("kind", ["answer", "skip", "back", "keep", "undo", "see_offer", "decline"])
async def test_a_stale_move_changes_nothing(client: httpx.AsyncClient, house: House, kind: str) -> None:
    """A tab that was left behind gets the present screen, whatever it tries."""
    visit = await start(client, house)
    behind = visit.tab()
    await visit.answer("too_expensive", answers={"comment": "mine"})
    before = await sql.fetch_all("SELECT visit, revision FROM session"), await answers(), await count("event")
    reply = await behind.send(kind, **({"choices": ["other"]} if kind == "answer" else {}))

    assert reply.status_code == 200
    assert (reply.json()["screen"], reply.json()["session"]) == (visit.screen, visit.session)
    assert before == (await sql.fetch_all("SELECT visit, revision FROM session"), await answers(), await count("event"))


async def test_going_back_shows_what_was_given(client: httpx.AsyncClient, house: House) -> None:
    """And the last word wins: one row for each step, the earlier choice gone."""
    visit = await start(client, house)
    await visit.answer("too_expensive", answers={"comment": "At first"})
    await visit.move("back")

    assert visit.screen["given"] == {
        "choices": ["too_expensive"],
        "text": "",
        "value": None,
        "answers": {"comment": "At first"},
    }

    await visit.answer("other", answers={"comment": "In the end"})
    chosen = await sql.fetch_all("SELECT code FROM answer_choice WHERE rank IS NOT NULL")

    assert [answer["text"] for answer in await answers()] == ["In the end", None]
    assert [row["code"] for row in chosen] == ["other"]


async def test_a_skipped_question_is_stored_as_shown(client: httpx.AsyncClient, house: House) -> None:
    """Shares are of those to whom it was shown: a skip leaves rows that say so."""
    visit = await start(client, house)
    await visit.answer("other", answers={"comment": "x"})
    await visit.move("back")
    await visit.move("skip")

    assert [(row["is_answered"], row["text"]) for row in await answers()] == [(0, None), (0, None)]
    assert await count("answer_choice", "rank IS NOT NULL") == 0
    assert await count("answer_choice") == 7


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"choices": ["nobody_wrote_it"]}, "$.choices[0]"),
        ({"choices": ["other", "too_expensive"]}, "$.choices"),
        ({"choices": ["other", "other"]}, "$.choices[1]"),
        ({"choices": []}, "$.choices"),
        ({"value": 3, "choices": ["other"]}, "$.value"),
        ({"choices": ["other"], "text": "no question beside it"}, "$.text"),
        ({"choices": ["other"], "answers": {"comment": "x" * 501}}, "$.answers.comment"),
        ({"choices": ["other"], "answers": {"comment": 3}}, "$.answers.comment"),
        ({"choices": ["other"], "answers": {"elsewhere": "x"}}, "$.answers.elsewhere"),
    ],
)
async def test_an_answer_that_cannot_be_taken_says_where(
    client: httpx.AsyncClient, house: House, fields: dict[str, object], path: str
) -> None:
    """422 with the path of each problem; nothing is stored, and the session goes on."""
    visit = await start(client, house)
    reply = await visit.send("answer", **fields)

    assert reply.status_code == 422
    assert path in [problem["path"] for problem in reply.json()["error"]["problems"]]
    assert await answers() == []
    assert (await visit.answer("other")).screen["kind"] == "confirm"


@pytest.mark.parametrize("kind", ["undo", "see_offer", "decline", "back"])
async def test_a_move_that_is_not_on_the_screen_is_a_conflict(
    client: httpx.AsyncClient, house: House, kind: str
) -> None:
    """409, the one shape; the screen stays."""
    visit = await start(client, house)
    reply = await visit.send(kind)

    assert (reply.status_code, reply.json()["error"]["code"]) == (409, "move_not_possible")
    assert (await visit.look()).session["revision"] == 0


async def test_an_expired_offer_is_refused_by_name(client: httpx.AsyncClient, house: House) -> None:
    """409 `offer_expired`, nothing is changed, and the next look leads out without it."""
    await publish(house, "{per_month: 1}")
    reply = await client.post(START, json={"token": house.token(), "flow": "offered"})
    dana = await Visit(client, reply.json()).answer("price")
    await accept(house, await offered(house, sub="erin", subscription={"id": "sub_erin"}))
    revision, refused = dana.session["revision"], await dana.send("accept", offer="half_off")
    await dana.look()

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "offer_expired")
    assert (dana.screen["kind"], dana.session["revision"]) == ("confirm", revision)
    assert await count("redemption") == 1
    await dana.leave()
    assert dana.screen["kind"] == "receipt"


async def test_an_offer_that_was_not_shown_cannot_be_accepted(client: httpx.AsyncClient, house: House) -> None:
    """A browser invents no offers."""
    reply = await (await start(client, house)).send("accept", offer="everything_free")

    assert reply.status_code == 404
    assert await count("redemption") == 0


async def test_who_may_not_cancel_learns_who_can(client: httpx.AsyncClient, house: House) -> None:
    """The screen says so, the move is refused; once the server says otherwise, it is legal."""
    visit = await start(client, house, actor={"may_cancel": False})
    reply = await visit.send("cancel", step=None)

    assert visit.screen["kind"] == "unavailable"
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "may_not_cancel")
    assert await count("declaration") == 0
    assert (await (await start(client, house)).leave()).state == "leaving"
