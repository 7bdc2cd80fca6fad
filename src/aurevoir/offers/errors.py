"""What may be refused about a redemption: each with its code."""

from typing import ClassVar

from aurevoir.kit.errors import Conflict


class UnderWay(Conflict):
    """One offer at a time is carried out for a subscription."""

    code: ClassVar[str] = "offer_under_way"
    message = "An offer is being carried out for this subscription."


class AlreadySettled(Conflict):
    """It has another outcome already."""

    code: ClassVar[str] = "already_settled"
    message = "This redemption has another outcome already."


class BeingSent(Conflict):
    """A request is on its way at this moment."""

    code: ClassVar[str] = "being_sent"
    message = "A request is on its way at this moment. Look again in a minute."


class NotHandedOver(Conflict):
    """Its gateway says itself what became of it, or it was not passed on yet."""

    code: ClassVar[str] = "not_handed_over"
    message = "This redemption was not handed over: its outcome comes from billing."


class NotStuck(Conflict):
    """There is nothing to try again."""

    code: ClassVar[str] = "not_stuck"
    message = "Only a redemption that failed or needs attention is tried again."


class TooLate(Conflict):
    """Its terms no longer hold."""

    code: ClassVar[str] = "too_late"
    message = "What was agreed can no longer be carried out as it was agreed. Resolve it by hand."


class LimitReached(Conflict):
    """The offer's limits were used up meanwhile."""

    code: ClassVar[str] = "limit_reached"
    message = "A limit of this offer is reached by now. Resolve it by hand, or try again when there is room."


class NotRevertible(Conflict):
    """There is nothing that could be taken back, or not by this gateway."""

    code: ClassVar[str] = "not_revertible"
    message = "Only a confirmed offer that has not run out can be taken back, where its gateway can do that."
