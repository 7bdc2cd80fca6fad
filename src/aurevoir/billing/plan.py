"""What is to be done at a provider, frozen at the moment it was agreed: a retry sends these values again. Pure.

An *action* says it in neutral words, with absolute days and amounts. A *plan* adds the steps of one provider: each step
is one request, and what is sent is exactly what stands here.
"""

from datetime import date, datetime
from typing import Any, Literal

from msgspec import Struct

from aurevoir.kit.money import Money


class SubscriptionRef(Struct, frozen=True):
    """The subscription in the operator's own (clear) ids; plans are sealed because of it."""

    customer: str
    subscription: str


class Cancel(Struct, frozen=True, kw_only=True, tag_field="kind", tag="cancel"):
    """End the subscription on a day (None: as soon as the provider can)."""

    ends_on: date | None
    declared_at: datetime
    # For providers that take one: the common taxonomy's category, never the customer's words.
    category: str | None = None


class UndoCancel(Struct, frozen=True, kw_only=True, tag_field="kind", tag="undo_cancel"):
    """Take a scheduled cancellation back."""


class Discount(Struct, frozen=True, kw_only=True, tag_field="kind", tag="discount"):
    """So much off each of the next `periods` renewals; exactly one of the two amounts is set."""

    percent_off: int | None = None
    amount_off: Money | None = None
    periods: int
    # The last renewal that is discounted.
    ends_at: datetime


class Holiday(Struct, frozen=True, kw_only=True, tag_field="kind", tag="payment_holiday"):
    """Skip the next `renewals` renewals; the first that is charged again is at `resumes_at`."""

    renewals: int
    access: Literal["keep", "stop"]
    starts_at: datetime
    resumes_at: datetime


class Part(Struct, frozen=True):
    """One of the payments that a larger one was split into."""

    amount: Money
    due_on: date


class Split(Struct, frozen=True, kw_only=True, tag_field="kind", tag="split_payment"):
    """Pay `total` in parts over the same term; the parts add up to it exactly, and the first takes the remainder."""

    source: Literal["next_renewal", "open_invoice"]
    total: Money
    parts: tuple[Part, ...]
    # The term stays as long as it was.
    term_ends_on: date
    invoice: str | None = None


class Relief(Struct, frozen=True, kw_only=True, tag_field="kind", tag="payment_relief"):
    """One invoice falls due later (`due_on`), or never; `invoice` is None where it is the next one."""

    relief: Literal["defer", "waive"]
    amount: Money | None
    due_on: date | None = None
    invoice: str | None = None


class ChangePlan(Struct, frozen=True, kw_only=True, tag_field="kind", tag="plan_change"):
    """Another plan, quantity or interval from `effective_at` on."""

    plan: str | None = None
    quantity: int | None = None
    interval: Literal["month", "quarter", "year"] | None = None
    price: Money | None = None
    at: Literal["now", "period_end"]
    effective_at: datetime


class ExtendTrial(Struct, frozen=True, kw_only=True, tag_field="kind", tag="trial_extension"):
    """The trial ends at `until` instead."""

    until: datetime


class GrantFeature(Struct, frozen=True, kw_only=True, tag_field="kind", tag="feature_grant"):
    """A feature until a day; the product switches it, billing has no part in it."""

    feature: str
    until: date


class Custom(Struct, frozen=True, kw_only=True, tag_field="kind", tag="custom"):
    """Something that the product carries out itself."""

    action: str


Agreed = Discount | Holiday | Split | Relief | ChangePlan | ExtendTrial | GrantFeature | Custom


class Revert(Struct, frozen=True, kw_only=True, tag_field="kind", tag="revert"):
    """Take back what an earlier redemption did; `references` are what the provider called its parts."""

    redemption: str
    agreed: Agreed
    references: dict[str, str] = {}


Action = Cancel | UndoCancel | Agreed | Revert
ActionKind = Literal[
    "cancel",
    "undo_cancel",
    "discount",
    "payment_holiday",
    "split_payment",
    "payment_relief",
    "plan_change",
    "trial_extension",
    "feature_grant",
    "custom",
    "revert",
]


class Step(Struct, frozen=True, kw_only=True):
    """One request to a provider, fully resolved."""

    # In the adapter's words, e.g. `subscriptions.update`.
    operation: str
    parameters: dict[str, Any] = {}
    # Whether sending it again as it is does no harm; otherwise its key and our marker must prevent a second effect.
    repeatable: bool = True


class Plan(Struct, frozen=True, kw_only=True):
    """An action, frozen: what the worker seals, and sends step by step."""

    subscription: SubscriptionRef
    action: Action
    steps: tuple[Step, ...]
    # The redemption as providers know it (`rdm_…`): it travels in the same request as the effect.
    marker: str
    effective_at: datetime | None = None
    ends_at: datetime | None = None
    # After this moment it would come too late: a person decides.
    apply_before: datetime | None = None
    # Of the snapshot that it was worked out from; None where none was needed.
    snapshot_version: str | None = None


class Order(Struct, frozen=True, kw_only=True):
    """One step of a plan on its way: what a gateway is asked to do, under a key of its own."""

    plan: Plan
    number: int
    idempotency_key: str
    # What earlier steps of the plan brought back, e.g. the id of a schedule.
    references: dict[str, str] = {}

    @property
    def step(self) -> Step:
        """The step itself."""
        return self.plan.steps[self.number]


class Verdict(Struct, frozen=True, kw_only=True):
    """What a gateway knows of an order. `handed_over`: passed on, and only a person or a callback can tell the rest.

    `applied`: done as far as the reply says; `confirmed`: seen by reading it back or told by the provider.
    """

    state: Literal["not_applied", "applied", "confirmed", "handed_over"]
    # What the provider calls the things it made or changed.
    references: dict[str, str] = {}
