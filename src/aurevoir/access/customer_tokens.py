"""The customer token: a short-lived signed statement of this customer and this subscription (interface.md §2)."""

import json
import re
import warnings
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import msgspec
from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import OctKey, OKPKey
from msgspec import Meta, Struct

from aurevoir.access.facts import Facts, Mode
from aurevoir.kit import ids
from aurevoir.kit.errors import AurevoirError, Problem

Algorithm = Literal["HS256", "EdDSA"]
TYPE = "exit+jwt"
AUDIENCE = "aurevoir"
LEEWAY_SECONDS = 60
LONGEST_SECONDS = 3600
LONGEST_TOKEN = 8192
# "Invalid enum value 'xyz'" repeats a claim; names of types and fields stand in backticks.
_QUOTED = re.compile(r" '.*'", re.DOTALL)
_REGISTRY = jws.JWSRegistry(algorithms=["HS256", "EdDSA"], strict_check_header=False)


class InvalidToken(AurevoirError):
    """The token proves nothing; the message says which of its parts is wrong, never what was in it."""

    code = "invalid_token"
    status = 401
    message = "The customer token is not valid."


class TokenExpired(InvalidToken):
    """It was valid once: ask the product for a fresh one."""

    code: ClassVar[str] = "token_expired"
    message = "The customer token has expired."


class VerificationKey(Struct, frozen=True):
    """A signing key as needed to verify: algorithm, mode and workspace belong to the key, never to the token."""

    kid: str
    workspace: UUID
    algorithm: Algorithm
    mode: Mode
    # HS256: the secret. EdDSA: the public key in PEM.
    material: bytes


class _Header(Struct, frozen=True):
    alg: str
    # As we hand them out: nothing that a database could not even look up.
    kid: Annotated[str, Meta(pattern=r"\A[\x21-\x7e]{1,60}\Z")]
    typ: str


class Claims(Facts, frozen=True, kw_only=True):
    """The token's own members beside the facts."""

    iss: str
    aud: str | tuple[str, ...]
    iat: float
    exp: float
    jti: Annotated[str, Meta(min_length=1, max_length=200)]
    nbf: float | None = None
    mode: Mode | None = None


_claims = msgspec.json.Decoder(Claims)


def key_id(token: str) -> str:
    """The `kid` that an unverified token names; raises InvalidToken when the token is not of our kind at all."""
    if len(token) > LONGEST_TOKEN or token.count(".") != 2:
        raise InvalidToken
    return _read_header(token).kid


def verify(token: str, key: VerificationKey, now: datetime) -> Claims:
    """The claims of `token`, once signature, type, issuer, audience, mode and times hold; raises InvalidToken."""
    if _read_header(token).alg != key.algorithm:
        raise InvalidToken("The customer token is signed with another algorithm than its key is for.")
    claims = _read_claims(_verified_payload(token, key))
    _check_names(claims, key)
    _check_times(claims, now.timestamp())
    return claims


def _read_header(token: str) -> _Header:
    head = token.partition(".")[0]
    try:
        # Decoded here: left to itself, json guesses UTF-16 and UTF-32 as well.
        text = urlsafe_b64decode(head + "=" * (-len(head) % 4)).decode("utf-8")
        members = json.loads(text, object_pairs_hook=_without_duplicates)
        header = msgspec.convert(members, _Header)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise InvalidToken("The customer token's header cannot be read.") from error
    if header.typ.lower() != TYPE or "crit" in members:
        raise InvalidToken(f"The customer token's header must say typ: {TYPE}.")
    return header


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _verified_payload(token: str, key: VerificationKey) -> bytes:
    material = OctKey.import_key(key.material) if key.algorithm == "HS256" else OKPKey.import_key(key.material)
    try:
        with _without_rename_warning():
            return jws.deserialize_compact(token, material, registry=_REGISTRY).payload
    except (JoseError, ValueError) as error:
        raise InvalidToken("The customer token's signature does not hold.") from error


def _read_claims(payload: bytes) -> Claims:
    try:
        json.loads(payload, object_pairs_hook=_without_duplicates)
        return _claims.decode(payload)
    except msgspec.ValidationError as error:
        message, _, path = _QUOTED.sub("", str(error)).partition(" - at ")
        problem = Problem(path.strip("`") or "$", message)
        raise InvalidToken("A claim of the customer token is missing or not allowed.", problems=[problem]) from error
    except (ValueError, RecursionError) as error:
        raise InvalidToken("The customer token's claims cannot be read.") from error


def _check_names(claims: Claims, key: VerificationKey) -> None:
    if claims.iss != ids.shown("ws", key.workspace):
        raise InvalidToken("The customer token's issuer is not the workspace of its key.")
    if AUDIENCE not in ((claims.aud,) if isinstance(claims.aud, str) else claims.aud):
        raise InvalidToken(f"The customer token is not for {AUDIENCE}.")
    if claims.mode not in (None, key.mode):
        raise InvalidToken("The customer token's mode is not the mode of its key.")


def _check_times(claims: Claims, now: float) -> None:
    # NaN and the infinities pass no comparison below: msgspec reads neither from JSON.
    if claims.exp <= claims.iat or claims.exp - claims.iat > LONGEST_SECONDS:
        raise InvalidToken(f"A customer token lives at most {LONGEST_SECONDS} seconds.")
    if max(claims.iat, claims.nbf or 0) > now + LEEWAY_SECONDS:
        raise InvalidToken("The customer token is not valid yet.")
    if claims.exp < now - LEEWAY_SECONDS:
        raise TokenExpired


def sign(claims: Mapping[str, Any], *, kid: str, algorithm: Algorithm, material: bytes) -> str:
    """A token of these claims; `material` is the HS256 secret or the Ed25519 private key in PEM."""
    key = OctKey.import_key(material) if algorithm == "HS256" else OKPKey.import_key(material)
    header = {"alg": algorithm, "kid": kid, "typ": TYPE}
    with _without_rename_warning():
        return jws.serialize_compact(header, msgspec.json.encode(claims), key, registry=_REGISTRY)


@contextmanager
def _without_rename_warning() -> Iterator[None]:
    # RFC 9864 renames EdDSA to Ed25519; the algorithm is the same, and the name in our tokens is a promise.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        yield
