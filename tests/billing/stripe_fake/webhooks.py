"""Webhooks as Stripe signs them."""

import hashlib
import hmac
import json
from typing import Any

import httpx

from tests.billing.stripe_fake.account import Account, Object


def signed(event: Object, secret: str, now: int) -> tuple[dict[str, str], bytes]:
    """Headers and body: `v1` is HMAC-SHA256 of "{time}.{body}"."""
    body = json.dumps(event, indent=2).encode()
    signature = hmac.digest(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hex()
    return {"Stripe-Signature": f"t={now},v1={signature}", "Content-Type": "application/json; charset=utf-8"}, body


async def deliver(account: Account, wanted: dict[str, Any]) -> list[int]:
    """Post the last events to a URL, twice or in the wrong order where asked; the answers' statuses."""
    events = list(account.objects.get("event", {}).values())[-wanted.get("last", 1) :]
    if wanted.get("reversed"):
        events.reverse()
    if "api_version" in wanted:
        events = [event | {"api_version": wanted["api_version"]} for event in events]
    answers = []
    async with httpx.AsyncClient() as client:
        for event in events * (2 if wanted.get("twice") else 1):
            headers, body = signed(event, wanted["secret"], account.now())
            reply = await client.post(wanted["url"], content=body, headers=headers)
            answers.append(reply.status_code)
    return answers
