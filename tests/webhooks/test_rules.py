"""Which decisions a notification rule matches."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from aurevoir.webhooks import rules
from aurevoir.webhooks.rules import Decided, MailTarget, SlackTarget, When

DANA = Decided(
    outcome="cancelled",
    reason="too_expensive",
    category="too_expensive",
    channel="in_app",
    mrr=2900,
    currency="EUR",
    attributes={"plan": "pro", "country": "FR", "seats": 4, "sector": None},
)


def when(**members: Any) -> When:
    """As it comes in."""
    return msgspec.convert(members, When)


@pytest.mark.parametrize(
    ("condition", "matched"),
    [
        ({}, True),
        ({"outcomes": ["cancelled", "kept"]}, True),
        ({"outcomes": ["kept"]}, False),
        ({"reasons": ["too_expensive"]}, True),
        ({"reasons": ["unused"]}, False),
        ({"categories": ["price_increase", "too_expensive"]}, True),
        ({"categories": ["unused"]}, False),
        ({"channels": ["agent"]}, False),
        ({"mrr_at_least": {"amount": 2900, "currency": "EUR"}}, True),
        ({"mrr_at_least": {"amount": 2901, "currency": "EUR"}}, False),
        ({"mrr_at_least": {"amount": 1, "currency": "USD"}}, False),
        ({"segment": {"attribute": "plan", "in": ["pro", "team"]}}, True),
        ({"segment": {"all": [{"attribute": "seats", "at_least": 4}, {"attribute": "country", "is": "FR"}]}}, True),
        ({"segment": {"not": {"attribute": "sector", "is": "travel"}}}, False),
        ({"reasons": ["too_expensive"], "outcomes": ["saved"]}, False),
    ],
)
def test_all_that_is_asked_must_hold(condition: dict[str, Any], *, matched: bool) -> None:
    """Other currencies are never compared, and what is missing matches nothing, as in survey templates."""
    assert rules.matches(when(**condition), DANA) is matched


def test_what_is_unknown_matches_no_question_about_it() -> None:
    """No reason given, no price known."""
    silent = replace(DANA, reason=None, category=None, mrr=None, currency=None)

    assert rules.matches(when(), silent)
    assert not rules.matches(when(reasons=["too_expensive"]), silent)
    assert not rules.matches(when(categories=["other"]), silent)
    assert not rules.matches(when(mrr_at_least={"amount": 0, "currency": "EUR"}), silent)


@pytest.mark.parametrize(
    ("segment", "path"),
    [
        ({}, "$.when.segment"),
        ({"attribute": "seats", "is": 4, "at_least": 3}, "$.when.segment"),
        ({"attribute": "seats", "is": "four"}, "$.when.segment.is"),
        (
            {"all": [{"attribute": "our_own", "at_least": 3}, {"attribute": "plan", "at_most": 3}]},
            "$.when.segment.all[1].at_most",
        ),
        ({"answer": "reason", "is": "unused"}, "$.when.segment"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused_with_its_place(segment: dict[str, Any], path: str) -> None:
    """Attributes that only the token knows are taken as what they are compared with."""
    assert [one.path for one in rules.problems_in(when(segment=segment), SlackTarget(url="https://a.example"))] == [
        path
    ]


def test_a_mail_needs_somebody_to_go_to() -> None:
    """An address, or the attribute that holds the owner's."""
    assert [one.path for one in rules.problems_in(when(), MailTarget())] == ["$.target"]
    assert rules.problems_in(when(), MailTarget(owner_attribute="account_owner_email")) == []
