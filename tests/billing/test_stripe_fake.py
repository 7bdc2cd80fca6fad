"""The fake keeps what its docstring promises, as a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stripe

from aurevoir.kit import clock
from tests.webhooks.receiver import receiving

PAUSE = {"pause_collection[behavior]": "void", "metadata[exit_rdm]": "rdm_1"}


@pytest.fixture(scope="module")
def process() -> Iterator[httpx.Client]:
    """A client of the process."""
    command = [sys.executable, "-m", "tests.billing.stripe_fake", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        headers = {"Authorization": "Bearer sk_test_1"}
        with httpx.Client(base_url=running.stdout.readline().strip(), headers=headers) as client:
            yield client
        running.terminate()


@pytest.fixture
def fake(process: httpx.Client) -> httpx.Client:
    """As new, with one subscription."""
    process.post("/_reset")
    process.post("/_seed", json={"subscription": "sub_9"})
    return process


def _update(fake: httpx.Client, key: str, **form: Any) -> httpx.Response:
    return fake.post("/v1/subscriptions/sub_9", data=PAUSE | form, headers={"Idempotency-Key": key})


def test_a_key_gives_its_first_reply_again_until_it_expires(fake: httpx.Client) -> None:
    """A stored 500 too; other parameters are refused; a refusal is not stored."""
    fake.post("/_faults", json=[{"fault": "500_after"}])
    answers = [_update(fake, "a"), _update(fake, "a"), _update(fake, "a", trial_end="now")]
    refused = [_update(fake, "b", **{"pause_collection[behavior]": "voidd"}), _update(fake, "b")]
    fake.post("/_forget_keys")
    after = _update(fake, "a")

    assert [one.status_code for one in answers] == [500, 500, 400]
    assert [one.headers.get("idempotent-replayed") for one in answers] == [None, "true", None]
    assert answers[2].json()["error"]["type"] == "idempotency_error"
    assert [one.status_code for one in refused] == [400, 200]
    assert after.status_code == 200
    assert fake.get("/_effects").json()["counts"] == {"rdm_1 pause": 3}


def test_a_line_is_cut_before_or_after_the_effect(fake: httpx.Client) -> None:
    """In the order in which it was asked for, and only where it fits."""
    faults = [{"fault": "drop_before", "path": "subscriptions"}, {"fault": "drop_after"}]
    fake.post("/_faults", json=[{"fault": "429", "path": "invoices"}, *faults])
    for effects in (0, 1):
        with pytest.raises(httpx.TransportError):
            _update(fake, "a")
        assert len(fake.get("/_effects").json()["effects"]) == effects
    assert _update(fake, "a").headers["idempotent-replayed"] == "true"
    assert [one["fault"] for one in fake.get("/_requests").json()["requests"]] == ["drop_before", "drop_after", None]


async def test_webhooks_come_late_twice_and_in_the_wrong_order(fake: httpx.Client) -> None:
    """Signed so that the official library accepts them."""
    for key in ("a", "b"):
        _update(fake, key)
    async with receiving() as receiver, httpx.AsyncClient(base_url=fake.base_url) as client:
        wanted = {"url": receiver.url, "secret": "whsec_1", "last": 2, "twice": True, "reversed": True}
        answers = (await client.post("/_deliver", json=wanted)).json()["answers"]
        events = [
            stripe.Webhook.construct_event(got.body, got.headers["stripe-signature"], "whsec_1") for got in receiver.got
        ]

    assert answers == [200] * 4
    assert events[0].id > events[1].id
    assert [one.id for one in events[:2]] == [one.id for one in events[2:]]
    assert events[0].created <= clock.now().timestamp()


def test_lists_are_paged_and_leave_out_what_has_ended(fake: httpx.Client) -> None:
    """Unless all are asked for."""
    for number in range(4):
        fake.post("/_seed", json={"subscription": f"sub_{number}"})
    fake.delete("/v1/subscriptions/sub_3")
    first = fake.get("/v1/subscriptions", params={"status": "all", "limit": 3}).json()
    then = {"status": "all", "limit": 3, "starting_after": first["data"][-1]["id"]}
    rest = fake.get("/v1/subscriptions", params=then).json()

    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert [one["id"] for one in first["data"] + rest["data"]] == ["sub_3", "sub_2", "sub_1", "sub_0", "sub_9"]
    assert "sub_3" not in [one["id"] for one in fake.get("/v1/subscriptions").json()["data"]]
