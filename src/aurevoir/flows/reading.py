"""A survey template as text or as plain data, read into a `Flow` with every structural problem at once."""

from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from aurevoir.flows.findings import Finding, as_problem, of_problem
from aurevoir.flows.steps import Flow
from aurevoir.flows.unknown_fields import rule_of
from aurevoir.kit.errors import Invalid, Problem
from aurevoir.kit.problems import explain
from aurevoir.kit.struct import safe_text
from aurevoir.kit.yaml12 import load


class Reading(Struct, frozen=True, kw_only=True):
    """What came of a text. With `broken`, `flow` is mended as far as can be guessed, for further checks only."""

    flow: Flow | None
    broken: tuple[Finding, ...] = ()
    lines: Mapping[str, int] = {}


# Saving, checking and publishing ask for the same text one after another.
@lru_cache(maxsize=16)
def read(text: str) -> Reading:
    """`text` (YAML, or JSON, which is YAML too) as a flow, as far as that goes."""
    document = load(text)
    if document.value is None and document.problems:
        return Reading(flow=None, broken=tuple(map(of_problem, document.problems)))
    flow, problems = explain(document.value, Flow)
    broken = (*map(of_problem, document.problems), *(_explained(problem, document.value) for problem in problems))
    return Reading(flow=flow, broken=broken, lines=document.lines)


def read_flow(text: str) -> Flow:
    """The flow that `text` describes. `Invalid`: every structural problem; see `flows.checks` for the others."""
    reading = read(text)
    if reading.broken or reading.flow is None:
        raise Invalid("This survey template cannot be read.", problems=[as_problem(one) for one in reading.broken])
    return reading.flow


def flow_from(raw: object) -> Flow:
    """As `read_flow`, from what a JSON or YAML reader gave."""
    flow, problems = explain(_cleaned(raw), Flow)
    if problems or not isinstance(flow, Flow):
        raise Invalid("This survey template cannot be read.", problems=problems)
    return flow


def _explained(problem: Problem, raw: object) -> Finding:
    rule, message = rule_of(problem, raw)
    return of_problem(Problem(problem.path, message), rule)


def _cleaned(raw: object) -> object:
    if isinstance(raw, dict):
        return {_cleaned(name): _cleaned(value) for name, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [_cleaned(value) for value in raw]
    return safe_text(raw) if isinstance(raw, str) else raw
