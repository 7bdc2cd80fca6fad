"""What the buttons say: the template's words, unless the law has its own; and never another language's."""

from typing import Any

import pytest

from aurevoir.flows.packs import PACKS
from aurevoir.flows.steps import ConfirmStep, Flow
from aurevoir.legal_forms import france, germany
from aurevoir.sessions.labels import Labels, labels
from aurevoir.sessions.moves import Cancel, Skip
from aurevoir.sessions.schemas import Shown
from tests.house import House, on_sqlite
from tests.sessions.offered import answer, begin, make, publish

OWN = {
    "- {id: confirm, kind: confirm}": """- id: confirm
    kind: confirm
    ask: {en: Our own title, fr: Notre titre}
    body: {en: Our own words., fr: Nos mots.}
    cancel_label: {en: End my plan, fr: Mettre fin à ma formule}
    keep_label: {en: Stay with us, fr: Rester}""",
    "    action: send_mug\n": """    action: send_mug
    accept_label: {en: Send the mug, fr: Envoyer la tasse}
    decline_label: {en: No mug, fr: Pas de tasse}
""",
}


def _said(shown: Shown) -> dict[str, str]:
    return {action.move: action.label for action in shown.screen.actions}


async def _confirm(house: House, **facts: Any) -> Shown:
    shown = await begin(house, **facts)
    return shown if shown.screen.kind == "confirm" else await make(house, shown, Cancel())


@on_sqlite
@pytest.mark.parametrize(
    ("locale", "accept", "decline", "cancel", "keep"),
    [
        ("en", "Send the mug", "No mug", "End my plan", "Stay with us"),
        ("fr-CA", "Envoyer la tasse", "Pas de tasse", "Mettre fin à ma formule", "Rester"),
    ],
)
async def test_a_template_words_its_buttons(
    house: House, locale: str, accept: str, decline: str, cancel: str, keep: str
) -> None:
    """Accept and decline on the offer, cancel and keep on the confirmation; the way there keeps its own words."""
    await publish(house, **OWN)
    shown = await answer(house, await begin(house, locale=locale), "gift")
    on_offer, on_confirm = _said(shown), _said(await make(house, shown, Cancel()))

    assert (on_offer["accept"], on_offer["decline"]) == (accept, decline)
    assert on_offer["cancel"] not in (cancel, "")
    assert (on_confirm["cancel"], on_confirm["keep"]) == (cancel, keep)


@on_sqlite
async def test_another_offer_has_no_part_in_the_words(house: House) -> None:
    """Labels belong to their own offer."""
    await publish(house, **OWN)
    said = _said(await answer(house, await begin(house), "help"))

    assert (said["accept"], said["decline"]) == ("Yes, I would like that", "No, thank you")


@on_sqlite
@pytest.mark.parametrize(
    ("country", "locale", "cancel"),
    [
        ("FR", "fr", "Notification de la résiliation"),
        ("FR", "en", "Cancel my subscription"),
        ("DE", "en", "Cancel my subscription"),
        ("DE", "fr", "Résilier mon abonnement"),
        ("ES", "fr", "Mettre fin à ma formule"),
    ],
)
async def test_where_the_law_words_the_button_no_template_does(
    house: House, country: str, locale: str, cancel: str
) -> None:
    """The law's words in its own language; for readers of another, the interface's plain ones."""
    await publish(house, **OWN)

    assert _said(await _confirm(house, country=country, locale=locale))["cancel"] == cancel


@on_sqlite
async def test_in_germany_nothing_of_the_template_stands_before_the_receipt(house: House) -> None:
    """Title, text and both buttons are the service's own; in German the button says what § 312k wants."""
    german = OWN | {"locales: [en, fr]": "locales: [en, fr, de]", "{en: ": "{de: Deutsch, en: "}
    for label, said in (("End my plan", "Das Abo kündigen"), ("Stay", "Das Abo behalten"), ("No mug", "Nein danke")):
        german[f"Deutsch, en: {label}"] = f"{said}, en: {label}"
    await publish(house, **german)
    shown = await _confirm(house, country="DE", locale="de")
    receipt = await make(house, shown, Cancel())
    survey = await make(house, receipt, Skip(revision=receipt.session.revision, step="receipt"))

    assert _said(shown) == {"cancel": "Jetzt kündigen", "keep": "Mein Abonnement behalten"}
    assert "Deutsch" not in (shown.screen.title + shown.screen.body)
    assert survey.screen.title == "Deutsch", "the template speaks after the receipt"


def test_a_label_in_another_language_is_no_label() -> None:
    """A version from before the checks has its button in English only: who reads French gets the phrase in French."""
    confirm = ConfirmStep(id="confirm", cancel_label={"en": "End it"}, keep_label={"en": "Stay", "pt": "Ficar"})
    flow = Flow(key="old", title="Old", locales=("en", "fr"), steps=(confirm,))

    assert labels(flow, PACKS["base"], None, "en-GB") == Labels(cancel="End it", keep="Stay")
    assert labels(flow, PACKS["base"], None, "pt-BR") == Labels(keep="Ficar")
    assert labels(flow, PACKS["base"], None, "fr") == Labels()


def test_the_words_are_those_of_the_legal_forms() -> None:
    """One law, one wording."""
    assert PACKS["de"].cancel_words == {"de": germany.CONFIRM}
    assert PACKS["fr"].cancel_words == {"fr": france.CONFIRM}
