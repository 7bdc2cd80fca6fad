"""The record of a visit: what is written of it, what is not, and what somebody with the database's password breaks."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from aurevoir.kit import clock, db, sql
from aurevoir.sessions import evidence, screens
from aurevoir.sessions import service as sessions
from aurevoir.sessions.moves import Answer, Back, Cancel, Keep, Skip, Undo
from aurevoir.sessions.schemas import Shown
from tests.house import House, count, facts, on_sqlite
from tests.sessions.offered import accept, answer, begin, look, make, offered, publish
from tests.sessions.recorded import as_kept, breach_of, case_of, happened, kinds, meddle, screens_of, uuid_of
from tests.visits import START, Visit, start

WORDS = "canary words of Dana"


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a worker that does not run."""
    monkeypatch.setattr(sessions, "PATIENCE", 0.0)


async def declare(house: House, shown: Shown) -> Shown:
    """To the confirmation, and through it."""
    if shown.screen.kind != "confirm":
        shown = await make(house, shown, Cancel(step=shown.screen.step))
    return await make(house, shown, Cancel(step="confirm"))


async def test_every_reply_is_the_very_screen_that_was_recorded(house: House) -> None:
    """Start, question, offer, in return, confirmation, receipt, undone: one exhibit for each, with what was sent."""
    await publish(house)
    replies = [await begin(house)]
    replies.append(await answer(house, replies[-1], "price"))
    replies.append(await make(house, replies[-1], Back(revision=replies[-1].session.revision)))
    replies.append(await answer(house, replies[-1], "price"))
    replies.append(await accept(house, replies[-1]))
    replies.append(await make(house, replies[-1], Skip(revision=replies[-1].session.revision, step="in_return")))
    replies.append(await make(house, replies[-1], Cancel(step="working")))
    replies.append(await make(house, replies[-1], Cancel(step="confirm")))
    replies.append(await make(house, replies[-1], Undo(revision=replies[-1].session.revision)))
    session = replies[0].session.id
    case = await case_of(house, session)

    wanted = ["started", "answer", "back", "answer", "accept", "skip", "cancel", "declare", "undo"]
    assert [one.kind for one in case.exhibits] == wanted
    assert screens_of(case) == [as_kept(reply.screen) for reply in replies]
    assert await breach_of(house, session) is None
    assert (case.session.exhibits, case.session.evidence_head) == (9, case.exhibits[-1].link)


async def test_what_happened_is_told_in_codes_with_its_events(house: House) -> None:
    """Who did what, on which screen, with which answers; the events bear the ids that the outbox has."""
    await publish(house)
    shown = await declare(house, await answer(house, await begin(house), "other"))
    case = await case_of(house, shown.session.id)
    started, answered, declared = happened(case)

    assert (started["flow"], started["version"], started["pack"]) == ("offered", 1, "base")
    assert case.version is not None
    assert started["template_sha256"] == case.version.source_hash
    assert (answered["actor"], answered["on"]) == ("customer", "reason")
    assert answered["answers"] == [{"step": "reason", "answered": True, "choices": ["other"]}]
    assert declared["state"] == "leaving"
    recorded = [event["id"] for one in (answered, declared) for event in one["events"]]
    told = {f"evt_{one.id.hex}": one.kind for one in case.events}
    assert [told[event] for event in recorded] == ["session.answered", "cancellation.declared"]


async def test_looking_again_writes_nothing(house: House) -> None:
    """Neither does a double click, a move of an old tab, or a fresh token for the same screen."""
    await publish(house)
    shown = await begin(house)
    moved = await answer(house, shown, "other")
    for _ in range(3):
        await look(house, shown)
        await make(house, shown, Answer(revision=shown.session.revision, step="reason", choices=("help",)))
        await begin(house)
    again = await declare(house, moved)
    once = await case_of(house, shown.session.id)
    await make(house, again, Cancel(step="confirm"))

    assert [one.kind for one in once.exhibits] == ["started", "answer", "declare"]
    assert (await case_of(house, shown.session.id)).exhibits == once.exhibits


async def test_a_change_costs_one_statement_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exhibit's own; its number and the head go with the row of the session that is written anyway."""
    written: list[str] = []
    execute = sql.execute

    async def executing(query: str, *args: Any) -> int:
        written.append(query)
        return await execute(query, *args)

    await publish(house)
    with monkeypatch.context() as patch:
        patch.setattr(sql, "execute", executing)
        shown = await begin(house)
        at_start = [query for query in written if "exhibit" in query]
        written.clear()
        await make(house, shown, Cancel(step="reason"))

    assert [query.split(" (")[0] for query in at_start] == ["INSERT INTO session", 'INSERT INTO "exhibit"']
    assert [query.split(" SET")[0].split(" (")[0] for query in written] == ["UPDATE session", 'INSERT INTO "exhibit"']


async def test_words_and_secrets_stay_out(client: httpx.AsyncClient, house: House) -> None:
    """What Dana wrote stands in no exhibit, also where the screen showed it to her; nor does what opens the receipt."""
    visit = await (await start(client, house)).answer("other", answers={"comment": WORDS})
    await visit.move("back")
    shown_to_her = str(visit.screen["given"])
    await visit.leave()
    secret = visit.screen["receipt"]["text_url"].rsplit("/", 1)[1].removesuffix(".txt")
    case = await case_of(house, visit.session["id"])
    payloads = b" ".join(one.payload or b"" for one in case.exhibits).decode()

    assert WORDS in shown_to_her
    assert len(case.exhibits) == 5
    canaries = (WORDS, secret, "cus_42", "sub_9", "dana@example.com", visit.session["token"])
    assert [canary for canary in canaries if canary in payloads] == []
    given = [screen.given for screen in screens_of(case) if screen and screen.given]
    assert [(one.choices, one.answers) for one in given] == [(("other",), {})]


async def test_what_is_kept_is_sealed(house: House) -> None:
    """A stolen file shows when something happened, and of what kind; not what."""
    await publish(house)
    await answer(house, await begin(house), "other")
    rows = await sql.fetch_all("SELECT * FROM exhibit")

    assert len(rows) == 2
    assert not any(b"reason" in bytes(row["sealed"]) for row in rows)


async def test_races_leave_one_chain(client: httpx.AsyncClient, house: House) -> None:
    """Twenty tabs start, answer and cancel at the same moment: no number twice, none missing, and the chain holds."""
    starts = await asyncio.gather(*(client.post(START, json={"token": house.token()}) for _ in range(20)))
    tabs = [Visit(client, reply.json()) for reply in starts]
    codes = [option["code"] for option in tabs[0].screen["options"]]
    await asyncio.gather(*(tab.send("answer", choices=[codes[at % len(codes)]]) for at, tab in enumerate(tabs)))
    await asyncio.gather(*(tab.send("cancel", step="confirm") for tab in tabs), *(tab.send("back") for tab in tabs))
    session = tabs[0].session["id"]

    assert await breach_of(house, session) is None
    assert await count("exhibit") == len(await kinds(house, session))
    assert (await kinds(house, session))[:2] == ["started", "answer"]
    assert (await kinds(house, session)).count("declare") == 1


async def test_what_cannot_be_saved_is_not_recorded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exhibit and change are one: when either cannot be written there is neither, and the next press works."""
    await publish(house)
    shown = await begin(house)

    async def fail(_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(evidence, "keep", fail)
        with pytest.raises(OSError, match="disk full"):
            await make(house, shown, Cancel(step="reason"))
    assert (await look(house, shown)).screen == shown.screen
    await make(house, shown, Cancel(step="reason"))

    assert await kinds(house, shown.session.id) == ["started", "cancel"]
    assert await breach_of(house, shown.session.id) is None


async def test_a_declaration_is_saved_though_its_screen_cannot_be_drawn(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake of ours on the way back to her loses nothing: it is declared, recorded, and shown on the next look."""
    await publish(house)
    shown = await make(house, await begin(house), Cancel(step="reason"))

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(screens, "draw", fail)
        with pytest.raises(ZeroDivisionError):
            await make(house, shown, Cancel(step="confirm"))
    case = await case_of(house, shown.session.id)

    assert (await look(house, shown)).screen.kind == "receipt"
    assert [one.kind for one in case.exhibits] == ["started", "cancel", "declare"]
    assert screens_of(case)[-1] is None
    assert await breach_of(house, shown.session.id) is None


async def test_what_happens_meanwhile_is_recorded_too(house: House) -> None:
    """She went away, came back in French, took an offer and was told that it is in place, and chose to leave."""
    await publish(house)
    now = clock.now()
    shown = await begin(house, now)
    await sessions.abandon_idle(house.installation, now + timedelta(minutes=31))
    back = await begin(house, now + timedelta(minutes=40), locale="fr")
    later = await begin(house, now + timedelta(minutes=41), locale="en")
    taken = await accept(house, await answer(house, later, "pause", later_than(now)), "holiday", later_than(now))
    for _ in range(2):
        await sessions.settle(
            house.installation, uuid_of(shown.session.id), later_than(now), confirmed=True, kind="payment_holiday"
        )
    saved = await look(house, taken, later_than(now))
    case = await case_of(house, shown.session.id)
    screens = screens_of(case)

    wanted = ["started", "abandoned", "reopened", "resumed", "answer", "accept", "settled"]
    assert [one.kind for one in case.exhibits] == wanted
    assert (screens[1], screens[2], screens[3]) == (None, as_kept(back.screen), as_kept(later.screen))
    assert [screen.locale for screen in screens[2:4] if screen] == ["fr", "en"]
    assert screens[6] == as_kept(saved.screen)
    assert happened(case)[6]["billing"] == "confirmed"
    assert await breach_of(house, shown.session.id) is None


def later_than(now: Any) -> Any:
    """When she has long been back."""
    return now + timedelta(minutes=42)


async def test_billings_word_on_a_cancellation_changes_no_screen(house: House) -> None:
    """It is recorded without one: her receipt is the same before and after, confirmed or refused."""
    await publish(house)
    shown = await declare(house, await begin(house))
    for confirmed in (False, True):
        await sessions.settle(
            house.installation, uuid_of(shown.session.id), clock.now(), confirmed=confirmed, kind="cancel"
        )
        assert (await look(house, shown)).screen == shown.screen
    case = await case_of(house, shown.session.id)

    assert [one.kind for one in case.exhibits[-2:]] == ["settled", "settled"]
    assert screens_of(case)[-2:] == [None, None]
    assert [one["state"] for one in happened(case)[-2:]] == ["needs_help", "left"]


async def test_an_undo_stands_in_both_visits(house: House) -> None:
    """It takes back what the earlier visit declared as well: that one's record says so, with its page as it is now."""
    await publish(house)
    now = clock.now()
    first = await declare(house, await begin(house, now, subscription={"renews_on": None}))
    await meddle("UPDATE session SET open_key = NULL")
    second = await declare(house, await begin(house, now))
    undone = await make(house, second, Undo(revision=second.session.revision))
    case = await case_of(house, first.session.id)

    assert first.session.id != second.session.id
    assert case.exhibits[-1].kind == "taken_back"
    assert happened(case)[-1]["in"] == second.session.id
    assert [event["kind"] for event in happened(case)[-1]["events"]] == ["cancellation.undone"]
    assert screens_of(case)[-1] == as_kept((await look(house, first)).screen)
    assert undone.screen.kind == "kept"
    assert [await breach_of(house, one.session.id) for one in (first, second)] == [None, None]


async def test_a_cancellation_by_phone_is_told_apart(client: httpx.AsyncClient, house: House) -> None:
    """The operator's key did it: no click is counted, and the kind says that it was written down for her."""
    recorded = await client.post(
        "/api/v1/sessions", json=facts(channel="agent", reason="too_expensive"), headers=house.operator
    )
    session = recorded.json()["id"]
    detail = (await client.get(f"/api/v1/sessions/{session}", headers=house.operator)).json()
    case = await case_of(house, session)

    assert [one.kind for one in case.exhibits] == ["started", "answer", "recorded"]
    assert {str(one["actor"])[:4] for one in happened(case)} == {"key_"}
    assert (detail["clicks_to_leave"], detail["seconds_to_leave"]) == (None, None)
    assert detail["evidence"] == {"exhibits": 3, "head": case.exhibits[-1].link}


async def test_figures_count_from_the_opening_that_led_to_it(client: httpx.AsyncClient, house: House) -> None:
    """She kept it after two clicks, and left with two on another day."""
    await publish(house)
    now = clock.now()
    first = await begin(house, now)
    looked = await make(house, first, Cancel(step="reason"), now)
    await make(house, looked, Keep(revision=looked.session.revision), now)
    back = await begin(house, now + timedelta(days=3))
    await make(house, back, Cancel(step="reason"), now + timedelta(days=3, seconds=4))
    await make(house, back, Cancel(step="confirm"), now + timedelta(days=3, seconds=9))
    detail = (await client.get(f"/api/v1/sessions/{first.session.id}", headers=house.operator)).json()

    assert (detail["clicks_to_leave"], detail["seconds_to_leave"]) == (2, 9)
    assert detail["evidence"]["exhibits"] == 6


async def test_what_is_erased_leaves_the_chain_whole(house: House) -> None:
    """The payloads are gone; digests, links, moments and the figures stay, and other visits keep theirs."""
    await publish(house)
    shown, other = await declare(house, await begin(house)), await begin(house, subscription={"id": "other"})
    await db.transaction(lambda: evidence.forget(uuid_of(shown.session.id)))
    case = await case_of(house, shown.session.id)

    assert {one.holds for one in case.exhibits} == {"erased"}
    assert await breach_of(house, shown.session.id) is None
    assert [one.holds for one in (await case_of(house, other.session.id)).exhibits] == ["kept"]
    await make(house, shown, Undo(revision=shown.session.revision))
    assert await breach_of(house, shown.session.id) is None
    assert [one.holds for one in (await case_of(house, shown.session.id)).exhibits] == ["erased"] * 3 + ["kept"]


OTHER = "ab" * 32
MEDDLED: dict[str, tuple[str, int]] = {
    "its moment": ("UPDATE exhibit SET at = '2026-01-01 00:00:00+00:00' WHERE number = 2", 2),
    "its kind": ("UPDATE exhibit SET kind = 'skip' WHERE number = 2", 2),
    "its digest": (f"UPDATE exhibit SET digest = '{OTHER}' WHERE number = 2", 2),
    "its link": (f"UPDATE exhibit SET link = '{OTHER}' WHERE number = 2", 2),
    "its payload": ("UPDATE exhibit SET sealed = x'0badcafe' WHERE number = 2", 2),
    "a payload for another": (
        "UPDATE exhibit SET sealed = (SELECT o.sealed FROM exhibit o WHERE o.number = 1) WHERE number = 3",
        3,
    ),
    "the first": ("DELETE FROM exhibit WHERE number = 1", 1),
    "one in between": ("DELETE FROM exhibit WHERE number = 2", 2),
    "the last": ("DELETE FROM exhibit WHERE number = 3", 3),
    "the last, not counted": ("UPDATE session SET exhibits = 2", 2),
    "the head": (f"UPDATE session SET evidence_head = '{OTHER}'", 3),
}


@on_sqlite
@pytest.mark.parametrize("what", MEDDLED)
async def test_what_somebody_changes_in_the_database_shows(house: House, what: str) -> None:
    """And where: the pack names the first exhibit that is not what was written."""
    await publish(house)
    shown = await declare(house, await begin(house))
    statement, where = MEDDLED[what]
    await meddle(statement)
    breach = await breach_of(house, shown.session.id)

    assert breach is not None
    assert breach.exhibit == where


@on_sqlite
async def test_exhibits_cannot_change_places(house: House) -> None:
    """Not even with their numbers set right."""
    await publish(house)
    shown = await declare(house, await offered(house))
    for number, becomes in ((2, 99), (3, 2), (99, 3)):
        await meddle("UPDATE exhibit SET number = $1 WHERE number = $2", becomes, number)
    breach = await breach_of(house, shown.session.id)

    assert breach is not None
    assert breach.exhibit == 2
