"""Colours: what somebody could not read is refused, with the pair."""

import re

import pytest

from aurevoir.access import themes
from aurevoir.access.themes import BUILT_IN, Palette, Scheme, Theme
from aurevoir.kit import assets, contrast


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_contrast_is_what_everybody_measures(one: str, other: str, ratio: float) -> None:
    """The figures of WebAIM's contrast checker, either way round."""
    assert round(contrast.ratio(one, other), 2) == round(contrast.ratio(other, one), 2) == ratio


def test_the_built_in_colours_are_those_of_the_pages_and_can_be_read() -> None:
    """The table is the style sheet's, to the last digit."""
    css = (assets.folder("static") / "widget" / "pages.css").read_text("utf-8")
    schemes: list[tuple[Scheme, int]] = [("light", 0), ("dark", 1)]
    for scheme, place in schemes:
        for name, colour in BUILT_IN[scheme].items():
            found = re.search(rf"--{name.replace('_', '-')}: light-dark\(([^,]+), ([^)]+)\)", css)
            assert found is not None, name
            assert _in_full(found.groups()[place]) == colour

    assert themes.too_faint(Theme()) == ()


def _in_full(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(digit * 2 for digit in colour[1:])


def test_a_theme_that_fails_names_the_pair() -> None:
    """Which part in which scheme on which ground, how much it has, and how much it needs."""
    yellow = Theme(light=Palette(accent="#FFCC00"), dark=Palette(muted="#444444"))
    found = {(one.scheme, one.part, one.ground): (one.ratio, one.least) for one in themes.too_faint(yellow)}

    assert found["light", "accent", "surface"] == (1.51, 4.5)
    assert found["light", "accent_text", "accent"] == (1.51, 4.5)
    assert ("dark", "muted", "surface") in found
    assert ("dark", "accent", "surface") not in found
    assert themes.problems(yellow)[0].path == "$.theme.light.accent"
    assert "1.51 on `surface`, and needs 4.5" in themes.problems(yellow)[0].message


def test_a_ratio_is_never_rounded_up_to_enough() -> None:
    """#777777 has 4.48 on white; #767676 has 4.54."""
    faint = [one.part for one in themes.too_faint(Theme(light=Palette(accent="#777777", page="#ffffff")))]
    enough = themes.too_faint(Theme(light=Palette(accent="#767676", accent_text="#ffffff", page="#ffffff")))

    assert "accent" in faint
    assert [one.part for one in enough if one.part == "accent"] == []


def test_the_style_sheet_holds_every_colour_for_both_schemes() -> None:
    """What the theme does not say stays as it is built in."""
    css = themes.style_sheet(Theme(light=Palette(accent="#7A1FA2"), radius=4))

    assert "--accent: light-dark(#7a1fa2, #8ad6e2);" in css
    assert "--accent-text: light-dark(#ffffff, #04262d);" in css
    assert "--radius: 4px;" in css
    assert css.count("light-dark(") == len(BUILT_IN["light"])
