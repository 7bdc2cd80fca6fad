"""A visit and the rules it follows: what the session machine works on. Pure."""

from collections.abc import Callable, Mapping
from typing import Literal

from msgspec import Struct

from aurevoir.flows.graph import ScreenPlan
from aurevoir.flows.steps import ConfirmStep, OfferStep
from aurevoir.kit.conditions import Value
from aurevoir.sessions.answers import Say, StepAnswer

State = Literal["open", "saving", "saved", "kept", "abandoned", "leaving", "left", "undone", "needs_help"]
Order = Literal["survey_first", "exit_first", "survey_only"]

# Steps that no template writes.
RECEIPT, KEPT, WORKING, IN_RETURN = "receipt", "kept", "working", "in_return"


class Visit(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where one customer stands. Free text is not here: it is in the answers' own rows."""

    state: State
    step: str
    revision: int = 0
    given: dict[str, StepAnswer] = {}
    # Steps that were shown and left out.
    skipped: tuple[str, ...] = ()
    # The one offer of this visit, once shown; `declined` or `accepted` closes the matter.
    offer: str | None = None
    declined: bool = False
    accepted: bool = False
    # In packs with a permission gate: Dana asked to see it.
    asked: bool = False
    confirm_shown: bool = False
    # Whether a declaration stands that was not taken back, and how many were ever made.
    declared: bool = False
    declarations: int = 0


class Rules(Struct, frozen=True, kw_only=True):
    """What the machine must know beside the visit: the flow, the pack, the customer; all of it values."""

    plans: tuple[ScreenPlan, ...]
    order: Order
    attributes: Mapping[str, Value]
    say: Say
    may_cancel: bool = True
    may_undo: bool = True
    # Minnesota and strict: no incentive before Dana asked for it.
    gated: bool = False
    # The first eligible offer for these answers, or None.
    fitting_offer: Callable[[Mapping[str, Value]], str | None] = lambda _: None
    # Offers that billing has no part in: who accepts one of them has it.
    at_once: frozenset[str] = frozenset()
    # What may be asked in return, once an offer was accepted: codes by offer.
    favours: Mapping[str, tuple[str, ...]] = {}

    @property
    def confirm(self) -> str:
        """The id of the flow's confirm step; there is a confirmation whatever a template holds."""
        steps = (plan.step.id for plan in self.plans if isinstance(plan.step, ConfirmStep))
        return next(steps, "confirm")

    @property
    def offer_step(self) -> str | None:
        """The id of the flow's offer step, if it has one."""
        return next((plan.step.id for plan in self.plans if isinstance(plan.step, OfferStep)), None)
