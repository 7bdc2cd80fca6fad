"""Letters: written once, sent at least once, tried for three days, and emptied at the end."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import letters
from aurevoir.kit import db, mail, sql
from aurevoir.kit.mail import Mail
from tests.cast import DANA
from tests.house import House, count, on_sqlite
from tests.mails.postbox import Postbox, part

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
HELLO = Mail(to=DANA.email, subject="Hello", text="Hello, Dana.\n", html="<p>Hello, Dana.</p>", language="en")
WAITING = "sealed IS NOT NULL"


@pytest.fixture
async def workspace(house: House) -> WorkspaceSettings:
    """Acme's."""
    return await house.settings()


async def write(workspace: WorkspaceSettings, key: str = "k", content: Mail = HELLO, now: datetime = NOW) -> bool:
    """One letter, in a unit of its own."""
    return await db.transaction(lambda: letters.write(workspace, key, "test", content, now))


async def send(
    workspace: WorkspaceSettings, postbox: Postbox, now: datetime = NOW, server: mail.Server | None = None
) -> int:
    """What the worker does at a look."""

    async def workspace_of(_: UUID) -> WorkspaceSettings:
        return workspace

    return await letters.send_due(workspace_of, server or postbox.server(), now)


async def problem() -> str | None:
    """Of the one letter."""
    row = await sql.fetch_one("SELECT problem FROM letter")
    assert row is not None
    found: str | None = row["problem"]
    return found


async def test_a_letter_arrives_once_and_is_emptied(workspace: WorkspaceSettings, postbox: Postbox) -> None:
    """The worker may look as often as it likes; afterwards the row holds no word of it."""
    await write(workspace)
    sent = [await send(workspace, postbox) for _ in range(3)]

    assert sent == [1, 0, 0]
    assert postbox.recipients == [DANA.email]
    assert part(postbox.received[0], "plain").strip() == "Hello, Dana."
    assert await count("letter", "sent_at IS NOT NULL AND sealed IS NULL AND problem IS NULL") == 1


async def test_a_key_is_written_once(workspace: WorkspaceSettings, postbox: Postbox) -> None:
    """Twenty at the same moment, one letter; another key is another letter."""
    written = await asyncio.gather(*(write(workspace, "receipt:1") for _ in range(20)))
    await write(workspace, "receipt:2")
    await send(workspace, postbox)

    assert sorted(written) == [False] * 19 + [True]
    assert len(postbox.received) == 2


async def test_two_workers_do_not_send_the_same(workspace: WorkspaceSettings, postbox: Postbox) -> None:
    """Each letter is claimed by one of five that look at once."""
    for number in range(20):
        await write(workspace, str(number))
    while any(await asyncio.gather(*(send(workspace, postbox) for _ in range(5)))):
        pass

    assert len(postbox.received) == 20
    assert len({message["Message-ID"] for message in postbox.received}) == 20


async def test_nothing_is_readable_in_the_database(workspace: WorkspaceSettings) -> None:
    """Neither the address nor a word."""
    await write(workspace)
    row = await sql.fetch_one("SELECT * FROM letter")

    assert row is not None
    assert not any(word in bytes(row["sealed"]) for word in (b"dana", b"Hello"))


async def test_a_letter_is_lost_with_the_unit_that_wrote_it(workspace: WorkspaceSettings) -> None:
    """It tells of something that did not happen then."""

    async def unit() -> None:
        await letters.write(workspace, "k", "test", HELLO, NOW)
        raise LookupError

    with pytest.raises(LookupError):
        await db.transaction(unit)

    assert await count("letter") == 0


async def test_a_server_that_is_away_is_asked_again(workspace: WorkspaceSettings, postbox: Postbox) -> None:
    """Nobody listens: the letter waits, and leaves when somebody does."""
    await write(workspace)
    await send(workspace, postbox, server=postbox.server(port=1))
    waiting = await problem(), await count("letter", WAITING)
    early = await send(workspace, postbox, NOW + timedelta(seconds=30))
    await send(workspace, postbox, NOW + timedelta(seconds=80))

    assert waiting == ("not_reached", 1)
    assert early == 0
    assert len(postbox.received) == 1
    assert await problem() is None


async def test_a_refused_recipient_is_given_up(workspace: WorkspaceSettings, postbox: Postbox) -> None:
    """A 5xx is final: its letter is emptied with the reason, and the next one arrives in the same conversation."""
    postbox.refuses[DANA.email] = "550 5.1.1 no such user dana@example.com"
    await write(workspace)
    await send(workspace, postbox)
    again = await send(workspace, postbox, NOW + timedelta(days=4))

    assert again == 0
    assert await problem() == "refused_550"
    assert await count("letter", "sent_at IS NULL AND sealed IS NULL AND attempts = 1") == 1


@on_sqlite
async def test_one_refusal_holds_nobody_else_up(workspace: WorkspaceSettings, postbox: Postbox) -> None:
    """Nine others leave in the same conversation."""
    postbox.refuses["gone@example.com"] = "550 no"
    postbox.refuses["later@example.com"] = "451 later"
    for number, to in enumerate(["gone@example.com", "later@example.com", *(f"{n}@example.com" for n in range(8))]):
        await write(workspace, str(number), Mail(to=to, subject="s", text="t", html="h"))
    await send(workspace, postbox)

    assert len(postbox.received) == 8
    assert postbox.conversations == 1


@on_sqlite
@pytest.mark.parametrize("answer", ["451 4.7.1 greylisted", "421 too many"])
async def test_a_postponed_letter_is_tried_again(workspace: WorkspaceSettings, postbox: Postbox, answer: str) -> None:
    """A 4xx means later: the same message arrives on the second try."""
    postbox.answers = [answer]
    await write(workspace)
    await send(workspace, postbox)
    await send(workspace, postbox, NOW + timedelta(minutes=2))

    assert len(postbox.received) == 1
    assert await count("letter", "sent_at IS NOT NULL AND attempts = 2") == 1


@on_sqlite
async def test_after_three_days_it_is_given_up(workspace: WorkspaceSettings, postbox: Postbox) -> None:
    """Ten tries, further and further apart; then emptied, with the reason that was given last."""
    postbox.refuses[DANA.email] = "450 mailbox busy"
    await write(workspace)
    now, tries = NOW, 0
    while await count("letter", WAITING):
        tries += await send(workspace, postbox, now)
        now += timedelta(minutes=1) if tries < 3 else timedelta(hours=1)

    assert tries == 10
    assert timedelta(days=2.5) < now - NOW < timedelta(days=4)
    assert await problem() == "refused_450"


async def test_a_crash_after_the_handing_over_repeats_the_same_message(
    workspace: WorkspaceSettings, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server took it and we died before we wrote that down: it comes again, and can be told by its Message-ID."""

    async def dies(*_: object) -> None:
        raise KeyboardInterrupt

    await write(workspace)
    with monkeypatch.context() as patch:
        patch.setattr(letters, "_settle", dies)
        with pytest.raises(KeyboardInterrupt):
            await send(workspace, postbox)
    at_once = await send(workspace, postbox, NOW + timedelta(minutes=4))
    later = await send(workspace, postbox, NOW + timedelta(minutes=6))
    first, second = postbox.received

    assert (at_once, later) == (0, 1)
    assert [first[name] for name in ("Message-ID", "Date", "To")] == [
        second[name] for name in ("Message-ID", "Date", "To")
    ]


@on_sqlite
async def test_a_letter_that_breaks_us_holds_nobody_up(
    workspace: WorkspaceSettings, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake of ours is one letter's problem; mended, it leaves."""
    compose = mail.compose

    def stumbles(content: Mail, *rest: Any) -> Any:
        return compose(content, *rest) if content.to == DANA.email else rest[100]

    for number, to in enumerate(["odd@example.com", DANA.email, DANA.email]):
        await write(workspace, str(number), Mail(to=to, subject="s", text="t", html="h"))
    with monkeypatch.context() as patch:
        patch.setattr(mail, "compose", stumbles)
        await send(workspace, postbox)
    waiting = await count("letter", f"{WAITING} AND problem = 'internal'")
    await send(workspace, postbox, NOW + timedelta(minutes=2))

    assert waiting == 1
    assert postbox.recipients == [DANA.email, DANA.email, "odd@example.com"]


async def test_who_lost_the_lease_has_no_say(
    workspace: WorkspaceSettings, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that slept over its lease does not overwrite what the other one wrote."""
    settle = letters._settle

    async def sleeps(letter: letters.Letter, outcome: mail.NotTaken | None, now: datetime) -> None:
        monkeypatch.setattr(letters, "_settle", settle)
        await send(workspace, postbox, NOW + timedelta(minutes=6))
        await settle(letter, mail.NotTaken("late", for_good=True), now)

    monkeypatch.setattr(letters, "_settle", sleeps)
    await write(workspace)
    await send(workspace, postbox)

    assert await count("letter", "sent_at IS NOT NULL AND problem IS NULL") == 1


async def test_without_a_server_nothing_piles_up(workspace: WorkspaceSettings) -> None:
    """What waited when the setting was taken away is given up."""
    await write(workspace)
    given_up = [await letters.give_up_waiting(NOW) for _ in range(2)]

    assert given_up == [1, 0]
    assert await problem() == "no_mail_server"
    assert await count("letter", WAITING) == 0


async def test_old_letters_are_forgotten(workspace: WorkspaceSettings, postbox: Postbox) -> None:
    """A month after they left; what still waits stays."""
    await write(workspace, "old", now=NOW - timedelta(days=31))
    await write(workspace, "new", now=NOW - timedelta(days=29))
    await send(workspace, postbox)
    await write(workspace, "waits", now=NOW - timedelta(days=31))

    assert await letters.forget_old(NOW) == 1
    assert await count("letter") == 2


async def test_one_that_has_not_left_is_written_anew(workspace: WorkspaceSettings, postbox: Postbox) -> None:
    """The last word goes out; afterwards it is too late."""

    async def rewrite(text: str) -> bool:
        content = Mail(to=DANA.email, subject="s", text=text, html="h")
        return await db.transaction(lambda: letters.rewrite(workspace, "k", "test", content, NOW, NOW))

    before = [await rewrite("first"), await rewrite("second")]
    await send(workspace, postbox)

    assert before == [True, True]
    assert await rewrite("third") is False
    assert [part(message, "plain").strip() for message in postbox.received] == ["second"]


@on_sqlite
@pytest.mark.parametrize("to", ["", "nobody", "a b@example.com", "a@b@c d", "x\r\nBcc: eve@evil.example", "a@-"])
async def test_an_address_that_is_none_is_given_up(workspace: WorkspaceSettings, postbox: Postbox, to: str) -> None:
    """Whatever a token said: no exception, no second try, nothing sent."""
    await write(workspace, content=Mail(to=to, subject="s", text="t", html="h"))
    await send(workspace, postbox)

    assert await problem() == "bad_address"
    assert postbox.received == []
