"""What the buttons of a decision say: the law's words before the template's, and those before the interface's. Pure."""

from msgspec import Struct

from aurevoir.flows.packs import Pack
from aurevoir.flows.steps import ConfirmStep, Flow
from aurevoir.sessions.texts import in_own_words


class Labels(Struct, frozen=True, kw_only=True):
    """In the customer's language; "" leaves a button to the interface's own words."""

    accept: str = ""
    decline: str = ""
    cancel: str = ""
    keep: str = ""


def labels(flow: Flow, pack: Pack, offer: str | None, tag: str) -> Labels:
    """Those of the offer called `offer`, and of the confirmation."""
    shown = flow.offers.get(offer or "")
    confirm = next((step for step in flow.steps if isinstance(step, ConfirmStep)), None)
    cancel = pack.cancel_words or (confirm.cancel_label if confirm else None)
    keep = confirm.keep_label if confirm and pack.order != "exit_first" else None
    return Labels(
        accept=in_own_words(shown.accept_label, tag) if shown else "",
        decline=in_own_words(shown.decline_label, tag) if shown else "",
        cancel=in_own_words(cancel, tag),
        keep=in_own_words(keep, tag),
    )
