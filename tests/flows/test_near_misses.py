"""Words that come close to breaking a rule and break none: nobody is stopped for saying what is so."""

import json
from pathlib import Path

import pytest
import yaml

from aurevoir.flows.checks import check_text
from aurevoir.kit.yaml12 import load
from tests.flows.sound import SOUND, Change, changed, half, option, other_offer, step

# In the help of a question, or as the body of the confirmation.
SAID = {
    "en": (
        "You can leave without giving an answer; none is required.",
        "You don’t have to answer.",
        "Your data is deleted 30 days after the end.",
        "Nothing is lost: you keep 5 GB for your files.",
        "You will lose access on 31 December 2026.",
        "Did the discount reach you?",
        "Would a lower price have kept you?",
        "Which service gave you a better price?",
        "What would you have needed to tell us earlier?",
        "We will email you to confirm the cancellation.",
        "If you would rather talk to us, we are there from 9:00 to 17:00.",
        "Your cancellation takes effect at once.",
    ),
    "fr": (
        "Réponse facultative, rien n’est obligatoire ici : votre réponse n’est pas obligatoire.",
        "Vos données sont supprimées 30 jours après la fin.",
        "Vous ne perdez rien des 5 Go enregistrés.",
        "La remise vous est-elle parvenue ?",
        "Vous recevrez un courriel de confirmation.",
    ),
    "de": (
        "Sie müssen diese Frage nicht beantworten.",
        "Ihre Daten werden 30 Tage nach dem Ende gelöscht.",
        "Ihr Guthaben von 8,50 € verfällt nicht.",
        "Haben Sie den Rabatt erhalten?",
        "Wir bestätigen die Kündigung per E-Mail.",
    ),
    "es": (
        "No es necesario responder.",
        "Sus datos se borran 30 días después del final.",
        "No se pierde nada de los 5 GB guardados.",
        "¿Recibió el descuento?",
        "Le enviaremos un correo para confirmar la cancelación.",
    ),
}
LABELS = {
    "cancel_label": {
        "en": (
            "Cancel",
            "Cancel without giving a reason",
            "No thanks, cancel my plan",
            "End my membership",
            "Unsubscribe",
        ),
        "fr": ("Résilier", "Confirmer la résiliation", "Oui, annuler mon abonnement", "Arrêter mon abonnement"),
        "de": ("Kündigen", "Kündigung bestätigen", "Ohne Angabe von Gründen kündigen", "Vertrag beenden"),
        "es": ("Cancelar", "Confirmar la baja", "Sí, darme de baja", "Anular mi suscripción"),
    },
    "keep_label": {
        "en": ("Keep my plan", "Stay", "Back to my account"),
        "fr": ("Rester", "Conserver mon abonnement"),
        "de": ("Behalten", "Ich bleibe"),
        "es": ("Quedarme", "Mantener mi plan"),
    },
    "accept_label": {
        "en": (
            "Pause instead of cancelling",
            "No payments for three months",
            "Pause until 1 March 2027",
            "Yes, take 50 % off",
        ),
        "fr": ("Faire une pause au lieu de résilier", "Oui, avec plaisir"),
        "de": ("Pausieren statt kündigen", "Nicht zahlen, drei Monate lang"),
        "es": ("Pausar en vez de cancelar", "No pagar durante tres meses"),
    },
    "decline_label": {
        "en": ("No, thank you", "Continue to cancellation", "Decline and cancel"),
        "fr": ("Non, merci", "Poursuivre vers la résiliation"),
        "de": ("Nein, danke", "Weiter zur Kündigung"),
        "es": ("No, gracias", "Seguir con la cancelación"),
    },
}


def in_language(language: str, text: str) -> dict[str, str]:
    return {"en": "x", "fr": "x"} | {language: text} if language in ("en", "fr") else {language: text}


def alarms(change: Change, language: str) -> list[str]:
    """What is found, with the template in that language (and no other, where it is neither English nor French)."""
    raw = changed(change)
    found = check_text(raw)
    own = [one for one in found if one.path.endswith(f".{language}") or one.path.rpartition(".")[2] == ""]
    return [one.sentence for one in own if "does not list that language" not in one.message]


@pytest.mark.parametrize(("language", "text"), [(one, text) for one, texts in SAID.items() for text in texts])
def test_what_is_so_may_be_said(language: str, text: str) -> None:
    """About duties, losses, dates, prices and ways to get in touch, as a question and as a statement."""
    assert alarms(step(4, body=in_language(language, text)), language) == []
    assert alarms(step(0, help=in_language(language, text)), language) == []


@pytest.mark.parametrize(
    ("field", "language", "text"),
    [(field, one, text) for field, by in LABELS.items() for one, texts in by.items() for text in texts],
)
def test_clear_labels_pass(field: str, language: str, text: str) -> None:
    """Buttons that say what they do, in as many ways as people say it."""
    change = step(4, **{field: in_language(language, text)}) if field in ("cancel_label", "keep_label") else None

    assert alarms(change or half(**{field: in_language(language, text)}), language) == []


def everyday(language: str, field: str, text: str) -> str:
    """A small template in one language that says `text` in that place."""
    raw = load(SOUND).value
    raw["locales"] = [language]
    spoken = json.loads(json.dumps(raw).replace('"fr"', f'"{language}"'))
    spoken["offers"]["half"] = {"kind": "trial_extension", "days": 14, "headline": {language: "Half"}}
    holder = {"ask": spoken["steps"][0], "help": spoken["steps"][0], "body": spoken["steps"][-1]}
    holder.get(field, spoken["offers"]["half"])[field.removeprefix("offer_")] = {language: text}
    return json.dumps(spoken)


def test_what_is_said_every_day_raises_no_alarm() -> None:
    """Sentences from real cancel flows, in four languages and four places each."""
    sentences = yaml.safe_load((Path(__file__).parent / "seeded" / "everyday.yaml").read_text("utf-8"))
    fields = ("ask", "help", "body", "offer_body")
    said = [(one, field, text) for one, texts in sentences.items() for text in texts for field in fields]
    found = {(*one, alarm.sentence) for one in said for alarm in check_text(everyday(*one)) if alarm.rule}

    assert len(said) > 400
    assert found == set()


def test_an_offer_may_speak_of_its_own_terms() -> None:
    """Its percentage, its complement, all of it, and a date that a field holds."""
    assert alarms(half(headline={"en": "50 % off: pay 50 %, keep 100 %", "fr": "x"}), "en") == []
    dated = {"kind": "feature_grant", "feature": "room", "until": "2030-12-31"}
    assert alarms(other_offer(**dated, body={"en": "Yours until 31 December 2030.", "fr": "x"}), "en") == []


def test_the_customers_own_words_offer_nothing() -> None:
    """A reason may be about a discount."""
    texts = ("My 50% off ended", "I only wanted the free month", "The competitor gave me a discount")
    for text in texts:
        label = {"en": text, "fr": "x"}

        assert alarms(option(1, label=label), "en") == []
