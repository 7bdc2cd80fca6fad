"""Writing what a move did: answers, facts and state, always inside the unit of the move."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import service as events
from aurevoir.events.catalogue import EventKind
from aurevoir.flows import graph
from aurevoir.flows.steps import ChoiceStep
from aurevoir.kit import crypto, ids, sql
from aurevoir.sessions import accepting, declaring, machine, queries
from aurevoir.sessions.answers import StepAnswer
from aurevoir.sessions.context import Context
from aurevoir.sessions.machine import Outcome
from aurevoir.sessions.offering import Weighed
from aurevoir.sessions.queries import SessionRow
from aurevoir.sessions.screen import ReceiptShown
from aurevoir.sessions.visit import Visit

_visit = msgspec.json.Decoder(Visit)


async def fact(
    installation: Installation,
    found: Context,
    weighed: Weighed | None,
    outcome: Outcome,
    now: datetime,
    actor: str,
) -> ReceiptShown | None:
    """The answers and the fact of a move, each with its event; a receipt where it was a declaration."""
    if outcome.answered:
        await _answers(found, outcome.answered, now)
        await declaring.record(
            "session.answered", found, actor, now, {"answers": [_told(one) for one in outcome.answered]}
        )
    if outcome.fact == "declared":
        return await declaring.declare(installation, found, outcome.visit.declarations, actor, now)
    if outcome.fact == "accepted":
        assert weighed is not None, "only what was shown is accepted"
        await accepting.accept(found, weighed, outcome.visit, actor, now)
    if outcome.fact == "undone":
        for other in await declaring.take_back(found, actor, now):
            await _taken_back(other, actor, now)
    if outcome.fact == "kept":
        await declaring.record("session.kept", found, actor, now, {})
    if outcome.favours:
        await accepting.promise(found, outcome.favours, now)
    return None


def _told(answer: StepAnswer) -> dict[str, object]:
    """An answer as events carry it: codes and numbers, never the customer's words."""
    told: dict[str, object] = {"step": answer.step, "answered": answer.is_answered}
    if answer.choices:
        told["choices"] = list(answer.choices)
    if answer.value is not None:
        told["value"] = answer.value
    return told


async def visit(found: Context, outcome: Outcome, now: datetime) -> Context:
    """The state after the move, stored; the context as it is from now on."""
    after, decided = outcome.visit, outcome.fact != "none"
    row = replace(
        _standing(found.row, after),
        moves=found.row.moves + 1,
        declarations=after.declarations,
        moved_at=now,
        decided_at=now if decided else found.row.decided_at,
        ends_on=found.ending.effective_on if outcome.fact == "declared" else found.row.ends_on,
    )
    await _store(row)
    return replace(found, row=row, visit=after)


def _standing(row: SessionRow, after: Visit) -> SessionRow:
    """The row of a visit that stands there now."""
    encoded = msgspec.json.encode(after).decode()
    return replace(row, state=after.state, revision=after.revision, step=after.step, visit=encoded)


async def _store(row: SessionRow) -> None:
    await sql.execute(
        "UPDATE session SET state = $1, revision = $2, step = $3, visit = $4, moves = $5, declarations = $6, "
        "moved_at = $7, decided_at = $8, ends_on = $9 WHERE id = $10",
        row.state,
        row.revision,
        row.step,
        row.visit,
        row.moves,
        row.declarations,
        row.moved_at,
        row.decided_at,
        row.ends_on,
        row.id,
    )


async def _answers(found: Context, given: Sequence[StepAnswer], now: datetime) -> None:
    """The last word wins: what was said to these steps before is replaced."""
    steps = [answer.step for answer in given]
    if any(step in found.visit.given or step in found.visit.skipped for step in steps):
        for table in ("answer", "answer_choice"):
            marks = sql.marks(len(steps), first=2)
            await sql.execute(f"DELETE FROM {table} WHERE session_id = $1 AND step IN ({marks})", found.row.id, *steps)
    await sql.insert_many("answer", [_answer_row(found, answer, now) for answer in given])
    await sql.insert_many("answer_choice", [row for answer in given for row in _choice_rows(found, answer)])


def _answer_row(found: Context, answer: StepAnswer, now: datetime) -> dict[str, object]:
    step = next(step for step in found.version.flow.steps if step.id == answer.step)
    return {
        "id": ids.new_id(),
        "workspace_id": found.row.workspace_id,
        "session_id": found.row.id,
        "step": answer.step,
        "kind": step.__struct_config__.tag,
        "is_reason": answer.step == found.version.reason_step.id,
        "is_answered": answer.is_answered,
        "text": answer.text,
        "value": answer.value,
        "locale": found.row.locale,
        "answered_at": now,
    }


def _choice_rows(found: Context, answer: StepAnswer) -> list[dict[str, object]]:
    """Every option in the order shown, those chosen with their rank: what a share of *shown* is counted from."""
    step = next(step for step in found.version.flow.steps if step.id == answer.step)
    if not isinstance(step, ChoiceStep):
        return []
    options = graph.shuffled(step.options, found.row.seed) if step.shuffle else step.options
    return [
        {
            "id": ids.new_id(),
            "session_id": found.row.id,
            "step": step.id,
            "code": option.code,
            "category": option.category,
            "position": position,
            "rank": answer.choices.index(option.code) + 1 if option.code in answer.choices else None,
        }
        for position, option in enumerate(options, start=1)
    ]


async def abandon(session: UUID, idle_since: datetime, now: datetime) -> None:
    """Mark a session that is still open and still idle."""
    row = await queries.find_for_change(session)
    if row is None or row.state != "open" or row.moved_at >= idle_since:
        return
    # The revision stays: whoever comes back to a tab left open just goes on.
    visit = msgspec.json.encode(replace(_visit.decode(row.visit), state="abandoned")).decode()
    await sql.execute("UPDATE session SET state = 'abandoned', visit = $1 WHERE id = $2", visit, session)
    await events.record(
        "session.abandoned",
        workspace=row.workspace_id,
        actor="worker",
        now=now,
        mode=row.mode,
        session=session,
        payload={"bounced": row.moves == 0},
    )


_SETTLED: dict[str, EventKind] = {"saved": "session.saved", "left": "session.left", "needs_help": "session.needs_help"}


async def settle(session: UUID, now: datetime, *, confirmed: bool, kind: str) -> None:
    """Billing's last word on a redemption of this kind, as far as the machine knows what to do with it."""
    row = await queries.find_for_change(session)
    if row is None:
        return
    before = _visit.decode(row.visit)
    after = machine.settled(before, confirmed=confirmed, kind=kind)
    if after == before:
        return
    await _store(_standing(row, after))
    # That the cancellation was taken back was told when the customer said so.
    if after.state in _SETTLED:
        await events.record(
            _SETTLED[after.state], workspace=row.workspace_id, actor="worker", now=now, mode=row.mode, session=session
        )


async def _taken_back(session: UUID, actor: str, now: datetime) -> None:
    """The same in an earlier visit, which declared the end of the same subscription."""
    row = await queries.find_for_change(session)
    assert row is not None, "it has a declaration"
    after = machine.taken_back(_visit.decode(row.visit))
    after = replace(after, revision=after.revision + 1)
    await _store(replace(_standing(row, after), decided_at=now))
    await events.record(
        "cancellation.undone", workspace=row.workspace_id, actor=actor, now=now, mode=row.mode, session=session
    )


async def capability(workspace: WorkspaceSettings, session: UUID) -> str:
    """The secret of the session's hosted page: made once, sealed, found by its hash."""
    row = await queries.find_for_change(session)
    if row is not None and row.capability is not None:
        return crypto.unseal(workspace.data_key, row.capability).decode()
    secret = ids.new_secret()
    await sql.execute(
        "UPDATE session SET capability = $1, capability_hash = $2 WHERE id = $3",
        crypto.seal(workspace.data_key, secret.encode()),
        crypto.sha256(secret),
        session,
    )
    return secret


async def forget_tokens(now: datetime) -> int:
    """Delete the `jti`s that can never come again."""
    return await sql.execute("DELETE FROM token_use WHERE expires_at < $1", now)
