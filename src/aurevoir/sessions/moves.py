"""What the customer can do: one Struct per move (interface.md §4)."""

from typing import Annotated

from msgspec import Meta, Struct

from aurevoir.kit.struct import Key

Revision = Annotated[int, Meta(ge=0, le=1_000_000)]
Choices = Annotated[tuple[Key, ...], Meta(max_length=30)]
# Longer than any question allows, so that "too long" is said beside the field and not by the parser.
FreeText = Annotated[str, Meta(max_length=20_000)]
Value = Annotated[int, Meta(ge=0, le=10)]


class _Anyhow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    step: Key | None = None


class _Move(_Anyhow, frozen=True, kw_only=True):
    revision: Revision


class Filled(_Anyhow, frozen=True, kw_only=True):
    """What stood in the fields of a screen: `answers` holds the questions asked beside the main one."""

    choices: Choices = ()
    text: FreeText | None = None
    value: Value | None = None
    answers: Annotated[dict[Key, FreeText | Value], Meta(max_length=20)] = {}


class Answer(Filled, frozen=True, kw_only=True, tag="answer"):
    """An answer, and on to what follows it."""

    step: Key
    revision: Revision


class Skip(_Move, frozen=True, kw_only=True, tag="skip"):
    """On without an answer; on `receipt`, to the survey that comes after it."""


class Back(_Move, frozen=True, kw_only=True, tag="back"):
    """To the screen before."""


class SeeOffer(_Move, frozen=True, kw_only=True, tag="see_offer"):
    """Dana asks whether there is another way."""


class Accept(_Move, frozen=True, kw_only=True, tag="accept"):
    """The offer that is on the screen, taken."""

    offer: Key


class Decline(_Move, frozen=True, kw_only=True, tag="decline"):
    """The offer that is on the screen, not taken; no other follows."""


class Cancel(Filled, frozen=True, kw_only=True, tag="cancel"):
    """To the confirmation and, on it, the declaration. Needs no revision: nothing may refuse it.

    From a question it brings along what stood in the fields, so that a ticked reason is not lost on the way.
    """

    revision: Revision | None = None


class Keep(_Move, frozen=True, kw_only=True, tag="keep"):
    """The subscription stays as it is."""


class Undo(_Move, frozen=True, kw_only=True, tag="undo"):
    """The declaration taken back."""


Move = Answer | Skip | Back | SeeOffer | Accept | Decline | Cancel | Keep | Undo
