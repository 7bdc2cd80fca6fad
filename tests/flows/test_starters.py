"""The survey templates that ship: complete, fair, well written, and in step with their schema."""

import re

import pytest

from aurevoir.flows.checks import check_text
from aurevoir.flows.graph import reason_step
from aurevoir.flows.paths import longest_path, possible_ways
from aurevoir.flows.reading import read_flow
from aurevoir.flows.starters import StarterNotFound, list_starters, schema_json, starter
from aurevoir.flows.translations import texts
from aurevoir.kit import assets

STARTERS = list_starters()


def words(key: str, locale: str) -> list[str]:
    return [text[locale] for _, text in texts(read_flow(starter(key)))]


def test_the_starters_are_there() -> None:
    """Those that the documentation names."""
    assert STARTERS == ("b2b_accounts", "crisis_relief", "no_offers", "saas_classic", "saas_short")
    with pytest.raises(StarterNotFound):
        starter("../pyproject")


@pytest.mark.parametrize("key", STARTERS)
def test_a_starter_has_nothing_to_complain_about(key: str) -> None:
    """Neither errors nor warnings, and its key is its file's name."""
    assert check_text(starter(key)) == []
    assert read_flow(starter(key)).key == key


@pytest.mark.parametrize("key", STARTERS)
def test_a_starter_speaks_four_languages_throughout(key: str) -> None:
    """English, French, German and Spanish, each text once in each, and no two of a longer text alike."""
    flow = read_flow(starter(key))

    assert flow.locales[:4] == ("en", "fr", "de", "es")
    for path, text in texts(flow):
        assert set(text) == set(flow.locales), path
        assert len(set(text.values())) == len(text), path


def test_one_starter_runs_from_right_to_left() -> None:
    """Arabic, so that the direction can be tried."""
    arabic = words("saas_classic", "ar")

    assert all(re.search(r"[\u0600-\u06ff]", text) for text in arabic)
    assert not any("?" in text or "," in text for text in arabic)


@pytest.mark.parametrize("key", STARTERS)
def test_a_starter_is_short(key: str) -> None:
    """Six to nine reasons; at most three screens, two for the short one; a comment beside the reason."""
    flow = read_flow(starter(key))

    assert longest_path(flow) == (2 if key == "saas_short" else 3)
    assert 6 <= len(reason_step(flow).options) <= 9
    assert reason_step(flow).shuffle
    assert reason_step(flow).options[-1].category == "other"
    assert any(step.id == "comment" for step in flow.steps)


def test_what_failed_and_how_support_was_is_asked_only_of_those_who_said_so() -> None:
    """In `saas_classic` nobody is asked about both."""
    ways = possible_ways(read_flow(starter("saas_classic")))

    assert any("what_failed" in way for way in ways)
    assert any("support_rating" in way for way in ways)
    assert not any({"what_failed", "support_rating"} <= way for way in ways)
    assert any("save" in way for way in ways)


@pytest.mark.parametrize("key", ["no_offers", "saas_short"])
def test_two_starters_offer_nothing(key: str) -> None:
    """For those who only want to learn."""
    assert read_flow(starter(key)).offers == {}


def test_relief_comes_in_every_form_and_by_sector() -> None:
    """A holiday, parts, a later or waived invoice, and more features for a while."""
    offers = read_flow(starter("crisis_relief")).offers
    kinds = {msg.__class__.__name__ for msg in offers.values()}

    assert {"PaymentHoliday", "SplitPayment", "PaymentRelief", "FeatureGrant"} <= kinds
    assert {getattr(offer, "relief", None) for offer in offers.values()} >= {"defer", "waive"}
    assert "attribute: sector" in starter("crisis_relief")


@pytest.mark.parametrize("key", STARTERS)
def test_the_french_is_set_as_french(key: str) -> None:
    """Narrow no-break spaces before ? ! ; and no-break ones before the colon; curly apostrophes; no bare quotes."""
    for text in words(key, "fr"):
        assert not re.search(r"[^\u202f][?!;]", text), text
        assert not re.search(r"[^\u00a0]:", text), text
        assert not re.search(r"['\"]", text), text


@pytest.mark.parametrize("key", STARTERS)
def test_spanish_questions_open_and_german_is_polite(key: str) -> None:
    """¿…? and Sie, never du."""
    for text in words(key, "es"):
        assert text.count("?") == text.count("¿"), text
    for text in words(key, "de"):
        assert not re.search(r"\b([Dd]u|[Dd]ich|[Dd]ir|[Dd]ein\w*|[Ee]uch|[Ee]uer)\b", text), text


@pytest.mark.parametrize("key", STARTERS)
def test_a_starter_leads_editors_to_the_schema(key: str) -> None:
    """Its first line names it, so that an editor completes and checks while typing."""
    assert starter(key).startswith("# yaml-language-server: $schema=schema.json\n")


def test_the_schema_is_current() -> None:
    """`survey_templates/schema.json` is what the Structs say."""
    assert (assets.folder("survey_templates") / "schema.json").read_text("utf-8") == schema_json()


def test_the_schema_speaks_its_own_dialect() -> None:
    r"""Editors take `\A` for the letter A, and would underline every key."""
    assert r"\\A" not in schema_json()
    assert '"additionalProperties": false' in schema_json()
