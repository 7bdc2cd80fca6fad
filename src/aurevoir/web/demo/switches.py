"""The switches above the demo: every choice is a plain link to the same page. Pure."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from aurevoir.web.demo.scene import SWITCHES, Scene
from aurevoir.web.demo.words import WORDS


class Choice(Struct, frozen=True, kw_only=True):
    """One position of a switch; `note` says what it changes."""

    value: str
    label: str
    note: str
    query: str
    is_chosen: bool


class Switch(Struct, frozen=True, kw_only=True):
    """One switch with all its positions."""

    name: str
    label: str
    chosen: str
    choices: tuple[Choice, ...]


_LABELS = {"customer": "Customer", "country": "Country", "lang": "Language", "mode": "Shown as"}
_CHOICES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "customer": {
        "monthly": ("Dana, monthly", "Pro, €29 a month"),
        "annual": ("Dana, yearly", "Pro, €290 a year, renews in four months"),
        "trial": ("Dana, on trial", "six days left, nothing paid yet"),
        "business": ("Dana, for her company", "Team: 30 days’ notice, minimum term; B2B survey"),
        "unpaid": ("Dana, cannot pay now", "last payment declined; survey for hard times"),
    },
    "country": {
        "fr": ("France", "pack fr: survey, then confirmation"),
        "de": ("Germany", "pack de: the exit comes first, questions after the receipt"),
        "es": ("Spain", "pack base: survey, then confirmation"),
        "us-ca": ("California, US", "pack us-ca: cancel on every screen"),
        "us-mn": ("Minnesota, US", "pack us-mn: nothing is offered unasked"),
        "unknown": ("Not known", "pack strict: California and Minnesota together"),
    },
    "mode": {
        "modal": ("Modal", "the element opens a dialog"),
        "inline": ("Inline", "the element draws in the page"),
        "plain": ("Script-free", "no element: the form posts to the hosted pages"),
    },
    "lang": {tag: (words.name, "") for tag, words in WORDS.items()},
}


def switches(scene: Scene) -> Sequence[Switch]:
    """The four switches as they stand in this scene."""
    return [_switch(name, scene) for name in SWITCHES]


def _switch(name: str, scene: Scene) -> Switch:
    now = getattr(scene, name)
    choices = tuple(
        Choice(
            value=value,
            label=_CHOICES[name][value][0],
            note=_CHOICES[name][value][1],
            query=scene.query(**{name: value}),
            is_chosen=value == now,
        )
        for value in SWITCHES[name]
    )
    return Switch(name=name, label=_LABELS[name], chosen=_CHOICES[name][now][0], choices=choices)
