"""What buttons say when they cancel, keep, accept or put off, by language; over plain text (`said.plain`)."""

import re
from collections.abc import Mapping
from typing import Final

Pattern = re.Pattern[str]


def _by_language(**patterns: str) -> Mapping[str, Pattern]:
    return {language: re.compile(pattern) for language, pattern in patterns.items()}


# The allow-list: a label that cancels holds one of these. Bare “Annuler” and “Abbrechen” close a window, no contract.
CANCELS: Final = _by_language(
    en=r"\bcancel(?:l?ing|l?ed|lations?)?\b|\bunsubscribe\b|\bterminate\b"
    r"|\b(?:end|stop|finish) (?:\w+ ){0,3}(?:subscription|membership|plan|contract|trial|donation)\b"
    r"|\b(?:end|stop) (?:\w+ ){0,2}(?:deliver(?:y|ies)|renewals?)\b",
    fr=r"\bresili\w+|\bannulation\b|\bannuler (?:mon|ma|mes|l'|le|cet|ce|votre)|\bme desabonner\b"
    r"|\bdesabonn\w+|\bmet(?:tre|s) fin a\b|\barreter (?:mon |ma |mes |l')",
    de=r"kundig|kuendig|\babbestellen\b"
    r"|\b(?:abo|abonnement|vertrag|mitgliedschaft|probezeit) (?:jetzt |sofort )?(?:beenden|stornieren)\b"
    r"|\b(?:spende|lieferung|lieferungen) (?:jetzt |sofort )?beenden\b",
    es=r"\bcancel\w+|\bbaja\b|\banular (?:mi|la|el)\b|\brescindir\b|\bdejar de (?:donar|pagar|recibir)\b"
    r"|\b(?:terminar|finalizar) (?:mi|la|el) (?:suscripcion|contrato|plan)\b",
    it=r"\bdisd\w+|\bannull\w+|\bcancell\w+|\brecede\w+",
    nl=r"\bopzegg\w+|\bzeg\b.*\bop\b|\bannuleer\w*|\bannuler\w+|\bbeeindig\w+",
    pt=r"\bcancel\w+|\brescindir\b|\b(?:encerrar|terminar) (?:a )?(?:minha )?(?:assinatura|subscricao)\b",
    pl=r"\banuluj\w*|\banulowa\w+|\brezygn\w+|\bzrezygn\w+|\bwypowied\w+|\bwypowiadam\b|\bzakoncz\w*",
    ar=r"الغاء|انهاء|الغ\b|انه\b",
)
EXAMPLES: Final[Mapping[str, str]] = {
    "en": "Cancel my subscription",
    "fr": "Résilier mon abonnement",
    "de": "Jetzt kündigen",
    "es": "Cancelar mi suscripción",
    "it": "Disdici l’abbonamento",
    "nl": "Mijn abonnement opzeggen",
    "pt": "Cancelar a minha subscrição",
    "pl": "Anuluj moją subskrypcję",
    "ar": "إلغاء اشتراكي",
}
# Beside such a word, what makes it mean something else: to stay, to lose, to ask, to put off.
NOT_CANCELLING: Final = _by_language(
    en=r"\b(?:don't|do not|not|never|won't)\b|\bcancel (?:the |this |my )?(?:cancel\w*|request|process)\b"
    r"|\b(?:keep|stay|back|undo|pause|later|instead|los(?:e|ing)|give up|forfeit)\b"
    r"|\b(?:request\w*|apply|ask|consider|intention)\b",
    fr=r"\bne\b|\bpas\b|\bannuler (?:l'annulation|la resiliation|ma demande|la demande)\b|\bretour\b|\brevenir\b"
    r"|\b(?:garder|rester|conserver|pause|plus tard|perd\w+|renonc\w+|demand\w+|envisag\w+|intention)\b",
    de=r"\b(?:nicht|kein\w*)\b|kundigung (?:abbrechen|stornieren|zurucknehmen|widerrufen)|\bzuruck\b"
    r"|\b(?:behalten|bleiben|spater|pausier\w+|verlier\w+|verzicht\w+)\b|absicht|anfrag|antrag|wunsch|vormerk",
    es=r"\bno (?!,)(?:\w+ ){0,2}(?:cancel|dar|anul)|\bcancelar (?:la )?(?:cancelacion|baja|solicitud)\b|\bvolver\b"
    r"|\b(?:mantener|conservar|quedar\w*|pausa\w*|despues|perd\w+|pierd\w+|renunci\w+|solicit\w+|pedir)\b",
)
MORE_TO_COME: Final = _by_language(
    en=r"\b(?:continue|proceed|start|begin|go to|next|review)\b",
    fr=r"\b(?:continuer|poursuivre|commencer|suivant|etape)\b",
    de=r"\b(?:weiter|fortfahren|beginnen|starten|nachster?)\b",
    es=r"\b(?:continuar|seguir|iniciar|empezar|siguiente)\b",
)
NOT_TO_CANCEL: Final = _by_language(
    en=r"\b(?:don't|do not|dont|not|never|won't)\b.*\b(?:cancel|leave|end|go)",
    fr=r"\b(?:ne|n')\b.*\b(?:resili|annul|part|quitt)|\bpas (?:resili|annul)",
    de=r"\bnicht\b.*(?:kundig|kuendig|beenden|gehen)|\bkein\w* kundig",
    es=r"\bno,? (?:\w+ ){0,2}(?:cancel|dar|darme|anul|irme)",
)
STAYS: Final = _by_language(
    en=r"\b(?:keep|stay|remain)\b",
    fr=r"\b(?:garder|conserver|rester|je garde|je reste)\b",
    de=r"\b(?:behalten|bleiben|ich bleibe|behalte)\b",
    es=r"\b(?:mantener|conservar|quedarme|me quedo)\b",
)
YES: Final = _by_language(
    en=r"^(?:yes|yeah|sure|ok|okay|accept)\b",
    fr=r"^(?:oui|d'accord|ok|accepter|j'accepte)\b",
    de=r"^(?:ja|gerne?|ok|okay|annehmen)\b",
    es=r"^(?:si|vale|de acuerdo|ok|aceptar|acepto)\b",
    it=r"^(?:si|ok|accett\w+)\b",
    nl=r"^(?:ja|ok|accepteren)\b",
    pt=r"^(?:sim|ok|aceitar)\b",
    pl=r"^(?:tak|ok)\b",
)
# “No payments for two months” is an acceptance like any other.
NO: Final = _by_language(
    en=r"^no\b(?=[,.!]|$| thank)|^(?:nope|decline)\b",
    fr=r"^(?:non|refuser)\b",
    de=r"^(?:nein|ablehnen)\b",
    es=r"^no\b(?=[,.!]|$| gracias)|^rechazar\b",
    it=r"^no\b(?=[,.!]|$| grazie)|^rifiut\w+",
    nl=r"^(?:nee|weigeren)\b",
    pt=r"^nao\b(?=[,.!]|$| obrigad)|^recusar\b",
    pl=r"^nie\b(?=[,.!]|$| dzieku)|^odrzuc",
)
# “Pause instead of cancelling” speaks of cancelling and misleads nobody.
INSTEAD: Final = _by_language(
    en=r"\b(?:instead of|rather than|without) (?:\w+ ){0,2}cancel",
    fr=r"\b(?:au lieu d|plutot qu|sans )",
    de=r"\b(?:statt|anstatt|anstelle|ohne zu)\b",
    es=r"\b(?:en lugar de|en vez de|sin)\b",
)
