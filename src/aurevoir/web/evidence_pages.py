"""The screens of an evidence pack, drawn as the hosted pages draw them, each in one file that needs nothing else."""

from datetime import datetime

from msgspec.structs import replace

from aurevoir.access import themes
from aurevoir.access.themes import Theme
from aurevoir.kit import assets
from aurevoir.kit.i18n import language
from aurevoir.sessions import evidence_pack, evidence_told, phrases
from aurevoir.sessions.case_file import CaseFile
from aurevoir.sessions.evidence_told import ExhibitTold
from aurevoir.sessions.screen import ReceiptShown, Screen
from aurevoir.web import templates


def pack_of(case: CaseFile) -> bytes:
    """The evidence of a visit, as one file to download."""
    return evidence_pack.build(case, _pages(case))


def _pages(case: CaseFile) -> dict[int, str]:
    """By the number of its exhibit, each screen that this version of the program can read."""
    shown = {one.number: opened for one in case.exhibits if (opened := one.opened) and opened.screen}
    told = [one for one in evidence_told.tell(case, shown).exhibits if one.screen]
    pages = {}
    for at, one in enumerate(told):
        opened = shown[one.number]
        assert opened.screen is not None, "only those with a screen are told to have one"
        pages[one.number] = templates.render(
            "evidence.html",
            screen=_with_receipt(opened.screen),
            session={"revision": opened.happened.get("revision", 0)},
            phrases=phrases.of(language(opened.screen.locale)),
            written={},
            styles=_styles(opened.theme),
            exhibit={"number": one.number, "kind": one.kind, "at": _read(one.at)},
            exhibits=case.session.exhibits,
            before=_beside(told, at - 1),
            after=_beside(told, at + 1),
        )
    return pages


def _beside(told: list[ExhibitTold], at: int) -> str | None:
    """The file of the screen there; they all lie in one folder."""
    screen = told[at].screen if 0 <= at < len(told) else None
    return screen.rpartition("/")[2] if screen else None


def _read(at: str) -> str:
    return datetime.fromisoformat(at).strftime("%Y-%m-%d %H:%M:%S UTC")


def _with_receipt(screen: Screen) -> Screen:
    """Its links lead to the receipt that lies in the pack."""
    if (receipt := screen.receipt) is None:
        return screen
    return replace(screen, receipt=_beside_screens(receipt))


def _beside_screens(receipt: ReceiptShown) -> ReceiptShown:
    html, text = f"../receipts/{receipt.id}.html", f"../receipts/{receipt.id}.txt"
    return replace(receipt, html_url=html, text_url=text, url=html)


def _styles(theme: Theme | None) -> str:
    """The pages' style sheet with the colours of that moment."""
    sheet = (assets.folder("static") / "widget" / "pages.css").read_text("utf-8")
    return sheet + (themes.style_sheet(theme) if theme else "")
