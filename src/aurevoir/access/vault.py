"""The vault: pseudonyms for every row, and the clear ids sealed in one table."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from aurevoir.access.facts import Facts
from aurevoir.kit import crypto, ids, sql


class ClearIds(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who the pseudonyms stand for."""

    customer: str
    subscription: str
    email: str | None = None


class Pseudonyms(Struct, frozen=True):
    """The same customer and subscription, as every other table knows them."""

    customer: str
    subscription: str


_decoder = msgspec.json.Decoder(ClearIds)


def pseudonyms(data_key: bytes, customer: str, subscription: str) -> Pseudonyms:
    """The workspace's pseudonyms of these ids."""
    return Pseudonyms(
        crypto.pseudonym(data_key, "customer", customer), crypto.pseudonym(data_key, "subscription", subscription)
    )


async def store(workspace: UUID, data_key: bytes, facts: Facts, names: Pseudonyms, now: datetime) -> None:
    """Seal the clear ids; the latest e-mail wins. Inside a unit."""
    clear = ClearIds(customer=facts.sub, subscription=facts.subscription.id, email=facts.actor.email)
    await sql.execute(
        "INSERT INTO customer_vault (id, workspace_id, customer, subscription, sealed, stored_at) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, subscription) "
        "DO UPDATE SET customer = excluded.customer, sealed = excluded.sealed, stored_at = excluded.stored_at",
        ids.new_id(),
        workspace,
        names.customer,
        names.subscription,
        crypto.seal(data_key, msgspec.json.encode(clear)),
        now,
    )


async def find(workspace: UUID, data_key: bytes, subscription: str) -> ClearIds | None:
    """The clear ids behind a subscription's pseudonym, or None once they were erased."""
    row = await sql.fetch_one(
        "SELECT sealed FROM customer_vault WHERE workspace_id = $1 AND subscription = $2", workspace, subscription
    )
    return None if row is None else _decoder.decode(crypto.unseal(data_key, bytes(row["sealed"])))


class IdentityHeld(ClearIds, frozen=True, kw_only=True, omit_defaults=False):
    """One entry of the vault: who a subscription's pseudonym (`reference`) stands for."""

    reference: str
    stored_at: datetime


async def tell(workspace: UUID, data_key: bytes, customer: str) -> list[IdentityHeld]:
    """Everything that names a customer (the pseudonym), the oldest first."""
    rows = await sql.fetch_all(
        "SELECT subscription, sealed, stored_at FROM customer_vault WHERE workspace_id = $1 AND customer = $2 "
        "ORDER BY stored_at, subscription",
        workspace,
        customer,
        into=_Entry,
    )
    held = []
    for row in rows:
        clear = _decoder.decode(crypto.unseal(data_key, row.sealed))
        held.append(
            IdentityHeld(
                customer=clear.customer,
                subscription=clear.subscription,
                email=clear.email,
                reference=row.subscription,
                stored_at=row.stored_at,
            )
        )
    return held


class _Entry(Struct, frozen=True, kw_only=True):
    subscription: str
    sealed: bytes
    stored_at: datetime
