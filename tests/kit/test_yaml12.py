"""Reading YAML: what YAML 1.1 would have changed, what is refused, and where."""

import time

import pytest

from aurevoir.kit.yaml12 import load


def test_yes_no_and_on_stay_text() -> None:
    """A label that says Yes, a language called `no` and a field called `on` are what was written."""
    document = load("on: reason\nask: {no: Ja, en: Yes, fr: on, de: off}\nflag: true\n")

    assert document.value == {
        "on": "reason",
        "ask": {"no": "Ja", "en": "Yes", "fr": "on", "de": "off"},
        "flag": True,
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-02", "2026-11-02"),
        ("12:30:45", "12:30:45"),
        ("007", "007"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("'12'", "12"),
        ("-12", -12),
        ("1.5", 1.5),
        (".inf", ".inf"),
        ("99999999999999999999", "99999999999999999999"),
        ("~", None),
        ("null", None),
        ("False", False),
        ('"a\\0b"', "ab"),
        ('"e\\u0301"', "é"),
    ],
)
def test_a_value_is_what_a_reader_would_take_it_for(written: str, meant: object) -> None:
    """No dates, base sixty, octal or endless numbers out of plain text, and text that both databases can hold."""
    value = load(f"it: {written}").value["it"]

    assert value == meant
    assert type(value) is type(meant)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1, 2", "line 2, column 1: did not find expected"),
        ("a: b: c", "line 1, column 5: mapping values are not allowed"),
        ("a: *b", "line 1, column 4: aliases"),
        ("a: &b [*b]", "aliases"),
        ("a: !!python/object/apply:os.system [ls]", "line 1, column 4: tags"),
        ("a: !!binary aGk=", "tags"),
        ("a: 1\n---\nb: 2", "only one document"),
        ("? [a, b]\n: 1", "a name must be plain text"),
        ("a: \x07", "line 1: control characters are not allowed"),
        ("[" * 100, "nested more than 40 deep"),
        ("a: " + "[" * 100_000, "nested more than 40 deep"),
        ("a: " + "x" * 300_000, "is larger than 256 kB"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, said: str) -> None:
    """Every refusal is one problem at the root, and none is an exception."""
    document = load(text)

    assert document.value is None
    assert [problem.path for problem in document.problems] == ["$"]
    assert said in document.problems[0].message


def test_a_bomb_of_aliases_costs_nothing() -> None:
    """A billion laughs end at the first alias."""
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10)]
    began = time.perf_counter()
    document = load("\n".join(["l0: &l0 [x]", *levels]))

    assert "aliases" in document.problems[0].message
    assert time.perf_counter() - began < 2


def test_names_written_twice_are_all_told() -> None:
    """The second of two equal names would otherwise win in silence."""
    document = load("a: 1\nb: {c: 1, c: 2}\na: 3\n")

    assert [(p.path, p.message) for p in document.problems] == [
        ("$.b.c", "is written twice (again on line 2)"),
        ("$.a", "is written twice (again on line 3)"),
    ]
    assert document.value == {"a": 1, "b": {"c": 1}}


def test_every_path_has_its_line() -> None:
    """So that a problem can be shown where it stands."""
    document = load("steps:\n  - id: a\n  - id: b\n    ask:\n      en: Hi\n")

    assert document.lines["$.steps[1]"] == 3
    assert document.lines["$.steps[1].ask.en"] == 5


def test_nothing_is_nothing() -> None:
    """An empty text holds no value, and that is no syntax error."""
    assert load("# only a remark\n").value is None
    assert load("").problems == ()
