"""The interface to the system that owns the subscription: every adapter speaks these words, and no provider's."""

from typing import ClassVar, Protocol

from aurevoir.billing.plan import Order, Verdict


class GatewayError(Exception):
    """A provider could not do it; the class says what may be done next."""


class NotSent(GatewayError):
    """Certainly not executed: try again later with the same key."""


class Unknown(GatewayError):
    """May have been executed: verify before anything else."""


class Rejected(GatewayError):
    """Will never work; `code` says why in the provider's words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Gateway(Protocol):
    """One billing system. `send` makes exactly one attempt and never retries by itself."""

    name: ClassVar[str]
    # The kinds of plan it can carry out.
    capabilities: ClassVar[frozenset[str]]

    async def send(self, order: Order, /) -> Verdict:
        """Carry it out; raises NotSent, Unknown or Rejected."""
        ...

    async def verify(self, order: Order, /) -> Verdict:
        """What became of it: a strongly consistent read; raises NotSent."""
        ...
