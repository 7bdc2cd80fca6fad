"""What is offered at present, as the operator's server sees it; and what may not go live."""

from typing import ClassVar

import httpx
import pytest

from aurevoir.billing import registry
from aurevoir.billing.adapters.manual import Manual
from aurevoir.billing.plan import ActionKind
from aurevoir.flows import service as flows
from aurevoir.flows import starters
from aurevoir.kit import clock
from tests.house import House, on_sqlite

pytestmark = on_sqlite
OFFERS = "/api/v1/offers"


class CancelsOnly(Manual):
    """Billing that can do nothing else."""

    name: ClassVar[str] = "small"
    capabilities: ClassVar[frozenset[ActionKind]] = frozenset({"cancel"})


async def test_every_live_offer_is_listed_with_its_terms(client: httpx.AsyncClient, house: House) -> None:
    """By flow, with the reasons that lead to it; terms as the template states them and nothing beside."""
    before = (await client.get(OFFERS, headers=house.operator)).json()
    await flows.load(house.id, starters.starter("saas_classic"), "test", clock.now(), publish_it=True)
    await flows.load(house.id, starters.starter("b2b_accounts"), "test", clock.now(), publish_it=False)
    listed = (await client.get(OFFERS, headers=house.operator)).json()

    assert before == {"data": [], "next": None}
    assert {offer["flow"] for offer in listed["data"]} == {"saas_classic"}
    half_price = next(offer for offer in listed["data"] if offer["key"] == "half_price")
    assert (half_price["kind"], half_price["version"], half_price["reasons"]) == ("discount", 1, ["too_expensive"])
    assert half_price["terms"]["floor"] == {"plan": "pro", "amount": 1200, "currency": "EUR"}
    assert half_price["terms"]["when"]["all"][0] == {"attribute": "interval", "is": "month"}


async def test_offers_need_the_scope_of_flows(client: httpx.AsyncClient, house: House) -> None:
    """Without a key there is nothing to see."""
    assert (await client.get(OFFERS)).status_code == 401


async def test_what_billing_cannot_do_is_not_published(
    client: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In either mode, with the path of each such offer; what needs no billing is no obstacle."""
    monkeypatch.setattr(registry, "GATEWAYS", {"manual": Manual, "small": CancelsOnly})
    await house.connect("small", "test")
    await flows.load(house.id, starters.starter("saas_classic"), "test", clock.now(), publish_it=False)
    refused = await client.post("/api/v1/flows/saas_classic/publish", headers=house.operator)
    problems = {one["path"]: one["message"] for one in refused.json()["error"]["problems"]}

    assert refused.status_code == 422
    assert set(problems) == {
        f"$.offers.{key}.kind"
        for key in ("half_price", "split_year", "smaller_plan", "two_month_holiday", "longer_trial")
    }
    assert "`small`, connected in test mode, cannot carry out" in problems["$.offers.half_price.kind"]
    assert (await client.get(OFFERS, headers=house.operator)).json()["data"] == []
