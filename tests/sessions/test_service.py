"""Sessions on both databases: races, time passing, and what commits together."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from aurevoir.access.facts import Facts
from aurevoir.kit import clock, db, ids, sql
from aurevoir.offers import service as offers
from aurevoir.sessions import service as sessions
from aurevoir.sessions.moves import Answer, Cancel, Keep, Move
from aurevoir.sessions.schemas import Shown, Visitor
from aurevoir.sessions.service import SessionExpired
from tests.house import House, count, facts
from tests.visits import MOVES, START, start

NOW = clock.now().replace(microsecond=0)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def dana(house: House, **changes: Any) -> Visitor:
    """Dana, on the word of Acme's server."""
    told = msgspec.convert(facts(**changes), Facts)
    return Visitor(workspace=house.id, facts=told, mode="live", channel="in_app", actor="customer")


async def visit(house: House, now: Any = NOW, **changes: Any) -> Shown:
    """Where her visit stands at `now`."""
    shown, _ = await sessions.start(house.installation, dana(house, **changes), now)
    return shown


async def move(house: House, shown: Shown, made: Move, now: Any = NOW) -> Shown:
    """One move on the screen she sees."""
    session = ids.read("ses", shown.session.id)
    assert session is not None
    return await sessions.move(house.installation, session, made, now)


async def declare(house: House, shown: Shown, now: Any = NOW) -> Shown:
    """To the confirmation and through it."""
    await move(house, shown, Cancel(step="reason"), now)
    return await move(house, shown, Cancel(step="confirm"), now)


@pytest.mark.parametrize("same_token", [True, False])
async def test_twenty_starts_at_once_are_one_session(
    client: httpx.AsyncClient, house: House, *, same_token: bool
) -> None:
    """One 201, nineteen 200, the same session token for all; one event, one episode, one entry in the vault."""
    tokens = [house.token()] * 20 if same_token else [house.token() for _ in range(20)]
    replies = await asyncio.gather(*(client.post(START, json={"token": token}) for token in tokens))

    assert sorted(reply.status_code for reply in replies) == [200] * 19 + [201]
    assert len({reply.json()["session"]["token"] for reply in replies}) == 1
    for table in ("session", "episode", "customer_vault"):
        assert await count(table) == 1, table
    assert await count("event", "kind = 'session.started'") == 1
    assert await count("token_use") == (1 if same_token else 20)


async def test_twenty_starts_from_the_server_have_one_link(client: httpx.AsyncClient, house: House) -> None:
    """The capability is made once, however many ask for it at the same moment."""
    calls = [client.post("/api/v1/sessions", json=facts(), headers=house.operator) for _ in range(20)]
    replies = await asyncio.gather(*calls)
    links = {reply.json()["url"] for reply in replies}

    assert len(links) == 1
    assert (await client.get(links.pop())).status_code == 200


async def test_fifty_cancellations_at_once_are_one_declaration(client: httpx.AsyncClient, house: House) -> None:
    """Fifty times 200 with one receipt; one declaration, one order to billing, one event."""
    shown = await start(client, house)
    await shown.move("cancel")
    replies = await asyncio.gather(*(shown.send("cancel") for _ in range(50)))

    assert {reply.status_code for reply in replies} == {200}
    assert len({msgspec.json.encode(reply.json()["screen"]["receipt"]) for reply in replies}) == 1
    for table in ("declaration", "receipt", "redemption"):
        assert await count(table) == 1, table
    assert await count("event", "kind = 'cancellation.declared'") == 1


async def test_one_revision_is_answered_once(client: httpx.AsyncClient, house: House) -> None:
    """Twenty tabs answer the same screen at the same moment: one answer is stored, all see the same screen."""
    shown = await start(client, house)
    codes = [option["code"] for option in shown.screen["options"]]
    calls = [shown.send("answer", choices=[codes[number % len(codes)]]) for number in range(20)]
    replies = await asyncio.gather(*calls)

    assert {reply.status_code for reply in replies} == {200}
    assert {reply.json()["screen"]["kind"] for reply in replies} == {"confirm"}
    assert await count("answer", "is_answered") == 1
    assert await count("answer_choice", "rank = 1") == 1
    assert await count("event", "kind = 'session.answered'") == 1


async def test_no_race_holds_a_cancellation_up(client: httpx.AsyncClient, house: House) -> None:
    """Going back, returning and answering in other tabs, all at once: the press on the confirmation declares."""
    shown = await start(client, house)
    await shown.move("cancel")
    noise = [shown.send("back"), shown.send("skip"), client.post(START, json={"token": house.token()})]
    more = [shown.send("back"), client.post(START, json={"token": house.token()}), shown.send("back")]
    replies = await asyncio.gather(*noise, shown.send("cancel"), *more)
    await shown.look()

    assert {reply.status_code for reply in replies} <= {200, 409}
    assert replies[3].json()["screen"]["receipt"]
    assert shown.screen["receipt"] == replies[3].json()["screen"]["receipt"]
    assert await count("declaration") == 1


async def test_customers_do_not_wait_for_each_other(client: httpx.AsyncClient, house: House) -> None:
    """Thirty journeys side by side, each whole."""

    async def journey(number: int) -> str:
        shown = await start(client, house, subscription={"id": f"sub_{number}"})
        await shown.answer("other", answers={"comment": f"words of {number}"})
        return str((await shown.leave()).screen["receipt"]["id"])

    receipts = await asyncio.gather(*map(journey, range(30)))

    assert len(set(receipts)) == 30
    assert await count("answer", "text LIKE 'words of %'") == await count("redemption") == 30


@pytest.mark.parametrize("broken", ["agree"])
async def test_a_declaration_commits_whole_or_not_at_all(
    house: House, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When its last part cannot be written there is no declaration, no receipt and no event; the next press works."""
    shown = await visit(house)
    await move(house, shown, Cancel(step="reason"))

    async def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(offers, broken, fail)
        with pytest.raises(OSError, match="disk full"):
            await move(house, shown, Cancel(step="confirm"))
    left = [await count(table) for table in ("declaration", "receipt", "redemption")]

    assert left == [0, 0, 0]
    assert await count("event", "kind = 'cancellation.declared'") == 0
    assert (await move(house, shown, Cancel(step="confirm"))).screen.receipt


async def test_half_an_hour_without_a_move_is_abandoned(house: House) -> None:
    """Not before; once; and only what is open."""
    shown, kept = await visit(house), await visit(house, subscription={"id": "kept"})
    await move(house, kept, Keep(revision=0))
    early = await sessions.abandon_idle(house.installation, NOW + 29 * MINUTE)
    late = [await sessions.abandon_idle(house.installation, NOW + 31 * MINUTE) for _ in range(2)]

    assert (early, late) == (0, [1, 0])
    assert await count("session", "state = 'abandoned'") == 1
    assert await count("event", "kind = 'session.abandoned'") == 1
    assert shown.session.state == "open"


async def test_each_move_starts_the_half_hour_anew(house: House) -> None:
    """Somebody who writes for an hour is not gone."""
    shown = await visit(house)
    answered = await move(house, shown, Answer(revision=0, step="reason", choices=("other",)), NOW + 20 * MINUTE)

    assert await sessions.abandon_idle(house.installation, NOW + 45 * MINUTE) == 0
    assert answered.session.state == "open"


async def test_who_returns_finds_what_was_given(house: House) -> None:
    """The same session, open again, where it was left, the answers in place; the return is a fact of its own."""
    shown = await visit(house)
    await move(house, shown, Answer(revision=0, step="reason", choices=("other",), answers={"comment": "Kept"}))
    await sessions.abandon_idle(house.installation, NOW + DAY)
    again = await visit(house, NOW + 2 * DAY)

    assert again.session.id == shown.session.id
    assert (again.session.state, again.screen.kind) == ("open", "confirm")
    assert await count("answer", "text = 'Kept'") == 1
    assert await count("event", "kind = 'session.started'") == 2


@pytest.mark.parametrize(("days", "same"), [(29, True), (31, False)])
async def test_an_episode_lasts_thirty_days_from_its_first_session(house: House, days: int, *, same: bool) -> None:
    """Whoever comes back within them goes on; afterwards a new session begins a new episode."""
    first = await visit(house)
    await move(house, first, Keep(revision=0))
    later = await visit(house, NOW + days * DAY)

    assert (later.session.id == first.session.id) == same
    assert await count("episode") == (1 if same else 2)


async def test_a_second_session_within_thirty_days_joins_the_episode(house: House) -> None:
    """After an undo: two sessions, one episode. The window is fixed, so a third one on day 31 is outside."""
    for days, undone in ((0, True), (20, True), (31, False)):
        now = NOW + days * DAY
        shown = await declare(house, await visit(house, now), now)
        if undone:
            await move(house, shown, msgspec.convert({"kind": "undo", "revision": shown.session.revision}, Move), now)
    episodes = await sql.fetch_all(
        "SELECT number, (SELECT count(*) FROM session WHERE episode_id = episode.id) AS visits FROM episode "
        "ORDER BY number"
    )

    assert [(row["number"], row["visits"]) for row in episodes] == [(1, 2), (2, 1)]


async def test_a_visit_ends_after_a_day_and_a_token_opens_it_again(house: House) -> None:
    """Nothing can be done with an old tab's session token; what was given is there after a fresh start."""
    shown = await visit(house)
    session = ids.read("ses", shown.session.id)
    assert session
    with pytest.raises(SessionExpired):
        await sessions.look(house.installation, session, NOW + DAY + MINUTE)
    with pytest.raises(SessionExpired):
        await move(house, shown, Cancel(), NOW + DAY + MINUTE)
    again = await visit(house, NOW + DAY + MINUTE)

    assert again.session.id == shown.session.id
    assert (await move(house, shown, Cancel(), NOW + DAY + MINUTE)).screen.kind == "confirm"


async def test_the_day_of_the_end_stands(house: House) -> None:
    """Looked at a month later, with other facts: the receipt and its day are those of the declaration."""
    shown = await declare(house, await visit(house, subscription={"notice_days": 30, "renews_on": None}))
    later = await visit(house, NOW + 20 * DAY, subscription={"notice_days": 90, "renews_on": None})

    assert shown.screen.receipt is not None
    assert later.screen.receipt is not None
    assert shown.screen.receipt.effective_on == (NOW + 30 * DAY).date()
    assert later.screen.receipt.effective_on == shown.screen.receipt.effective_on
    assert later.screen.facts == shown.screen.facts


async def test_after_the_end_a_new_visit_begins(house: House) -> None:
    """The subscription ended, and Dana came back to the product: another subscription, another story."""
    soon = {"renews_on": (NOW + 5 * DAY).date().isoformat()}
    shown = await declare(house, await visit(house, subscription=soon))
    session = ids.read("ses", shown.session.id)
    assert session
    await sessions.settle(house.installation, session, NOW, confirmed=True, kind="cancel")
    before = await visit(house, NOW + 4 * DAY, subscription=soon)
    after = await visit(house, NOW + 6 * DAY)

    assert before.session.id == shown.session.id
    assert [action.move for action in before.screen.actions] == ["undo"]
    assert after.session.id != shown.session.id
    assert after.session.state == "open"


async def test_billings_word_is_heard_once(house: House) -> None:
    """Told twice, or out of order: one event, and what is done is done."""
    shown = await declare(house, await visit(house))
    session = ids.read("ses", shown.session.id)
    assert session
    for confirmed in (False, True, True, False):
        await sessions.settle(house.installation, session, NOW, confirmed=confirmed, kind="cancel")
    told = await sql.fetch_all(
        "SELECT kind FROM event WHERE kind IN ('session.left', 'session.needs_help') ORDER BY id"
    )

    assert [row["kind"] for row in told] == ["session.needs_help", "session.left"]
    assert await count("session", "state = 'left'") == 1


async def test_no_row_holds_a_clear_id_or_words_outside_their_place(client: httpx.AsyncClient, house: House) -> None:
    """Customer, subscription and e-mail are sealed in the vault; Dana's words are in her answer and in no event."""
    shown = await start(client, house)
    await shown.answer("other", answers={"comment": "canary words"})
    await shown.leave()
    found: dict[str, list[str]] = {}
    for table in (
        "session",
        "episode",
        "token_use",
        "answer",
        "answer_choice",
        "declaration",
        "receipt",
        "redemption",
        "event",
        "customer_vault",
    ):
        for row in await sql.fetch_all(f"SELECT * FROM {table}"):
            written = " ".join(str(value) for value in row.values())
            for clear in ("cus_42", "sub_9", "dana@example.com", "canary words"):
                if clear in written:
                    found.setdefault(clear, []).append(table)

    assert found == {"canary words": ["answer"]}


async def test_control_characters_are_taken_out_of_words(client: httpx.AsyncClient, house: House) -> None:
    """NUL, escapes and lone surrogates fit into neither database; everything else stays, on both alike."""
    shown = await start(client, house)
    words = rb"\u0000a\u001b[2J\u0007 e\u0301 \u202e \ud83d\ude00\r\nz\t"
    body = b'{"kind":"answer","revision":0,"step":"reason","answers":{"comment":"' + words + b'"}}'
    reply = await client.post(MOVES, content=body, headers=shown.headers | {"Content-Type": "application/json"})
    stored = await sql.fetch_all("SELECT text FROM answer WHERE text IS NOT NULL")

    assert reply.status_code == 200
    assert [row["text"] for row in stored] == ["a[2J é \u202e 😀\nz"]


async def test_nothing_is_written_for_a_look(house: House) -> None:
    """Looking is free: neither a row nor an event."""
    shown = await visit(house)
    session = ids.read("ses", shown.session.id)
    assert session
    before = await sql.fetch_all("SELECT * FROM session"), await count("event")
    for _ in range(3):
        await sessions.look(house.installation, session, NOW)

    assert before == (await sql.fetch_all("SELECT * FROM session"), await count("event"))
    assert not db.in_unit()
