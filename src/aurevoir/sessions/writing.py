"""Writing what a move did: answers, facts and state, always inside the unit of the move."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from msgspec.structs import replace

from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import service as events
from aurevoir.flows import graph
from aurevoir.flows.steps import ChoiceStep
from aurevoir.kit import crypto, ids, sql
from aurevoir.sessions import accepting, declaring, evidence, meanwhile, offering, opening, queries, storing
from aurevoir.sessions.answers import StepAnswer
from aurevoir.sessions.context import Context
from aurevoir.sessions.machine import Outcome
from aurevoir.sessions.moves import Accept, Move
from aurevoir.sessions.offering import Weighed
from aurevoir.sessions.queries import SessionRow
from aurevoir.sessions.receipts import Documents
from aurevoir.sessions.screen import ReceiptShown, Screen

log = structlog.get_logger()
Issued = tuple[ReceiptShown, Documents]


async def carry_out(
    installation: Installation,
    found: Context,
    weighed: Weighed | None,
    made: Move,
    outcome: Outcome,
    now: datetime,
    actor: str,
) -> tuple[Context, Screen | None]:
    """Everything that a move did, with the exhibit of it; the session as it is from now on, and its screen.

    Inside a unit, on a row that is locked, and only where the move changed something. No screen: it cannot be drawn.
    """
    with events.noted() as noted:
        issued = await _fact(installation, found, weighed, outcome, now, actor)
    if weighed is not None:
        visit, presented = await offering.present(found, weighed, made, outcome.visit, now)
        outcome, found = replace(outcome, visit=visit), replace(found, presented=presented)
    after = replace(found, row=_moved(found, outcome, now), visit=outcome.visit)
    screen = await _drawn(installation, after, issued[0] if issued else None)
    happened = _happened(found, made, outcome, actor) | {"events": evidence.named(noted, found.row.id)}
    if issued is not None:
        happened["receipt"] = _issued(*issued)
    row = await storing.store(found.workspace, after.row, _kind(made, outcome, actor), happened, screen, now)
    return replace(after, row=row), screen


async def _drawn(installation: Installation, after: Context, receipt: ReceiptShown | None) -> Screen | None:
    """The screen; a mistake in drawing it is no reason to lose what was said, least of all a cancellation."""
    try:
        return await opening.screen_of(installation, after, receipt)
    except Exception:
        log.exception("screen_not_drawn", session=str(after.row.id))
        return None


def _kind(made: Move, outcome: Outcome, actor: str) -> str:
    """A declaration is told apart from a first press on cancel, and the customer's own from one recorded for them."""
    if outcome.fact == "declared":
        return "declare" if actor == "customer" else "recorded"
    return str(made.__struct_config__.tag)


def _happened(found: Context, made: Move, outcome: Outcome, actor: str) -> dict[str, object]:
    """A move as exhibits tell it: codes and numbers, never the customer's words."""
    what: dict[str, object] = {"actor": actor, "move": made.__struct_config__.tag, "on": found.visit.step}
    what |= {"revision": found.visit.revision, "state": outcome.visit.state}
    if outcome.answered:
        what["answers"] = [_told(one) for one in outcome.answered]
    if isinstance(made, Accept):
        what["offer"] = made.offer
    if outcome.favours:
        what["favours"] = list(outcome.favours)
    return what


def _issued(shown: ReceiptShown, documents: Documents) -> dict[str, object]:
    """A receipt as its exhibit names it: the documents must be these."""
    digests = {"text": crypto.sha256(documents.text), "html": crypto.sha256(documents.html)}
    return {"id": shown.id, "sha256": digests}


async def _fact(
    installation: Installation,
    found: Context,
    weighed: Weighed | None,
    outcome: Outcome,
    now: datetime,
    actor: str,
) -> Issued | None:
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
            await meanwhile.taken_back(installation, other, found.row.id, actor, now)
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


def _moved(found: Context, outcome: Outcome, now: datetime) -> SessionRow:
    """The row after the move."""
    after, decided = outcome.visit, outcome.fact != "none"
    return replace(
        storing.standing(found.row, after),
        moves=found.row.moves + 1,
        declarations=after.declarations,
        moved_at=now,
        decided_at=now if decided else found.row.decided_at,
        ends_on=found.ending.effective_on if outcome.fact == "declared" else found.row.ends_on,
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
