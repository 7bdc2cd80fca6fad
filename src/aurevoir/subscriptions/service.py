"""Recording what billing tells; the same again, late or in another order changes nothing. Verbs run inside a unit."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from aurevoir.access import vault
from aurevoir.access.vault import Pseudonyms
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing.source import ExitTold, Page, PaymentTold, StateTold
from aurevoir.kit import crypto, db, ids, sql
from aurevoir.kit.struct import safe_text
from aurevoir.subscriptions import history, rows
from aurevoir.subscriptions.history import SKEW, Declared

# The channel that keeps what was said elsewhere apart from what customers said here.
IMPORTED = "imported"
LONGEST_COMMENT = 2000


async def record(workspace: WorkspaceSettings, mode: str, source: str, page: Page) -> None:
    """Everything on a page that a source gave; locks are taken in this order, and within each verb in that of names."""
    await record_states(workspace, mode, source, page.states)
    await record_payments(workspace, mode, source, page.payments)
    await record_exits(workspace, mode, source, page.exits)


async def record_states(workspace: WorkspaceSettings, mode: str, source: str, told: Sequence[StateTold]) -> int:
    """Work it into each subscription's history; how many intervals are new or different."""
    by_names: dict[Pseudonyms, list[StateTold]] = defaultdict(list)
    for one in told:
        reference = one.subscription
        by_names[vault.pseudonyms(workspace.data_key, reference.customer, reference.subscription)].append(one)
    changed = 0
    for names in sorted(by_names, key=lambda names: names.subscription):
        statements = by_names[names]
        declared = await rows.lock(workspace.id, mode, names, max(one.told_at for one in statements))
        known = await rows.intervals(workspace.id, mode, names.subscription)
        rewritten = history.rewritten(
            [one.fact for one in known.values()], [history.by_own_word(one, declared) for one in statements], source
        )
        changed += await rows.store(workspace.id, mode, names, known, rewritten)
    return changed


async def record_payments(workspace: WorkspaceSettings, mode: str, source: str, told: Sequence[PaymentTold]) -> None:
    """The latest word on each payment counts; at the same moment, that it was paid."""
    for one in sorted(told, key=lambda one: one.reference):
        names = vault.pseudonyms(workspace.data_key, one.customer, one.subscription or "")
        await sql.execute(
            _PAYMENT,
            ids.new_id(),
            workspace.id,
            mode,
            one.reference,
            names.customer,
            names.subscription if one.subscription else None,
            one.paid_at,
            one.amount,
            one.currency,
            one.status,
            source,
            one.told_at,
        )


_PAYMENT = """
INSERT INTO payment (id, workspace_id, mode, reference, customer, subscription, paid_at, amount, currency, status,
  source, told_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (workspace_id, mode, reference) DO UPDATE SET customer = excluded.customer,
  subscription = excluded.subscription, paid_at = excluded.paid_at, amount = excluded.amount,
  currency = excluded.currency, status = excluded.status, source = excluded.source, told_at = excluded.told_at
WHERE excluded.told_at > payment.told_at OR (excluded.told_at = payment.told_at AND excluded.status = 'paid')
"""


async def record_exits(workspace: WorkspaceSettings, mode: str, source: str, told: Sequence[ExitTold]) -> None:
    """Exits that took place elsewhere, labelled `imported`; none where the customer had declared it here."""
    for one in sorted(told, key=lambda one: one.subscription.subscription):
        names = vault.pseudonyms(workspace.data_key, one.subscription.customer, one.subscription.subscription)
        declared = await rows.find_declared(workspace.id, mode, names.subscription)
        if declared is not None and one.ended_at >= declared.at - SKEW:
            continue
        comment = safe_text(one.comment or "")[:LONGEST_COMMENT]
        await sql.execute(
            _EXIT,
            ids.new_id(),
            workspace.id,
            mode,
            names.subscription,
            names.customer,
            one.ended_at,
            IMPORTED,
            one.ended_by,
            one.category,
            one.feedback,
            crypto.seal(workspace.data_key, comment.encode()) if comment else None,
            source,
            one.told_at,
        )


_EXIT = """
INSERT INTO past_exit (id, workspace_id, mode, subscription, customer, ended_at, channel, ended_by, category, feedback,
  comment, source, told_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (workspace_id, mode, subscription, ended_at) DO UPDATE SET ended_by = excluded.ended_by,
  category = excluded.category, feedback = excluded.feedback, comment = excluded.comment, source = excluded.source,
  told_at = excluded.told_at
WHERE excluded.told_at > past_exit.told_at
"""


class OwnWord(Struct, frozen=True):
    """What a customer declared here of one subscription; None: nothing, or it was taken back."""

    workspace: UUID
    mode: str
    names: Pseudonyms
    declared: Declared | None


async def record_own_words(words: Sequence[OwnWord], now: datetime) -> None:
    """They outrank what billing says of the same ends, before or after; at most one for each subscription.

    Inside a unit; locks are taken in the order of names, as everywhere.
    """
    words = sorted(words, key=lambda one: one.names.subscription)
    await sql.execute_many(
        _OWN_WORD,
        [
            (ids.new_id(), *_key(one), one.names.customer, now, one.declared.at, one.declared.reason)
            if one.declared
            else (ids.new_id(), *_key(one), one.names.customer, now, None, None)
            for one in words
        ],
    )
    ends = [(*_key(one), one.declared.at - SKEW, one.declared.reason) for one in words if one.declared]
    await sql.execute_many(_OWN_END, ends)
    await sql.execute_many(_NO_EXIT, [end[:4] for end in ends])


def _key(one: OwnWord) -> tuple[UUID, str, str]:
    return one.workspace, one.mode, one.names.subscription


_OWN_WORD = """
INSERT INTO subscription (id, workspace_id, mode, subscription, customer, seen_at, declared_at, declared_reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (workspace_id, mode, subscription) DO UPDATE SET customer = excluded.customer,
  seen_at = CASE WHEN excluded.seen_at > subscription.seen_at THEN excluded.seen_at ELSE subscription.seen_at END,
  declared_at = excluded.declared_at, declared_reason = excluded.declared_reason
"""
_OWN_END = """
UPDATE subscription_state SET ended_by = 'customer', reason_code = COALESCE($5, reason_code)
WHERE workspace_id = $1 AND mode = $2 AND subscription = $3 AND status = 'cancelled' AND valid_from >= $4
"""
_NO_EXIT = """
DELETE FROM past_exit WHERE workspace_id = $1 AND mode = $2 AND subscription = $3 AND ended_at >= $4
"""


async def forget_reason(workspace: UUID, mode: str, subscription: str) -> None:
    """The customer took back why they left: what was noted of it here goes. Inside a unit.

    Where billing has a reason of its own, the next reading brings that one.
    """
    which = "workspace_id = $1 AND mode = $2 AND subscription = $3"
    lock = " FOR UPDATE" if db.dialect() == "postgres" else ""
    noted = await sql.fetch_one(
        f"SELECT declared_reason FROM subscription WHERE {which}{lock}", workspace, mode, subscription
    )
    if noted is None or noted["declared_reason"] is None:
        return
    await sql.execute(
        f"UPDATE subscription_state SET reason_code = NULL WHERE {which} "
        "AND ended_by = 'customer' AND reason_code = $4",
        workspace,
        mode,
        subscription,
        noted["declared_reason"],
    )
    await sql.execute(f"UPDATE subscription SET declared_reason = NULL WHERE {which}", workspace, mode, subscription)
