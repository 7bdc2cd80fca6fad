"""What a legal form is: its fields, its fixed labels, the law that wants them. Pure."""

from typing import Literal

from msgspec import Struct

from aurevoir.kit.i18n import Language
from aurevoir.legal_forms.fields import EXTRAORDINARY, Field, Written, every

FormKey = Literal["de", "fr", "eu-withdrawal"]


class Receipt(Struct, frozen=True, kw_only=True):
    """The words of the acknowledgement: of its page, its documents and its mail."""

    title: str
    # How the page begins.
    heading: str
    body: str
    # What was declared, and with which button.
    declared_label: str
    declared: str
    declared_extraordinary: str = ""
    pressed_label: str
    pressed: str
    # In the place of a day that was not given; empty where the form asks for none.
    earliest: str = ""


class Form(Struct, frozen=True, kw_only=True):
    """A statutory way out; everything that can be read on it, in its one language."""

    key: FormKey
    law: str
    source: str
    language: Language
    # Where its customers live; None: as the workspace.
    zone: str | None = None
    # Whose rules hold for the session that it is matched to; None: it ends no subscription by itself.
    country: str | None = None
    heading: str
    intro: str
    fields: tuple[Field, ...]
    # Leads to a page where all is looked over once more; None: the first page confirms.
    proceed: str | None = None
    check_heading: str = ""
    check_intro: str = ""
    edit: str = ""
    confirm: str
    receipt: Receipt

    def shown(self, written: Written) -> list[tuple[str, str]]:
        """What was written, by the labels of the form."""
        return [(field.label, text) for field in every(self.fields) if (text := self._text(field, written))]

    def _text(self, field: Field, written: Written) -> str | None:
        if field.shape == "choice":
            return next((option.label for option in field.options if option.code == written.kind), None)
        if field.shape == "day":
            return self.language.date(written.ends_on) if written.ends_on else self.receipt.earliest
        return getattr(written, field.name) or None

    def statement(self, written: Written) -> str:
        """The declaration as one sentence."""
        words = self.receipt
        return words.declared_extraordinary if written.kind == EXTRAORDINARY else words.declared
