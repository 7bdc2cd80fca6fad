"""What the checks of a flow say: where, what, how bad and, for a fair-exit rule, which one and on whose authority."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from msgspec import Struct

from aurevoir.kit.errors import Problem

Level = Literal["error", "warning"]
Rule = Literal["FE-01", "FE-02", "FE-03", "FE-04", "FE-10", "FE-18", "FE-22"]


class Authority(Struct, frozen=True):
    """A fair-exit rule in a sentence, and what it rests on."""

    title: str
    citation: str
    link: str


RULES: Mapping[Rule, Authority] = MappingProxyType(
    {
        "FE-01": Authority(
            "Cancelling is one action away on every screen.",
            "California Business and Professions Code § 17602(d)(1)",
            "https://leginfo.legislature.ca.gov/faces/codes_displaySection.xhtml?lawCode=BPC&sectionNum=17602",
        ),
        "FE-02": Authority(
            "At most three screens stand before the receipt.",
            "ROSCA, 15 U.S.C. § 8403(3): simple mechanisms to stop recurring charges",
            "https://www.law.cornell.edu/uscode/text/15/8403",
        ),
        "FE-03": Authority(
            "No question must be answered in order to leave.",
            "California Business and Professions Code § 17602(d)(1): no steps that obstruct or delay",
            "https://leginfo.legislature.ca.gov/faces/codes_displaySection.xhtml?lawCode=BPC&sectionNum=17602",
        ),
        "FE-04": Authority(
            "One offer at most, and none after a refusal.",
            "Regulation (EU) 2022/2065, Article 25(3)(b): no repeated request for a choice already made",
            "https://eur-lex.europa.eu/eli/reg/2022/2065/oj",
        ),
        "FE-10": Authority(
            "An offer states its terms completely.",
            "ROSCA, 15 U.S.C. § 8403(1): all material terms, clearly",
            "https://www.law.cornell.edu/uscode/text/15/8403",
        ),
        "FE-18": Authority(
            "What is asked can be read at a glance.",
            "WCAG 2.2, 3.1.5 Reading Level",
            "https://www.w3.org/TR/WCAG22/#reading-level",
        ),
        "FE-22": Authority(
            "Every language is complete; none falls back to another in silence.",
            "WCAG 2.2, 3.1.2 Language of Parts",
            "https://www.w3.org/TR/WCAG22/#language-of-parts",
        ),
    }
)


class Finding(Struct, frozen=True, kw_only=True):
    """`path` and `message` make a sentence: "steps[0].options[1].label.fr is missing"; `path` may be empty."""

    path: str
    message: str
    level: Level = "error"
    rule: Rule | None = None
    source: str | None = None
    line: int | None = None

    @property
    def sentence(self) -> str:
        """The finding as a person reads it."""
        return f"{self.path} {self.message}".strip()


def error(path: str, message: str, rule: Rule | None = None) -> Finding:
    """Publishing is refused."""
    return Finding(path=path, message=message, rule=rule, source=_source(rule))


def warning(path: str, message: str, rule: Rule | None = None) -> Finding:
    """Publishing goes on; somebody should look."""
    return Finding(path=path, message=message, level="warning", rule=rule, source=_source(rule))


def of_problem(problem: Problem) -> Finding:
    """A problem of the kit (`$.steps[0].kind`) as a finding (`steps[0].kind`)."""
    return error(problem.path.removeprefix("$").removeprefix("."), problem.message)


def as_problem(finding: Finding) -> Problem:
    """A finding as the API's errors tell it (`$.steps[0].kind`)."""
    return Problem(f"$.{finding.path}" if finding.path else "$", finding.message)


def _source(rule: Rule | None) -> str | None:
    return None if rule is None else f"{RULES[rule].citation}, {RULES[rule].link}"
