"""What the checks of a flow say: where, what, how bad and, for a fair-exit rule, which one and on whose authority."""

from msgspec import Struct

from aurevoir.flows.packs import PackName
from aurevoir.flows.rules import RULES, Level, RuleId, Source
from aurevoir.kit.errors import Problem


class Finding(Struct, frozen=True, kw_only=True):
    """`path` and `message` make a sentence: "steps[0].options[1].label.fr is missing"; `path` may be empty."""

    path: str
    message: str
    level: Level = "error"
    rule: RuleId | None = None
    source: str | None = None
    # The packs that it comes from; none means all of them.
    packs: tuple[PackName, ...] = ()
    line: int | None = None

    @property
    def sentence(self) -> str:
        """The finding as a person reads it."""
        return f"{self.path} {self.message}".strip()


def error(
    path: str,
    message: str,
    rule: RuleId | None = None,
    *,
    packs: tuple[PackName, ...] = (),
) -> Finding:
    """Publishing is refused."""
    return Finding(path=path, message=message, rule=rule, source=_source(rule), packs=packs)


def warning(
    path: str,
    message: str,
    rule: RuleId | None = None,
    *,
    packs: tuple[PackName, ...] = (),
    source: Source | None = None,
) -> Finding:
    """Somebody should look; with a rule, somebody must, or say by name why not."""
    cited = str(source) if source else _source(rule)
    return Finding(path=path, message=message, level="warning", rule=rule, source=cited, packs=packs)


def of_problem(problem: Problem, rule: RuleId | None = None) -> Finding:
    """A problem of the kit (`$.steps[0].kind`) as a finding (`steps[0].kind`)."""
    return error(problem.path.removeprefix("$").removeprefix("."), problem.message, rule)


def as_problem(finding: Finding) -> Problem:
    """A finding as the API's errors tell it: `$.steps[0].kind`, with the rule in brackets."""
    rule = f" ({finding.rule})" if finding.rule else ""
    return Problem(f"$.{finding.path}" if finding.path else "$", f"{finding.message}{rule}")


def _source(rule: RuleId | None) -> str | None:
    return None if rule is None else str(RULES[rule].source)
