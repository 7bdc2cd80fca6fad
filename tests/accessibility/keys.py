"""A keyboard and nothing else: what has the focus, and how many presses of Tab away the next thing is."""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page

from tests.accessibility.looking import CHECKS

# Proof that no script of ours reached for the mouse.
NO_MOUSE = """window.touched = 0;
for (const name of ["mousedown", "touchstart"]) addEventListener(name, () => { window.touched += 1; }, true);"""


@dataclass
class Keys:
    """The keyboard of a page."""

    page: Page

    async def focused(self) -> dict[str, Any]:
        """What has the focus: its text, role and value; how it looks, and whether it can be seen."""
        await self.page.evaluate(CHECKS)
        return dict(await self.page.evaluate("checks.focused()") or {})

    async def press(self, *keys: str) -> None:
        """One after another."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def tab_to(self, words: str, most: int = 12) -> int:
        """Press Tab until what is called so has the focus; how often that was."""
        met = []
        for stops in range(1, most + 1):
            await self.press("Tab")
            here = await self.focused()
            if here and words in (here["text"], here["value"]):
                return stops
            met.append(here.get("name", "the browser"))
        raise AssertionError(f"{words} is not within {most} presses of Tab: {met}")

    async def to(self, words: str, key: str = "Enter", most: int = 12) -> None:
        """To what is called so, and press it."""
        await self.tab_to(words, most)
        await self.press(key)

    async def choose(self, value: str) -> None:
        """To the radio buttons, and with the arrows to this one."""
        await self.press("Tab")
        for turns in range(30):
            if (await self.focused())["value"] == value:
                # The arrows choose as they go; where none was needed, the space bar does.
                await self.press(*(["Space"] if turns == 0 else []))
                break
            await self.press("ArrowDown")
        else:
            raise AssertionError(f"{value} cannot be reached with the arrows")

    async def type(self, words: str) -> None:
        """Into the field that has the focus."""
        await self.page.keyboard.type(words)

    async def untouched(self) -> bool:
        """Whether nothing but keys was used."""
        return int(await self.page.evaluate("window.touched ?? 0")) == 0
