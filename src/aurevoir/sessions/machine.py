"""The session machine: what each move does to a visit (design.md §4). Pure: facts in, facts out.

Positions in the flow (`step`) are not states. Every move but `cancel` carries the revision it was made on; a move made
on another one changes nothing. `cancel` is never refused to someone who may cancel.
"""

from collections.abc import Callable
from typing import Literal, assert_never

from msgspec import Struct
from msgspec.structs import replace

from aurevoir.flows import graph
from aurevoir.flows.graph import ScreenPlan
from aurevoir.flows.steps import ConfirmStep, OfferStep
from aurevoir.kit.conditions import Value
from aurevoir.kit.errors import Conflict, Forbidden, NotFound
from aurevoir.sessions import answers as giving
from aurevoir.sessions.answers import StepAnswer
from aurevoir.sessions.moves import Accept, Answer, Back, Cancel, Decline, Keep, Move, SeeOffer, Skip, Undo
from aurevoir.sessions.visit import IN_RETURN, KEPT, RECEIPT, WORKING, Rules, State, Visit

# Before the receipt; an offer that the customer asked for is not counted.
MOST_SCREENS = 3


class NotPossible(Conflict):
    """The move is a real one, and not on this screen."""

    code = "move_not_possible"
    message = "This cannot be done on the present screen."


class OfferExpired(Conflict):
    """The offer was shown, and cannot be had any more: its time is over, a limit is reached, or billing has moved."""

    code = "offer_expired"
    message = "This offer is no longer available."


class MayNotCancel(Forbidden):
    """The operator said that this person may not cancel this subscription; the screen says who can."""

    code = "may_not_cancel"
    message = "This person may not cancel the subscription."


class Outcome(Struct, frozen=True):
    """The visit after a move, and what must be written with it."""

    visit: Visit
    answered: tuple[StepAnswer, ...] = ()
    fact: Literal["none", "declared", "kept", "accepted", "undone"] = "none"
    # What the customer would do in return for the offer.
    favours: tuple[str, ...] = ()


def begin(rules: Rules, *, declined: bool = False) -> Visit:
    """A fresh visit on its first screen; `declined`: one before it ended the matter of offers for the whole episode."""
    if rules.order == "exit_first":
        return Visit(state="open", step=rules.confirm, confirm_shown=True, declined=declined)
    if rules.order == "survey_only":
        visit = Visit(state="left", step="", declined=declined)
        return replace(visit, step=_onward(visit, rules, after=None))
    visit = Visit(state="open", step="", declined=declined)
    return _at(visit, rules, _onward(visit, rules, after=None))


def reopen(visit: Visit, rules: Rules) -> Visit:
    """The visit as a returning customer meets it: abandoned where it stood, kept or saved from the first screen.

    Where billing carried an offer out, the visit is over: it still shows what was agreed.
    """
    if visit.state not in ("kept", "saved", "abandoned"):
        return visit
    if visit.state == "saved" and visit.offer not in rules.at_once:
        return visit
    # To have asked for an offer once is no wish to meet it unasked another time.
    back = replace(visit, state="open", asked=False, revision=visit.revision + 1)
    is_abandoned = visit.state == "abandoned"
    if is_abandoned and visit.step in route(back, rules):
        return back
    on_offer = is_abandoned and _stands_on_offer(visit, rules)
    return _at(replace(back, confirm_shown=False), rules, rules.confirm if on_offer else begin(rules).step)


def settled(visit: Visit, *, confirmed: bool, kind: str) -> Visit:
    """The visit once billing has the last word on a redemption of this kind; unchanged where it has none."""
    state = _settled(visit, kind, confirmed=confirmed)
    step = visit.step
    if state == "saved" and step == WORKING:
        step = KEPT
    elif state == "needs_help" and step == IN_RETURN:
        step = WORKING
    # Where her screen stays as it is, so does the revision: the button on it (undo) is still the right one.
    revision = visit.revision if step == visit.step else visit.revision + 1
    return replace(visit, state=state, step=step, revision=revision)


def _settled(visit: Visit, kind: str, *, confirmed: bool) -> State:
    """A cancellation outranks the offer: once it is declared, only its own end counts."""
    waiting = visit.state == "needs_help" and confirmed
    if kind == "cancel":
        over: State = "left" if confirmed else "needs_help"
        return over if visit.state == "leaving" or (waiting and visit.declared) else visit.state
    if kind == "undo_cancel":
        # She believes that she stays: a refusal must reach somebody who can see to it.
        stays: State = "undone" if confirmed else "needs_help"
        return stays if visit.state == "undone" or (waiting and not visit.declared) else visit.state
    kept: State = "saved" if confirmed else "needs_help"
    return kept if visit.state == "saving" or (waiting and visit.accepted and not visit.declared) else visit.state


def answers_of(visit: Visit) -> dict[str, Value]:
    """What conditions may look at: codes of choices, numbers of scales, True for a text."""
    return {step: answer.value_for_conditions for step, answer in visit.given.items()}


def apply(visit: Visit, move: Move, rules: Rules) -> Outcome:
    """The outcome of `move`; raises Invalid (with problems), NotPossible, NotFound or MayNotCancel."""
    if isinstance(move, Cancel):
        return _counted(visit, _cancel(visit, move, rules))
    if move.revision != visit.revision:
        return Outcome(visit)
    if visit.state == "abandoned":
        visit = replace(visit, state="open")
    return _counted(visit, _move(visit, move, rules))


def _move(visit: Visit, move: Move, rules: Rules) -> Outcome:
    match move:
        case Answer() | Skip():
            return _answer_or_skip(visit, move, rules)
        case Accept():
            return _accept(visit, move, rules)
        case Keep():
            return _keep(visit)
        case Cancel():
            return _cancel(visit, move, rules)
        case Back() | SeeOffer() | Decline() | Undo():
            return _SIMPLE[type(move)](visit, rules)
        case _:
            assert_never(move)


def _counted(before: Visit, outcome: Outcome) -> Outcome:
    if outcome.visit == before:
        return outcome
    return replace(outcome, visit=replace(outcome.visit, revision=before.revision + 1))


def _cancel(visit: Visit, move: Cancel, rules: Rules) -> Outcome:
    if not rules.may_cancel:
        raise MayNotCancel
    if rules.order == "survey_only" or visit.declared:
        return Outcome(replace(visit, step=RECEIPT))
    if declares(visit, move, rules):
        told = replace(visit, state="leaving", step=RECEIPT, declared=True, declarations=visit.declarations + 1)
        return Outcome(told, fact="declared")
    state: State = visit.state if visit.state in ("saving", "saved", "needs_help") else "open"
    given = _brought_along(visit, move, rules)
    after = _with_answers(visit, given) if given else visit
    return Outcome(_at(replace(after, state=state), rules, rules.confirm), answered=given)


def _brought_along(visit: Visit, move: Cancel, rules: Rules) -> tuple[StepAnswer, ...]:
    plan = survey_screen(visit, rules)
    if plan is None or move.step not in (None, visit.step):
        return ()
    return giving.read_what_fits(plan.step, plan.also, move, rules.say)


def declares(visit: Visit, move: Cancel, rules: Rules) -> bool:
    """Whether it was pressed on the confirmation, so that it is the declaration itself."""
    # The step says on which screen the button was. It settles double clicks on an earlier screen (they must not
    # declare unseen) and a second tab that moved on (it must not hold up the first).
    if move.step is None:
        return visit.step == rules.confirm
    return move.step == rules.confirm and visit.confirm_shown


def _answer_or_skip(visit: Visit, move: Answer | Skip, rules: Rules) -> Outcome:
    if isinstance(move, Skip) and visit.step == RECEIPT and visit.declared and rules.order == "exit_first":
        return Outcome(replace(visit, step=_onward(visit, rules, after=None)))
    if visit.step == IN_RETURN:
        return _in_return(visit, move, rules)
    plan = survey_screen(visit, rules)
    if plan is None or (move.step is not None and move.step != visit.step):
        raise NotPossible
    if isinstance(move, Answer):
        given = giving.read(plan.step, plan.also, move, rules.say)
    else:
        given = giving.left_out(plan.step, plan.also)
    after = _with_answers(visit, given)
    return Outcome(_at(after, rules, _onward(after, rules, after=visit.step)), answered=given)


def _with_answers(visit: Visit, given: tuple[StepAnswer, ...]) -> Visit:
    steps = {answer.step for answer in given}
    kept = {step: answer for step, answer in visit.given.items() if step not in steps}
    skipped = tuple(step for step in visit.skipped if step not in steps)
    answered = {answer.step: answer.without_text() for answer in given if answer.is_answered}
    left_out = tuple(answer.step for answer in given if not answer.is_answered)
    return replace(visit, given=kept | answered, skipped=skipped + left_out)


def _back(visit: Visit, rules: Rules) -> Outcome:
    if visit.state != "open" and rules.order == "survey_first":
        raise NotPossible
    previous = previous_step(visit, rules)
    if previous is None:
        raise NotPossible
    return Outcome(_at(visit, rules, previous))


def _see_offer(visit: Visit, rules: Rules) -> Outcome:
    if not may_see_offer(visit, rules):
        raise NotPossible
    step = rules.offer_step
    assert step is not None, "what may be seen has its place"
    return Outcome(_at(replace(visit, asked=True), rules, step))


def _accept(visit: Visit, move: Accept, rules: Rules) -> Outcome:
    if visit.offer != move.offer:
        raise NotFound("There is no such offer.")
    if visit.state != "open" or visit.declined or visit.accepted:
        raise NotPossible
    if offer_for(visit, rules) != move.offer:
        raise OfferExpired
    state: State = "saved" if move.offer in rules.at_once else "saving"
    taken = replace(visit, state=state, accepted=True)
    asked = IN_RETURN if rules.favours.get(move.offer) else _after_acceptance(taken)
    return Outcome(replace(taken, step=asked), fact="accepted")


def _after_acceptance(visit: Visit) -> str:
    return KEPT if visit.state == "saved" else WORKING


def _in_return(visit: Visit, move: Answer | Skip, rules: Rules) -> Outcome:
    if move.step not in (None, IN_RETURN):
        raise NotPossible
    ticked = move.choices if isinstance(move, Answer) else ()
    known = rules.favours.get(visit.offer or "", ())
    # A code that nobody offered is no promise.
    favours = tuple(code for code in known if code in ticked)
    return Outcome(replace(visit, step=_after_acceptance(visit)), favours=favours)


def _decline(visit: Visit, rules: Rules) -> Outcome:
    if visit.state != "open" or visit.offer is None or visit.declined or not _stands_on_offer(visit, rules):
        raise NotPossible
    return Outcome(_at(replace(visit, declined=True), rules, rules.confirm))


def _keep(visit: Visit) -> Outcome:
    if visit.declared:
        raise NotPossible
    # An undo goes on, too, though billing's word of it came while she was on the confirmation again.
    if visit.state in ("kept", "saved", "saving", "undone"):
        return Outcome(replace(visit, step=WORKING if visit.state == "saving" else KEPT))
    # Another tab may still stand on the confirmation: pressed there, cancel is the last word.
    return Outcome(replace(visit, state="kept", step=KEPT), fact="kept")


def _undo(visit: Visit, rules: Rules) -> Outcome:
    if not (visit.declared and rules.may_undo) or rules.order == "survey_only":
        raise NotPossible
    return Outcome(taken_back(visit), fact="undone")


def taken_back(visit: Visit) -> Visit:
    """The visit once its declaration was taken back."""
    return replace(visit, state="undone", step=KEPT, declared=False, confirm_shown=False)


def on_offer(visit: Visit, rules: Rules) -> bool:
    """Whether the offer is what Dana sees."""
    return visit.state in ("open", "abandoned") and _stands_on_offer(visit, rules)


def without_lost_offer(visit: Visit, rules: Rules) -> Visit:
    """The visit as it is seen now: on the confirmation, where the offer that it stood on cannot be had any more."""
    lost = on_offer(visit, rules) and offer_for(visit, rules) is None
    return replace(visit, step=rules.confirm, confirm_shown=True) if lost else visit


def way_out(visit: Visit, rules: Rules) -> Visit:
    """The visit on a screen that can be drawn without the template, and that she can leave from."""
    if visit.declared or rules.order == "survey_only":
        return replace(visit, step=RECEIPT)
    if visit.step in (KEPT, WORKING, IN_RETURN):
        return replace(visit, step=WORKING if visit.state in ("saving", "needs_help") else KEPT)
    return replace(visit, step=rules.confirm)


def may_see_offer(visit: Visit, rules: Rules) -> bool:
    """Whether the confirm screen carries the one extra action of packs with a permission gate."""
    asking = rules.gated and rules.order == "survey_first" and visit.state == "open" and visit.step == rules.confirm
    return asking and not visit.asked and offer_for(visit, rules) is not None


def offer_for(visit: Visit, rules: Rules) -> str | None:
    """The offer that may be shown now: at most one in a visit, none after a decline or an acceptance."""
    if visit.declined or visit.accepted or rules.offer_step is None:
        return None
    fitting = rules.fitting_offer(answers_of(visit))
    return fitting if visit.offer in (None, fitting) else None


def route(visit: Visit, rules: Rules) -> tuple[str, ...]:
    """The steps that Dana meets with the answers given so far, in order, without the receipt.

    Whatever a template holds, the confirmation ends it, and what is too much before it is left out.
    """
    way = graph.way(rules.plans, rules.attributes, answers_of(visit))
    steps = [plan.step.id for plan in way if _may_stand_on(plan, visit, rules)]
    if rules.order != "survey_first":
        return tuple(steps)
    before = steps[: steps.index(rules.confirm)] if rules.confirm in steps else steps
    counted = [step for step in before if not (rules.gated and step == rules.offer_step)]
    surplus = counted[MOST_SCREENS - 1 :]
    return (*(step for step in before if step not in surplus), rules.confirm)


def previous_step(visit: Visit, rules: Rules) -> str | None:
    """The step before the present one, among those that Dana may see; None on the first and beyond the last."""
    steps = route(visit, rules)
    at = steps.index(visit.step) if visit.step in steps else 0
    return steps[at - 1] if at else None


def step_after(visit: Visit, rules: Rules) -> str:
    """The step that follows the present one."""
    return _onward(visit, rules, after=visit.step)


def _onward(visit: Visit, rules: Rules, after: str | None) -> str:
    steps = route(visit, rules)
    at = steps.index(after) + 1 if after in steps else 0
    return steps[at] if at < len(steps) else RECEIPT


def _may_stand_on(plan: ScreenPlan, visit: Visit, rules: Rules) -> bool:
    if isinstance(plan.step, ConfirmStep):
        return rules.order == "survey_first" and plan.step.id == rules.confirm
    if isinstance(plan.step, OfferStep):
        unasked = rules.order != "survey_first" or (rules.gated and not visit.asked)
        return plan.step.id == rules.offer_step and not unasked and offer_for(visit, rules) is not None
    return True


def _at(visit: Visit, rules: Rules, step: str) -> Visit:
    moved = replace(visit, step=step, confirm_shown=visit.confirm_shown or step == rules.confirm)
    if _stands_on_offer(moved, rules):
        return replace(moved, offer=offer_for(moved, rules))
    return moved


def _stands_on_offer(visit: Visit, rules: Rules) -> bool:
    return visit.step == rules.offer_step


def survey_screen(visit: Visit, rules: Rules) -> ScreenPlan | None:
    """The question that Dana stands on, with those beside it; None when she stands on anything else."""
    # After a receipt (or an end) there is a survey in the other two orders only.
    surveyed = visit.state in ("open", "abandoned") or rules.order != "survey_first"
    way = graph.way(rules.plans, rules.attributes, answers_of(visit)) if surveyed else ()
    plan = next((plan for plan in way if plan.step.id == visit.step), None)
    return None if plan is None or isinstance(plan.step, OfferStep | ConfirmStep) else plan


_SIMPLE: dict[type, Callable[[Visit, Rules], Outcome]] = {
    Back: _back,
    SeeOffer: _see_offer,
    Decline: _decline,
    Undo: _undo,
}
