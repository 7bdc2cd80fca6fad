"""What an agreement comes to, sentence by sentence, in a customer's language. Pure."""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from aurevoir.billing import plan
from aurevoir.kit.calendar import Interval
from aurevoir.kit.i18n import Language
from aurevoir.kit.money import Money
from aurevoir.offers.agreement import Agreement, Charge

# Of more parts than this only the first and the last have their day told.
_MOST_LINES = 4
PER_INTERVAL: Mapping[Interval, str] = MappingProxyType(
    {
        "day": "{price} a day",
        "week": "{price} a week",
        "month": "{price} a month",
        "quarter": "{price} a quarter",
        "year": "{price} a year",
    }
)


def sentences(agreement: Agreement, language: Language) -> list[str]:
    """What it costs and when, and what happens by itself; how to cancel is said of all offers alike, not here."""
    return _SAID[agreement.kind](agreement, language) if agreement.kind in _SAID else []


def in_money(amount: Money | None, language: Language) -> str:
    return language.money(amount.amount, amount.currency) if amount else ""


def per_interval(price: Money | None, interval: Interval | None, language: Language) -> str:
    """A price with the interval at which it is charged."""
    money = in_money(price, language)
    return language.say(PER_INTERVAL[interval], price=money) if interval and money else money


def on_day(day: date | None, language: Language) -> str:
    return language.date(day) if day else ""


def _discount(agreement: Agreement, language: Language) -> list[str]:
    reduced, full = agreement.charges[:-1], agreement.charges[-1]
    return [
        language.say_count(
            "Your next renewal, on {day}, costs {price} instead of {full}.",
            "Your next {count} renewals, from {day} to {last}, cost {price} each instead of {full}.",
            len(reduced),
            day=on_day(reduced[0].due_on, language),
            last=on_day(reduced[-1].due_on, language),
            price=in_money(reduced[0].amount, language),
            full=in_money(full.amount, language),
        ),
        language.say(
            "On {day} the full price of {price} comes back by itself.",
            day=on_day(full.due_on, language),
            price=in_money(full.amount, language),
        ),
    ]


def _holiday(agreement: Agreement, language: Language) -> list[str]:
    assert isinstance(agreement.action, plan.Holiday)
    starts_on, resumes = on_day(agreement.starts_on, language), on_day(agreement.ends_on, language)
    kept = agreement.action.access == "keep"
    return [
        language.say_count(
            "Your next renewal, on {day}, is skipped and costs nothing.",
            "Your next {count} renewals, from {day} on, are skipped and cost nothing.",
            agreement.action.renewals,
            day=starts_on,
        ),
        language.say("You keep your access all the while.")
        if kept
        else language.say("Your access pauses on {day} and is back on {resumes}.", day=starts_on, resumes=resumes),
        language.say(
            "On {day} your subscription resumes by itself, and {price} is charged.",
            day=resumes,
            price=in_money(agreement.price_afterwards, language),
        ),
    ]


def _split(agreement: Agreement, language: Language) -> list[str]:
    assert isinstance(agreement.action, plan.Split)
    count = len(agreement.action.parts)
    parts, following = agreement.charges[:count], agreement.charges[count:]
    said = [
        language.say("The sum stays {total}: no fee and no interest.", total=in_money(agreement.price_today, language))
    ]
    if count <= _MOST_LINES:
        said += [_on(part, language) for part in parts]
    else:
        more = language.say_count(
            "Then one more payment of {price}, on {last}.",
            "Then {count} more payments of {price} each, the last on {last}.",
            count - 1,
            price=in_money(parts[-1].amount, language),
            last=on_day(parts[-1].due_on, language),
        )
        said += [_on(parts[0], language), more]
    for charge in following:
        day, price = on_day(charge.due_on, language), in_money(charge.amount, language)
        said.append(
            language.say("On {day} your subscription renews for {price}, in one payment.", day=day, price=price)
        )
    return said


def _on(charge: Charge, language: Language) -> str:
    return language.say(
        "{price} on {day}", price=in_money(charge.amount, language), day=on_day(charge.due_on, language)
    )


def _relief(agreement: Agreement, language: Language) -> list[str]:
    relief = agreement.action
    assert isinstance(relief, plan.Relief)
    price, before = in_money(relief.amount, language), on_day(agreement.starts_on, language)
    day, is_open, say = on_day(relief.due_on, language), relief.invoice is not None, language.say
    if relief.relief == "waive" and is_open:
        said = [say("Your open invoice of {price} is waived: you never have to pay it.", price=price)]
    elif relief.relief == "waive":
        said = [say("Your next payment of {price}, on {before}, is waived.", price=price, before=before)]
    elif is_open:
        said = [say("Your open invoice of {price} is due on {day}; the sum stays the same.", price=price, day=day)]
    else:
        said = [
            say(
                "Your next payment of {price} is due on {day} instead of {before}; the sum stays the same.",
                price=price,
                day=day,
                before=before,
            )
        ]
    usual = [charge for charge in agreement.charges if charge.due_on != relief.due_on]
    return said + [
        say(
            "On {day}, {price} is charged as usual.",
            day=on_day(one.due_on, language),
            price=in_money(one.amount, language),
        )
        for one in usual
    ]


def _plan_change(agreement: Agreement, language: Language) -> list[str]:
    change = agreement.action
    assert isinstance(change, plan.ChangePlan)
    said = []
    if change.plan:
        said.append(language.say("You move to the plan {plan}.", plan=change.plan))
    if change.quantity:
        said.append(language.say("The quantity becomes {quantity}.", quantity=language.number(change.quantity)))
    if change.at == "now":
        said.append(language.say("The change takes effect today."))
    else:
        said.append(language.say("The change takes effect on {day}.", day=on_day(agreement.starts_on, language)))
    price, before = (
        per_interval(agreement.price_under_offer, agreement.interval, language),
        in_money(agreement.price_today, language),
    )
    if change.interval:
        said.append(language.say("You then pay {price}.", price=price))
    else:
        said.append(language.say("You then pay {price} instead of {full}.", price=price, full=before))
    for charge in agreement.charges:
        day, amount = on_day(charge.due_on, language), in_money(charge.amount, language)
        said.append(language.say("The next payment is {price}, on {day}.", price=amount, day=day))
    return [*said, language.say("This stays so until you change or cancel it.")]


def _trial_extension(agreement: Agreement, language: Language) -> list[str]:
    until, price = (
        on_day(agreement.ends_on, language),
        per_interval(agreement.price_afterwards, agreement.interval, language),
    )
    return [
        language.say("Your trial runs until {day}, and until then you pay nothing.", day=until),
        language.say(
            "On {day} your paid subscription begins at {price}, unless you cancel before.", day=until, price=price
        ),
    ]


def _feature_grant(agreement: Agreement, language: Language) -> list[str]:
    return [
        language.say("It is yours until {day} and costs nothing.", day=on_day(agreement.ends_on, language)),
        language.say("It ends by itself on that day and never becomes a paid one."),
        language.say("Your subscription stays as it is."),
    ]


def _unchanged(_: Agreement, language: Language) -> list[str]:
    return [language.say("Your subscription stays as it is.")]


_SAID: Mapping[str, Callable[[Agreement, Language], list[str]]] = MappingProxyType(
    {
        "discount": _discount,
        "payment_holiday": _holiday,
        "split_payment": _split,
        "payment_relief": _relief,
        "plan_change": _plan_change,
        "trial_extension": _trial_extension,
        "feature_grant": _feature_grant,
        "guide": _unchanged,
        "contact": _unchanged,
    }
)
