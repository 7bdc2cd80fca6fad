"""Drawing the one offer, and what follows its acceptance. Pure."""

from aurevoir.sessions import machine
from aurevoir.sessions.look import Look, button, progress, screen
from aurevoir.sessions.screen import Action, Screen
from aurevoir.sessions.visit import IN_RETURN, KEPT, WORKING, Rules, Visit


def offer(visit: Visit, rules: Rules, look: Look) -> Screen:
    """The offer with its complete terms; taking it, not taking it and leaving look alike and weigh the same."""
    say, step, labels = look.language.say, visit.step, look.labels
    accept = say("Yes, I would like that") if visit.offer in rules.at_once else say("Accept this offer")
    actions = [
        button(look, "accept", accept, "primary", step, labels.accept),
        button(look, "decline", say("No, thank you"), "primary", step, labels.decline),
        _leave(look, step),
    ]
    if machine.previous_step(visit, rules):
        actions.append(button(look, "back", say("Back"), "quiet", step))
    actions.append(button(look, "keep", say("Keep my subscription"), "quiet", step))
    return screen(
        look,
        kind="offer",
        step=step,
        title=say("Would this help?"),
        body=say("Nothing changes unless you accept."),
        offer=look.offer,
        actions=tuple(actions),
        progress=progress(visit, rules),
    )


def in_return(look: Look) -> Screen:
    """What may be asked of someone who has accepted: nothing is ticked, and nothing depends on it."""
    say, step = look.language.say, IN_RETURN
    return screen(
        look,
        kind="choice",
        step=step,
        title=say("Would you do something for us in return?"),
        body=say("Only if you like: what you accepted is yours either way."),
        options=look.favours,
        several=True,
        actions=(
            button(look, "answer", say("Continue"), "primary", step),
            _leave(look, step),
            button(look, "skip", say("Skip this question"), "quiet", step),
        ),
    )


def working(look: Look) -> Screen:
    """It is agreed and on its way; the page may be closed."""
    say = look.language.say
    return screen(
        look,
        kind="working",
        step=WORKING,
        title=say("We are applying it"),
        body=say("You can close this page: nothing more is needed from you."),
        offer=look.offer,
        actions=(_leave(look, WORKING),),
    )


def saved(look: Look) -> Screen:
    """It is in place: what was agreed, in the words that were accepted."""
    say = look.language.say
    return screen(
        look,
        kind="kept",
        step=KEPT,
        title=say("Your subscription continues"),
        body=say("This is what you accepted."),
        offer=look.offer,
        actions=(_leave(look, KEPT),),
    )


def needs_help(look: Look) -> Screen:
    """Billing refused; a person must act, and Dana need not."""
    say = look.language.say
    return screen(
        look,
        kind="unavailable",
        step=WORKING,
        title=say("This needs a person"),
        body=say("We could not apply it by ourselves. What you accepted is saved, and our team has been told."),
        offer=look.offer,
        actions=(_leave(look, WORKING),),
    )


def _leave(look: Look, step: str) -> Action:
    return button(look, "cancel", look.language.say("Go to cancellation"), "leave", step)
