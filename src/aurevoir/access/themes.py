"""Colours of a workspace's hosted pages; those that somebody could not read are refused. Pure."""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from aurevoir.kit import contrast
from aurevoir.kit.errors import Problem
from aurevoir.kit.struct import Strict

Colour = Annotated[str, Meta(pattern=r"\A#[0-9a-fA-F]{6}\Z", description="a colour such as #0b5563")]
Scheme = Literal["light", "dark"]


class Palette(Strict, frozen=True, kw_only=True):
    """One colour for each part; what is left out stays as it is built in."""

    accent: Colour | None = None
    accent_text: Colour | None = None
    page: Colour | None = None
    surface: Colour | None = None
    text: Colour | None = None
    muted: Colour | None = None
    line: Colour | None = None
    field: Colour | None = None
    danger: Colour | None = None


class Theme(Strict, frozen=True, kw_only=True):
    """Colours for light and for dark, and how round corners are, in pixels."""

    light: Palette = Palette()
    dark: Palette = Palette()
    radius: Annotated[int, Meta(ge=0, le=24)] | None = None


class TooFaint(Struct, frozen=True, kw_only=True):
    """Two colours that meet on the pages and are too much alike; `least` is what WCAG asks for."""

    scheme: Scheme
    part: str
    ground: str
    ratio: float
    least: float


# The colours of static/widget/pages.css; a test holds them to it.
BUILT_IN: dict[Scheme, dict[str, str]] = {
    "light": {
        "accent": "#0b5563",
        "accent_text": "#ffffff",
        "page": "#f1f4f5",
        "surface": "#ffffff",
        "text": "#14212a",
        "muted": "#51626c",
        "line": "#e2e8eb",
        "field": "#748590",
        "danger": "#b3261e",
    },
    "dark": {
        "accent": "#8ad6e2",
        "accent_text": "#04262d",
        "page": "#0f1519",
        "surface": "#171e23",
        "text": "#edf2f4",
        "muted": "#a7b6be",
        "line": "#303b43",
        "field": "#7c8d97",
        "danger": "#ffaaa1",
    },
}
# Text needs 4.5 (1.4.3), borders of fields and the ring of the focus 3 (1.4.11). Hairlines only adorn.
_MEETINGS: tuple[tuple[str, str, float], ...] = (
    ("text", "surface", 4.5),
    ("text", "page", 4.5),
    ("text", "tint", 4.5),
    ("muted", "surface", 4.5),
    ("muted", "page", 4.5),
    ("muted", "tint", 4.5),
    ("accent", "surface", 4.5),
    ("accent", "page", 4.5),
    ("accent_text", "accent", 4.5),
    ("danger", "surface", 4.5),
    ("field", "surface", 3),
)
_SCHEMES: tuple[Scheme, ...] = ("light", "dark")
_decoder = msgspec.json.Decoder(Theme)


def read(stored: str | None) -> Theme | None:
    """The theme as the database keeps it."""
    return _decoder.decode(stored) if stored else None


def too_faint(theme: Theme) -> tuple[TooFaint, ...]:
    """Every pair of colours that somebody with poor sight could not tell apart."""
    return tuple(faint for scheme in _SCHEMES for faint in _faint(scheme, _colours(theme, scheme)))


def problems(theme: Theme) -> tuple[Problem, ...]:
    """The same as problems of an input: which part, on what, and how far it is from enough."""
    return tuple(
        Problem(
            f"$.theme.{faint.scheme}.{faint.part}",
            f"has a contrast of {faint.ratio:.2f} on `{faint.ground}`, and needs {faint.least:g}",
        )
        for faint in too_faint(theme)
    )


def style_sheet(theme: Theme) -> str:
    """The theme as custom properties of the hosted pages."""
    light, dark = _colours(theme, "light"), _colours(theme, "dark")
    lines = [f"  --{name.replace('_', '-')}: light-dark({light[name]}, {dark[name]});" for name in BUILT_IN["light"]]
    if theme.radius is not None:
        lines.append(f"  --radius: {theme.radius}px;")
    return "\n".join((":root {", *lines, "}", ""))


def _faint(scheme: Scheme, colours: dict[str, str]) -> Iterator[TooFaint]:
    # What is chosen lies on a tint of the accent.
    grounds = colours | {"tint": contrast.mixed(colours["accent"], colours["surface"], 0.08)}
    for part, ground, least in _MEETINGS:
        # Cut off rather than rounded: 4.499 is not 4.5.
        ratio = int(contrast.ratio(colours[part], grounds[ground]) * 100) / 100
        if ratio < least:
            yield TooFaint(scheme=scheme, part=part, ground=ground, ratio=ratio, least=least)


def _colours(theme: Theme, scheme: Scheme) -> dict[str, str]:
    chosen = msgspec.structs.asdict(theme.light if scheme == "light" else theme.dark)
    return {name: (chosen[name] or colour).lower() for name, colour in BUILT_IN[scheme].items()}
