"""The forms: exactly the fields and the words that the law names, and what is read from them."""

from datetime import date

import pytest

from aurevoir.legal_forms import fields, france, germany, laws, withdrawal
from aurevoir.legal_forms.fields import FieldName
from aurevoir.legal_forms.forms import Form

# § 312k Abs. 2 BGB: kind, reason in the extraordinary case, identity, contract, moment, the way for the confirmation.
GERMANY = ["kind", "reason", "name", "contract", "ends_on", "email"]
# Article D. 215-2: name, reference, date, e-mail or else postal address, legitimate reason.
FRANCE = ["name", "contract", "ends_on", "email", "postal", "reason"]
# Article 11a(2): name, contract, electronic means of the acknowledgement.
UNION = ["name", "contract", "email"]


def form_of(name: str, language: str = "en") -> Form:
    """One of the forms."""
    found = laws.find(name, language)
    assert found is not None
    return found


def read(form: Form, **posted: str) -> tuple[dict[FieldName, str], list[tuple[str, str]]]:
    """What is kept of these fields, and what is wrong with it."""
    given = fields.clean(form.fields, posted)
    return given, [(one.path, one.message) for one in fields.problems(form.fields, given, form.language)]


@pytest.mark.parametrize(("name", "asked"), [("de", GERMANY), ("fr", FRANCE), ("eu-withdrawal", UNION)])
def test_a_form_asks_what_the_law_lists_and_no_more(name: str, asked: list[str]) -> None:
    """Neither more nor fewer fields, in whatever language."""
    for language in withdrawal.LANGUAGES:
        assert [field.name for field in fields.every(form_of(name, language).fields)] == asked


def test_the_buttons_say_the_words_of_the_law() -> None:
    """Fixed, whatever the browser asks for."""
    for language in ("en", "de", "fr", "ar", "xx", None):
        german, french = laws.find("de", language), laws.find("fr", language)
        assert german
        assert french
        assert (german.language.tag, german.proceed, german.confirm) == ("de", None, "Jetzt kündigen")
        assert (french.language.tag, french.proceed, french.confirm) == (
            "fr",
            "Continuer",
            "Notification de la résiliation",
        )
    assert (germany.LINK, france.LINK) == ("Verträge hier kündigen", "Résilier votre contrat")


@pytest.mark.parametrize("language", withdrawal.LANGUAGES)
def test_withdrawing_is_labelled_in_nine_languages(language: str) -> None:
    """Each with its own two labels."""
    form = form_of("eu-withdrawal", language)

    assert form.language.tag == language
    assert (form.proceed, form.confirm) == withdrawal.LABELS[language]


@pytest.mark.parametrize(
    ("asked", "spoken"), [("pt-BR", "pt"), ("de-AT", "de"), ("xx", "en"), (None, "en"), ("", "en")]
)
def test_a_language_nearby_is_found(asked: str | None, spoken: str) -> None:
    """And English where there is none."""
    assert form_of("eu-withdrawal", asked or "").language.tag == spoken


def test_there_are_no_other_forms() -> None:
    """A name that is none of theirs."""
    assert [laws.find(name, "en") for name in ("", "DE", "us", "eu_withdrawal")] == [None] * 4


@pytest.mark.parametrize("name", laws.FORMS)
def test_a_form_cites_its_law(name: str) -> None:
    """With a link, and nothing on it that is not said."""
    form = form_of(name)

    assert form.law
    assert form.source.startswith("https://")
    assert all(field.label for field in fields.every(form.fields))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-31", date(2026, 12, 31)),
        ("31.12.2026", date(2026, 12, 31)),
        ("31/12/2026", date(2026, 12, 31)),
        ("1.2.2027", date(2027, 2, 1)),
        ("1. 2. 27", date(2027, 2, 1)),
        ("31-12-2026", date(2026, 12, 31)),
        ("2020-01-01", date(2020, 1, 1)),
        ("31.02.2026", None),
        ("0001-01-01", None),
        ("12/31/2026", None),
        ("2026", None),
        ("9999-01-01", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_browsers_and_people_write_it(text: str, day: date | None) -> None:
    """One that has passed is a day like any other: it is the customer's to declare."""
    assert fields.day(text) == day


@pytest.mark.parametrize(
    ("posted", "kind", "reason"),
    [
        ({}, "ordinary", None),
        ({"kind": "ordinary"}, "ordinary", None),
        ({"kind": "extraordinary"}, "extraordinary", None),
        ({"kind": "extraordinary", "reason": "Ausfall"}, "extraordinary", "Ausfall"),
        # Written before the ordinary kind was chosen.
        ({"kind": "ordinary", "reason": "Ausfall"}, "ordinary", None),
        ({"reason": "Ausfall"}, "extraordinary", "Ausfall"),
        ({"kind": "immediate"}, "ordinary", None),
    ],
)
def test_no_choice_refuses_a_declaration(posted: dict[str, str], kind: str, reason: str | None) -> None:
    """Without a kind it is an ordinary one, and the extraordinary one where a reason is given."""
    given, wrong = read(form_of("de"), name="Dana", contract="K-1", email="dana@example.com", **posted)
    written = fields.written(given)

    assert wrong == []
    assert (written.kind, written.reason) == (kind, reason)


def test_what_is_missing_is_said_by_field() -> None:
    """In the order of the page, in the language of the form."""
    assert [path for path, _ in read(form_of("de"))[1]] == ["name", "contract", "email"]
    assert [path for path, _ in read(form_of("eu-withdrawal"))[1]] == ["name", "contract", "email"]
    assert read(form_of("fr"))[1][0] == ("name", "Indiquez votre nom.")


def test_in_france_a_postal_address_is_enough() -> None:
    """Article D. 215-2, I, 2°: the e-mail address, or else the postal one."""
    given, wrong = read(form_of("fr"), name="Dana", contract="C-1", postal="1 rue de la Paix\r\n75002 Paris")

    assert wrong == []
    assert fields.written(given).postal == "1 rue de la Paix\n75002 Paris"
    assert fields.written(given).email is None


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", "x" * 201),
        ("contract", "x" * 201),
        ("reason", "x" * 2001),
        ("email", "dana"),
        ("email", "dana@"),
        ("email", "dana@@example.com"),
        ("email", "a" * 250 + "@example.com"),
        ("email", "dana@example.com, other@example.com"),
        ("ends_on", "31.02.2026"),
    ],
)
def test_what_cannot_be_used_is_said(field: str, text: str) -> None:
    """Beside its field, and never with what was written."""
    sound = {"name": "Dana", "contract": "K-1", "email": "dana@example.com", "kind": "extraordinary"}
    _, wrong = read(form_of("de"), **(sound | {field: text}))

    assert [path for path, _ in wrong] == [field]
    assert text not in wrong[0][1]


@pytest.mark.parametrize("name", ["de", "fr"])
def test_an_example_can_be_used(name: str) -> None:
    """Whoever writes what the page shows is understood."""
    (field,) = [one for one in form_of(name).fields if one.shape == "day"]

    assert fields.day(field.example) == date(2027, 12, 31)
    assert field.example in field.hint


def test_what_is_read_can_be_stored() -> None:
    """One line where one is asked for; no control characters; composed letters."""
    given, _ = read(form_of("fr"), name=" Da\x00na\r\n  Mu\u0308ller ", reason="a\r\nb\x1b", other="x")

    assert given["name"] == "Dana Müller"
    assert given["reason"] == "a\nb"
    assert set(given) == set(FRANCE)
