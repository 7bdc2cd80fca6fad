"""Whole journeys against the real application: start, answer, confirm."""

import asyncio
import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from aurevoir import settings
from aurevoir.access import customer_tokens, keys, workspaces
from aurevoir.access.keys import NewSigningKey
from aurevoir.flows import service as flows
from aurevoir.flows import starters
from aurevoir.insights import views
from aurevoir.kit import clock, db, ids
from aurevoir.kit.crypto import Keyring
from aurevoir.migrations import MODELS
from tests.bench.client import Connection


class Tokens:
    """Signs a fresh customer token for each journey, as the product's server would."""

    def __init__(self, workspace: UUID, key: NewSigningKey) -> None:
        self._workspace, self._key = workspace, key

    def sign(self, customer: str) -> str:
        now = clock.now()
        claims: dict[str, Any] = {
            "iss": ids.shown("ws", self._workspace),
            "aud": customer_tokens.AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=10)).timestamp()),
            "jti": secrets.token_hex(8),
            "sub": customer,
            "subscription": {
                "id": f"sub_{customer}",
                "plan": "pro",
                "amount": 2900,
                "currency": "EUR",
                "interval": "month",
            },
            "country": "FR",
            "consumer": True,
            "attributes": {"seats": 4, "active_days_30": 3},
        }
        return customer_tokens.sign(claims, kid=self._key.kid, algorithm="HS256", material=self._key.secret.encode())


def prepare(data: Path) -> tuple[dict[str, str], Tokens]:
    """A database with one workspace; the settings of its server, and what signs its tokens."""
    environment = {
        "AUREVOIR_DATABASE_URL": f"sqlite:///{data / 'aurevoir.db'}",
        "AUREVOIR_SECRET_KEY": secrets.token_urlsafe(32),
    }
    return environment, asyncio.run(_prepare(settings.read(os.environ | environment)))


async def _prepare(chosen: settings.Settings) -> Tokens:
    await db.open_database(chosen.database_url, MODELS)
    try:
        await views.migrate()
        return await db.transaction(lambda: _workspace(chosen.installation.keyring))
    finally:
        await db.close_database()


async def _workspace(keyring: Keyring) -> Tokens:
    now = clock.now()
    workspace = await workspaces.create(keyring, "bench", "Bench", now, default_flow="saas_classic")
    await flows.load(workspace, starters.starter("saas_classic"), "bench", now, publish_it=True)
    return Tokens(workspace, await keys.create_signing_key(keyring, workspace, "live", now))


class Journey:
    """Dana, many times over."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def first_screen(self, connection: Connection, _: int) -> None:
        """Only the start."""
        await self._start(connection)

    async def whole(self, connection: Connection, _: int) -> None:
        """Three requests: start, answer with a reason and a comment, confirm."""
        shown = await self._start(connection)
        screen, session = shown["screen"], shown["session"]
        answer = {
            "kind": "answer",
            "revision": session["revision"],
            "step": screen["step"],
            "choices": ["not_using"],
            "answers": {"comment": "We only needed it for the launch, thank you."},
        }
        await self._move(connection, session["token"], answer)
        declared = await self._move(connection, session["token"], {"kind": "cancel", "step": "confirm"})
        if declared["session"]["state"] not in ("leaving", "left"):
            raise RuntimeError(f"the journey ended as {declared['session']['state']}")

    async def _start(self, connection: Connection) -> dict[str, Any]:
        body = msgspec.json.encode({"token": self._tokens.sign(secrets.token_hex(8))})
        answer = await connection.send("POST", "/widget/v1/sessions", body)
        return msgspec.json.decode(answer, type=dict[str, Any])

    async def _move(self, connection: Connection, token: str, move: dict[str, Any]) -> dict[str, Any]:
        answer = await connection.send("POST", "/widget/v1/session/moves", msgspec.json.encode(move), bearer=token)
        return msgspec.json.decode(answer, type=dict[str, Any])
