"""Fields and kinds of steps that a template has no means for."""

from collections.abc import Iterator
from functools import partial
from random import Random

from tests.flows.seeded.clean import Raw
from tests.flows.seeded.making import discount, find_step, neutral
from tests.flows.seeded.way import Way

# Rule, where, and the fields; what they are set to makes no difference.
_STRANGE = """
FE-01 confirm delay wait_seconds hide hidden_cancel captcha login password phone cancel_after approval when on
FE-01 choice hide_cancel cancel_delay allow_cancel no_cancel cancellable show_cancel
FE-02 choice goto jump next then redirect_to
FE-02 confirm type_to_confirm confirm_phrase after before
FE-03 confirm required mandatory must_answer
FE-03 offer required mandatory skippable force
FE-03 comment min_length minimum optional validation
FE-04 offer second_offer fallback on_decline max_offers again counter_offer
FE-04 discount fallback alternatives downsell repeat upsell
FE-05 offer hide_cancel cancel_delay no_cancel wait
FE-05 discount hide_cancel cancel_after no_cancel leave_hidden wait cancel_link delay show_cancel cancelable
FE-06 discount style emphasis color accept_color decline_size primary css prominent highlight variant
FE-06 confirm style cancel_style keep_variant button_size muted
FE-06 option recommended highlight featured badge
FE-07 option default selected preselected checked prechecked isDefault preSelected
FE-07 choice default preselect initial selected
FE-07 discount default preselected ticked
FE-07 favour checked default selected
FE-09 discount countdown timer expires_in expires_at deadline ends_on valid_until urgency scarcity hours_left
FE-09 offer countdown timer expires_after
FE-09 choice timer timeout countdown
FE-10 discount fine_print small_print terms hide_terms
FE-11 discount auto_accept auto_apply opt_out autoApply silent commitment binding
FE-11 confirm auto_keep opt_out
FE-12 confirm receipt send_email acknowledgement
FE-13 confirm block_until depends_on webhook
FE-14 offer permission ask_first gate unasked consent preview
FE-14 choice teaser promo incentive banner
FE-19 choice closable dismissible esc back
FE-20 discount losses loss_aversion stats
FE-23 choice script javascript onclick
"""


def fields() -> Iterator[Way]:
    for line in _STRANGE.strip().splitlines():
        rule, where, *names = line.split()
        for name in names:
            yield Way(rule, f"{where}: {name}", partial(_strange, where, name))


def _strange(where: str, name: str, raw: Raw, source: Random) -> str:
    path, holder = _holder(raw, where, source)
    holder[name] = source.choice((True, "always", 10, False))
    return f"{path}.{name}"


def _holder(raw: Raw, where: str, source: Random) -> tuple[str, Raw]:
    if where in ("discount", "favour", "offer"):
        path, offer = discount(raw)
        if where == "discount":
            return path, offer
        if where == "favour":
            offer["in_return"] = [{"code": "favour", "label": neutral(raw)}]
            return f"{path}.in_return[0]", offer["in_return"][0]
    if where == "comment":
        asked = neutral(raw)
        raw["steps"].insert(1, {"id": "word", "kind": "text", "on": "reason", "ask": asked})
        return "steps[1]", raw["steps"][1]
    at, step = find_step(raw, "choice" if where == "option" else where)
    if where == "option":
        index = source.randrange(len(step["options"]))
        return f"steps[{at}].options[{index}]", step["options"][index]
    return f"steps[{at}]", step


_STRANGE_KINDS = {
    "FE-01": ("phone", "live_chat", "captcha", "login", "wait"),
    "FE-02": ("interstitial", "message", "benefits", "testimonials", "redirect"),
    "FE-04": ("upsell", "counteroffer", "downsell"),
    "FE-09": ("countdown", "timer", "deadline"),
    "FE-14": ("permission", "promotion", "incentive", "consent"),
}


def kinds() -> Iterator[Way]:
    for rule, kinds in _STRANGE_KINDS.items():
        for kind in kinds:
            yield Way(rule, f"kind: {kind}", partial(_strange_kind, kind))


def _strange_kind(kind: str, raw: Raw, source: Random) -> str:
    at = source.randrange(1, len(raw["steps"]))
    raw["steps"].insert(at, {"id": "strange", "kind": kind})
    return f"steps[{at}].kind"
