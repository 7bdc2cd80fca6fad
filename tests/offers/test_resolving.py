"""What people and the product say of a redemption over the API: the result, try again, by hand, take it back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from msgspec.structs import replace

from aurevoir.billing.gateway import NeedsPerson, NotSent, Rejected, Unknown
from aurevoir.billing.plan import Custom, Order, SubscriptionRef
from aurevoir.kit import clock, ids
from aurevoir.offers import service as offers
from tests.house import House, count, on_sqlite
from tests.offers.conftest import HOUR, MINUTE, SECOND, Agree, Look, at, cancellation, row
from tests.offers.ledger import Ledger

pytestmark = on_sqlite
API = "/api/v1/redemptions"


class Operator:
    """Alice's server."""

    def __init__(self, client: httpx.AsyncClient, house: House) -> None:
        self._client, self._headers = client, house.operator

    async def get(self, redemption: UUID) -> dict[str, Any]:
        """One redemption."""
        reply = await self._client.get(f"{API}/{ids.shown('rdm', redemption)}", headers=self._headers)
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found

    async def say(self, redemption: UUID, verb: str, **body: Any) -> tuple[int, str]:
        """The status, and the code of an error or the id of what was made."""
        url = f"{API}/{ids.shown('rdm', redemption)}/{verb}"
        reply = await self._client.post(url, json=body or None, headers=self._headers)
        told = reply.json() if reply.content else {}
        return reply.status_code, told.get("id") or told.get("error", {}).get("code", "")


@pytest.fixture
def operator(client: httpx.AsyncClient, acme: House) -> Operator:
    """With Acme's key."""
    return Operator(client, acme)


async def handed_over(agree: Agree, look: Look) -> UUID:
    """A gift of the product's own, which no billing gives."""
    redemption = await agree(Custom(action="call_back"))
    await look()
    return redemption


@pytest.mark.parametrize(("status", "state"), [("applied", "confirmed"), ("failed", "failed")])
async def test_the_product_reports_a_result(
    operator: Operator, agree: Agree, look: Look, status: str, state: str
) -> None:
    """Once is enough, twice is no harm, and the opposite comes too late."""
    redemption = await handed_over(agree, look)
    other = "failed" if status == "applied" else "applied"
    replies = [await operator.say(redemption, "result", status=status, provider_ref="call 7") for _ in range(2)]
    changed_mind = await operator.say(redemption, "result", status=other)
    found = await operator.get(redemption)

    assert replies == [(204, "")] * 2
    assert changed_mind == ((409, "already_settled") if status == "applied" else (204, ""))
    assert found["steps"][0]["references"] == {"reported": "call 7"}
    assert found["state"] == "confirmed"
    assert await count("event", f"kind = 'redemption.{state}'") == 1


async def test_a_result_may_come_before_the_delivery_is_noted(
    operator: Operator, agree: Agree, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The product is quick: it reports while its own answer is still on the line, and the report stands."""
    redemption = await agree(Custom(action="call_back"))
    said: list[tuple[int, str]] = []

    async def send(_: object, __: Order) -> None:
        said.append(await operator.say(redemption, "result", status="applied"))
        raise Unknown

    monkeypatch.setattr("aurevoir.billing.adapters.manual.Manual.send", send)
    await look()
    await look(HOUR)

    assert said == [(204, "")]
    assert (await row(redemption))["state"] == "confirmed"


async def test_what_billing_tells_itself_is_not_reported(operator: Operator, agree: Agree) -> None:
    """Nor what was not passed on yet."""
    own, unsent = await agree(), await agree(Custom(action="call_back"), subscription="another")

    assert await operator.say(own, "result", status="applied") == (409, "not_handed_over")
    assert await operator.say(unsent, "result", status="applied") == (409, "not_handed_over")
    assert await operator.say(own, "result", status="maybe") == (422, "invalid")


async def test_what_needs_a_person_says_what_the_person_can_do(
    operator: Operator, provider: Ledger, agree: Agree, look: Look
) -> None:
    """A code to program against, a sentence to act on, and every request that was made."""
    provider.steps, provider.faults = 2, [(None, True), (NeedsPerson("card_declined"), False)]
    redemption = await agree()
    await look()
    found = await operator.get(redemption)

    assert (found["state"], found["attention"]) == ("attention", "card_declined")
    assert "card was declined" in found["advice"]
    assert [(step["number"], step["state"]) for step in found["steps"]] == [(0, "confirmed"), (1, "waiting")]
    assert (found["customer"], found["subscription"], found["action"]["kind"]) == ("cus_42", "sub_9", "discount")
    assert found["terms"] == {"price": "20 €"}


@pytest.mark.parametrize("error", [Rejected("no_such_price"), NeedsPerson("key_refused")])
async def test_trying_again_goes_on_where_it_stopped(
    operator: Operator, provider: Ledger, agree: Agree, look: Look, error: Exception
) -> None:
    """Somebody put it right in billing; pressed twice, it is tried once."""
    provider.faults = [(error, False)]
    redemption = await agree()
    await look()
    replies = [await operator.say(redemption, "retry") for _ in range(2)]
    await look(SECOND)

    assert replies == [(204, "")] * 2
    assert (await row(redemption))["state"] == "confirmed"
    assert len(provider.effects) == 1
    assert await operator.say(redemption, "retry") == (409, "not_stuck")


async def test_trying_again_reads_what_may_have_been_executed(
    operator: Operator, provider: Ledger, agree: Agree, look: Look
) -> None:
    """Forty times the line was lost, and the first time it had arrived: a person presses retry, nothing is sent."""
    provider.faults = [(Unknown(), True)]
    redemption = await agree()
    await look()
    await at(redemption, state="attention", attention="tried_too_often", not_before=clock.now() - MINUTE)
    await operator.say(redemption, "retry")
    await look(MINUTE)

    assert (await row(redemption))["state"] == "confirmed"
    assert len(provider.sent) == 1


async def test_what_came_too_late_is_not_tried_again(
    operator: Operator, provider: Ledger, agree: Agree, look: Look
) -> None:
    """Its terms no longer hold: a person makes the change, and says so."""
    provider.apply_before = clock.now() - SECOND
    redemption = await agree()
    await look()

    assert await operator.say(redemption, "retry") == (409, "too_late")
    assert await operator.say(redemption, "resolve", outcome="done") == (204, "")
    assert (await operator.get(redemption))["advice"] is None


async def test_a_failed_offer_does_not_come_back_beside_another(
    operator: Operator, provider: Ledger, agree: Agree, look: Look
) -> None:
    """One at a time, also after a retry."""
    provider.faults = [(Rejected("no"), False), (NotSent(), False)]
    failed = await agree()
    await look()
    await agree()

    assert await operator.say(failed, "retry") == (409, "offer_under_way")


async def test_nobody_decides_while_a_request_is_on_its_way(
    operator: Operator, provider: Ledger, agree: Agree, look: Look
) -> None:
    """Said "refused" while billing carries it out, it would be refused and done."""
    said: list[tuple[int, str]] = []

    async def during(_: Order) -> None:
        said.append(await operator.say(redemption, "resolve", outcome="refused"))

    provider.during = during
    redemption = await agree()
    await look()

    assert said == [(409, "being_sent")]
    assert await operator.say(redemption, "resolve", outcome="refused") == (409, "already_settled")


async def test_the_operator_takes_an_offer_back(operator: Operator, provider: Ledger, agree: Agree, look: Look) -> None:
    """A redemption of its own, carried out as any other; then the first one is reverted, and says so once."""
    redemption = await agree()
    early = await operator.say(redemption, "revert")
    await look()
    first, again = [await operator.say(redemption, "revert") for _ in range(2)]
    await look(SECOND)
    last = await operator.get(redemption)

    assert early == (409, "not_revertible")
    assert (first[0], again[0], first[1]) == (201, 200, again[1])
    assert provider.kinds == ["discount", "revert"]
    assert last["state"] == "reverted"
    assert await count("event", "kind = 'redemption.reverted'") == 1
    reverting = ids.read("rdm", first[1])
    assert reverting is not None
    assert (await operator.get(reverting))["reverts"] == last["id"]


async def test_a_cancellation_is_not_taken_back_by_the_operator(operator: Operator, agree: Agree, look: Look) -> None:
    """That is the customer's word."""
    redemption = await agree(cancellation())
    await look()

    assert await operator.say(redemption, "revert") == (409, "not_revertible")


@pytest.mark.parametrize("verb", ["result", "resolve", "retry", "revert"])
async def test_what_is_not_acmes_is_not_found(
    client: httpx.AsyncClient, globex: House, agree: Agree, look: Look, verb: str
) -> None:
    """And nothing happens to it."""
    redemption = await handed_over(agree, look)
    body = {"result": {"status": "applied"}, "resolve": {"outcome": "done"}}.get(verb, {})

    assert await Operator(client, globex).say(redemption, verb, **body) == (404, "not_found")
    assert (await row(redemption))["state"] == "handed_over"


async def test_what_runs_out_is_completed(provider: Ledger, agree: Agree, look: Look) -> None:
    """On its stated date, once, with its fact; what has no end stays confirmed."""
    provider.ends_at = clock.now() + timedelta(days=90)
    redemption, other = await agree(), await agree(cancellation(), subscription="another")
    await look()
    early = await offers.complete(clock.now())
    late = [await offers.complete(clock.now() + timedelta(days=91)) for _ in range(2)]

    assert (early, late) == (0, [1, 0])
    assert [(await row(one))["state"] for one in (redemption, other)] == ["completed", "confirmed"]
    assert await count("event", "kind = 'redemption.completed'") == 1


async def test_what_goes_by_hand_has_its_dates_too(
    operator: Operator, acme: House, provider: Ledger, agree: Agree, look: Look
) -> None:
    """Nobody carried it out before the renewal: a person hears of it. Done in time, it runs out by itself."""
    await acme.connect("manual")
    read = await provider.snapshot(SubscriptionRef("cus_42", "sub_9"))
    renews = replace(read, renews_at=clock.now() + timedelta(days=30))
    forgotten, done = await agree(snapshot=renews), await agree(snapshot=renews, subscription="another")
    await look()
    await operator.say(done, "result", status="applied")
    swept = [await offers.sweep(clock.now() + timedelta(days=days)) for days in (1, 60)]

    assert swept == [0, 1]
    assert await offers.complete(clock.now() + timedelta(days=91)) == 1
    assert [(await row(one))["state"] for one in (forgotten, done)] == ["attention", "completed"]
    assert (await row(forgotten))["attention"] == "no_answer"


async def test_nothing_waits_beyond_its_moment_unseen(
    operator: Operator, provider: Ledger, agree: Agree, look: Look
) -> None:
    """Handed over and never reported, or never its turn: a person hears of it."""
    silent = await handed_over(agree, look)
    provider.apply_before = clock.now() + HOUR
    behind = await agree(subscription="another")
    await at(silent, apply_before=clock.now() + HOUR)
    early = await offers.sweep(clock.now())
    late = [await offers.sweep(clock.now() + 2 * HOUR) for _ in range(2)]

    assert (early, late) == (0, [2, 0])
    assert [(await row(one))["attention"] for one in (silent, behind)] == ["no_answer", "too_late"]
    assert "report" in (await operator.get(silent))["advice"]
    assert await operator.say(silent, "result", status="applied") == (204, "")
