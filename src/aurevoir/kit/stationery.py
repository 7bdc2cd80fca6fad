"""How a mail looks: one layout, as text and as HTML."""

from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment
from msgspec import Struct

from aurevoir.kit.i18n import Language
from aurevoir.kit.mail import Mail

_html = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    (files("aurevoir.kit") / "stationery.html").read_text("utf-8")
)


class Link(Struct, frozen=True):
    """Where a reader may go on."""

    label: str
    url: str


class Sheet(Struct, frozen=True, kw_only=True):
    """What a mail says, from top to bottom."""

    # Who speaks: the product.
    sender: str
    title: str
    paragraphs: Sequence[str] = ()
    # Terms, one to a line.
    points: Sequence[str] = ()
    # A document, shown as it is in the text form and by its `label: value` lines in the other.
    document: str = ""
    links: Sequence[Link] = ()
    closing: str = ""

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The lines of the document."""
        lines = (line.partition(": ") for line in self.document.splitlines())
        return [(label.rstrip(), value) for label, _, value in lines if value]


def mail(to: str, sheet: Sheet, language: Language, *, is_test: bool = False) -> Mail:
    """The sheet in both forms; a test says so in its subject."""
    subject = f"{sheet.title} · {sheet.sender}"
    return Mail(
        to=to,
        subject=f"[Test] {subject}" if is_test else subject,
        text=_text(sheet, language),
        html=_html.render(sheet=sheet, lang=language.spoken, dir=language.spoken_direction),
        language=language.spoken,
    )


def _text(sheet: Sheet, language: Language) -> str:
    parts = [
        sheet.title,
        *sheet.paragraphs,
        "\n".join(f"- {point}" for point in sheet.points),
        sheet.document.strip(),
        "\n".join(language.line(link.label, link.url) for link in sheet.links),
        sheet.closing,
        sheet.sender,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
