"""Everything that is wrong with a flow, found at once: a table of small checks, run over it one after another."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Final

from msgspec.structs import replace

from aurevoir.flows import (
    buttons,
    fairness,
    offer_terms,
    offer_words,
    possible_terms,
    reachable,
    statements,
    structure,
    tone,
    translations,
)
from aurevoir.flows.findings import Finding
from aurevoir.flows.packs import ALWAYS, PackName
from aurevoir.flows.reading import read
from aurevoir.flows.steps import Flow

__all__ = ["CHECKS", "Finding", "check", "check_text"]

CHECKS: Final[tuple[Callable[[Flow], Iterable[Finding]], ...]] = (
    # steps and their options
    structure.step_ids,
    structure.option_codes,
    structure.one_reason_step,
    structure.reasons_have_categories,
    structure.an_other_reason,
    structure.only_reasons_have_categories_and_offers,
    structure.one_confirm_step_at_the_end,
    structure.questions_beside_others,
    # words
    translations.locales_differ,
    translations.every_text_in_every_locale,
    translations.no_text_twice,
    translations.interface_speaks_it_too,
    # conditions
    reachable.declared_attributes,
    reachable.sound,
    reachable.every_step_can_show,
    # offers
    offer_terms.one_place_after_the_reason,
    offer_terms.known_where_named,
    offer_terms.every_offer_can_show,
    offer_terms.discounts,
    offer_terms.reliefs,
    offer_terms.plan_changes,
    offer_terms.feature_grants,
    possible_terms.discounts_reach_every_renewal,
    possible_terms.parts_fill_the_term,
    possible_terms.holidays_are_short,
    possible_terms.changes_say_their_price,
    possible_terms.changes_differ,
    possible_terms.subscriptions_fit,
    possible_terms.floors_hold,
    possible_terms.money_is_money,
    possible_terms.favours_differ,
    offer_words.figures_are_those_of_the_terms,
    offer_words.custom_terms_are_terms,
    # a fair way out
    fairness.no_required_question,
    fairness.read_at_a_glance,
    fairness.few_things_on_a_screen,
    buttons.cancel_says_cancel,
    buttons.others_do_not,
    buttons.yes_is_yes,
    buttons.the_question_is_about_leaving,
    buttons.both_sides_weigh_the_same,
    tone.fair_words,
    statements.true_statements,
    statements.pauses_end,
)
# What depends on the law that a visit is under.
IN_PACKS: Final[tuple[Callable[[Flow, frozenset[PackName]], Iterable[Finding]], ...]] = (
    fairness.few_screens,
    fairness.worded_by_law,
    statements.incentives_in_their_place,
    tone.read_by_somebody,
)


def check(flow: Flow, packs: Collection[PackName] = ALWAYS, today: date | None = None) -> list[Finding]:
    """Every finding, errors first. What passes without naming `packs` passes in every pack that is in force.

    With `today`, also what has passed by then.
    """
    findings = [finding for look in CHECKS for finding in look(flow)]
    findings += (finding for look in IN_PACKS for finding in look(flow, frozenset(packs)))
    findings += possible_terms.grants_lie_ahead(flow, today) if today else ()
    return _once(sorted(findings, key=lambda finding: finding.level != "error"))


def check_text(text: str, packs: Collection[PackName] = ALWAYS, today: date | None = None) -> list[Finding]:
    """Every finding about a survey template, with its line.

    Where the text does not say what a flow must say, the rest is checked as far as it can be guessed. What would only
    follow from such a mistake is left out, and so are warnings.
    """
    reading = read(text)
    broken = reading.broken
    found = check(reading.flow, packs, today) if reading.flow is not None else []
    if broken:
        found = [f for f in found if f.level == "error" and not any(_lies_in(f.path, b.path) for b in broken)]
    return [replace(finding, line=_line(finding.path, reading.lines)) for finding in (*broken, *found)]


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Two checks may see the same fault in the same words: the first to tell tells it."""
    told: dict[tuple[str, str], Finding] = {}
    for index, finding in enumerate(findings):
        told.setdefault((finding.path, finding.rule or str(index)), finding)
    return list(told.values())


def _lies_in(path: str, part: str) -> bool:
    return not part or path == part or path.startswith((f"{part}.", f"{part}["))


def _line(path: str, lines: Mapping[str, int]) -> int | None:
    """The line where it stands or, for what is missing, where that would have to be written."""
    here = f"$.{path}" if path else "$"
    while here not in lines and here != "$":
        here = here[: max(here.rfind("."), here.rfind("["))]
    return lines.get(here)
