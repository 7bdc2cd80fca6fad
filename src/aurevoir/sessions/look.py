"""What drawing needs beside a visit and its rules, and what every screen begins with. Pure."""

from collections.abc import Mapping

from msgspec import Struct

from aurevoir.access.facts import SubscriptionFacts
from aurevoir.kit.i18n import Language
from aurevoir.offers.wording import OfferShown
from aurevoir.sessions import machine
from aurevoir.sessions.ending import Ending
from aurevoir.sessions.labels import Labels
from aurevoir.sessions.screen import Action, MoveKind, OptionShown, Progress, ReceiptShown, Role, Screen
from aurevoir.sessions.texts import Words
from aurevoir.sessions.visit import Rules, Visit


class Look(Struct, frozen=True, kw_only=True):
    """What drawing needs beside the visit and its rules."""

    language: Language
    # Seeds the order of shuffled options: the same for a session for ever.
    seed: int
    subscription: SubscriptionFacts
    ending: Ending
    data_after_exit: Words = Words()
    labels: Labels = Labels()
    # What must be known before anything else.
    notice: str = ""
    # What was written so far, by step: only where Dana stands on a question that she answered before.
    texts: Mapping[str, str] = {}
    receipt: ReceiptShown | None = None
    # The offer that she sees or has accepted, and what may be asked in return: only where it is on the screen.
    offer: OfferShown | None = None
    favours: tuple[OptionShown, ...] = ()

    @property
    def phrases_lang(self) -> str | None:
        """The language of the interface's phrases, where it has none in the customer's."""
        return self.language.spoken if self.language.spoken != self.language.tag else None


def screen(look: Look, **parts: object) -> Screen:
    """A screen in the customer's language; a title and a body are the interface's own, unless it is said otherwise."""
    said: dict[str, object] = {"title_lang": look.phrases_lang, "body_lang": look.phrases_lang}
    return Screen(
        locale=look.language.tag,
        direction=look.language.direction,
        phrases_lang=look.phrases_lang,
        notice=look.notice,
        **(said | parts),  # type: ignore[arg-type]
    )


def button(look: Look, move: MoveKind, phrase: str, role: Role, step: str, own: str = "") -> Action:
    """A button with the template's own words where it has any, else with the interface's."""
    return Action(move, own or phrase, role, step, lang=None if own else look.phrases_lang)


def progress(visit: Visit, rules: Rules) -> Progress | None:
    """Where the visit stands among the screens before the receipt."""
    steps = machine.route(visit, rules)
    if visit.declared or visit.step not in steps:
        return None
    return Progress(steps.index(visit.step) + 1, len(steps))
