"""Tokens that say anything: by the right key or a wrong one, with any header, any payload, any number of dots."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from aurevoir.access.customer_tokens import Algorithm, VerificationKey
from aurevoir.access.facts import Mode
from aurevoir.kit import ids
from tests.house import House, KeyName, claims

Sign = Callable[[bytes], bytes]


def encoded(raw: bytes) -> str:
    """Base64url as JWS has it: without padding."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


def hs256(secret: bytes) -> Sign:
    """Signs with a shared secret."""
    return lambda message: hmac.digest(secret, message, "sha256")


def ed25519(pem: bytes) -> Sign:
    """Signs with a private key."""
    private = serialization.load_pem_private_key(pem, None)
    assert isinstance(private, Ed25519PrivateKey)
    return private.sign


@dataclass(frozen=True)
class Forge:
    """A workspace's signing key in the wrong hands."""

    iss: str
    kid: str
    algorithm: Algorithm
    mode: Mode
    sign: Sign
    # What an attacker knows for certain: of an EdDSA key the public half.
    known: bytes
    now: int

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Those of a token that would be accepted, but for `changes`."""
        return claims(self.iss, **{"iat": self.now, "exp": self.now + 600} | changes)

    def header(self, **changes: Any) -> dict[str, Any]:
        """That of a token that would be accepted, but for `changes`; None leaves a member out."""
        members = {"alg": self.algorithm, "kid": self.kid, "typ": "exit+jwt"} | changes
        return {name: value for name, value in members.items() if value is not None}

    def token(self, header: Mapping[str, Any] | None = None, sign: Sign | None = None, **changes: Any) -> str:
        """With another header, another signature, other claims."""
        told = json.dumps(self.claims(**changes)).encode()
        return self.raw(json.dumps(self.header(**header or {})).encode(), told, sign)

    def raw(self, header: bytes | None = None, payload: bytes | None = None, sign: Sign | None = None) -> str:
        """Of these very bytes."""
        head = json.dumps(self.header()).encode() if header is None else header
        body = json.dumps(self.claims()).encode() if payload is None else payload
        signed = f"{encoded(head)}.{encoded(body)}"
        return f"{signed}.{encoded((sign or self.sign)(signed.encode()))}"


def keypair() -> tuple[bytes, bytes]:
    """A fresh Ed25519 key in PEM: private, public."""
    kept = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return kept, _public(kept)


def _public(private: bytes) -> bytes:
    return (
        serialization.load_pem_private_key(private, None)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def forge(algorithm: Algorithm, now: int) -> tuple[Forge, VerificationKey]:
    """A key without any database: the forge, and what verifies its tokens."""
    workspace = UUID("01900000-0000-7000-8000-000000000001")
    material, sign, known = _material(algorithm)
    made = Forge(ids.shown("ws", workspace), "live_1", algorithm, "live", sign, known, now)
    return made, VerificationKey("live_1", workspace, algorithm, "live", material)


def _material(algorithm: Algorithm) -> tuple[bytes, Sign, bytes]:
    if algorithm == "HS256":
        secret = uuid4().hex.encode()
        return secret, hs256(secret), b""
    kept, told = keypair()
    return told, ed25519(kept), told


def stranger(to: Forge) -> Forge:
    """The same words, signed by somebody else."""
    return replace(to, sign=forge(to.algorithm, to.now)[0].sign)


def forge_of(house: House, key: KeyName = "live") -> Forge:
    """A key of a real workspace, at the present moment."""
    signing = house.signing[key]
    secret = signing.secret.encode()
    sign, known = (hs256(secret), b"") if signing.algorithm == "HS256" else (ed25519(secret), _public(secret))
    return Forge(house.iss, signing.kid, signing.algorithm, signing.mode, sign, known, int(time.time()))
