"""The intervals of a subscription as rows: read, compared, and only what differs written."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict

from aurevoir.access.vault import Pseudonyms
from aurevoir.billing.source import State
from aurevoir.kit import ids, sql
from aurevoir.subscriptions.history import Declared, Fact, Interval


class StateRow(State, frozen=True, kw_only=True):
    """A row of `subscription_state`."""

    valid_from: datetime
    valid_to: datetime | None
    source: str
    told_at: datetime
    is_assumed: bool

    def as_interval(self) -> Interval:
        """The same, as history works with it."""
        values = asdict(self)
        state = State(**{name: values[name] for name in State.__struct_fields__})
        fact = Fact(
            since=self.valid_from, state=state, told_at=self.told_at, assumed=self.is_assumed, source=self.source
        )
        return Interval(fact, self.valid_to)


# Quoted: `interval` is a word of SQL's.
COLUMNS = ", ".join(f'"{name}"' for name in StateRow.__struct_fields__)
_UPSERT = (
    f"INSERT INTO subscription_state (id, workspace_id, mode, subscription, customer, {COLUMNS}) "
    f"VALUES ({sql.marks(5 + len(StateRow.__struct_fields__))}) "
    "ON CONFLICT (workspace_id, mode, subscription, valid_from) DO UPDATE SET customer = excluded.customer, "
    + ", ".join(f'"{name}" = excluded."{name}"' for name in StateRow.__struct_fields__ if name != "valid_from")
)


class _Word(Struct, frozen=True):
    declared_at: datetime | None
    declared_reason: str | None


async def lock(workspace: UUID, mode: str, names: Pseudonyms, seen_at: datetime) -> Declared | None:
    """Make the subscription's row or take it, until the unit ends; what its customer declared here."""
    word = await sql.fetch_one(
        "INSERT INTO subscription (id, workspace_id, mode, subscription, customer, seen_at) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, mode, subscription) DO UPDATE SET "
        "customer = excluded.customer, seen_at = CASE WHEN excluded.seen_at > subscription.seen_at "
        "THEN excluded.seen_at ELSE subscription.seen_at END RETURNING declared_at, declared_reason",
        ids.new_id(),
        workspace,
        mode,
        names.subscription,
        names.customer,
        seen_at,
        into=_Word,
    )
    return _declared(word)


async def find_declared(workspace: UUID, mode: str, subscription: str) -> Declared | None:
    """What the subscription's customer declared here, if it stands."""
    word = await sql.fetch_one(
        "SELECT declared_at, declared_reason FROM subscription "
        "WHERE workspace_id = $1 AND mode = $2 AND subscription = $3",
        workspace,
        mode,
        subscription,
        into=_Word,
    )
    return _declared(word)


def _declared(word: _Word | None) -> Declared | None:
    return Declared(word.declared_at, word.declared_reason) if word and word.declared_at else None


async def intervals(workspace: UUID, mode: str, subscription: str) -> dict[datetime, Interval]:
    """What is known of a subscription, by the moment it begins."""
    rows = await sql.fetch_all(
        f"SELECT {COLUMNS} FROM subscription_state WHERE workspace_id = $1 AND mode = $2 AND subscription = $3 "
        "ORDER BY valid_from",
        workspace,
        mode,
        subscription,
        into=StateRow,
    )
    return {row.valid_from: row.as_interval() for row in rows}


async def store(
    workspace: UUID, mode: str, names: Pseudonyms, known: Mapping[datetime, Interval], history: Sequence[Interval]
) -> int:
    """Write what differs; how many intervals are new or say something else than before.

    Nothing is deleted: a moment at which something began stays one, whatever is told of it later.
    """
    changed = 0
    for interval in history:
        before = known.get(interval.fact.since)
        if before == interval:
            continue
        row = _row(interval)
        values = [getattr(row, name) for name in StateRow.__struct_fields__]
        await sql.execute(_UPSERT, ids.new_id(), workspace, mode, names.subscription, names.customer, *values)
        changed += before is None or (before.fact.state, before.until) != (interval.fact.state, interval.until)
    return changed


def _row(interval: Interval) -> StateRow:
    fact = interval.fact
    return StateRow(
        **asdict(fact.state),
        valid_from=fact.since,
        valid_to=interval.until,
        source=fact.source,
        told_at=fact.told_at,
        is_assumed=fact.assumed,
    )
