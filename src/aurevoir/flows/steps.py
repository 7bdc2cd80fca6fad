"""A survey template as data: its steps, its options and what may be asked beside them (interface.md §6)."""

from typing import Annotated, Literal

from msgspec import Meta, field

from aurevoir.flows.taxonomy import Category
from aurevoir.kit.conditions import Condition
from aurevoir.kit.struct import Key, LocaleTag, LocalisedLabel, LocalisedLong, LocalisedShort, Strict
from aurevoir.offers.terms import Offer

AttributeType = Literal["text", "int", "date", "bool"]
TextLength = Annotated[int, Meta(ge=1, le=5000)]


class FollowUp(Strict, frozen=True, kw_only=True):
    """An open question that appears beside an option once it is chosen."""

    ask: LocalisedShort
    max_length: TextLength = 500


class Option(Strict, frozen=True, kw_only=True):
    """A possible answer; in the reason step, a reason. `code` is what is stored, for ever."""

    code: Key
    label: LocalisedShort
    category: Category | None = None
    offers: Annotated[tuple[Key, ...], Meta(max_length=10)] = ()
    follow_up: FollowUp | None = None


class ChoiceStep(Strict, frozen=True, kw_only=True, tag_field="kind", tag="choice"):
    """One answer out of several or, with `several`, any number with the first as the primary one."""

    id: Key
    ask: LocalisedShort
    options: Annotated[tuple[Option, ...], Meta(min_length=1, max_length=30)]
    role: Literal["reason"] | None = None
    help: LocalisedLong | None = None
    several: bool = False
    shuffle: bool = False
    when: Condition | None = None
    required: bool = False


class TextStep(Strict, frozen=True, kw_only=True, tag_field="kind", tag="text"):
    """An open question; with `on`, asked on that step's screen."""

    id: Key
    ask: LocalisedShort
    help: LocalisedLong | None = None
    max_length: TextLength = 1000
    on: Key | None = None
    when: Condition | None = None
    required: bool = False


class ScaleStep(Strict, frozen=True, kw_only=True, tag_field="kind", tag="scale"):
    """A whole number between two ends; with `on`, asked on that step's screen."""

    id: Key
    ask: LocalisedShort
    help: LocalisedLong | None = None
    low: Annotated[int, Meta(ge=0, le=1)] = 1
    high: Annotated[int, Meta(ge=2, le=10)] = 5
    low_label: LocalisedShort | None = None
    high_label: LocalisedShort | None = None
    on: Key | None = None
    when: Condition | None = None
    required: bool = False


class OfferStep(Strict, frozen=True, kw_only=True, tag_field="kind", tag="offer"):
    """Where the one fitting offer is shown, if there is one."""

    id: Key
    when: Condition | None = None


class ConfirmStep(Strict, frozen=True, kw_only=True, tag_field="kind", tag="confirm"):
    """The last screen before the receipt; `ask` and `body` add words to the built-in ones."""

    id: Key
    ask: LocalisedShort | None = None
    body: LocalisedLong | None = None
    cancel_label: LocalisedLabel | None = None
    keep_label: LocalisedLabel | None = None


Step = ChoiceStep | TextStep | ScaleStep | OfferStep | ConfirmStep


class Flow(Strict, frozen=True, kw_only=True):
    """What is asked, in which order, in which words, with which offers."""

    key: Key
    title: Annotated[str, Meta(min_length=1, max_length=120)]
    locales: Annotated[tuple[LocaleTag, ...], Meta(min_length=1, max_length=60)]
    description: Annotated[str, Meta(max_length=500)] = ""
    attributes: Annotated[dict[Key, AttributeType], Meta(max_length=50)] = field(default_factory=dict)
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=20)]
    offers: Annotated[dict[Key, Offer], Meta(max_length=50)] = field(default_factory=dict)
