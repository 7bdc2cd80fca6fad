"""Acme's flow with an offer of every sort, and Dana on her way to one of them."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import msgspec

from aurevoir.access.facts import Facts
from aurevoir.billing.adapters.sandbox import books
from aurevoir.billing.adapters.sandbox.books import Account
from aurevoir.billing.adapters.sandbox.ledger import Ledger, Terms
from aurevoir.flows import service as flows
from aurevoir.flows.overrides import Override
from aurevoir.flows.rules import RuleId
from aurevoir.kit import clock, db, ids
from aurevoir.sessions import service as sessions
from aurevoir.sessions.moves import Accept, Answer, Move
from aurevoir.sessions.schemas import Shown, Visitor
from tests.cast import DANA
from tests.house import House, facts

FLOW = """
key: offered
title: An offer of every sort
locales: [en, fr]
steps:
  - id: reason
    kind: choice
    role: reason
    ask: {en: Why?, fr: Pourquoi ?}
    options:
      - {code: price, category: too_expensive, label: {en: Price, fr: Prix}, offers: [third_off, half_off]}
      - {code: pause, category: unused, label: {en: Unused, fr: Inutile}, offers: [holiday]}
      - {code: help, category: too_complex, label: {en: Hard, fr: Difficile}, offers: [tour]}
      - {code: gift, category: no_value, label: {en: Dull, fr: Terne}, offers: [mug]}
      - {code: other, category: other, label: {en: Other, fr: Autre}}
  - {id: save, kind: offer}
  - {id: confirm, kind: confirm}
offers:
  third_off:
    kind: discount
    percent_off: 30
    periods: 1
    when: {attribute: interval, is: year}
    headline: {en: A third off, fr: Un tiers de moins}
  half_off:
    kind: discount
    percent_off: 50
    periods: 3
    when: {attribute: interval, is: month}
    LIMITS
    headline: {en: Half price, fr: Moitié prix}
    in_return:
      - {code: refer, label: {en: Tell a friend, fr: En parler}}
      - {code: story, label: {en: Tell your story, fr: Raconter}}
  holiday:
    kind: payment_holiday
    renewals: 2
    access: stop
    headline: {en: Two months off, fr: Deux mois de pause}
  tour:
    kind: guide
    link: https://example.com/tour
    link_label: {en: Take the tour, fr: Suivre la visite}
    headline: {en: A tour, fr: Une visite}
  mug:
    kind: custom
    action: send_mug
    terms: {en: A mug by post., fr: Une tasse par la poste.}
    headline: {en: A mug, fr: Une tasse}
"""


async def publish(house: House, limits: str = "", in_spite_of: tuple[RuleId, ...] = (), /, **changes: str) -> None:
    """Make it the flow of this house; `changes` replace words of the template, and `limits` are those of half_off."""
    source = FLOW.replace("LIMITS", f"limits: {limits}" if limits else "body: {en: Yours, fr: À vous}")
    for old, new in changes.items():
        source = source.replace(old, new)
    answered = [Override(rule=rule, person="Alice", reason="It is what this test is about.") for rule in in_spite_of]
    await db.transaction(lambda: flows.load(house.id, source, "test", clock.now(), publish_it=True, overrides=answered))


async def begin(
    house: House, now: datetime | None = None, channel: Any = "in_app", mode: Any = "live", **changes: Any
) -> Shown:
    """A customer's first screen; `customer` and `subscription` are those of the token."""
    told = msgspec.convert(facts(**changes), Facts)
    visitor = Visitor(workspace=house.id, facts=told, mode=mode, channel=channel, actor="customer", flow="offered")
    shown, _ = await sessions.start(house.installation, visitor, now or clock.now())
    return shown


async def make(house: House, shown: Shown, made: Move, now: datetime | None = None) -> Shown:
    """One move."""
    session = ids.read("ses", shown.session.id)
    assert session is not None
    return await sessions.move(house.installation, session, made, now or clock.now())


async def look(house: House, shown: Shown, now: datetime | None = None) -> Shown:
    """What a reload shows."""
    session = ids.read("ses", shown.session.id)
    assert session is not None
    return await sessions.look(house.installation, session, now or clock.now())


async def answer(house: House, shown: Shown, reason: str, now: datetime | None = None) -> Shown:
    """The reason given, and on to what follows."""
    return await make(house, shown, Answer(revision=shown.session.revision, step="reason", choices=(reason,)), now)


async def accept(house: House, shown: Shown, offer: str = "half_off", now: datetime | None = None) -> Shown:
    """The offer on the screen, taken."""
    return await make(house, shown, Accept(revision=shown.session.revision, offer=offer), now)


async def offered(house: House, reason: str = "price", now: datetime | None = None, **changes: Any) -> Shown:
    """A customer before an offer."""
    return await answer(house, await begin(house, now, **changes), reason, now)


async def crowd(house: House, count: int) -> list[Shown]:
    """So many customers before the same offer."""
    people = [offered(house, sub=f"cus_{n}", subscription={"id": f"sub_{n}"}) for n in range(count)]
    return list(await asyncio.gather(*people))


async def in_the_sandbox(house: House) -> None:
    """Dana's subscription, as the sandbox has it."""
    await house.connect("sandbox")
    tomorrow = clock.now().date() + timedelta(days=1)
    ledger = Ledger(
        today=clock.now().date(),
        terms=Terms(plan="pro", amount=2900, currency="EUR", interval="month", quantity=1),
        renews_on=tomorrow,
        anchor=tomorrow.day,
    )
    await db.transaction(lambda: books.open_subscription(Account(house.id, "live", DANA.subscription), ledger))
