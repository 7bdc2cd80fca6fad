"""Every mistake that a flow can hold is found, at its place, and all of them in one run."""

import json
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurevoir.flows.checks import check, check_text
from aurevoir.flows.findings import as_problem, of_problem
from aurevoir.flows.packs import PACKS, PackName
from aurevoir.flows.reading import flow_from, read_flow
from aurevoir.flows.steps import Flow
from aurevoir.kit.errors import Invalid
from tests.flows.sound import BOTH, SOUND, Change, added, asks, changed, half, option, other_offer, step, top, without
from tests.flows.strategies import flows, spoilt

# What is changed; the path and the words of the finding; its level and rule.
MISTAKES: list[tuple[Change, str, str, str, str | None]] = [
    # ids and codes
    (added(1, id="reason", on="reason"), "steps[1].id", "`reason` is already used by steps[0]", "error", None),
    (step(1, id="receipt"), "steps[1].id", "name of a built-in screen", "error", None),
    (option(1, code="price"), "steps[0].options[1].code", "already used by steps[0].options[0]", "error", None),
    (option(0, code="skipped"), "steps[0].options[0].code", "`skipped` is reserved", "error", None),
    # the reason step
    (without("role", 0), "steps", "must hold one reason step", "error", None),
    (
        added(
            1, id="why", kind="choice", role="reason", options=[{"code": "other", "category": "other", "label": BOTH}]
        ),
        "steps[1].role",
        "makes a second reason step beside steps[0]",
        "error",
        None,
    ),
    (option(1, category=None), "steps[0].options[1].category", "is missing", "error", None),
    (option(1, category="other"), "steps[0].options[2].category", "is `other`, as that of options[1]", "error", None),
    (option(2, category="no_value"), "steps[0].options", "have no `other`", "warning", None),
    (
        added(1, id="a", kind="choice", options=[{"code": "b", "label": BOTH, "category": "unused"}]),
        "steps[1].options[0].category",
        "has no effect outside the reason step",
        "warning",
        None,
    ),
    # the confirm step
    (lambda raw: raw["steps"].pop(), "steps", "must end with a confirm step", "error", "FE-01"),
    (added(4, id="sure", kind="confirm"), "steps[5]", "second confirm step beside steps[4]", "error", "FE-02"),
    (added(5, id="late"), "steps[4]", "must be the last step", "error", "FE-02"),
    # questions beside others
    (step(1, on="nowhere"), "steps[1].on", "`nowhere` is not a step", "error", None),
    (step(1, on="rating"), "steps[1].on", "`rating` comes later", "error", None),
    (added(2, id="a", on="comment"), "steps[2].on", "not a question with a screen of its own", "error", None),
    (added(4, id="a", on="save"), "steps[4].on", "not a question with a screen of its own", "error", None),
    # words
    (option(1, label={"en": "Bugs"}), "steps[0].options[1].label.fr", "is missing", "error", "FE-22"),
    (half(headline={"fr": "x"}), "offers.half.headline.en", "is missing", "error", "FE-22"),
    (step(4, body={"en": "x"}), "steps[4].body.fr", "is missing", "error", "FE-22"),
    (step(1, ask=BOTH | {"es": "x"}), "steps[1].ask.es", "is never shown", "warning", None),
    (top(locales=["en", "fr", "en"]), "locales[2]", "`en` is listed twice", "error", None),
    # conditions
    (top(attributes={"plan": "int"}), "attributes.plan", "is built in as `text`", "error", None),
    (asks(attribute="colour", is_="red"), "steps[2].when.attribute", "neither built in nor declared", "error", None),
    (asks(answer="mood", is_="bad"), "steps[2].when.answer", "`mood` is not an earlier question", "error", None),
    (asks(answer="rating", is_=3), "steps[2].when.answer", "`rating` is not an earlier question", "error", None),
    (asks(answer="reason", is_="bug"), "steps[2].when.is", "`bug` is not one of its options", "error", None),
    (asks(attribute="vip", at_least=3), "steps[2].when.at_least", "numbers or dates only", "error", None),
    (asks(answer="reason"), "steps[2].when", "needs exactly one comparison", "error", None),
    (
        step(1, when={"answer": "reason", "is": "bugs"}),
        "steps[1].when.answer",
        "`reason` is not an earlier question",
        "error",
        None,
    ),
    (half(when={"attribute": "colour", "is": "red"}), "offers.half.when.attribute", "neither built in", "error", None),
    # steps that never show
    (
        asks(all=[{"answer": "reason", "is": "bugs"}, {"answer": "reason", "is": "other"}]),
        "steps[2]",
        "can never show: no customer can meet its `when`",
        "error",
        None,
    ),
    (
        asks(all=[{"attribute": "seats", "at_least": 5}, {"attribute": "seats", "at_most": 4}]),
        "steps[2]",
        "can never show",
        "error",
        None,
    ),
    # offers
    (added(3, id="again", kind="offer"), "steps[4]", "second offer step beside steps[3]", "error", "FE-04"),
    (lambda raw: raw["steps"].pop(3), "offers", "have no place", "error", None),
    (lambda raw: (option(0, offers=[])(raw), raw.pop("offers")), "steps[3]", "no offer is defined", "warning", None),
    (
        lambda raw: raw["steps"].insert(0, raw["steps"].pop(3)),
        "steps[0]",
        "must come after the reason step",
        "error",
        None,
    ),
    (option(1, offers=["gift"]), "steps[0].options[1].offers[0]", "`gift` is not defined", "error", None),
    (option(0, offers=["half", "half"]), "steps[0].options[0].offers[1]", "is listed twice", "warning", None),
    (option(0, offers=[]), "offers.half", "no reason lists it", "warning", None),
    (
        half(when={"all": [{"attribute": "plan", "is": "a"}, {"attribute": "plan", "is": "b"}]}),
        "offers.half.when",
        "can never hold",
        "warning",
        None,
    ),
    # terms
    (half(when=None), "offers.half.when", "a discount is never for everyone", "error", None),
    (half(percent_off=None), "offers.half", "needs exactly one of percent_off and amount_off", "error", "FE-10"),
    (
        half(amount_off={"amount": 500, "currency": "EUR"}),
        "offers.half",
        "needs exactly one of percent_off and amount_off",
        "error",
        "FE-10",
    ),
    (
        half(
            percent_off=None,
            amount_off={"amount": 500, "currency": "EUR"},
            floor={"plan": "pro", "amount": 900, "currency": "USD"},
        ),
        "offers.half.floor.currency",
        "is not EUR",
        "error",
        None,
    ),
    (
        other_offer(kind="payment_relief", relief="defer", invoice="open"),
        "offers.more.days",
        "is missing: a deferred payment has a new date",
        "error",
        "FE-10",
    ),
    (
        other_offer(kind="payment_relief", relief="waive", invoice="open", days=3),
        "offers.more.days",
        "has no meaning",
        "error",
        "FE-10",
    ),
    (other_offer(kind="plan_change"), "offers.more", "changes nothing", "error", "FE-10"),
    (other_offer(kind="feature_grant", feature="x"), "offers.more", "one of days and until", "error", "FE-10"),
    (
        other_offer(kind="feature_grant", feature="x", days=3, until="2026-12-31"),
        "offers.more",
        "one of days and until",
        "error",
        "FE-10",
    ),
    (other_offer(kind="split_payment", parts=5), "offers.more.parts", "must be one of 2, 3, 4", "error", "FE-10"),
    # a fair way out
    (step(0, required=True), "steps[0].required", "no question may be required", "error", "FE-03"),
    (step(1, required=True), "steps[1].required", "no question may be required", "error", "FE-03"),
    (step(2, when=None), "steps", "lead through up to 4 screens before the receipt", "error", "FE-02"),
    (step(1, ask={"en": "x" * 81, "fr": "x"}), "steps[1].ask.en", "has 81 characters", "warning", "FE-18"),
    (half(body={"en": "x", "fr": "mot " * 61}), "offers.half.body.fr", "has 61 words", "warning", "FE-18"),
    # structure
    (step(2, high=11), "steps[2].high", "must be between 2 and 10", "error", None),
    (step(2, kind="scael"), "steps[2].kind", "did you mean `scale`?", "error", None),
    (step(2, colour="red"), "steps[2].colour", "is not known here: buttons look alike", "error", "FE-06"),
    (step(2, tag="x"), "steps[2].tag", "is not known here", "error", None),
]


def test_the_sound_flow_is_sound() -> None:
    """So that what is found below was put there."""
    assert check_text(SOUND) == []


@pytest.mark.parametrize(("change", "path", "words", "level", "rule"), MISTAKES)
def test_a_mistake_is_found_at_its_place(change: Change, path: str, words: str, level: str, rule: str | None) -> None:
    """Each with its path, its level and, for a fair-exit rule, the rule and what it rests on."""
    found = [f for f in check_text(changed(change)) if f.path == path and words in f.message]

    assert [(f.level, f.rule) for f in found] == [(level, rule)]
    assert (found[0].source is not None) is (rule is not None)
    assert found[0].line is not None


# What some mistakes do bring about, beside what they are; all others come alone.
CONSEQUENCES = {
    "steps[1].id": {"steps[2].on", "steps[4]"},  # two steps answer to one name
    "steps[0].options[1].code": {"steps[2].when.is"},  # nobody can answer `bugs` any more
    # a screen more than is fair
    "steps[1].role": {"steps"},
    "steps[1].options[0].category": {"steps"},
    "steps[4]": {"steps"},
    "steps[5]": {"steps"},
    "steps[2].when.attribute": {"steps"},
    "steps[2].when.at_least": {"steps"},
    "steps[0].options[1].offers[0]": {"steps"},
}


@pytest.mark.parametrize(("change", "path"), [(change, path) for change, path, *_ in MISTAKES])
def test_a_mistake_brings_no_false_alarm(change: Change, path: str) -> None:
    """Nothing is reported that the mistake did not bring about."""
    others = {finding.path for finding in check_text(changed(change))} - {path}

    assert others <= CONSEQUENCES.get(path, set())


def test_many_mistakes_are_found_in_one_run() -> None:
    """Structure, words, conditions, offers and fairness: Erin sees them all at once, with their lines."""
    text = changed(
        step(2, kind="scael"),
        option(1, label={"en": "Bugs"}),
        option(2, code="price"),
        step(1, required=True),
        half(when={"attribute": "colour", "is": "red"}),
        top(title=404),
    )
    findings = check_text(text)

    assert {finding.path for finding in findings} == {
        "title",
        "steps[2].kind",
        "steps[0].options[2].code",
        "steps[0].options[1].label.fr",
        "offers.half.when.attribute",
        "steps[1].required",
    }
    assert all(text.splitlines()[f.line - 1].strip() for f in findings if f.line)
    assert "steps[0].options[1].label.fr is missing" in [finding.sentence for finding in findings]


def test_what_follows_from_a_broken_part_is_not_told() -> None:
    """A label that is no mapping is one problem, and not one for each language as well."""
    assert [f.path for f in check_text(changed(option(0, label="Price")))] == ["steps[0].options[0].label"]


def test_a_part_of_unknown_kind_hides_only_what_depends_on_it() -> None:
    """Where nobody can guess what a step is, only the structure is judged."""
    findings = check_text(changed(step(0, kind="zzz"), half(periods=0)))

    assert [f.path for f in findings] == ["steps[0].kind", "offers.half.periods"]


def test_syntax_is_one_finding() -> None:
    """With nothing to check, there is one thing to say."""
    assert [f.sentence for f in check_text("steps: [")] == [check_text("steps: [")[0].message]


def test_lines_lead_to_what_is_written() -> None:
    """A missing translation points to the text that lacks it."""
    text = SOUND.replace("fr: Bogues", "de: Fehler")
    line = next(f.line for f in check_text(text) if f.path.endswith("label.fr"))

    assert line is not None
    assert "code: bugs" in text.splitlines()[line - 1]


def test_four_screens_pass_where_the_confirmation_comes_first() -> None:
    """The order is the pack's; only the order that puts questions first counts them."""
    text = changed(step(2, when=None))

    assert [f.rule for f in check_text(text)] == ["FE-02"]
    assert [f.packs for f in check_text(text, {"us-ca", "de"})] == [("us-ca",)]
    assert check_text(text, {"de"}) == []


@given(flows(), st.sampled_from(sorted(PACKS)))
def test_a_valid_flow_is_valid_in_every_pack(flow: Flow, pack: PackName) -> None:
    """What passes without naming a pack passes in each."""
    assert [f for f in check(flow, {pack}) if f.level == "error"] == []


@given(flows(), st.integers(0, 1_000_000), st.integers(1, 4))
def test_whatever_is_broken_gets_an_answer(flow: Flow, seed: int, times: int) -> None:
    """A flow that is wrong in several places is refused, and never breaks the checks."""
    raw = msgspec.to_builtins(flow)
    for spoil in range(times):
        raw = spoilt(raw, Random(seed + spoil))
    found = [finding.sentence for finding in check_text(json.dumps(raw, ensure_ascii=False))]
    try:
        rest = [finding.sentence for finding in check(flow_from(raw))]
    except Invalid as refused:
        rest = [of_problem(problem).sentence for problem in refused.problems]

    assert set(rest) <= set(found)


def test_errors_come_before_warnings() -> None:
    """What stops the publishing is read first."""
    levels = [f.level for f in check(read_flow(changed(step(1, ask={"en": "x" * 90, "es": "x"}))))]

    assert levels == ["error", "warning", "warning"]


def test_a_finding_and_a_problem_of_the_api_say_the_same() -> None:
    """`steps[0].kind` on the command line is `$.steps[0].kind` in JSON."""
    finding = check_text(changed(step(1, required=True)))[0]

    assert as_problem(finding).path == "$.steps[1].required"
    assert of_problem(as_problem(finding)).sentence == f"{finding.sentence} (FE-03)"
