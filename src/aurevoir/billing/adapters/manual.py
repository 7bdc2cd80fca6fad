"""The manual gateway: records what is to be done; a person carries it out and says so."""

from typing import ClassVar

from aurevoir.billing.plan import Order, Verdict


class Manual:
    """For products whose billing has no adapter yet: every order waits for its operator."""

    name: ClassVar[str] = "manual"
    capabilities: ClassVar[frozenset[str]] = frozenset({"cancel", "undo_cancel"})

    async def send(self, _: Order) -> Verdict:
        """The redemption itself is the work list: nothing is sent anywhere."""
        return Verdict("handed_over")

    async def verify(self, _: Order) -> Verdict:
        """Only the operator knows."""
        return Verdict("handed_over")
