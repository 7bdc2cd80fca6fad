"""Articles L. 215-1-1 and D. 215-1 to D. 215-3 of the Code de la consommation: three clicks, in French. Pure.

The first is the link on the site, the second leads to the summary that D. 215-3 wants, the third notifies. The line's
number, which D. 215-2 asks of telecoms (I, 5°), is left out: this form is for subscriptions of other kinds.
"""

from aurevoir.kit.i18n import language
from aurevoir.legal_forms.fields import Field
from aurevoir.legal_forms.forms import Form, Receipt

# D. 215-1, on the site itself.
LINK = "Résilier votre contrat"
# D. 215-3; « demande de résiliation » would not do.
CONFIRM = "Notification de la résiliation"

_FIELDS = (
    Field(
        name="name",
        shape="line",
        label="Nom et prénom",
        hint="Pour une personne morale, sa dénomination ou raison sociale.",
        missing="Indiquez votre nom.",
        autocomplete="name",
    ),
    Field(
        name="contract",
        shape="line",
        label="Référence du contrat",
        hint="Par exemple le numéro de contrat ou de client, ou l’adresse électronique de votre compte.",
        missing="Indiquez le contrat que vous résiliez.",
    ),
    Field(
        name="ends_on",
        shape="day",
        label="Date de résiliation souhaitée",
        hint="Par exemple 31/12/2027. Sans date, le contrat prend fin dès que possible.",
        example="31/12/2027",
        max_length=20,
    ),
    Field(
        name="email",
        shape="email",
        label="Adresse électronique",
        hint="La confirmation de votre résiliation y est envoyée.",
        missing="Indiquez une adresse électronique ou, à défaut, une adresse postale.",
        max_length=254,
        autocomplete="email",
    ),
    Field(
        name="postal",
        shape="text",
        label="Adresse postale",
        hint="La confirmation vous parvient alors par courrier.",
        max_length=500,
        autocomplete="street-address",
        folded="Vous n’avez pas d’adresse électronique ?",
    ),
    Field(
        name="reason",
        shape="text",
        label="Motif légitime",
        hint="Précisez le motif et, le cas échéant, les justificatifs que vous transmettez.",
        max_length=2000,
        proofs="Vos justificatifs sont à envoyer à {contact}.",
        folded="Résiliation anticipée pour motif légitime",
    ),
)


def form() -> Form:
    """The form and its summary."""
    return Form(
        key="fr",
        law="Articles L. 215-1-1 et D. 215-1 à D. 215-3 du Code de la consommation",
        source="https://www.legifrance.gouv.fr/codes/texte_lc/LEGITEXT000006069565/",
        language=language("fr"),
        zone="Europe/Paris",
        country="FR",
        heading=LINK,
        intro="Vous vérifiez votre résiliation à l’étape suivante, avant de la notifier.",
        fields=_FIELDS,
        proceed="Continuer",
        check_heading="Vérifiez votre résiliation",
        check_intro="Votre résiliation n’est pas encore notifiée. Vérifiez ces informations, modifiez-les au besoin, "
        "puis notifiez la résiliation.",
        edit="Modifier",
        confirm=CONFIRM,
        receipt=Receipt(
            title="Confirmation de votre résiliation",
            heading="Votre résiliation est notifiée",
            body="Conservez cette confirmation : elle prouve ce que vous avez déclaré, et quand. "
            "La date à laquelle le contrat prend fin et les effets de la résiliation vous sont confirmés "
            "dès que votre contrat est identifié.",
            declared_label="Déclaration",
            declared="Je résilie le contrat désigné ci-dessous.",
            pressed_label="Notifiée par",
            pressed="Activation du bouton « Notification de la résiliation »",
            earliest="Dès que possible",
        ),
    )
