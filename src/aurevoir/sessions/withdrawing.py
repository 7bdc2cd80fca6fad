"""Deleting one's answers: what was given goes, from wherever it was written down; what was declared stays."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from aurevoir.access.installation import Installation
from aurevoir.events import service as events
from aurevoir.kit import db, sql
from aurevoir.offers import service as offers
from aurevoir.sessions import declaring, evidence, machine, opening, queries
from aurevoir.sessions.context import Context
from aurevoir.sessions.queries import COLUMNS, SessionRow
from aurevoir.sessions.receipts import Proof
from aurevoir.sessions.visit import RECEIPT, Rules, Visit
from aurevoir.subscriptions import service as subscriptions


async def withdraw_answers(installation: Installation, proof: Proof, now: datetime) -> list[UUID]:
    """Delete whatever was answered about the receipt's subscription, in whichever visit; those visits.

    None of them asks again. Said twice, it changes nothing. Inside a unit.
    """
    here = await queries.find_session(proof.session_id)
    assert here is not None, "a declaration keeps its session"
    which = here.workspace_id, here.mode, here.subscription
    answered = await _answered(*which)
    for row in answered:
        await _withdraw(await opening.context_of(installation, row, now), now)
    if answered:
        await subscriptions.forget_reason(*which)
    return [row.id for row in answered]


async def _answered(*which: object) -> list[SessionRow]:
    visits = "FROM session WHERE workspace_id = $1 AND mode = $2 AND subscription = $3"
    if db.dialect() == "postgres":
        # First of all: what is looked up by a statement that waits for a lock is older than what it waited for.
        await sql.fetch_all(f"SELECT id {visits} ORDER BY id FOR UPDATE", *which)
    return await sql.fetch_all(
        f"SELECT {COLUMNS} {visits} AND (EXISTS (SELECT 1 FROM answer WHERE session_id = session.id) "
        "OR EXISTS (SELECT 1 FROM favour WHERE session_id = session.id)) ORDER BY id",
        *which,
        into=SessionRow,
    )


async def _withdraw(found: Context, now: datetime) -> None:
    row, visit = found.row, without_answers(found.visit, found.rules)
    for table in ("answer", "answer_choice", "favour"):
        await sql.execute(f"DELETE FROM {table} WHERE session_id = $1", row.id)
    await sql.execute(
        "UPDATE session SET visit = $1, step = $2, revision = $3, "
        "answers_withdrawn_at = COALESCE(answers_withdrawn_at, $4) WHERE id = $5",
        msgspec.json.encode(visit).decode(),
        visit.step,
        visit.revision,
        now,
        row.id,
    )
    await events.amend(row.workspace_id, row.id, "session.answered", {"answers": []})
    await events.amend(row.workspace_id, row.id, "cancellation.declared", {"reason": None})
    await evidence.forget(row.id)
    await offers.forget_reason(found.workspace, row.id, now)
    await declaring.record("answers.withdrawn", found, "customer", now, {})
    await evidence.note(found.workspace, row.id, "answers_withdrawn", {"actor": "customer"}, now)


def without_answers(visit: Visit, rules: Rules) -> Visit:
    """The visit with nothing that was answered, on a screen that asks nothing."""
    emptied = replace(visit, given={}, skipped=(), revision=visit.revision + 1)
    if machine.survey_screen(visit, rules) is None and not machine.on_offer(visit, rules):
        return emptied
    if visit.declared or rules.order == "survey_only":
        return replace(emptied, step=RECEIPT)
    return replace(emptied, step=rules.confirm, confirm_shown=True)
