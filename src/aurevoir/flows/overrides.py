"""Fair-exit warnings that a named person publishes in spite of, with the reason."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from aurevoir.flows.findings import Finding
from aurevoir.flows.rules import RuleId
from aurevoir.kit import ids, sql
from aurevoir.kit.errors import Invalid
from aurevoir.kit.struct import Strict

_ONE_LINE = r"\A[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*\Z"


class Override(Strict, frozen=True, kw_only=True):
    """All warnings of one rule in one draft, and who answers for them."""

    rule: RuleId
    person: Annotated[str, Meta(max_length=120, pattern=_ONE_LINE, description="a name")]
    reason: Annotated[str, Meta(max_length=500, pattern=_ONE_LINE, description="a sentence")]


class WarningsStand(Invalid):
    """Nothing is wrong for certain, and somebody must say that it is meant."""

    code = "warnings_stand"
    message = "Fair-exit warnings stand: mend what they tell, or override each rule by name and with a reason."


def standing(findings: Sequence[Finding], overrides: Sequence[Override]) -> list[Finding]:
    """The fair-exit warnings that nobody answers for. An error cannot be overridden, and advice need not be."""
    answered = {override.rule for override in overrides}
    return [one for one in findings if one.level == "warning" and one.rule and one.rule not in answered]


def used(findings: Sequence[Finding], overrides: Sequence[Override]) -> list[Override]:
    """Those that answer for something; the others are not kept."""
    warned = {one.rule for one in findings if one.level == "warning"}
    return [override for override in overrides if override.rule in warned]


async def keep(
    version: UUID, findings: Sequence[Finding], overrides: Sequence[Override], actor: str, now: datetime
) -> None:
    """Write down each warning with who answered for it. Inside the unit that writes the version."""
    for override, found in _covered(findings, overrides):
        await sql.insert(
            "flow_override",
            id=ids.new_id(),
            version_id=version,
            rule=override.rule,
            path=found.path[:200],
            message=found.message[:500],
            person=override.person.strip(),
            actor=actor,
            reason=override.reason.strip(),
            overridden_at=now,
        )


def _covered(findings: Sequence[Finding], overrides: Sequence[Override]) -> Iterator[tuple[Override, Finding]]:
    for override in overrides:
        yield from ((override, one) for one in findings if one.level == "warning" and one.rule == override.rule)
