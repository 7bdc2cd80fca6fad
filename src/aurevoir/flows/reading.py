"""A survey template as text or as plain data, read into a `Flow` with every structural problem at once."""

from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from aurevoir.flows.steps import Flow
from aurevoir.kit.errors import Invalid, Problem
from aurevoir.kit.problems import explain
from aurevoir.kit.struct import safe_text
from aurevoir.kit.yaml12 import load


class Reading(Struct, frozen=True, kw_only=True):
    """What came of a text. With `problems`, `flow` is mended as far as can be guessed, for further checks only."""

    flow: Flow | None
    problems: tuple[Problem, ...] = ()
    lines: Mapping[str, int] = {}


# Saving, checking and publishing ask for the same text one after another.
@lru_cache(maxsize=16)
def read(text: str) -> Reading:
    """`text` (YAML, or JSON, which is YAML too) as a flow, as far as that goes."""
    document = load(text)
    if document.value is None and document.problems:
        return Reading(flow=None, problems=document.problems)
    flow, problems = explain(document.value, Flow)
    return Reading(flow=flow, problems=(*document.problems, *problems), lines=document.lines)


def read_flow(text: str) -> Flow:
    """The flow that `text` describes. `Invalid`: every structural problem; see `flows.checks` for the others."""
    reading = read(text)
    if reading.problems or reading.flow is None:
        raise Invalid("This survey template cannot be read.", problems=reading.problems)
    return reading.flow


def flow_from(raw: object) -> Flow:
    """As `read_flow`, from what a JSON or YAML reader gave."""
    flow, problems = explain(_cleaned(raw), Flow)
    if problems or not isinstance(flow, Flow):
        raise Invalid("This survey template cannot be read.", problems=problems)
    return flow


def _cleaned(raw: object) -> object:
    if isinstance(raw, dict):
        return {_cleaned(name): _cleaned(value) for name, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [_cleaned(value) for value in raw]
    return safe_text(raw) if isinstance(raw, str) else raw
