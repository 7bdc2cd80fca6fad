"""Customer tokens that prove nothing: each a name, and what an attacker makes of a forge."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

from tests.access.forging import Forge, ed25519, encoded, hs256, keypair, stranger
from tests.house import ABSENT

T = TypeVar("T")
Make = Callable[[Forge], str]
CANARY = "canary4711"


def _each(values: Mapping[str, T], make: Callable[[T, Forge], str]) -> Iterator[tuple[str, Make]]:
    """The same wrong in several ways."""
    for name, value in values.items():
        yield name, partial(make, value)


def _headers() -> Iterator[tuple[str, Make]]:
    members: dict[str, dict[str, Any]] = {
        "alg_missing": {"alg": None},
        "alg_unknown": {"alg": CANARY},
        "alg_hs512": {"alg": "HS512"},
        "alg_rs256": {"alg": "RS256"},
        "alg_list": {"alg": ["HS256", "EdDSA"]},
        "alg_lower_case": {"alg": "hs256"},
        "typ_missing": {"typ": None},
        "typ_jwt": {"typ": "JWT"},
        "typ_empty": {"typ": ""},
        "typ_number": {"typ": 5},
        "kid_missing": {"kid": None},
        "kid_number": {"kid": 5},
        "crit": {"crit": ["exp"]},
        "crit_b64": {"crit": ["b64"], "b64": False},
    }
    yield from _each(members, lambda changes, forge: forge.token(changes))
    raws = {
        "header_empty": b"",
        "header_no_json": b"{",
        "header_list": b'["HS256"]',
        "header_null": b"null",
        "header_bad_utf8": b'{"alg":"\xff"}',
        "header_deep": b'{"x":' + b"[" * 2500 + b"]" * 2500 + b"}",
    }
    yield from _each(raws, lambda raw, forge: forge.raw(header=raw))
    yield "header_utf16", lambda forge: forge.raw(header=json.dumps(forge.header()).encode("utf-16"))
    yield "header_duplicate", lambda forge: forge.raw(header=_twice(forge.header(), "alg", "none"))
    yield "header_duplicate_kid", lambda forge: forge.raw(header=_twice(forge.header(), "kid", "other"))


def _signatures() -> Iterator[tuple[str, Make]]:
    nones = ("none", "None", "NONE")
    yield from _each({f"{alg}_signed": alg for alg in nones}, lambda alg, forge: forge.token({"alg": alg}))
    unsigned = {f"{alg}_unsigned": alg for alg in nones}
    yield from _each(unsigned, lambda alg, forge: forge.token({"alg": alg}, lambda _: b""))
    yield "other_workspaces_key", lambda forge: stranger(forge).token()
    yield "unsigned", lambda forge: forge.token(sign=lambda _: b"")
    yield "other_algorithm", _with_the_other_algorithm
    yield "public_key_as_secret", lambda forge: forge.token({"alg": "HS256"}, hs256(forge.known))
    yield "empty_secret", lambda forge: forge.token({"alg": "HS256"}, hs256(b""))
    yield "own_key_in_header", _with_own_key
    yield "signature_of_another", lambda forge: _parts(forge.token(), forge.token(sub="other"))


def _with_the_other_algorithm(forge: Forge) -> str:
    if forge.algorithm == "HS256":
        return forge.token({"alg": "EdDSA"}, ed25519(keypair()[0]))
    return forge.token({"alg": "HS256"}, hs256(b"a secret of the attacker's choice"))


def _with_own_key(forge: Forge) -> str:
    jwk = {"kty": "oct", "k": encoded(b"mine" * 8)}
    return forge.token({"alg": "HS256", "jwk": jwk, "jku": "https://evil.example/keys"}, hs256(b"mine" * 8))


def _parts(first: str, second: str) -> str:
    return first.rpartition(".")[0] + "." + second.rpartition(".")[2]


def _shapes() -> Iterator[tuple[str, Make]]:
    texts = {"empty": "", "dots": "..", "four_dots": "....", "words": "not a token", "json": "{}"}
    yield from _each(texts, lambda text, _: text)
    yield "two_segments", lambda forge: forge.token().rpartition(".")[0]
    yield "four_segments", lambda forge: forge.token() + ".e30"
    yield "leading_dot", lambda forge: "." + forge.token()
    yield "padded", lambda forge: forge.token() + "="
    yield "trailing_space", lambda forge: forge.token() + " "
    yield "trailing_newline", lambda forge: forge.token() + "\n"
    yield "inner_newline", lambda forge: forge.token().replace(".", "\n.", 1)
    yield "non_ascii", lambda forge: forge.token().replace(".", "é.", 1)
    yield "non_ascii_payload", lambda forge: forge.token().replace(".", ".é", 1)
    yield "nul", lambda forge: forge.token() + "\x00"
    yield "nine_kilobytes", lambda forge: forge.token(padding="x" * 9000)
    yield from _each({f"truncated_{at}": at for at in range(3)}, lambda at, forge: _cut(forge.token(), at))
    yield from _each({f"emptied_{at}": at for at in range(3)}, lambda at, forge: _cut(forge.token(), at, keep=0))


def _cut(token: str, at: int, keep: int | None = None) -> str:
    segments = token.split(".")
    segments[at] = segments[at][: len(segments[at]) // 2 if keep is None else keep]
    return ".".join(segments)


def _claims() -> Iterator[tuple[str, Make]]:
    required = ("iss", "aud", "sub", "iat", "exp", "jti", "subscription")
    yield from _each({f"no_{name}": name for name in required}, lambda name, forge: forge.token(**{name: ABSENT}))
    yield from _each({f"null_{name}": name for name in required}, lambda name, forge: forge.token(**{name: None}))
    wrong: dict[str, list[Any]] = {
        "iss": ["ws_0190", "", 5, ["ws"], CANARY],
        "aud": ["stripe", [], ["stripe"], {}, 5],
        "mode": ["test", "LIVE", CANARY, 5],
        "jti": ["", 5, "x" * 201],
        "sub": ["", 5, "x" * 201, "\x00", "a\nb"],
        "actor": ["dana", {"may_cancel": "yes"}, {"id": "\x00"}],
        "attributes": [["seats"], {"deep": {"er": 1}}, {str(n): n for n in range(51)}, {"": 1}],
        "country": ["Spain", "es", 5],
        "consumer": ["yes", 1],
        "locale": ["français", "e", 5],
    }
    changes: dict[str, dict[str, Any]] = {
        f"{name}_{at}": {name: value} for name, values in wrong.items() for at, value in enumerate(values)
    }
    yield from _each(changes, lambda change, forge: forge.token(**change))


def _subscriptions() -> Iterator[tuple[str, Make]]:
    wrong: dict[str, list[Any]] = {
        "id": [ABSENT, None, "", 5, "sub\x00", "x" * 201],
        "amount": [-1, 2**53, 10**400, "29", 29.5],
        "currency": ["eur", "EURO"],
        "interval": [CANARY, "months"],
        "quantity": [-1, 2**31],
        "renews_on": ["tomorrow", "2026-02-30", "10000-01-01", 5],
        "notice_days": [-1, 10_000],
    }
    changes = {
        f"subscription_{name}_{at}": {name: value} for name, values in wrong.items() for at, value in enumerate(values)
    }
    yield from _each(changes, lambda change, forge: forge.token(subscription=change))
    yield "subscription_list", lambda forge: forge.raw(payload=_with(forge, '"subscription": []'))


def _times() -> Iterator[tuple[str, Make]]:
    year = 365 * 24 * 3600
    moments: dict[str, Callable[[int], dict[str, Any]]] = {
        "ten_years": lambda now: {"exp": now + 10 * year},
        "an_hour_and_a_second": lambda now: {"exp": now + 3601},
        "milliseconds": lambda now: {"iat": now * 1000, "exp": now * 1000 + 600_000},
        "ends_before_it_begins": lambda now: {"exp": now - 1},
        "never_lives": lambda now: {"exp": now},
        "issued_in_the_future": lambda now: {"iat": now + 65, "exp": now + 600},
        "not_yet": lambda now: {"nbf": now + 65},
        "exp_text": lambda now: {"exp": str(now + 600)},
        "exp_true": lambda _: {"exp": True},
        "exp_400_digits": lambda _: {"exp": 10**400},
        "exp_negative": lambda _: {"exp": -1},
        "iat_text": lambda now: {"iat": str(now)},
        "nbf_text": lambda now: {"nbf": str(now)},
    }
    yield from _each(moments, lambda moment, forge: forge.token(**moment(forge.now)))
    numbers = ("NaN", "Infinity", "-Infinity", "1e400", "-1e400")
    members = {f"{claim}_{number}": f'"{claim}": {number}' for number in numbers for claim in ("exp", "iat", "nbf")}
    yield from _each(members, lambda member, forge: forge.raw(payload=_with(forge, member)))


def _payloads() -> Iterator[tuple[str, Make]]:
    payloads: dict[str, bytes] = {
        "empty": b"",
        "list": b"[]",
        "text": b'"dana"',
        "null": b"null",
        "no_json": b"{",
        "bad_utf8": b'{"sub": "\xff"}',
        "surrogate_bytes": b'{"sub": "\xed\xa0\x80"}',
        "deep": b"[" * 2500,
    }
    named = {f"payload_{name}": payload for name, payload in payloads.items()}
    yield from _each(named, lambda payload, forge: forge.raw(payload=payload))
    yield "payload_utf16", lambda forge: forge.raw(payload=json.dumps(forge.claims()).encode("utf-16"))
    yield "payload_bom", lambda forge: forge.raw(payload=b"\xef\xbb\xbf" + json.dumps(forge.claims()).encode())
    yield "claim_deep", lambda forge: forge.raw(payload=_with(forge, '"x": ' + "[" * 2500 + "]" * 2500))
    yield "claim_unknown_nan", lambda forge: forge.raw(payload=_with(forge, '"x": NaN'))
    yield "sub_surrogate", lambda forge: forge.raw(payload=_with(forge, r'"sub": "\ud800"'))
    yield "claim_twice", lambda forge: forge.raw(payload=_twice(forge.claims(), "sub", "cus_1"))
    inner = '"subscription": {"id": "sub_9", "id": "sub_10"}'
    yield "inner_claim_twice", lambda forge: forge.raw(payload=_with(forge, inner))


def _twice(members: dict[str, Any], name: str, value: str) -> bytes:
    return json.dumps(members)[:-1].encode() + f', "{name}": "{value}"}}'.encode()


def _with(forge: Forge, member: str) -> bytes:
    """The claims with one written by hand."""
    name = member.partition('"')[2].partition('"')[0]
    return json.dumps(forge.claims(**{name: ABSENT}))[:-1].encode() + f", {member}}}".encode()


BAD: dict[str, Make] = dict(
    one for table in (_headers, _signatures, _shapes, _claims, _subscriptions, _times, _payloads) for one in table()
)
# Told apart, because a page can do something about it: ask its server for a fresh one.
EXPIRED: dict[str, Make] = {
    "a_minute_and_a_bit": lambda forge: forge.token(iat=forge.now - 600, exp=forge.now - 61),
    "an_hour": lambda forge: forge.token(iat=forge.now - 7200, exp=forge.now - 3600),
    "since_1970": lambda forge: forge.token(iat=0, exp=600),
}
