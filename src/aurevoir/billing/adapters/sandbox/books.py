"""The sandbox's subscriptions in the database: read, opened, changed one writer at a time."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import msgspec

from aurevoir.billing.adapters.sandbox import clock
from aurevoir.billing.adapters.sandbox.ledger import Ledger
from aurevoir.billing.gateway import NotSent
from aurevoir.kit import db, ids, sql

_ledgers = msgspec.json.Decoder(Ledger)
# Two writers of one subscription are rare; a third try has never been needed.
_TRIES = 8


class Account(NamedTuple):
    """Whose subscription: `subscription` is the operator's own id."""

    workspace: UUID
    mode: str
    subscription: str


async def find(account: Account) -> Ledger | None:
    """The subscription as it stands; None where the sandbox never heard of it."""
    found = await _read(account)
    return found[0] if found else None


async def open_subscription(account: Account, ledger: Ledger) -> Ledger:
    """Keep a new subscription; the one that is there already, where there is one."""
    await db.transaction(lambda: _insert(account, ledger))
    found = await find(account)
    assert found is not None, "it was opened by us or by somebody else"
    return found


async def change(account: Account, by: Callable[[Ledger], Ledger], otherwise: Ledger | None = None) -> Ledger:
    """The subscription after `by`, kept; `otherwise` is what an unknown one is opened with.

    Raises LookupError where it is unknown and nothing stands for it, NotSent where others were quicker every time.
    """
    for _ in range(_TRIES):
        found = await _read(account)
        if found is None:
            if otherwise is None:
                raise LookupError(account.subscription)
            found = await open_subscription(account, otherwise), 0
        ledger, revision = found
        changed = by(ledger)
        if changed == ledger:
            return changed
        if await db.transaction(lambda: _update(account, changed, revision)):  # noqa: B023 - awaited at once
            return changed
    raise NotSent


async def advance(account: Account, days: int) -> Ledger:
    """Let so many days pass for one subscription; raises LookupError where there is none."""
    return await change(account, lambda ledger: clock.advance(ledger, days))


async def _read(account: Account) -> tuple[Ledger, int] | None:
    row = await sql.fetch_one(
        "SELECT ledger, revision FROM sandbox_subscription WHERE workspace_id = $1 AND mode = $2 AND subscription = $3",
        *account,
    )
    return (_ledgers.decode(row["ledger"]), row["revision"]) if row else None


async def _insert(account: Account, ledger: Ledger) -> int:
    return await sql.execute(
        "INSERT INTO sandbox_subscription (id, workspace_id, mode, subscription, ledger, revision) "
        "VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (workspace_id, mode, subscription) DO NOTHING",
        ids.new_id(),
        *account,
        _encoded(ledger),
    )


async def _update(account: Account, ledger: Ledger, revision: int) -> int:
    return await sql.execute(
        "UPDATE sandbox_subscription SET ledger = $1, revision = revision + 1 "
        "WHERE workspace_id = $2 AND mode = $3 AND subscription = $4 AND revision = $5",
        _encoded(ledger),
        *account,
        revision,
    )


def _encoded(ledger: Ledger) -> str:
    return msgspec.json.encode(ledger).decode()
