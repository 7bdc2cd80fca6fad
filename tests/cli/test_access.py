"""Workspaces and keys on the command line, and the tokens that these sign."""

import asyncio
import json
from datetime import timedelta

import pytest

from aurevoir.access import customer_tokens, keys
from aurevoir.kit import clock, db
from aurevoir.kit.errors import Invalid
from aurevoir.migrations import MODELS
from aurevoir.settings import Settings, read
from tests.cli.conftest import Run


async def accepted(settings: Settings, token: str) -> customer_tokens.Claims:
    """The claims, by the service's own verification."""
    await db.open_database(settings.database_url, MODELS, read_only=True)
    try:
        key = await keys.verification_key(settings.installation.keyring, customer_tokens.key_id(token))
    finally:
        await db.close_database()
    return customer_tokens.verify(token, key, clock.now())


def test_a_signed_token_is_accepted(run: Run, acme: str) -> None:
    """With the facts that were asked for, for as long as was asked, in test mode unless said otherwise."""
    told = {"country": "FR", "subscription": {"plan": "pro"}, "attributes": {"seats": 4}}
    command = ["sign-token", "--customer", "cus_42", "--subscription", "sub_9", "--minutes", "5"]
    signed = run(*command, "--facts", json.dumps(told))
    live = run(*command, "--mode", "live")
    claims = asyncio.run(accepted(read(), signed.output.strip()))

    assert signed.exit_code == live.exit_code == 0
    assert (claims.iss, claims.sub, claims.mode, claims.country) == (acme, "cus_42", "test", "FR")
    assert (claims.subscription.id, claims.subscription.plan, claims.attributes) == ("sub_9", "pro", {"seats": 4})
    assert claims.exp - claims.iat == timedelta(minutes=5).total_seconds()
    assert asyncio.run(accepted(read(), live.output.strip())).mode == "live"


@pytest.mark.parametrize("facts", ["{", "[]", '"x"', '{"subscription": 5}'])
def test_facts_that_are_none_are_refused(run: Run, acme: str, facts: str) -> None:
    """One clear line, and no traceback."""
    told = run("sign-token", "--customer", "c", "--subscription", "s", "--facts", facts)

    assert told.exit_code == 1
    assert told.exception is None or isinstance(told.exception, SystemExit)
    assert "--facts" in told.output


def test_a_token_needs_a_workspace(run: Run) -> None:
    """Where there is none, or several, it says what to do."""
    told = run("sign-token", "--customer", "c", "--subscription", "s")

    assert told.exit_code == 1
    assert "--workspace" in told.output


def test_a_further_signing_key_is_shown_once(run: Run, acme: str) -> None:
    """With EdDSA the private half is the product's alone; a token that it signs is accepted."""
    made = run("create-signing-key", "--mode", "live", "--algorithm", "EdDSA")
    first, _, pem = made.output.partition("\n")
    kid = first.split("kid ")[1].partition(",")[0]
    now = int(clock.now().timestamp())
    claims = {"iss": acme, "aud": "aurevoir", "iat": now, "exp": now + 600, "jti": "1", "sub": "cus_42"}
    claims |= {"subscription": {"id": "sub_9"}, "mode": "live"}
    token = customer_tokens.sign(claims, kid=kid, algorithm="EdDSA", material=pem.encode())

    assert made.exit_code == 0, made.output
    assert pem.startswith("-----BEGIN PRIVATE KEY-----")
    assert asyncio.run(accepted(read(), token)).sub == "cus_42"
    assert "HS256 secret" in run("create-signing-key", "--mode", "test").output


def test_the_owner_sets_the_defaults_here(run: Run, acme: str) -> None:
    """With who did it on record; what makes no sense is refused in one line."""
    told = run("change-workspace", "--default-country", "FR", "--default-consumer", "yes")
    refused = run("change-workspace", "--default-country", "France")
    back = run("change-workspace", "--default-country", "none")

    assert told.exit_code == back.exit_code == 0
    assert "default_country is FR" in told.output
    assert refused.exit_code == 1
    assert "ISO 3166" in refused.output or "default_country" in refused.output


def test_a_workspace_is_not_called_like_an_address(run: Run) -> None:
    """/exit/receipts/de must be somebody's receipt, or nothing."""
    told = run("create-workspace", "receipts", "--name", "Acme")

    assert told.exit_code == 1
    assert isinstance(told.exception, Invalid)
    assert told.exception.problems[0].path == "$.key"
