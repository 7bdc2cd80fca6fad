"""Pipit's account page as data: the subscription in the customer's language, and what a cancellation changed. Pure."""

from datetime import date

from msgspec import Struct

from aurevoir.kit.i18n import language
from aurevoir.web.demo import product
from aurevoir.web.demo.scene import Scene
from aurevoir.web.demo.words import WORDS, Words


class Account(Struct, frozen=True, kw_only=True):
    """What the page shows; `tone` is `good`, `care` or `leaving`."""

    direction: str
    plan: str
    badge: str
    tone: str
    rows: tuple[tuple[str, str], ...]
    says: str
    button: str


def account(scene: Scene, today: date, *, is_leaving: bool, ends_on: date | None) -> Account:
    """The account of this scene; `is_leaving` once a cancellation was declared, which takes effect on `ends_on`."""
    words, spoken = WORDS[scene.lang], language(scene.lang)
    badge, tone = _badge(scene.customer, words)
    if is_leaving and ends_on:
        badge, tone = words.ends.format(day=spoken.date(ends_on)), "leaving"
    return Account(
        direction=spoken.direction,
        plan=f"{product.NAME} {'Team' if scene.customer == 'business' else 'Pro'}",
        badge=badge,
        tone=tone,
        rows=_rows(scene, today, words, is_leaving=is_leaving),
        says=words.is_leaving.format(day=spoken.date(ends_on)) if is_leaving and ends_on else words.may_leave,
        button=words.see if is_leaving else words.cancel,
    )


def _badge(customer: str, words: Words) -> tuple[str, str]:
    return {"trial": (words.trial, "care"), "unpaid": (words.unpaid, "care")}.get(customer, (words.active, "good"))


def _rows(scene: Scene, today: date, words: Words, *, is_leaving: bool) -> tuple[tuple[str, str], ...]:
    has, spoken = product.subscription(scene.customer, today), language(scene.lang)

    def day(name: str) -> str:
        return spoken.date(date.fromisoformat(has[name]))

    price = {"trial": words.afterwards, "annual": words.yearly}.get(scene.customer, words.monthly)
    paid_by = {"business": words.invoice, "unpaid": words.card_failed}.get(scene.customer, words.card)
    rows = [(words.price, price.format(price=spoken.money(has["amount"], has["currency"])))]
    if not is_leaving:
        rows.append((words.trial_ends if scene.customer == "trial" else words.renews, day("renews_on")))
    rows.append((words.payment, paid_by))
    if scene.customer == "business":
        rows += [
            (words.seats, words.seats_held),
            (words.commitment, words.until.format(day=day("commitment_ends_on"))),
            (words.notice, words.notice_days),
        ]
    return tuple(rows)
