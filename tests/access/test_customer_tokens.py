"""Customer tokens: what is accepted, and how everything else is refused."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aurevoir.access import customer_tokens
from aurevoir.access.customer_tokens import Algorithm, InvalidToken, TokenExpired, VerificationKey
from tests.access.bad_tokens import BAD, CANARY, EXPIRED
from tests.access.forging import Forge, forge
from tests.cast import DANA

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
ALGORITHMS: tuple[Algorithm, ...] = ("HS256", "EdDSA")
FORGES = {algorithm: forge(algorithm, AT) for algorithm in ALGORITHMS}
both = pytest.mark.parametrize("algorithm", ALGORITHMS)


def verify(token: str, key: VerificationKey) -> customer_tokens.Claims:
    """As the widget API does: the header first, then all of it."""
    customer_tokens.key_id(token)
    return customer_tokens.verify(token, key, NOW)


def told(error: InvalidToken) -> str:
    """Everything that the caller hears of it."""
    return error.message + "".join(f"{problem.path} {problem.message}" for problem in error.problems)


@both
@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_is_refused_in_one_way(name: str, algorithm: Algorithm) -> None:
    """Whatever is wrong with it, the error is InvalidToken, and repeats nothing of what was sent."""
    attacker, key = FORGES[algorithm]
    token = BAD[name](attacker)

    with pytest.raises(InvalidToken) as refused:
        verify(token, key)

    assert refused.value.code == "invalid_token"
    assert refused.value.status == 401
    assert CANARY not in told(refused.value)


@both
@pytest.mark.parametrize("name", EXPIRED)
def test_an_expired_token_says_so(name: str, algorithm: Algorithm) -> None:
    """A page can ask for a fresh token, so it must be told that this one was good once."""
    attacker, key = FORGES[algorithm]

    with pytest.raises(TokenExpired) as refused:
        verify(EXPIRED[name](attacker), key)

    assert (refused.value.code, refused.value.status) == ("token_expired", 401)


@both
def test_a_good_token_gives_its_facts(algorithm: Algorithm) -> None:
    """HS256 and EdDSA alike; claims nobody asked for are dropped."""
    owner, key = FORGES[algorithm]

    claims = verify(owner.token(password="hunter2", subscription={"secret": 1}), key)

    assert (claims.sub, claims.subscription.id, claims.actor.email) == (DANA.id, DANA.subscription, DANA.email)
    assert "hunter2" not in repr(claims)
    assert "secret" not in repr(claims)


@both
@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["stripe", "aurevoir"]},
        {"mode": None},
        {"iat": AT + 60},
        {"nbf": AT + 60},
        {"iat": AT - 660, "exp": AT - 60},
        {"iat": AT, "exp": AT + 3600},
        {"iat": AT + 0.5, "exp": AT + 600.5},
        {"subscription": {"amount": None, "currency": None}},
    ],
)
def test_a_token_at_the_edge_is_accepted(algorithm: Algorithm, changes: dict[str, Any]) -> None:
    """60 seconds of leeway on each side, an hour of life, one audience among several."""
    owner, key = FORGES[algorithm]

    assert verify(owner.token(**changes), key).sub == DANA.id


def test_a_subscription_without_amount_has_none() -> None:
    """Unknown is unknown, never zero."""
    owner, key = FORGES["HS256"]
    claims = verify(owner.token(subscription={"amount": None}), key)

    assert claims.subscription.amount is None


@both
def test_what_we_sign_we_accept(algorithm: Algorithm) -> None:
    """`sign` and `verify` agree, for `aurevoir sign-token` and the demo."""
    owner, key = FORGES["HS256"]
    token = customer_tokens.sign(owner.claims(), kid=key.kid, algorithm="HS256", material=key.material)

    assert verify(token, key).jti


def _shortest(owner: Forge) -> str:
    claims = {
        name: value for name, value in owner.claims().items() if name in ("iss", "aud", "iat", "exp", "jti", "sub")
    }
    payload = json.dumps(claims | {"subscription": {"id": "s"}}, separators=(",", ":")).encode()
    return owner.raw(payload=payload)


@both
def test_no_single_bit_can_change(algorithm: Algorithm) -> None:
    """Every bit of every character flipped, every character left out, every length cut: thousands, none accepted."""
    owner, key = FORGES[algorithm]
    token = _shortest(owner)
    spoilt = {
        token[:at] + chr(ord(token[at]) ^ 1 << bit) + token[at + 1 :] for at in range(len(token)) for bit in range(7)
    }
    spoilt |= {token[:at] + token[at + 1 :] for at in range(len(token))} | {token[:at] for at in range(len(token))}
    accepted = [one for one in spoilt if _is_accepted(one, key)]

    assert verify(token, key).sub == DANA.id
    assert len(spoilt) > 2500
    assert accepted == []


def _is_accepted(token: str, key: VerificationKey) -> bool:
    try:
        verify(token, key)
    except InvalidToken:
        return False
    return True


@both
@settings(max_examples=200)
@given(data=st.data())
def test_no_patchwork_is_accepted(algorithm: Algorithm, data: st.DataObject) -> None:
    """Pieces replaced by anything at all: refused, and always in the one way."""
    owner, key = FORGES[algorithm]
    token = _shortest(owner)
    start = data.draw(st.integers(0, len(token)))
    end = data.draw(st.integers(start, len(token)))
    piece = data.draw(st.text(max_size=40) | st.text("eyJ.=-_ \n{}", max_size=40))
    spoilt = token[:start] + piece + token[end:]

    assert spoilt == token or not _is_accepted(spoilt, key)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
claim_names = st.sampled_from(
    ["iss", "aud", "iat", "exp", "nbf", "jti", "sub", "mode", "subscription", "actor", "attributes"]
)


@settings(max_examples=150)
@given(changes=st.dictionaries(claim_names, json_values, min_size=1, max_size=3))
def test_any_claim_may_hold_anything(changes: dict[str, object]) -> None:
    """A signed token of any content is either accepted or refused; nothing else happens."""
    owner, key = FORGES["HS256"]
    payload = json.dumps(owner.claims() | changes).encode()

    assert _is_accepted(owner.raw(payload=payload), key) in (True, False)
