"""§ 312k BGB: one page that confirms, with exactly these fields; in German, whatever the browser asks for. Pure.

The list of absatz 2 is the least and the most that may be asked (LG Köln 33 O 355/22). Name and e-mail address are
„eindeutige Identifizierbarkeit“; the address serves „schnelle elektronische Übermittlung“ as well and is asked once.
"""

from aurevoir.kit.i18n import language
from aurevoir.legal_forms.fields import Field, Option
from aurevoir.legal_forms.forms import Form, Receipt

# On the site itself, and what leads here.
LINK = "Verträge hier kündigen"
CONFIRM = "Jetzt kündigen"

_REASON = Field(
    name="reason",
    shape="text",
    label="Kündigungsgrund",
    hint="In Ihren eigenen Worten.",
    max_length=2000,
)
_FIELDS = (
    Field(
        name="kind",
        shape="choice",
        label="Art der Kündigung",
        hint="Ohne Auswahl gilt Ihre Kündigung als ordentliche.",
        options=(
            Option(
                code="ordinary",
                label="Ordentliche Kündigung",
                hint="Der Vertrag endet zum nächstmöglichen oder zu dem von Ihnen genannten Zeitpunkt.",
            ),
            Option(
                code="extraordinary",
                label="Außerordentliche Kündigung",
                hint="Sie kündigen aus wichtigem Grund.",
                follow_up=_REASON,
            ),
        ),
    ),
    Field(
        name="name",
        shape="line",
        label="Vor- und Nachname",
        missing="Geben Sie Ihren Namen an.",
        autocomplete="name",
    ),
    Field(
        name="contract",
        shape="line",
        label="Bezeichnung des Vertrags",
        hint="Zum Beispiel die Vertrags- oder Kundennummer oder die E-Mail-Adresse Ihres Kontos.",
        missing="Geben Sie an, welchen Vertrag Sie kündigen.",
    ),
    Field(
        name="ends_on",
        shape="day",
        label="Zeitpunkt, zu dem der Vertrag enden soll",
        hint="Zum Beispiel 31.12.2027. Ohne Angabe endet er zum frühestmöglichen Zeitpunkt.",
        example="31.12.2027",
        max_length=20,
    ),
    Field(
        name="email",
        shape="email",
        label="E-Mail-Adresse",
        hint="An diese Adresse geht die Bestätigung Ihrer Kündigung.",
        missing="Geben Sie die E-Mail-Adresse für die Bestätigung an.",
        max_length=254,
        autocomplete="email",
    ),
)


def form() -> Form:
    """The confirmation page („Bestätigungsseite“)."""
    return Form(
        key="de",
        law="§ 312k BGB",
        source="https://www.gesetze-im-internet.de/bgb/__312k.html",
        language=language("de"),
        zone="Europe/Berlin",
        country="DE",
        heading="Vertrag kündigen",
        intro="Ihre Kündigung ist mit einem Klick auf „Jetzt kündigen“ erklärt. "
        "Die Bestätigung sehen Sie sofort und können sie speichern.",
        fields=_FIELDS,
        confirm=CONFIRM,
        receipt=Receipt(
            title="Bestätigung Ihrer Kündigung",
            heading="Ihre Kündigung ist eingegangen",
            body="Mehr ist nicht nötig. Bewahren Sie diese Bestätigung auf: Sie belegt, was Sie wann erklärt haben.",
            declared_label="Erklärung",
            declared="Hiermit kündige ich den unten bezeichneten Vertrag ordentlich.",
            declared_extraordinary="Hiermit kündige ich den unten bezeichneten Vertrag außerordentlich.",
            # Absatz 3: it must be seen that the declaration was made with the button.
            pressed_label="Abgegeben durch",
            pressed="Betätigen der Schaltfläche „Jetzt kündigen“",
            # Absatz 5: in doubt at the earliest possible moment.
            earliest="Zum frühestmöglichen Zeitpunkt",
        ),
    )
