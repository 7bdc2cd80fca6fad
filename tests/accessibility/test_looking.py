"""The lookers themselves: they find what is broken, and they look everywhere."""

from itertools import combinations as pairs

import pytest
from playwright.async_api import Browser

from tests.accessibility import looking
from tests.accessibility.matrix import SCHEMES, WIDTHS, combinations
from tests.accessibility.site import LOCALES

BROKEN = """<!doctype html><html lang="en" dir="ltr"><title></title>
<style>
  body { background: white } .narrow { width: 60px; overflow: hidden; white-space: nowrap }
  .small { width: 15px; height: 15px; padding: 0; font-size: 9px }
  .out { position: absolute; left: 500px } .over { position: absolute; top: 0; left: 0; width: 90px; height: 90px }
</style>
<main><h1>One</h1><h1>Two</h1>
<p lang="de">Try again</p> <p>مرحبا بالعالم</p> <p lang="ar" dir="ltr">مرحبا</p>
<p style="color: #999">Faint</p>
<label for="nowhere">Name</label> <a href="#nowhere">Elsewhere</a> <input aria-describedby="nothing">
<p class="narrow">Longer than its box is wide</p> <p class="out">Beyond the edge of the window, far away</p>
<div style="font-size: 0"><button class="small">x</button><button class="small">y</button></div>
<button class="over">One</button> <button class="over">Other</button>
<div class="problems" tabindex="-1">There is a problem</div></main>"""


@pytest.mark.browser
async def test_what_is_broken_is_found(browser: Browser) -> None:
    """A page with a fault for every check, for axe's and for ours; and axe knows WCAG 2.2."""
    page = await browser.new_page(viewport={"width": 320, "height": 480})
    await page.set_content(BROKEN)
    await looking.prepare(page)
    report = await looking.axe(page)
    found = await looking.ours(page, "fr")
    await page.close()

    assert {line.partition(":")[0] for line in found} == {
        "references",
        "languages",
        "headings",
        "focus",
        "clipped",
        "overlaps",
        "targets",
        "contrast",
    }
    assert len([line for line in found if line.startswith("languages")]) >= 4
    assert "target-size" in report["rules"]
    assert tuple(int(part) for part in report["version"].split(".")[:2]) >= (4, 8)
    assert {"color-contrast", "label", "document-title", "target-size"} <= {
        line.partition(":")[0] for line in report["violations"]
    }


@pytest.mark.parametrize("count", [3, 12, 40])
def test_every_pair_of_values_is_looked_at(count: int) -> None:
    """Of state, language, colours and width; in the audit, every combination."""
    states = [f"state {number}" for number in range(count)]
    values = [states, LOCALES, SCHEMES, WIDTHS]
    looked = list(combinations(states, whole=False))

    for one, other in pairs(range(4), 2):
        assert len({(at[one], at[other]) for at in looked}) == len(values[one]) * len(values[other])
    assert len(list(combinations(states, whole=True))) == count * 4 * 3 * 3
