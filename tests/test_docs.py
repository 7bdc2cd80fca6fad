"""What the documentation says is what the code does."""

import ast
import re
from pathlib import Path

import pytest

from tests import docs

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def test_what_is_made_from_the_code_is_current() -> None:
    """The tables of settings, events and measures and the template schema: `python -m tests.docs` renews them."""
    stale = [str(path.relative_to(ROOT)) for path, text in docs.made().items() if path.read_text("utf-8") != text]

    assert stale == []


def test_every_error_code_is_explained() -> None:
    """Whoever meets a code in an answer finds it in docs/api.md."""
    codes: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                codes |= {code for code in map(_code, node.body) if code}
    explained = set(re.findall(r"`([a-z_]+)`", (ROOT / "docs" / "api.md").read_text("utf-8")))

    assert len(codes) > 12, "the classes are found"
    assert codes - explained - {"error"} == set()


def _code(statement: ast.stmt) -> str | None:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
    value = getattr(statement, "value", None)
    named = isinstance(target, ast.Name) and target.id == "code"
    return value.value if named and isinstance(value, ast.Constant) and isinstance(value.value, str) else None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file of the project names one that is there."""
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]

    assert missing == []


def test_every_test_that_a_page_names_is_there() -> None:
    """Promises name the tests that hold them: `tests/….py::test_…` is one that runs."""
    named = {one for page in PAGES for one in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page.read_text("utf-8"))}
    missing = [f"{path}::{name}" for path, name in named if not _has_test(ROOT / path, name)]

    assert len(named) > 50, "the tests are found"
    assert sorted(missing) == []


def _has_test(path: Path, name: str) -> bool:
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    nodes = ast.parse(path.read_text("utf-8")).body if path.exists() else []
    return any(isinstance(node, functions) and node.name == name for node in nodes)
