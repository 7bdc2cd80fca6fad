"""A flow with a field of every kind, and a customer whose every word can be recognised."""

from typing import Any

import httpx

from aurevoir.flows import service as flows
from aurevoir.kit import clock, db
from tests.house import House
from tests.visits import START, Visit

REASON, MORE = "canary_reason", "canary_more"
FOLLOW_UP, WORDS = "canary follow-up", "canary words"
FLOW = f"""
key: canaries
title: A field of every kind
locales: [en, fr]
attributes: {{note: text}}
steps:
  - id: reason
    kind: choice
    role: reason
    ask: {{en: Why?, fr: Pourquoi ?}}
    options:
      - code: {REASON}
        category: privacy_security
        label: {{en: Because, fr: Parce que}}
        follow_up: {{ask: {{en: How so?, fr: Comment cela ?}}}}
      - {{code: other, category: other, label: {{en: Other, fr: Autre}}}}
  - {{id: comment, kind: text, on: reason, ask: {{en: Anything else?, fr: Autre chose ?}}}}
  - {{id: score, kind: scale, on: reason, ask: {{en: How was it?, fr: C’était comment ?}}}}
  - id: more
    kind: choice
    several: true
    ask: {{en: What else?, fr: Quoi encore ?}}
    options:
      - {{code: {MORE}, label: {{en: More, fr: Plus}}}}
      - {{code: less, label: {{en: Less, fr: Moins}}}}
  - {{id: confirm, kind: confirm}}
"""


async def publish(house: House) -> None:
    """Make it a live flow of this house."""
    await db.transaction(lambda: flows.load(house.id, FLOW, "test", clock.now(), publish_it=True))


async def answered(client: httpx.AsyncClient, house: House, **changes: Any) -> Visit:
    """Every question answered, up to the confirmation."""
    token = house.token(**changes)
    visit = Visit(client, (await client.post(START, json={"token": token, "flow": "canaries"})).json())
    await visit.answer(REASON, text=FOLLOW_UP, answers={"comment": WORDS, "score": 3})
    return await visit.answer(MORE)
