"""The next thing a customer sees, as data: the element, the hosted page and the preview draw the same `Screen`."""

from datetime import date
from typing import Literal

from msgspec import Struct

from aurevoir.kit.errors import Problem
from aurevoir.offers.wording import OfferShown

ScreenKind = Literal["choice", "text", "scale", "offer", "confirm", "receipt", "working", "kept", "unavailable"]
MoveKind = Literal["answer", "skip", "back", "see_offer", "accept", "decline", "cancel", "keep", "undo"]
# `primary` leads on, `leave` cancels, `stay` keeps: the three look alike and weigh the same; `quiet` is a link.
Role = Literal["primary", "secondary", "leave", "stay", "quiet"]


class Fact(Struct, frozen=True):
    """One of the things Dana must know, e.g. until when she has access."""

    label: str
    value: str
    # Of the value, where it is not the language of the label.
    lang: str | None = None


class FollowUpField(Struct, frozen=True):
    """The open question beside a chosen option."""

    label: str
    max_length: int


class OptionShown(Struct, frozen=True):
    """One possible answer, in the order shown."""

    code: str
    label: str
    follow_up: FollowUpField | None = None


class AlsoField(Struct, frozen=True, kw_only=True):
    """A question asked on another's screen."""

    step: str
    kind: Literal["text", "scale"]
    label: str
    help: str = ""
    max_length: int | None = None
    low: int | None = None
    high: int | None = None
    low_label: str = ""
    high_label: str = ""


class Action(Struct, frozen=True):
    """A button: the move it makes and what it says."""

    move: MoveKind
    label: str
    role: Role
    step: str | None = None
    # Of the label, where it is not the screen's.
    lang: str | None = None


class Progress(Struct, frozen=True):
    """Where this screen stands among those before the receipt."""

    at: int
    of: int


class ReceiptShown(Struct, frozen=True):
    """The receipt as the customer keeps it; the two links download the same document, byte for byte."""

    id: str
    declared_at: str
    effective_on: date | None
    html_url: str
    text_url: str
    # Where it stands from then on, and what can still be done about it.
    url: str


class Given(Struct, frozen=True, kw_only=True):
    """What was already saved for this screen, so that going back shows it again."""

    choices: tuple[str, ...] = ()
    text: str = ""
    value: int | None = None
    answers: dict[str, str | int] = {}


class Screen(Struct, frozen=True, kw_only=True):
    """Everything a client needs to draw the next step; text is ready to show.

    `locale` is the language of what the template says. The interface has phrases in some languages only: in another,
    `phrases_lang` names the language of the notice, of labels of facts, of terms and prices and of the client's own
    phrases, and `title_lang` and `body_lang` that of a title and a body which the template did not write.
    """

    kind: ScreenKind
    step: str
    locale: str
    direction: Literal["ltr", "rtl"]
    phrases_lang: str | None = None
    # What must be known before anything else, said once.
    notice: str = ""
    title: str
    title_lang: str | None = None
    body: str = ""
    body_lang: str | None = None
    facts: tuple[Fact, ...] = ()
    options: tuple[OptionShown, ...] = ()
    several: bool = False
    max_length: int | None = None
    low: int | None = None
    high: int | None = None
    low_label: str = ""
    high_label: str = ""
    also: tuple[AlsoField, ...] = ()
    required: bool = False
    given: Given | None = None
    offer: OfferShown | None = None
    actions: tuple[Action, ...] = ()
    progress: Progress | None = None
    receipt: ReceiptShown | None = None
    problems: tuple[Problem, ...] = ()
