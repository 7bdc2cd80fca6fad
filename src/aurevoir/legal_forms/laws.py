"""Which legal forms there are. Pure."""

from collections.abc import Sequence
from typing import get_args

from aurevoir.kit.i18n import language, negotiate
from aurevoir.legal_forms import france, germany, withdrawal
from aurevoir.legal_forms.forms import Form, FormKey

FORMS: tuple[FormKey, ...] = get_args(FormKey)


def find(name: str, wanted: str | None) -> Form | None:
    """The form at this address; where the law leaves the language open, in the one that is wanted, else English."""
    match name:
        case "de":
            return germany.form()
        case "fr":
            return france.form()
        case "eu-withdrawal":
            return withdrawal.form(language(negotiate(wanted, withdrawal.LANGUAGES)))
        case _:
            return None


def languages(form: Form) -> Sequence[str]:
    """The languages that it can be had in."""
    return withdrawal.LANGUAGES if form.key == "eu-withdrawal" else (form.language.tag,)
