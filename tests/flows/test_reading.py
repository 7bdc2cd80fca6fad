"""Reading survey templates: all structural problems at once, with their places."""

import msgspec
import pytest
from hypothesis import given

from aurevoir.flows.reading import flow_from, read, read_flow
from aurevoir.flows.steps import Flow, TextStep
from aurevoir.kit.errors import Invalid
from tests.flows.strategies import flows

BROKEN = """\
key: Demo
title: 404
locales: [en]
stepz: 3
steps:
  - id: reason
    kind: chioce
    role: reason
    ask: {en: Yes}
    options:
      - {code: a, label: {en: x}, categry: other}
      - {label: [1]}
  - {id: more, kind: text, on: reason, ask: {en: Hi}, max_length: 0}
offers:
  x: {kind: payment_relief, relief: deferr, headline: {en: Later}}
"""


def test_every_structural_problem_is_told_at_once() -> None:
    """One run names them all, in the order of the file."""
    with pytest.raises(Invalid) as refused:
        read_flow(BROKEN)

    assert [problem.path for problem in refused.value.problems] == [
        "$.stepz",
        "$.key",
        "$.title",
        "$.steps[0].kind",
        "$.steps[0].options[0].categry",
        "$.steps[0].options[1].code",
        "$.steps[0].options[1].label",
        "$.steps[1].max_length",
        "$.offers.x.relief",
        "$.offers.x.invoice",
    ]


def test_a_syntax_error_has_line_and_column() -> None:
    """Erin is led to the very place."""
    with pytest.raises(Invalid) as refused:
        read_flow("key: a\ntitle: b: c\n")

    assert refused.value.problems[0].path == "$"
    assert refused.value.problems[0].message.startswith("line 2, column 9: ")


def test_on_is_a_field_and_yes_is_a_label() -> None:
    """Words that older readers of YAML take for true and false."""
    flow = read_flow(
        "{key: a, title: Yes, locales: [en, no], steps: [{id: t, kind: text, ask: {en: No, no: Nei}},"
        " {id: u, kind: text, on: t, ask: {en: On, no: På}}]}"
    )

    assert flow.title == "Yes"
    assert flow.locales == ("en", "no")
    assert isinstance(flow.steps[1], TextStep)
    assert flow.steps[1].on == "t"
    assert flow.steps[1].ask == {"en": "On", "no": "På"}


@pytest.mark.parametrize("text", ["", "# nothing", "[]", "just words", "3", "{}"])
def test_what_is_no_template_is_refused(text: str) -> None:
    """Every text gets an answer, and none an exception of ours."""
    with pytest.raises(Invalid) as refused:
        read_flow(text)

    assert refused.value.problems


def test_names_written_twice_are_refused() -> None:
    """Which of the two was meant?"""
    broken = read("key: a\nkey: b\n").broken

    assert ("key", "is written twice (again on line 2)") in [(one.path, one.message) for one in broken]


@given(flows())
def test_a_flow_survives_being_written_and_read(flow: Flow) -> None:
    """JSON is YAML, and plain data is what both say: three ways in, one flow."""
    written = msgspec.json.encode(flow).decode()

    assert read_flow(written) == flow
    assert flow_from(msgspec.json.decode(written)) == flow


def test_text_is_cleaned_on_both_ways_in() -> None:
    """No control characters reach a database: NUL is no text to PostgreSQL."""
    raw = {"key": "a", "title": "A\x00B ", "locales": ["en"], "steps": [{"id": "confirm", "kind": "confirm"}]}

    assert flow_from(raw).title == "AB"
    assert read_flow(msgspec.json.encode(raw).decode()).title == "AB"
