"""What a customer answered, with the questions and options in the words that were shown."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from aurevoir.flows import service as flows
from aurevoir.flows.service import Version
from aurevoir.flows.steps import ChoiceStep, ScaleStep, TextStep
from aurevoir.kit import ids, sql
from aurevoir.sessions.texts import localised


class ChoiceHeld(Struct, frozen=True, kw_only=True):
    """A chosen option; `rank` 1 is the primary one."""

    code: str
    label: str
    category: str | None
    rank: int


class AnswerHeld(Struct, frozen=True, kw_only=True):
    """What was given to one question; `answered` false: it was shown and left out."""

    session: str
    step: str
    question: str
    kind: str
    answered: bool
    choices: Sequence[ChoiceHeld]
    # The codes of all options, in the order shown.
    shown: Sequence[str]
    value: int | None
    text: str | None
    locale: str
    answered_at: datetime


class _Answer(Struct, frozen=True, kw_only=True):
    session_id: UUID
    version_id: UUID
    step: str
    kind: str
    is_answered: bool
    text: str | None
    value: int | None
    locale: str
    answered_at: datetime


class _Option(Struct, frozen=True, kw_only=True):
    session_id: UUID
    step: str
    code: str
    category: str | None
    rank: int | None


async def tell(sessions: Collection[UUID]) -> list[AnswerHeld]:
    """Every answer given in these sessions, in order."""
    marks = sql.marks(len(sessions))
    given = await sql.fetch_all(
        "SELECT a.session_id, s.version_id, a.step, a.kind, a.is_answered, a.text, a.value, a.locale, a.answered_at "
        f"FROM answer a JOIN session s ON s.id = a.session_id WHERE s.id IN ({marks}) "
        "ORDER BY a.session_id, a.answered_at, a.step",
        *sessions,
        into=_Answer,
    )
    shown = await sql.fetch_all(
        f"SELECT session_id, step, code, category, rank FROM answer_choice WHERE session_id IN ({marks}) "
        "ORDER BY session_id, step, position",
        *sessions,
        into=_Option,
    )
    options: dict[tuple[UUID, str], list[_Option]] = defaultdict(list)
    for one in shown:
        options[one.session_id, one.step].append(one)
    versions = {row.version_id: await flows.version(row.version_id) for row in given}
    return [_held(row, options[row.session_id, row.step], versions[row.version_id]) for row in given]


def _held(row: _Answer, options: Sequence[_Option], version: Version) -> AnswerHeld:
    step = next((step for step in version.flow.steps if step.id == row.step), None)
    labels = {option.code: option.label for option in step.options} if isinstance(step, ChoiceStep) else {}
    chosen = [
        ChoiceHeld(
            code=one.code, label=localised(labels.get(one.code), row.locale), category=one.category, rank=one.rank
        )
        for one in options
        if one.rank is not None
    ]
    return AnswerHeld(
        session=ids.shown("ses", row.session_id),
        step=row.step,
        question=localised(step.ask, row.locale) if isinstance(step, ChoiceStep | TextStep | ScaleStep) else "",
        kind=row.kind,
        answered=row.is_answered,
        choices=sorted(chosen, key=lambda one: one.rank),
        shown=[one.code for one in options],
        value=row.value,
        text=row.text,
        locale=row.locale,
        answered_at=row.answered_at,
    )
