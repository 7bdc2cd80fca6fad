"""The file itself: small, self-contained, and described by its page in the documentation."""

import gzip
import re
from pathlib import Path

import pytest

from aurevoir.sessions.phrases import PHRASES as SERVED
from tests.widget.stub import ELEMENT

SOURCE = ELEMENT.read_text()
GUIDE = (Path(__file__).parents[2] / "docs" / "embed.md").read_text()
PARSING = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "<script")
STORING = ("localStorage", "sessionStorage", "indexedDB", "cookie")
STYLING = (".style", '"style"', "<style")
# What clients of other kinds say, and the element does not.
NOT_OURS = {"error_prefix", "look_again"}
# What it may have to say before the server has said anything.
ALONE = {"close", "loading", "retry", "problem", "offline", "expired", "again", "elsewhere"}


def test_the_element_weighs_at_most_ten_kilobytes() -> None:
    """As it travels: gzip, English included."""
    assert len(gzip.compress(SOURCE.encode(), 9)) <= 10_000


def test_the_element_can_be_read_in_one_sitting() -> None:
    """The one file that may reach 600 lines."""
    lines = SOURCE.splitlines()

    assert len(lines) <= 600
    assert [line for line in lines if len(line) > 120] == []


@pytest.mark.parametrize("banned", [*PARSING, *STORING, *STYLING])
def test_the_element_parses_stores_and_styles_nothing_by_the_back_door(banned: str) -> None:
    """Comments may name what the code does without."""
    code = re.sub(r"^\s*(//|/?\*).*$", "", SOURCE, flags=re.MULTILINE)

    assert banned not in code


def test_the_element_is_one_file() -> None:
    """So that one integrity hash covers all of it."""
    assert re.search(r"^\s*import\b|\bimport\(|\bfrom\s+\"", SOURCE, flags=re.MULTILINE) is None


def test_the_element_speaks_the_servers_english() -> None:
    """The built-in phrases, which it needs while no server has answered, are the ones that the server translates."""
    block = SOURCE[SOURCE.index("const PHRASES") : SOURCE.index("};", SOURCE.index("const PHRASES"))]
    phrases = dict(re.findall(r'^  (\w+): "(.*)",$', block, flags=re.MULTILINE))

    assert phrases == {key: text for key, text in SERVED.items() if key in ALONE}


def test_every_phrase_is_said() -> None:
    """A phrase that nothing says would be translated for nothing."""
    said = set(re.findall(r"(?:\bt|#phrases)\.(\w+)", SOURCE)) | set(re.findall(r'#say\("(\w+)"\)', SOURCE))

    assert said - {"lang"} == set(SERVED) - NOT_OURS


def test_the_guide_lists_every_custom_property_part_and_event() -> None:
    """And none that does not exist."""
    parts = {name for group in re.findall(r'part: ["`]([a-z ]+)', SOURCE) for name in group.split()}
    parts |= set(re.findall(r'\("(\w+)", (?:plain|quiet|terms)', SOURCE))
    roles = {"primary", "secondary", "leave", "stay", "quiet"}
    properties = set(re.findall(r"--aurevoir-[a-z-]+", SOURCE))
    events = set(re.findall(r'#tell\("(\w+)"', SOURCE))

    assert set(re.findall(r"`(--aurevoir-[a-z-]+)`", GUIDE)) == properties
    assert set(re.findall(r"^\| `aurevoir:(\w+)`", GUIDE, flags=re.MULTILINE)) == events
    assert set(re.findall(r"^\| `([a-z]+)` \|", GUIDE, flags=re.MULTILINE)) >= parts | roles
