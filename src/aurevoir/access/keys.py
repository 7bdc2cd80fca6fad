"""Signing keys and API keys: made, shown once, looked up."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from aurevoir.access.customer_tokens import Algorithm, InvalidToken, VerificationKey
from aurevoir.access.facts import Mode
from aurevoir.kit import crypto, ids, sql
from aurevoir.kit.cache import Cache
from aurevoir.kit.crypto import Keyring
from aurevoir.kit.errors import Forbidden, Unauthorised

Scope = Literal[
    "sessions",
    "flows",
    "experiments",
    "redemptions",
    "receipts",
    "customers",
    "subscriptions",
    "insights",
    "exports",
    "gateways",
    "webhooks",
    "admin",
]
SCOPES: tuple[Scope, ...] = get_args(Scope)
_verification: Cache[str, VerificationKey] = Cache(seconds=5)
_api: Cache[str, "ApiCaller"] = Cache(seconds=5)


class NewSigningKey(Struct, frozen=True):
    """What the operator's server needs to sign: shown once."""

    kid: str
    algorithm: Algorithm
    mode: Mode
    # HS256: the secret as text. EdDSA: the private key in PEM.
    secret: str


class ApiCaller(Struct, frozen=True):
    """Who calls the operator API, and what they may do."""

    key: UUID
    workspace: UUID
    scopes: tuple[Scope, ...]

    def require(self, scope: Scope) -> None:
        """Raises Forbidden unless the key has `scope` (`admin` has them all)."""
        if scope not in self.scopes and "admin" not in self.scopes:
            raise Forbidden(f"This key has no scope '{scope}'.")


async def create_signing_key(
    keyring: Keyring, workspace: UUID, mode: Mode, now: datetime, algorithm: Algorithm = "HS256"
) -> NewSigningKey:
    """A new key of this mode; its secret is not readable afterwards. Inside a unit."""
    key = ids.new_id()
    kid = f"{mode}_{key.hex[-12:]}"
    secret, kept = _new_material(algorithm)
    await sql.insert(
        "signing_key",
        id=key,
        workspace_id=workspace,
        kid=kid,
        algorithm=algorithm,
        mode=mode,
        sealed_key=keyring.wrap("signing key", kept),
        created_at=now,
    )
    return NewSigningKey(kid, algorithm, mode, secret)


def _new_material(algorithm: Algorithm) -> tuple[str, bytes]:
    if algorithm == "HS256":
        secret = ids.new_secret()
        return secret, secret.encode()
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem.decode(), public


async def verification_key(keyring: Keyring, kid: str) -> VerificationKey:
    """The key called `kid`, at most five seconds old; raises InvalidToken when there is none or it was revoked."""
    known = _verification.get(kid)
    if known is not None:
        return known
    row = await sql.fetch_one(
        "SELECT workspace_id, algorithm, mode, sealed_key FROM signing_key WHERE kid = $1 AND revoked_at IS NULL", kid
    )
    if row is None:
        raise InvalidToken("The customer token names a key that does not exist.")
    material = keyring.unwrap("signing key", bytes(row["sealed_key"]))
    found = VerificationKey(kid, UUID(str(row["workspace_id"])), row["algorithm"], row["mode"], material)
    return _verification.put(kid, found)


async def secret_for_trying_out(keyring: Keyring, workspace: UUID, mode: Mode) -> VerificationKey | None:
    """The newest HS256 key of this mode, secret included: for `aurevoir sign-token` and the demo."""
    row = await sql.fetch_one(
        "SELECT kid FROM signing_key WHERE workspace_id = $1 AND mode = $2 AND algorithm = 'HS256' "
        "AND revoked_at IS NULL ORDER BY created_at DESC LIMIT 1",
        workspace,
        mode,
    )
    return None if row is None else await verification_key(keyring, row["kid"])


async def create_api_key(workspace: UUID, name: str, scopes: tuple[Scope, ...], now: datetime) -> str:
    """A new key, `avk_…`: shown once, only its hash is kept. Inside a unit."""
    secret = f"avk_{ids.new_secret()}"
    await sql.insert(
        "api_key",
        id=ids.new_id(),
        workspace_id=workspace,
        name=name,
        hint=secret[:8],
        key_hash=crypto.sha256(secret),
        scopes=list(scopes),
        created_at=now,
    )
    return secret


async def api_caller(secret: str) -> ApiCaller:
    """Whose key this is; raises Unauthorised, the same for an unknown and a revoked one."""
    key_hash = crypto.sha256(secret)
    known = _api.get(key_hash)
    if known is not None:
        return known
    row = await sql.fetch_one(
        "SELECT id, workspace_id, scopes FROM api_key WHERE key_hash = $1 AND revoked_at IS NULL", key_hash
    )
    if row is None:
        raise Unauthorised
    scopes = msgspec.json.decode(row["scopes"], type=tuple[Scope, ...])
    return _api.put(key_hash, ApiCaller(UUID(str(row["id"])), UUID(str(row["workspace_id"])), scopes))


def forget_cached() -> None:
    """Read afresh next time; called after a key was revoked in this process."""
    _verification.clear()
    _api.clear()
