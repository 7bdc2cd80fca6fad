"""What is wrong with what a browser shows: axe's findings and our own, as lines that say what and where."""

from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from babel.messages.pofile import read_po
from playwright.async_api import Page

from aurevoir.kit.i18n import has_phrases, language

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHECKS = (Path(__file__).parent / "checks.js").read_text("utf-8")
AXE = """async ({ tags, scope }) => {
  const found = await axe.run(scope, { runOnly: tags, resultTypes: ["violations", "incomplete"] });
  const told = (results) => results.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.flat().join(" ")}: ${failureSummary.split("\\n")[1]}`));
  const rules = [...found.violations, ...found.passes, ...found.inapplicable, ...found.incomplete].map(({ id }) => id);
  return { version: axe.version, violations: told(found.violations), unsure: told(found.incomplete), rules };
}"""


async def prepare(page: Page) -> None:
    """Once for each document."""
    await page.evaluate(AXE_SCRIPT)


async def axe(page: Page, scope: str = "html") -> dict[str, Any]:
    """Axe's report on what is inside `scope`."""
    return dict(await page.evaluate(AXE, {"tags": TAGS, "scope": scope}))


async def ours(page: Page, locale: str) -> list[str]:
    """What our own checks find."""
    await page.evaluate(CHECKS)
    found = await page.evaluate("(given) => checks.run(given)", {"locale": locale, "english": english(locale)})
    return [f"{check}: {line}" for check, lines in found.items() for line in lines]


@cache
def english(locale: str) -> list[str]:
    """Phrases of ours that stand for English in this language: all but those that it says in the same way."""
    source = files("aurevoir") / "locales" / "de.po"
    phrases = [message.id for message in read_po(BytesIO(source.read_bytes())) if isinstance(message.id, str)]
    words = language(locale) if has_phrases(locale) else None
    return [phrase for phrase in phrases if "{" not in phrase and (words is None or words.say(phrase) != phrase)]
