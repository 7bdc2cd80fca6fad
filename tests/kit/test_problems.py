"""Explaining what is wrong with an input: everything, in words, and exactly when the decoder refuses."""

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurevoir.flows.steps import Flow
from aurevoir.kit.problems import explain
from tests.flows.strategies import flows, spoilt


@given(flows(), st.integers(0, 1_000_000))
def test_there_are_problems_exactly_when_the_decoder_refuses(flow: Flow, seed: int) -> None:
    """Nothing sound is complained about, and nothing unsound passes without a word."""
    raw = spoilt(msgspec.to_builtins(flow), Random(seed))
    read, problems = explain(raw, Flow)
    try:
        decoded = msgspec.convert(raw, Flow)
    except msgspec.ValidationError:
        assert problems
    else:
        assert not problems
        assert read == decoded


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"kind": "chioce"}, "$.steps[0].kind", "must be one of choice, text, scale, offer, confirm; did you mean `ch"),
        ({"kind": None}, "$.steps[0].kind", "must be one of choice"),
        ({"opions": []}, "$.steps[0].opions", "is not known here; did you mean `options`?"),
        ({"ask": "Why?"}, "$.steps[0].ask", "must be a mapping"),
        ({"ask": {"english": "Why?"}}, "$.steps[0].ask.english", "must be"),
        ({"ask": {"en": 404}}, "$.steps[0].ask.en", "must be text; put it in quotes"),
        ({"ask": {"en": ""}}, "$.steps[0].ask.en", "must not be empty"),
        ({"ask": {"en": "x" * 201}}, "$.steps[0].ask.en", "may have at most 200 characters and has 201"),
        ({"id": "Too Late"}, "$.steps[0].id", "must be lower_case_words"),
        ({"shuffle": "yes"}, "$.steps[0].shuffle", "must be true or false"),
        ({"role": "raeson"}, "$.steps[0].role", "must be one of reason; did you mean `reason`?"),
        ({"options": []}, "$.steps[0].options", "must not be empty"),
        ({"options": {}}, "$.steps[0].options", "must be a list"),
        ({"when": {"attribute": "a", "is": {}}}, "$.steps[0].when.is", "must be true or false or a whole number or te"),
        ({"when": {"attribute": "a", "at_least": "soon"}}, "$.steps[0].when.at_least", "must be an ISO date"),
    ],
)
def test_each_problem_is_told_in_words_at_its_path(change: dict[str, object], path: str, words: str) -> None:
    """A mistake is explained where it was made."""
    step = {"id": "a", "kind": "choice", "ask": {"en": "Why?"}, "options": [{"code": "b", "label": {"en": "B"}}]}
    raw = {"key": "k", "title": "T", "locales": ["en"], "steps": [step | change]}
    _, problems = explain(raw, Flow)

    assert [problem.path for problem in problems] == [path]
    assert words in problems[0].message


def test_a_part_of_unknown_kind_leaves_nothing_to_go_on_with() -> None:
    """What cannot be guessed is not guessed; its neighbours' problems are told all the same."""
    raw = {"key": "K", "title": "T", "locales": ["en"], "steps": [{"kind": "zzz"}, 3, {"kind": "text"}]}
    read, problems = explain(raw, Flow)

    assert read is None
    assert [problem.path for problem in problems] == [
        "$.key",
        "$.steps[0].kind",
        "$.steps[1].kind",
        "$.steps[2].id",
        "$.steps[2].ask",
    ]
