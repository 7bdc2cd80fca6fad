"""The parts of the documentation that are made from the code: `python -m tests.docs` writes them anew."""

import re
from pathlib import Path

from aurevoir import settings
from aurevoir.events.catalogue import MEANING
from aurevoir.flows import starters
from aurevoir.insights import measures

ROOT = Path(__file__).parents[1]
PYTHON_BLOCK = re.compile(r"^```python\n.*?^```$", re.MULTILINE | re.DOTALL)


def events() -> str:
    """Every event, as a table."""
    rows = [f"| `{kind}` | {meaning} |" for kind, meaning in MEANING.items()]
    return "\n".join(["| event | tells |", "|---|---|", *rows]) + "\n"


def snippet() -> str:
    """The Python block of docs/customer-tokens.md."""
    found = PYTHON_BLOCK.search((ROOT / "docs" / "customer-tokens.md").read_text("utf-8"))
    assert found, "the page has its snippet"
    return found[0] + "\n"


def with_part(text: str, name: str, part: str) -> str:
    """`text` with what stands between the marks of `name` replaced."""
    marked = re.compile(rf"(<!-- {name}: [^>]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
    assert marked.search(text), f"the marks of {name} are there"
    return marked.sub(lambda found: f"{found[1]}\n{part}\n{found[2]}", text)


def made() -> dict[Path, str]:
    """Each file that holds something made from the code, as it has to be."""
    readme, api = ROOT / "README.md", ROOT / "docs" / "api.md"
    return {
        readme: with_part(with_part(readme.read_text("utf-8"), "settings", settings.table()), "snippet", snippet()),
        api: with_part(api.read_text("utf-8"), "events", events()),
        ROOT / "docs" / "measures.md": measures.markdown(),
        ROOT / "survey_templates" / "schema.json": starters.schema_json(),
    }


if __name__ == "__main__":
    for path, text in made().items():
        path.write_text(text, "utf-8")
