"""Article 11a of Directive 2011/83/EU (by Directive (EU) 2023/2673): two steps, in the customer's language. Pure."""

from typing import NamedTuple

from aurevoir.kit.i18n import Language
from aurevoir.legal_forms.fields import Field
from aurevoir.legal_forms.forms import Form, Receipt


class Labels(NamedTuple):
    """The words that the law puts on the two functions."""

    withdraw: str
    confirm: str


# The words of the directive's language versions, their first letter made a capital.
LABELS = {
    # The directive's English, as article 11a quotes it.
    "en": Labels("Withdraw from contract here", "Confirm withdrawal"),
    # Also § 356a BGB.
    "de": Labels("Vertrag widerrufen", "Widerruf bestätigen"),
    # Also article D. 221-5 of the Code de la consommation (décret 2026-3).
    "fr": Labels("Renoncer au contrat ici", "Confirmer la rétractation"),
    "es": Labels("Desistir del contrato aquí", "Confirmar desistimiento"),
    # Also article 54-bis of the Codice del consumo.
    "it": Labels("Recedere dal contratto qui", "Conferma recesso"),
    "nl": Labels("Hier de overeenkomst herroepen", "Herroeping bevestigen"),
    "pt": Labels("Retrate-se do contrato aqui", "Confirmar retratação"),
    "pl": Labels("Odstąp od umowy tutaj", "Potwierdź odstąpienie od umowy"),
    # Arabic is no language of the Union: our translation.
    "ar": Labels("الرجوع عن العقد من هنا", "تأكيد الرجوع عن العقد"),
}
LANGUAGES = tuple(LABELS)


def _fields(words: Language) -> tuple[Field, ...]:
    say = words.say
    return (
        Field(
            name="name",
            shape="line",
            label=say("Your name"),
            missing=say("Enter your name."),
            autocomplete="name",
        ),
        Field(
            name="contract",
            shape="line",
            label=say("The contract you withdraw from"),
            hint=say("For example the contract or order number, or the e-mail address of your account."),
            missing=say("Enter which contract you withdraw from."),
        ),
        Field(
            name="email",
            shape="email",
            label=say("E-mail address"),
            hint=say("The acknowledgement of your withdrawal is sent there."),
            missing=say("Enter the e-mail address for the acknowledgement."),
            max_length=254,
            autocomplete="email",
        ),
    )


def form(words: Language) -> Form:
    """The statement and its confirmation, in one of `LANGUAGES`."""
    say, labels = words.say, LABELS[words.tag]
    return Form(
        key="eu-withdrawal",
        law="Directive 2011/83/EU, article 11a",
        source="https://eur-lex.europa.eu/eli/dir/2023/2673/oj",
        language=words,
        heading=say("Withdraw from a contract"),
        intro=say("You need give no reason. In the next step you confirm your withdrawal."),
        fields=_fields(words),
        proceed=labels.withdraw,
        check_heading=say("Check your withdrawal"),
        check_intro=say("You have not withdrawn yet. If everything is right, confirm it."),
        edit=say("Change"),
        confirm=labels.confirm,
        receipt=Receipt(
            title=say("Acknowledgement of your withdrawal"),
            heading=say("Your withdrawal is received"),
            body=say("Keep this receipt: it proves what you declared, and when."),
            declared_label=say("Declared"),
            declared=say("I withdraw from the contract named below."),
            pressed_label=say("Submitted with"),
            pressed=say("The button “{label}”", label=labels.confirm),
        ),
    )
