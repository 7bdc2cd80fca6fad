"""The house rules that can be checked: sizes, names, who may import what."""

import ast
import gzip
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "aurevoir"
WIDGET = ROOT / "static" / "widget" / "aurevoir.js"
GENERATED = (PACKAGE / "migrations",)
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc", "shared", "lib"}

FILE_LINES = 400
WIDGET_LINES = 600
FUNCTION_LINES = 40
WIDGET_BYTES = 10_000


def sources(*suffixes: str) -> Iterator[Path]:
    """Every file we wrote by hand with one of `suffixes`."""
    for folder in ("src", "tests", "static", "survey_templates"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and not any(path.is_relative_to(made) for made in GENERATED):
                yield path


def shown(path: Path) -> str:
    """`path` as one types it."""
    return str(path.relative_to(ROOT))


@cache
def parsed() -> tuple[tuple[Path, ast.Module], ...]:
    """Every Python module of the project."""
    return tuple((path, ast.parse(path.read_text())) for path in sources(".py"))


def trees(folder: Path = PACKAGE) -> Iterator[tuple[Path, ast.Module]]:
    """Every Python module under `folder`, parsed."""
    return ((path, tree) for path, tree in parsed() if path.is_relative_to(folder))


def imported(tree: ast.Module) -> Iterator[str]:
    """The modules, and the names out of them, that `tree` imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_file_is_too_long_to_be_read() -> None:
    """400 lines, for Python, JavaScript, styles and templates alike; the one-file element may reach 600."""
    lengths = {path: path.read_text().count("\n") for path in sources(".py", ".js", ".css", ".html", ".txt", ".svg")}
    allowed = {path: WIDGET_LINES if path == WIDGET else FILE_LINES for path in lengths}

    assert {shown(path): lines for path, lines in lengths.items() if lines > allowed[path]} == {}


def test_no_function_is_too_long_to_be_read() -> None:
    """40 lines, of product and tests alike."""
    lengths = {
        f"{shown(path)}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path, tree in trees(ROOT)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert len(lengths) > 100
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES} == {}


def test_every_module_says_in_one_line_what_lives_there() -> None:
    """The first line of its docstring is a sentence."""
    openings = {shown(path): (ast.get_docstring(tree) or "").partition("\n")[0] for path, tree in trees(ROOT)}

    assert {name: line for name, line in openings.items() if not line.endswith((".", "?", "!"))} == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    """What is called `utils` has no owner."""
    assert [
        shown(path) for path in sources(".py", ".js", ".css", ".html") if {path.stem, path.parent.name} & VAGUE
    ] == []


def test_rows_are_private_to_their_package() -> None:
    """`models.py` is imported inside its package only; others ask its service or queries."""
    strangers = [
        f"{shown(path)} imports {name}"
        for path, tree in trees()
        for name in imported(tree)
        if (found := re.match(r"aurevoir\.(\w+)\.models\b", name)) and not path.is_relative_to(PACKAGE / found[1])
    ]

    assert strangers == []


def test_litestar_is_known_to_the_web_alone() -> None:
    """The framework stays at the edge: `web`, `app`, and `serving`, which starts it."""
    edge = (PACKAGE / "web", PACKAGE / "app.py", PACKAGE / "serving.py")
    strangers = [
        shown(path)
        for path, tree in trees()
        if not any(path.is_relative_to(place) for place in edge)
        and any(name.partition(".")[0] == "litestar" for name in imported(tree))
    ]

    assert strangers == []


def test_time_is_asked_for_in_one_place() -> None:
    """Rules take `now` as an argument; `kit.clock` alone looks at the clock."""
    asks = re.compile(r"\b(datetime|date)\.(now|utcnow|today)\(|\btime\.time\(")
    strangers = [
        shown(path) for path in sources(".py") if path.is_relative_to(PACKAGE) and asks.search(path.read_text())
    ]

    assert strangers == ["src/aurevoir/kit/clock.py"]


def test_only_the_database_door_opens_transactions() -> None:
    """An `in_transaction` elsewhere could be cancelled half-way, and stop every write of the process."""
    strangers = [
        shown(path)
        for path, tree in trees()
        if any(name.startswith("tortoise.transactions") for name in imported(tree))
    ]

    assert strangers == ["src/aurevoir/kit/postgres.py"]


def test_the_element_is_small() -> None:
    """10 kB gzipped, English included: it loads on somebody else's page."""
    assert len(gzip.compress(WIDGET.read_bytes(), 9)) <= WIDGET_BYTES


def test_the_framework_is_new_enough() -> None:
    """Before 2.22 Litestar reads a JSON body without looking at what it is said to be."""
    installed = tuple(int(part) for part in version("litestar").split(".")[:2])

    assert (2, 22) <= installed < (3, 0)


def test_the_layers_hold(capsys: pytest.CaptureFixture[str]) -> None:
    """Every contract of pyproject.toml, by import-linter."""
    broken = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)

    assert broken == 0, capsys.readouterr().out


def test_nothing_locked_names_where_it_comes_from() -> None:
    """Hashes say what is installed; whoever installs it chooses the index."""
    for name in ("runtime", "test"):
        lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
        pins = [line for line in lines if line and not line.startswith((" ", "#"))]

        assert [line for line in lines if "://" in line or "index" in line.partition("==")[0]] == []
        assert len(pins) > 30
        assert all(re.match(r"[a-z0-9._-]+==\S+.* \\$", line) for line in pins)
        assert sum("--hash=sha256:" in line for line in lines) >= len(pins)


def test_every_dependency_is_locked() -> None:
    """A name added to pyproject.toml is added to the locks (`make lock`)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {"runtime": project["dependencies"], "test": project["optional-dependencies"]["test"]}
    for name, requirements in wanted.items():
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        locked = set(re.findall(r"^([a-z0-9._-]+)==", text, re.MULTILINE))
        names = {re.split(r"[\[<>=~! ]", requirement)[0].lower().replace("_", "-") for requirement in requirements}

        assert names - locked == set()
