"""Drawing: from where a visit stands to the `Screen` its customer sees. Pure."""

from datetime import date

from msgspec.structs import replace

from aurevoir.access.facts import SubscriptionFacts
from aurevoir.flows import graph
from aurevoir.flows.graph import ScreenPlan
from aurevoir.flows.steps import ChoiceStep, ConfirmStep, OfferStep, Option, ScaleStep, TextStep
from aurevoir.kit.i18n import Language
from aurevoir.sessions import machine, offer_screens
from aurevoir.sessions.ending import Ending
from aurevoir.sessions.look import Look, button, progress, screen
from aurevoir.sessions.screen import (
    Action,
    AlsoField,
    Fact,
    FollowUpField,
    Given,
    OptionShown,
    Screen,
)
from aurevoir.sessions.texts import Texts, Words, in_words, localised
from aurevoir.sessions.visit import IN_RETURN, KEPT, RECEIPT, WORKING, Rules, Visit


def draw(visit: Visit, rules: Rules, look: Look) -> Screen:
    """The screen of this visit."""
    if not rules.may_cancel and not visit.declared:
        return _unavailable(look)
    if visit.accepted and not visit.declared and visit.step in (KEPT, WORKING, IN_RETURN):
        return _accepted(visit, look)
    if visit.step == KEPT:
        return _kept(visit, look)
    if visit.step == RECEIPT:
        return _receipt(visit, rules, look)
    if visit.step == rules.confirm:
        return _confirm(visit, rules, look)
    if machine.on_offer(visit, rules):
        return offer_screens.offer(visit, rules, look)
    return _question(visit, rules, look)


def ending_facts(
    subscription: SubscriptionFacts, ending: Ending, data_after_exit: Words, language: Language
) -> tuple[Fact, ...]:
    """Dana's four questions (charged again? refund? access? data?), as far as facts answer them."""
    say = language.say
    answers = [
        (say("Plan"), subscription.plan),
        (say("Ends on"), _day(ending.effective_on, language)),
        (say("Next charge"), _charges(ending, language)),
        (say("Access until"), _day(ending.access_until, language)),
        (say("Refund"), _refund(ending.refund, language)),
    ]
    facts = [Fact(label, value) for label, value in answers if value]
    if data_after_exit.text:
        lang = data_after_exit.lang or (language.tag if language.tag != language.spoken else None)
        facts.append(Fact(say("Your data"), data_after_exit.text, lang))
    return tuple(facts)


def _charges(ending: Ending, language: Language) -> str:
    if ending.charged_again is None:
        return ""
    if ending.last_charge_on is None:
        return language.say("You will not be charged again.")
    return language.say("The last charge is on {day}.", day=language.date(ending.last_charge_on))


REFUNDS = {
    "none": "What you paid for the current period is not refunded.",
    "prorated": "The unused part of what you paid is refunded.",
    "full": "Your last payment is refunded in full.",
}


def _refund(refund: str | None, language: Language) -> str:
    return language.say(REFUNDS[refund]) if refund in REFUNDS else ""


def _day(day: date | None, language: Language) -> str:
    return language.date(day) if day else ""


def _question(visit: Visit, rules: Rules, look: Look) -> Screen:
    plan = machine.survey_screen(visit, rules)
    assert plan is not None, f"no screen is drawn for {visit.state} at {visit.step}"
    assert not isinstance(plan.step, OfferStep | ConfirmStep), "a survey screen asks something"
    step, tag = plan.step, look.language.tag
    title, body = in_words(step.ask, tag), in_words(step.help, tag)
    asked = screen(
        look,
        kind=_KIND[type(step)],
        step=step.id,
        title=title.text,
        title_lang=title.lang,
        body=body.text,
        body_lang=body.lang,
        also=tuple(_also(one, tag) for one in plan.also),
        given=_given(plan, visit, look),
        actions=_question_actions(visit, rules, look),
        progress=progress(visit, rules),
    )
    if isinstance(step, ChoiceStep):
        return replace(asked, options=_options(step, look), several=step.several)
    if isinstance(step, TextStep):
        return replace(asked, max_length=step.max_length)
    low, high = localised(step.low_label, tag), localised(step.high_label, tag)
    return replace(asked, low=step.low, high=step.high, low_label=low, high_label=high)


_KIND = {ChoiceStep: "choice", TextStep: "text", ScaleStep: "scale"}


def _options(step: ChoiceStep, look: Look) -> tuple[OptionShown, ...]:
    ordered = graph.shuffled(step.options, look.seed) if step.shuffle else step.options
    return tuple(_option(option, look.language.tag) for option in ordered)


def _option(option: Option, tag: str) -> OptionShown:
    asked = option.follow_up
    follow_up = FollowUpField(localised(asked.ask, tag), asked.max_length) if asked else None
    return OptionShown(option.code, localised(option.label, tag), follow_up)


def _also(step: TextStep | ScaleStep, tag: str) -> AlsoField:
    label, note = localised(step.ask, tag), localised(step.help, tag)
    if isinstance(step, TextStep):
        return AlsoField(step=step.id, kind="text", label=label, help=note, max_length=step.max_length)
    return AlsoField(
        step=step.id,
        kind="scale",
        label=label,
        help=note,
        low=step.low,
        high=step.high,
        low_label=localised(step.low_label, tag),
        high_label=localised(step.high_label, tag),
    )


def _given(plan: ScreenPlan, visit: Visit, look: Look) -> Given | None:
    main = visit.given.get(plan.step.id)
    beside: dict[str, str | int] = {}
    for step in plan.also:
        if (answer := visit.given.get(step.id)) is not None:
            beside[step.id] = answer.value if answer.value is not None else look.texts.get(step.id, "")
    if main is None and not beside:
        return None
    text = look.texts.get(plan.step.id, "")
    return Given(choices=main.choices if main else (), text=text, value=main.value if main else None, answers=beside)


def _question_actions(visit: Visit, rules: Rules, look: Look) -> tuple[Action, ...]:
    say = look.language.say
    actions = [button(look, "answer", say("Continue"), "primary", visit.step)]
    if not visit.declared and rules.order != "survey_only":
        actions.append(button(look, "cancel", say("Go straight to cancellation"), "leave", visit.step))
    # Where nothing but the confirmation follows, skipping and going straight to it are the same.
    if machine.step_after(visit, rules) != rules.confirm:
        actions.append(button(look, "skip", say("Skip this question"), "quiet", visit.step))
    if machine.previous_step(visit, rules):
        actions.append(button(look, "back", say("Back"), "quiet", visit.step))
    if visit.state == "open":
        actions.append(button(look, "keep", say("Keep my subscription"), "quiet", visit.step))
    return tuple(actions)


def _confirm(visit: Visit, rules: Rules, look: Look) -> Screen:
    say, step = look.language.say, _confirm_step(rules)
    actions = [
        button(look, "cancel", say("Cancel my subscription"), "leave", step.id, look.labels.cancel),
        button(look, "keep", say("Keep my subscription"), "stay", step.id, look.labels.keep),
    ]
    if machine.may_see_offer(visit, rules):
        actions.append(button(look, "see_offer", say("Is there another way?"), "quiet", step.id))
    if visit.state == "open" and machine.previous_step(visit, rules):
        actions.append(button(look, "back", say("Back"), "quiet", step.id))
    title = _worded(step.ask, say("Confirm your cancellation"), look)
    body = _worded(step.body, say("Here is what happens when you cancel."), look)
    return screen(
        look,
        kind="confirm",
        step=step.id,
        title=title.text,
        title_lang=title.lang,
        body=body.text,
        body_lang=body.lang,
        facts=ending_facts(look.subscription, look.ending, look.data_after_exit, look.language),
        actions=tuple(actions),
        progress=progress(visit, rules),
    )


def _confirm_step(rules: Rules) -> ConfirmStep:
    """What the template adds to the confirmation: nothing where the law has it come first, as the law words it."""
    steps = (plan.step for plan in rules.plans if isinstance(plan.step, ConfirmStep))
    bare = ConfirmStep(id=rules.confirm)
    return bare if rules.order == "exit_first" else next(steps, bare)


def _worded(texts: Texts, phrase: str, look: Look) -> Words:
    return in_words(texts, look.language.tag) if texts else Words(phrase, look.phrases_lang)


def _receipt(visit: Visit, rules: Rules, look: Look) -> Screen:
    say, actions = look.language.say, []
    if rules.order == "survey_only":
        saved = say("Your answers are saved.") if visit.given or visit.skipped else ""
        return screen(look, kind="receipt", step=RECEIPT, title=say("Thank you"), body=saved)
    is_surveyed = machine.step_after(visit, rules) != RECEIPT
    if rules.order == "exit_first" and is_surveyed and not visit.given and not visit.skipped:
        actions.append(button(look, "skip", say("Answer a few questions"), "secondary", RECEIPT))
    if rules.may_undo:
        actions.append(button(look, "undo", say("Undo the cancellation"), "quiet", RECEIPT))
    return screen(
        look,
        kind="receipt",
        step=RECEIPT,
        title=say("Your cancellation is received"),
        body=say("Keep this receipt: it proves what you declared, and when."),
        facts=ending_facts(look.subscription, look.ending, look.data_after_exit, look.language),
        receipt=look.receipt,
        actions=tuple(actions),
    )


def _kept(visit: Visit, look: Look) -> Screen:
    say = look.language.say
    title = say("Your cancellation is undone") if visit.state == "undone" else say("Your subscription continues")
    body = say("Nothing changes: you keep your plan and your access.")
    leave = button(look, "cancel", say("Go to cancellation"), "leave", KEPT)
    return screen(look, kind="kept", step=KEPT, title=title, body=body, actions=(leave,))


def _accepted(visit: Visit, look: Look) -> Screen:
    if visit.state == "needs_help":
        return offer_screens.needs_help(look)
    if visit.step == IN_RETURN:
        return offer_screens.in_return(look)
    if visit.state == "saving":
        return offer_screens.working(look)
    return offer_screens.saved(look) if visit.state == "saved" else _kept(visit, look)


def _unavailable(look: Look) -> Screen:
    say = look.language.say
    return screen(
        look,
        kind="unavailable",
        step="unavailable",
        title=say("Somebody else manages this subscription"),
        body=say("Only the person who manages billing for this account can cancel it. Please ask them."),
    )
