"""The parts of the documentation that are made from the code: `python -m tests.docs` writes them anew."""

import re
from pathlib import Path
from typing import get_args
from uuid import UUID

from aurevoir import settings
from aurevoir.billing.capabilities import Capability, table
from aurevoir.billing.gateway import Connection
from aurevoir.billing.plan import ActionKind
from aurevoir.billing.registry import GATEWAYS
from aurevoir.events.catalogue import MEANING
from aurevoir.flows import starters
from aurevoir.flows.rules import RULES, Rule
from aurevoir.insights import measures

ROOT = Path(__file__).parents[1]
PYTHON_BLOCK = re.compile(r"^```python\n.*?^```$", re.MULTILINE | re.DOTALL)


def events() -> str:
    """Every event, as a table."""
    rows = [f"| `{kind}` | {meaning} |" for kind, meaning in MEANING.items()]
    return "\n".join(["| event | tells |", "|---|---|", *rows]) + "\n"


def capabilities() -> str:
    """Who carries out which kind of action, for each gateway."""
    nobody = UUID(int=0)
    opened = [make(Connection(id=nobody, workspace=nobody, mode="test", gateway=one)) for one, make in GATEWAYS.items()]
    columns = [["", "---", *(f"`{kind}`" for kind in get_args(ActionKind))]]
    columns += [[f"`{one.name}`", "---", *(_carrier(capability) for capability in table(one))] for one in opened]
    rows = zip(*columns, strict=True)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _carrier(capability: Capability) -> str:
    asked = re.match(r"(?:The|A) (product|person) is asked", capability.sentence)
    return asked[1] if asked else "yes" if capability.supported else "–"


def rules() -> str:
    """The register of fair-exit rules."""
    held = {"check": "a check", "server": "the server", "both": "a check and the server"}
    rows = [
        f"| {name} | {rule.title} | {_level(rule)} | {', '.join(f'`{pack}`' for pack in rule.packs) or 'all'} "
        f"| {held[rule.held]}: {rule.how} | [{rule.source.citation}]({rule.source.link}) |"
        for name, rule in RULES.items()
    ]
    head = ["| rule | | a template that breaks it | packs | held by | rests on |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def _level(rule: Rule) -> str:
    if rule.held == "server":
        return "cannot"
    return "is not published" if rule.level == "error" else "is warned of"


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
    readme, french = ROOT / "README.md", ROOT / "README.fr.md"
    api, billing = ROOT / "docs" / "api.md", ROOT / "docs" / "billing.md"
    rights = ROOT / "docs" / "customers-rights.md"
    return {
        readme: with_part(with_part(readme.read_text("utf-8"), "settings", settings.table()), "snippet", snippet()),
        french: with_part(french.read_text("utf-8"), "snippet", snippet()),
        api: with_part(api.read_text("utf-8"), "events", events()),
        billing: with_part(billing.read_text("utf-8"), "capabilities", capabilities()),
        rights: with_part(rights.read_text("utf-8"), "rules", rules()),
        ROOT / "docs" / "measures.md": measures.markdown(),
        ROOT / "survey_templates" / "schema.json": starters.schema_json(),
    }


if __name__ == "__main__":
    for path, text in made().items():
        path.write_text(text, "utf-8")
