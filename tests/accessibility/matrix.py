"""Which windows and languages a state is looked at in: every pair of values in every run, all of them in the audit."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Literal

from playwright.async_api import Page

from tests.accessibility.site import LOCALES

AUDIT = "AUREVOIR_AUDIT" in os.environ
Scheme = Literal["light", "dark", "forced"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark", "forced")
WIDTHS = (1280, 390, 320)
Combination = tuple[str, str, Scheme, int]


def combinations(states: Iterable[str], *, whole: bool = AUDIT) -> Iterator[Combination]:
    """State, language, scheme and width; without `whole`, as few as hold every pair of two values."""
    for at, state in enumerate(states):
        for turn, locale in enumerate(LOCALES):
            if whole:
                yield from ((state, locale, scheme, width) for scheme, width in product(SCHEMES, WIDTHS))
            else:
                yield state, locale, SCHEMES[(at + turn) % 3], WIDTHS[(at // 3 + 2 * turn + at) % 3]


@dataclass
class Table:
    """How often each state was looked at, and what was found."""

    scans: dict[str, int] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)
    unsure: dict[str, int] = field(default_factory=dict)

    def note(self, combination: Combination, violations: list[str], unsure: list[str]) -> None:
        """One scan."""
        state, *window = combination
        self.scans[state] = self.scans.get(state, 0) + 1
        self.found += [f"{state} {window}: {line}" for line in violations]
        for line in unsure:
            rule = line.partition(":")[0]
            self.unsure[rule] = self.unsure.get(rule, 0) + 1

    def __str__(self) -> str:
        lines = [f"{state:<32} {scans:>5} scans" for state, scans in self.scans.items()]
        total = f"{len(self.scans)} states, {sum(self.scans.values())} scans, {len(self.found)} violations"
        return "\n".join(["", *lines, total, f"left to a person by axe: {self.unsure or 'nothing'}"])


async def dress(page: Page, scheme: Scheme, width: int, height: int = 800) -> None:
    """The window as wide, and its colours as wanted."""
    colours: dict[str, Any] = {"color_scheme": "dark" if scheme == "dark" else "light"}
    await page.emulate_media(forced_colors="active" if scheme == "forced" else "none", **colours)
    await page.set_viewport_size({"width": width, "height": height})
