"""The survey templates that ship, and the schema with which an editor completes and checks others."""

from typing import Any

import msgspec

from aurevoir.flows.steps import Flow
from aurevoir.kit import assets
from aurevoir.kit.errors import NotFound


class StarterNotFound(NotFound):
    """No starter has that key."""

    code = "starter_not_found"
    message = "There is no starter by that key."


def list_starters() -> tuple[str, ...]:
    """The keys of all starters, in alphabetical order."""
    return tuple(sorted(path.stem for path in assets.folder("survey_templates").glob("*.yaml")))


def starter(key: str) -> str:
    """A starter's YAML. Raises StarterNotFound."""
    if key not in list_starters():
        raise StarterNotFound
    return (assets.folder("survey_templates") / f"{key}.yaml").read_text("utf-8")


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a survey template."""
    described: dict[str, Any] = _for_editors(msgspec.json.schema(Flow))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Aurevoir survey template", **described}


def schema_json() -> str:
    """`survey_templates/schema.json` as it has to be."""
    return msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode() + "\n"


def _for_editors(part: Any) -> Any:
    """Patterns in the dialect of JSON Schema, to which Python's anchors are the letters A and Z."""
    if isinstance(part, dict):
        return {name: _anchored(value) if name == "pattern" else _for_editors(value) for name, value in part.items()}
    return [_for_editors(item) for item in part] if isinstance(part, list) else part


def _anchored(pattern: Any) -> Any:
    return pattern.replace(r"\A", "^").replace(r"\Z", "$") if isinstance(pattern, str) else _for_editors(pattern)
