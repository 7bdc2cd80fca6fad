"""What a notification says, as a mail and as Slack's JSON: the decision, the reason, the customer's words, a link."""

from typing import Any

from msgspec import Struct

from aurevoir.kit.i18n import Language, language
from aurevoir.kit.mail import Mail
from aurevoir.kit.stationery import Link, Sheet
from aurevoir.kit.stationery import mail as on_paper
from aurevoir.webhooks.payload import Data, Ended

# The operator's own people read it, as they read the API: in English.
WORDS = language("en")
_DECISIONS: dict[Ended | None, str] = {
    "cancelled": "A customer cancelled",
    "saved": "A customer accepted an offer and stays",
    "kept": "A customer decided to stay",
    "needs_help": "Billing refused: a customer needs a person",
    "abandoned": "A customer left in the middle",
    # Decided, and open again by the time it is told.
    None: "A customer is back",
}


class Message(Struct, frozen=True, kw_only=True):
    """The same for every kind of target."""

    title: str
    points: tuple[str, ...]
    # In the customer's words.
    comments: tuple[str, ...]
    session: str
    url: str


def message(data: Data) -> Message:
    """What there is to say of a session."""
    assert data.session is not None, "only sessions are told of"
    session = data.session
    decision = "A customer who has left" if session.channel == "after_exit" else _DECISIONS[session.outcome]
    return Message(
        title=f"{decision}: {session.reason.label}" if session.reason else decision,
        points=tuple(f"{label}: {value}" for label, value in _facts(data, WORDS) if value),
        comments=tuple((session.comments or {}).values()),
        session=session.id,
        url=session.url,
    )


def _facts(data: Data, words: Language) -> tuple[tuple[str, str | None], ...]:
    session, subscription = data.session, data.subscription
    assert session is not None, "only sessions are told of"
    monthly = words.money(session.mrr, session.currency) if session.mrr is not None and session.currency else None
    category = session.reason.category if session.reason else None
    return (
        ("Customer", data.customer.id if data.customer else None),
        ("Subscription", subscription.id if subscription else None),
        ("Plan", subscription.plan if subscription else None),
        ("Each month", monthly),
        ("Reason", session.reason.code + (f" ({category})" if category else "") if session.reason else None),
        ("Offer", data.redemption.offer if data.redemption else None),
        ("Ends on", words.date(session.effective_on) if session.effective_on else None),
        ("Channel", session.channel),
    )


def as_mail(to: str, said: Message, workspace: str, *, is_test: bool) -> Mail:
    """One mail to one person."""
    sheet = Sheet(
        sender=workspace,
        title=said.title,
        points=said.points,
        document="\n\n".join(f"“{words}”" for words in said.comments),
        links=(Link(said.session, said.url),),
    )
    return on_paper(to, sheet, WORDS, is_test=is_test)


def as_slack(said: Message, *, is_test: bool) -> dict[str, Any]:
    """The plainest JSON that an incoming webhook takes; Mattermost, Rocket.Chat and others take it as well."""
    quoted = [f"> {line}" for words in said.comments for line in _escaped(words).splitlines()]
    title = _escaped(f"[Test] {said.title}" if is_test else said.title)
    points = [_escaped(point) for point in said.points]
    return {"text": "\n".join([f"*{title}*", *points, *quoted, f"<{said.url}|{said.session}>"])}


def _escaped(text: str) -> str:
    # The three characters that Slack reads as markup for links and mentions.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
