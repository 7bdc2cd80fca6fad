"""The French README keeps step with the English one."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGLISH, FRENCH = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.fr.md"))
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _headings(text: str) -> list[str]:
    """The levels, in order."""
    return re.findall(r"^(#+) ", _BLOCK.sub("", text), re.MULTILINE)


def _blocks(text: str) -> list[tuple[str, str]]:
    """What is in the code blocks, but for what people read: comments of a shell, and text between tags."""
    said = re.compile(r" # .*$|(?<=>)[^<>\n]+(?=<)", re.MULTILINE)
    return [(kind, said.sub("", code) if kind in ("sh", "html") else code) for kind, code in _BLOCK.findall(text)]


def _links(text: str) -> set[str]:
    return set(re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)) - {"README.md", "README.fr.md"}


@pytest.mark.parametrize("part", [_headings, _blocks, _links])
def test_the_french_readme_keeps_step(part: Callable[[str], object]) -> None:
    """The same sections, the same code and the same links: whoever changes one changes the other."""
    assert part(FRENCH) == part(ENGLISH)


def test_they_lead_to_each_other() -> None:
    """A reader is one click from the other language; the tables made from the code are in one place only."""
    assert "(README.fr.md)" in ENGLISH
    assert "(README.md)" in FRENCH
    assert "`AUREVOIR_PORT`" not in FRENCH
