"""The interface to the system that owns the subscription: every adapter speaks these words, and no provider's."""

from datetime import datetime
from typing import ClassVar, Protocol
from uuid import UUID

from msgspec import Struct

from aurevoir.billing.plan import Action, ActionKind, Order, Plan, SubscriptionRef, Verdict
from aurevoir.billing.snapshot import Snapshot


class GatewayError(Exception):
    """A provider could not do it; the class says what may be done next."""


class NotSent(GatewayError):
    """Certainly not executed: try again with the same key, not before `retry_after` seconds."""

    def __init__(self, retry_after: float | None = None) -> None:
        super().__init__()
        self.retry_after = retry_after


class Busy(GatewayError):
    """Executed nothing, and will not before `not_before`: the subscription is locked, for example by its renewal."""

    def __init__(self, not_before: datetime | None = None) -> None:
        super().__init__()
        self.not_before = not_before


class Unknown(GatewayError):
    """May have been executed: verify before anything else. `answered`: it was an answer (a 5xx), not a lost line."""

    def __init__(self, *, answered: bool = False) -> None:
        super().__init__()
        self.answered = answered


class _Coded(GatewayError):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Rejected(_Coded):
    """Will never work; `code` says why in the provider's words."""


class Conflicting(_Coded):
    """The world moved since it was agreed: read again; the goal may be met already, else it is for a person."""


class NeedsPerson(_Coded):
    """Somebody must act first: a key was withdrawn, or a card needs its owner."""


class Impossible(Exception):
    """This action cannot be done to this subscription; `code` is a reason that presentations record."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Connection(Struct, frozen=True, kw_only=True):
    """How a workspace reaches its billing system in one mode; `settings` are unsealed: keys, addresses."""

    id: UUID
    workspace: UUID
    mode: str
    gateway: str
    settings: dict[str, str] = {}


class Gateway(Protocol):
    """One billing system of one workspace and mode. `send` makes exactly one request and never retries by itself."""

    name: ClassVar[str]
    # The kinds of action it can carry out.
    capabilities: ClassVar[frozenset[ActionKind]]
    # Whether it can be asked for a snapshot; otherwise the customer token is all there is.
    reads: ClassVar[bool]

    async def snapshot(self, subscription: SubscriptionRef, /) -> Snapshot:
        """The subscription now; raises NotSent, Rejected (there is none) or NeedsPerson."""
        ...

    def plan(
        self, subscription: SubscriptionRef, action: Action, snapshot: Snapshot | None, marker: str, now: datetime, /
    ) -> Plan:
        """The steps of an action, frozen; pure. `snapshot` may be None for `cancel`. Raises Impossible."""
        ...

    async def send(self, order: Order, /) -> Verdict:
        """Carry one step out; raises any GatewayError."""
        ...

    async def verify(self, order: Order, /) -> Verdict:
        """What became of a step: a strongly consistent read; raises NotSent, Conflicting or NeedsPerson."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
