"""Letters: mails written with the fact they tell, sent by the worker, at most one for each key.

Written at most once, sent at least once: a process that dies between the server's "250" and our commit sends the same
message again, under the same Message-ID.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

import aiosmtplib
import msgspec
import structlog
from msgspec import Struct

from aurevoir.kit import crypto, db, ids, mail, sql
from aurevoir.kit.mail import Mail, NotTaken, Server

log = structlog.get_logger()
_mails = msgspec.json.Decoder(Mail)

# Long enough for a whole batch and a slow server; after a crash its letters wait as long.
LEASE = timedelta(minutes=5)
AT_ONCE = 10
# In minutes: three days, all in all.
_BACK_OFF = (1, 5, 15, 60, 180, 360, 720, 1440, 1440)
KEPT = timedelta(days=30)


class Owner(Protocol):
    """A workspace: the key that seals its letters."""

    @property
    def id(self) -> UUID:
        """The workspace."""
        ...

    @property
    def data_key(self) -> bytes:
        """Unwrapped."""
        ...


class Letter(Struct, frozen=True, kw_only=True):
    """A letter as the worker holds it; `lease_until` is also what it holds it by."""

    id: UUID
    workspace_id: UUID
    kind: str
    sealed: bytes
    attempts: int
    written_at: datetime
    lease_until: datetime


async def write(
    owner: Owner, key: str, kind: str, content: Mail, now: datetime, *, not_before: datetime | None = None
) -> bool:
    """Seal a letter, unless one of this key was written before. Inside a unit; whether it is a new one."""
    return await _insert("DO NOTHING", owner, key, kind, content, now, not_before or now)


async def rewrite(owner: Owner, key: str, kind: str, content: Mail, now: datetime, not_before: datetime) -> bool:
    """The same, and one that nobody took to the post yet is written anew. Inside a unit; False: it has left already."""
    anew = "DO UPDATE SET sealed = excluded.sealed WHERE letter.attempts = 0 AND letter.sealed IS NOT NULL"
    return await _insert(anew, owner, key, kind, content, now, not_before)


async def write_in_turn(owner: Owner, name: str, content: Mail, now: datetime, every: timedelta) -> None:
    """At once, or with the next of this name: at most one leaves in `every`, and what has not left is written anew.

    Inside a unit.
    """
    seconds = every.total_seconds()
    turn = datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
    for start in (turn, turn + every):
        if await rewrite(owner, f"{name}:{start:%Y%m%dT%H%M}", name, content, now, max(now, start)):
            return


async def _insert(
    conflict: str, owner: Owner, key: str, kind: str, content: Mail, now: datetime, not_before: datetime
) -> bool:
    written = await sql.execute(
        "INSERT INTO letter (id, workspace_id, key, kind, sealed, attempts, not_before, written_at) "
        f"VALUES ($1, $2, $3, $4, $5, 0, $6, $7) ON CONFLICT (workspace_id, key) {conflict}",
        ids.new_id(),
        owner.id,
        key,
        kind,
        crypto.seal(owner.data_key, msgspec.json.encode(content)),
        not_before,
        now,
    )
    return written > 0


async def recall(workspace: UUID, prefix: str) -> bool:
    """Take back the letters whose key begins so and that did not leave yet. Inside a unit; whether there were any."""
    recalled = await sql.execute(
        "DELETE FROM letter WHERE workspace_id = $1 AND substr(key, 1, $2) = $3 AND sealed IS NOT NULL",
        workspace,
        len(prefix),
        prefix,
    )
    return recalled > 0


async def send_due(workspace_of: Callable[[UUID], Awaitable[Owner]], server: Server, now: datetime) -> int:
    """Send what is due, the oldest first, in one conversation with the server; how many were tried."""
    if await _find_due(now) is None:
        return 0
    claimed = await db.transaction(lambda: _claim(now))
    if not claimed:
        return 0
    left = list(claimed)
    try:
        async with mail.connected(server) as client:
            while left:
                outcome = await _send(client, server.sender, left[0], workspace_of)
                await _settle(left.pop(0), outcome, now)
    except NotTaken as error:
        log.warning("mail_server_not_reached", problem=error.code, waiting=len(left))
        for letter in left:
            await _settle(letter, error, now)
    return len(claimed)


_DUE = "sent_at IS NULL AND sealed IS NOT NULL AND not_before <= $1 AND (lease_until IS NULL OR lease_until < $1)"


async def _find_due(now: datetime) -> object:
    return await sql.fetch_one(f"SELECT id FROM letter WHERE {_DUE} LIMIT 1", now)


async def _claim(now: datetime) -> Sequence[Letter]:
    due = f"SELECT id FROM letter WHERE {_DUE} ORDER BY not_before LIMIT {AT_ONCE} {db.skip_locked()}"
    return await sql.fetch_all(
        f"UPDATE letter SET lease_until = $2, attempts = attempts + 1 WHERE id IN ({due}) "
        "RETURNING id, workspace_id, kind, sealed, attempts, written_at, lease_until",
        now,
        now + LEASE,
        into=Letter,
    )


async def _send(
    client: aiosmtplib.SMTP, sender: str, letter: Letter, workspace_of: Callable[[UUID], Awaitable[Owner]]
) -> NotTaken | None:
    """What kept it from being sent; None: the server has it."""
    owner = await workspace_of(letter.workspace_id)
    try:
        content = _mails.decode(crypto.unseal(owner.data_key, letter.sealed))
        message = mail.compose(content, sender, letter.id.hex, letter.written_at)
        await mail.deliver(client, message)
    except NotTaken as error:
        return error
    except mail.BadAddress:
        return NotTaken("bad_address", for_good=True)
    except Exception:
        # A mistake of ours: it waits like the others, and holds up none of them.
        log.exception("letter_failed", kind=letter.kind, letter=str(letter.id))
        return NotTaken("internal")
    return None


async def _settle(letter: Letter, problem: NotTaken | None, now: datetime) -> None:
    again = None if problem is None or problem.for_good else retry_at(letter.attempts, letter.id, now)
    if problem is not None and again is None:
        log.error("letter_given_up", kind=letter.kind, letter=str(letter.id), problem=problem.code)
    await db.transaction(lambda: _store(letter, problem, again, now))


async def _store(letter: Letter, problem: NotTaken | None, again: datetime | None, now: datetime) -> None:
    """Fenced by the lease; what is sent or given up is emptied."""
    await sql.execute(
        "UPDATE letter SET sent_at = $1, problem = $2, not_before = $3, lease_until = NULL, "
        "sealed = CASE WHEN $4 THEN sealed END WHERE id = $5 AND lease_until = $6",
        None if problem else now,
        problem.code if problem else None,
        again or now,
        again is not None,
        letter.id,
        letter.lease_until,
    )


def retry_at(attempts: int, letter: UUID, now: datetime) -> datetime | None:
    """When to try again after so many attempts, spread by up to a fifth; None: it is given up."""
    if attempts > len(_BACK_OFF):
        return None
    spread = 1 + letter.int % 1000 / 5000
    return now + timedelta(minutes=_BACK_OFF[attempts - 1] * spread)


async def give_up_waiting(_: datetime) -> int:
    """Where no server is set (any more), nothing is kept for one."""
    if await sql.fetch_one("SELECT id FROM letter WHERE sealed IS NOT NULL LIMIT 1") is None:
        return 0
    return await db.transaction(
        lambda: sql.execute("UPDATE letter SET sealed = NULL, problem = 'no_mail_server' WHERE sealed IS NOT NULL")
    )


async def forget_old(now: datetime) -> int:
    """Delete what left, or was given up, a month ago."""
    return await db.transaction(
        lambda: sql.execute("DELETE FROM letter WHERE sealed IS NULL AND written_at < $1", now - KEPT)
    )


class LetterHeld(Struct, frozen=True, kw_only=True):
    """A mail to the customer: what it told of, and when it left; `problem` says why it did not."""

    kind: str
    written_at: datetime
    sent_at: datetime | None
    problem: str | None


async def tell(workspace: UUID, keys: Sequence[str]) -> list[LetterHeld]:
    """The letters of these keys, the oldest first."""
    if not keys:
        return []
    return await sql.fetch_all(
        "SELECT kind, written_at, sent_at, problem FROM letter WHERE workspace_id = $1 "
        f"AND key IN ({sql.marks(len(keys), first=2)}) ORDER BY written_at, key",
        workspace,
        *keys,
        into=LetterHeld,
    )
