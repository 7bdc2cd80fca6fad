"""Signed messages: what the official library of the receivers accepts."""

import base64
from datetime import timedelta, timezone

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from aurevoir.kit import clock, signing

BODY = '{"text": "Ça va ✓"}'.encode()


def test_receivers_accept_what_is_signed() -> None:
    """A thousand secrets, by the official library; another body or another id is refused."""
    secrets = [signing.new_secret() for _ in range(1000)]
    for secret in secrets:
        Webhook(secret).verify(BODY, signing.headers("evt_1", clock.now(), BODY, [secret]))
    secret = secrets[0]
    headers = signing.headers("evt_1", clock.now(), BODY, [secret])
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY, headers | {"webhook-id": "evt_1000"})


@pytest.mark.parametrize("hours", [-11, 0, 5.5, 14])
def test_the_moment_is_the_same_in_every_zone(hours: float) -> None:
    """The library drops the zone it is given; a clock in another one signs for the same second."""
    secret, now = signing.new_secret(), clock.now()
    elsewhere = now.astimezone(timezone(timedelta(hours=hours)))

    assert signing.headers("evt_1", elsewhere, BODY, [secret]) == signing.headers("evt_1", now, BODY, [secret])
    Webhook(secret).verify(BODY, signing.headers("evt_1", elsewhere, BODY, [secret]))


@pytest.mark.parametrize(("seconds", "accepted"), [(-310, False), (-290, True), (290, True), (310, False)])
def test_a_timestamp_is_good_for_five_minutes(seconds: int, *, accepted: bool) -> None:
    """So every attempt is signed anew."""
    secret = signing.new_secret()
    headers = signing.headers("evt_1", clock.now() + timedelta(seconds=seconds), BODY, [secret])
    try:
        Webhook(secret).verify(BODY, headers)
    except WebhookVerificationError:
        assert not accepted
    else:
        assert accepted


def test_two_secrets_make_two_signatures() -> None:
    """While one is replaced, either verifies."""
    old, new = signing.new_secret(), signing.new_secret()
    headers = signing.headers("evt_1", clock.now(), BODY, [new, old])

    assert [one.partition(",")[0] for one in headers["webhook-signature"].split(" ")] == ["v1", "v1"]
    for secret in (old, new):
        Webhook(secret).verify(BODY, headers)


def test_secrets_are_whsec_and_24_to_64_bytes() -> None:
    """What the specification asks for; ours have 32."""
    made = {size: "whsec_" + base64.b64encode(bytes(size)).decode() for size in (16, 23, 24, 32, 64, 65)}

    assert {size: signing.is_secret(secret) for size, secret in made.items()} == {
        16: False,
        23: False,
        24: True,
        32: True,
        64: True,
        65: False,
    }
    assert signing.is_secret(signing.new_secret())
    assert len({signing.new_secret() for _ in range(100)}) == 100
    assert not any(signing.is_secret(text) for text in ("", "whsec_", made[32][6:], "whsec_not base64!", "whsec_é" * 9))
