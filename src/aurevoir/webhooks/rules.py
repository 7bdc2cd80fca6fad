"""Notification rules: when somebody wants to be told of a customer's decision, and how. Pure."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from aurevoir.flows.attributes import BUILT_IN
from aurevoir.flows.taxonomy import Category
from aurevoir.kit import conditions
from aurevoir.kit.conditions import Condition, Value, ValueType
from aurevoir.kit.errors import Problem
from aurevoir.kit.struct import Currency, Key, MinorUnits, Strict, Url

Decision = Literal["cancelled", "saved", "kept", "needs_help"]
Channel = Literal["in_app", "hosted", "agent", "after_exit"]
MailAddress = Annotated[str, Meta(max_length=254, pattern=r"\A[^\s@]+@[^\s@]+\Z", description="an e-mail address")]


class Revenue(Strict, frozen=True, kw_only=True):
    """So much each month, in minor units; other currencies never match."""

    amount: MinorUnits
    currency: Currency


class When(Strict, frozen=True, kw_only=True):
    """All of these must hold; what is left out is not asked."""

    outcomes: Annotated[tuple[Decision, ...], Meta(max_length=4)] = ()
    reasons: Annotated[tuple[Key, ...], Meta(max_length=100)] = ()
    categories: Annotated[tuple[Category, ...], Meta(max_length=20)] = ()
    channels: Annotated[tuple[Channel, ...], Meta(max_length=4)] = ()
    mrr_at_least: Revenue | None = None
    # On the attributes of the customer token, as in survey templates.
    segment: Condition | None = None


class MailTarget(Strict, frozen=True, kw_only=True, tag_field="kind", tag="mail"):
    """To these addresses, and to the one that the customer token has in this attribute: the account's owner."""

    to: Annotated[tuple[MailAddress, ...], Meta(max_length=10)] = ()
    owner_attribute: Key | None = None


class WebhookTarget(Strict, frozen=True, kw_only=True, tag_field="kind", tag="webhook"):
    """A signed message, as endpoints get them."""

    url: Url


class SlackTarget(Strict, frozen=True, kw_only=True, tag_field="kind", tag="slack"):
    """An incoming webhook of Slack, or of whatever takes the same JSON."""

    url: Url


Target = MailTarget | WebhookTarget | SlackTarget


class Decided(Struct, frozen=True, kw_only=True):
    """What a customer decided, as rules look at it."""

    outcome: Decision
    reason: str | None
    category: str | None
    channel: str
    mrr: int | None
    currency: str | None
    attributes: Mapping[str, Value]


def matches(when: When, decided: Decided) -> bool:
    """Whether the rule's people want to know."""
    asked = (
        (when.outcomes, decided.outcome),
        (when.reasons, decided.reason),
        (when.categories, decided.category),
        (when.channels, decided.channel),
    )
    if any(wanted and told not in wanted for wanted, told in asked):
        return False
    if when.mrr_at_least is not None and not _reaches(when.mrr_at_least, decided):
        return False
    return when.segment is None or conditions.holds(when.segment, decided.attributes, {})


def _reaches(least: Revenue, decided: Decided) -> bool:
    return decided.currency == least.currency and decided.mrr is not None and decided.mrr >= least.amount


def problems_in(when: When, target: Target) -> list[Problem]:
    """What the shapes alone do not show."""
    found = []
    if isinstance(target, MailTarget) and not target.to and target.owner_attribute is None:
        found.append(Problem("$.target", "Name an address, or the attribute that holds the owner's."))
    if when.segment is None:
        return found
    leaves = list(conditions.leaves(when.segment))
    if any(leaf.answer is not None for leaf in leaves):
        return [*found, Problem("$.when.segment", "Rules ask about attributes; reasons have a place of their own.")]
    declared = {leaf.attribute: _type(leaf) for leaf in leaves if leaf.attribute is not None}
    wrong = conditions.problems_in(when.segment, "$.when.segment", declared | dict(BUILT_IN), {})
    return [*found, *wrong]


def _type(leaf: Condition) -> ValueType:
    """What an attribute that only the token knows seems to be, by what it is compared with."""
    compared = next((one for one in (leaf.is_, *(leaf.in_ or ()), leaf.at_least, leaf.at_most) if one is not None), "")
    if isinstance(compared, bool):
        return "bool"
    if isinstance(compared, int):
        return "int"
    return "date" if leaf.at_least is not None or leaf.at_most is not None else "text"
