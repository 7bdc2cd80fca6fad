"""A workspace with everything that opens it, and the tokens its server signs."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest

from aurevoir.access import customer_tokens, keys, workspaces
from aurevoir.access.installation import Installation
from aurevoir.access.keys import NewSigningKey
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import registry
from aurevoir.flows import service as flows
from aurevoir.flows import starters
from aurevoir.kit import clock, db, ids, sql
from tests.cast import ACME_SHOP, DANA, Company

KeyName = Literal["live", "test", "eddsa"]
# For what is the same on every database.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# For long matrices: the second engine's turn comes with the slow tests.
slowly_on_postgres = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)], indirect=True
)
# As a change: the claim is left out altogether.
ABSENT: Any = object()


@dataclass(frozen=True)
class House:
    """A workspace, its signing keys and a key of its operator API."""

    id: UUID
    company: Company
    installation: Installation
    signing: Mapping[KeyName, NewSigningKey]
    api_key: str

    @property
    def iss(self) -> str:
        """The workspace as tokens name it."""
        return ids.shown("ws", self.id)

    @property
    def operator(self) -> dict[str, str]:
        """The headers of the operator's server."""
        return {"Authorization": f"Bearer {self.api_key}"}

    def token(self, key: KeyName = "live", **changes: Any) -> str:
        """A token that the operator's server would sign for Dana, but for `changes` (see `claims`)."""
        signing = self.signing[key]
        changes = {"mode": signing.mode} | changes
        return customer_tokens.sign(
            claims(self.iss, **changes),
            kid=signing.kid,
            algorithm=signing.algorithm,
            material=signing.secret.encode(),
        )

    async def settings(self) -> WorkspaceSettings:
        """The workspace as the services use it."""
        return await workspaces.get(self.installation.keyring, self.id)

    async def connect(self, gateway: str, mode: str = "live", **settings: str) -> None:
        """Use this billing gateway from now on."""
        workspace = await self.settings()
        await db.transaction(lambda: registry.connect(workspace, mode, gateway, clock.now(), settings))


def facts(**changes: Any) -> dict[str, Any]:
    """What Acme knows of Dana, who pays 29 € a month; a `subscription` that is a dict is merged, ABSENT leaves out."""
    subscription = {
        "id": DANA.subscription,
        "plan": "pro",
        "amount": 2900,
        "currency": "EUR",
        "interval": "month",
        "status": "active",
        "started_on": "2025-02-01",
        "renews_on": "2030-12-01",
        "refund": "none",
    }
    given = changes.get("subscription", {})
    if isinstance(given, dict):
        changes["subscription"] = _present(subscription | given)
    told = {"sub": DANA.id, "actor": {"email": DANA.email}, "country": "ES", "consumer": True}
    return _present(told | changes)


def claims(workspace: str, **changes: Any) -> dict[str, Any]:
    """The claims of a fresh token for Dana."""
    now = int(time.time())
    own = {"iss": workspace, "aud": "aurevoir", "iat": now, "exp": now + 600, "jti": str(uuid4())}
    left_out = {name: value for name, value in changes.items() if value is ABSENT}
    return _present(own | facts(**changes) | left_out)


def _present(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not ABSENT}


async def build(installation: Installation, company: Company, *, flow: str = "saas_short", **options: Any) -> House:
    """A workspace with a published starter, keys for both modes, an EdDSA key and an API key; `options` are columns."""
    now = clock.now()

    async def unit() -> House:
        options.setdefault("allowed_origins", [ACME_SHOP])
        made = await workspaces.create(
            installation.keyring, company.key, company.name, now, default_flow=flow, **options
        )
        await flows.load(made, starters.starter(flow), "test", now, publish_it=True)
        signing: dict[KeyName, NewSigningKey] = {
            "live": await keys.create_signing_key(installation.keyring, made, "live", now),
            "test": await keys.create_signing_key(installation.keyring, made, "test", now),
            "eddsa": await keys.create_signing_key(installation.keyring, made, "live", now, "EdDSA"),
        }
        api_key = await keys.create_api_key(made, company.owner, ("admin",), now)
        return House(made, company, installation, signing, api_key)

    # Other tests knew other workspaces a moment ago.
    registry.forget_cached()
    workspaces.forget_cached()
    return await db.transaction(unit)


async def count(table: str, where: str = "1 = 1", *args: Any) -> int:
    """How many rows there are."""
    row = await sql.fetch_one(f"SELECT count(*) AS rows FROM {table} WHERE {where}", *args)
    assert row is not None
    return int(row["rows"])
