"""The pictures and the reason table of README.md, from a demo of their own: `make screenshots`."""

import asyncio
import csv
import io
import os
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.async_api import Browser, Page, async_playwright

from tests.browser import find_chromium
from tests.docs import ROOT, with_part
from tests.journeys.running import free_port

PICTURES = ROOT / "docs" / "pictures"
REASONS_SHOWN = 6


@contextmanager
def demo() -> Iterator[str]:
    """The address of a running demo."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "aurevoir", "demo", "--port", str(port), "--data", data]
        process = subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL)
        try:
            _wait(base)
            yield base
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(base: str) -> None:
    for _ in range(600):
        try:
            httpx.get(f"{base}/health/ready").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the demo did not start")


async def take(base: str) -> None:
    """Every picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        await _demo(browser, base)
        await _flow(browser, base)
        await browser.close()


async def _demo(browser: Browser, base: str) -> None:
    page = await browser.new_page(viewport={"width": 1440, "height": 960})
    await page.goto(f"{base}/demo?visitor=readme-demo")
    await _cancel(page)
    await page.get_by_text("Close", exact=True).click()
    await page.wait_for_timeout(1500)
    await page.screenshot(path=PICTURES / "demo.png")


async def _flow(browser: Browser, base: str) -> None:
    """The four screens of a cancellation side by side, on a phone."""
    page = await browser.new_page(viewport={"width": 390, "height": 780}, device_scale_factor=2)
    shots: list[bytes] = []
    await page.goto(f"{base}/demo?visitor=readme-flow")
    await _cancel(page, shots)
    images = "".join(f'<img src="data:image/png;base64,{b64encode(shot).decode()}">' for shot in shots)
    style = "body{margin:0;padding:32px;display:flex;gap:32px;background:#e8eef1}"
    style += "img{width:390px;border-radius:24px;box-shadow:0 12px 40px rgb(10 30 40 / .18)}"
    sheet = await browser.new_page(viewport={"width": 4 * 390 + 5 * 32, "height": 780 + 64})
    await sheet.set_content(f"<style>{style}</style>{images}")
    await sheet.screenshot(path=PICTURES / "flow.png")


async def _cancel(page: Page, shots: list[bytes] | None = None) -> None:
    async def shot() -> None:
        await page.mouse.move(0, 0)
        await page.wait_for_timeout(600)
        if shots is not None:
            shots.append(await page.screenshot())

    await page.get_by_role("button", name="Cancel subscription").click()
    await page.get_by_role("radio", name="I don’t use it enough").check()
    await shot()
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("button", name="No, thank you").wait_for()
    await shot()
    await page.get_by_role("button", name="No, thank you").click()
    await page.get_by_role("button", name="Cancel my subscription").wait_for()
    await shot()
    await page.get_by_role("button", name="Cancel my subscription").click()
    await page.get_by_text("rcp_").first.wait_for()
    await shot()


def reasons(base: str) -> str:
    """The most frequent reasons of the demo's year, as Markdown."""
    rows = list(csv.DictReader(io.StringIO(httpx.get(f"{base}/demo/reasons.csv").raise_for_status().text)))
    lines = ["| reason | count | shown to | share | 95 % interval |", "|---|--:|--:|--:|---|"]
    for row in rows[:REASONS_SHOWN]:
        low, high = (f"{float(row[name]):.1%}" for name in ("ci_low", "ci_high"))
        share = f"{float(row['share']):.1%}"
        lines.append(f"| {row['label']} | {row['count']} | {row['n']} | {share} | {low} to {high} |")
    known, cancelled = rows[0]["reasons_known"], rows[0]["cancellations"]
    return "\n".join([*lines, "", f"Reasons are known for {known} of {cancelled} cancellations."]) + "\n"


def main() -> None:
    """Renew the pictures, and the table in README.md."""
    with demo() as base:
        table = reasons(base)
        asyncio.run(take(base))
    readme = Path(ROOT / "README.md")
    readme.write_text(with_part(readme.read_text("utf-8"), "reasons", table), "utf-8")


if __name__ == "__main__":
    main()
