"""A receipt that came of a legal form: whoever filled the form in is nobody we know, and sees nobody's data."""

import httpx

from aurevoir.kit import clock, ids
from aurevoir.legal_forms import fields, laws
from aurevoir.legal_forms import service as legal_forms
from tests.house import House, count, on_sqlite
from tests.plain_browser import Browser
from tests.visits import start

pytestmark = on_sqlite
MATCH = {"customer": "cus_42", "subscription": {"id": "sub_9", "interval": "month", "renews_on": "2030-12-01"}}


async def matched(client: httpx.AsyncClient, house: House) -> str:
    """Somebody declared on the form of Germany, and the operator matched it to Dana: its receipt's page."""
    law, workspace = laws.find("de", "en"), await house.settings()
    assert law is not None
    posted = {"name": "Somebody", "contract": "K-1", "email": "somebody@example.com"}
    written = fields.written(fields.clean(law.fields, posted))
    made = await legal_forms.declare(workspace, law, written, ids.new_secret(), None, clock.now())
    address = f"/api/v1/declarations/{ids.shown('dcl', made.id)}/match"
    reply = await client.post(address, json=MATCH, headers=house.operator)
    assert reply.status_code == 200, reply.text
    return str(reply.json()["receipt"]["url"])


async def test_it_undoes_what_was_declared_on_the_form(client: httpx.AsyncClient, house: House) -> None:
    """And nothing else is offered or done: no data is told, no answer deleted, whatever is asked for."""
    visit = await start(client, house)
    await (await visit.answer("other", answers={"comment": "Dana's"})).move("keep")
    receipt = await matched(client, house)
    page = await Browser(client).open(receipt)
    refused = [await client.get(f"{receipt}/everything.json"), await client.post(f"{receipt}/delete-answers")]
    undone = await client.post(f"{receipt}/undo")

    assert [reply.status_code for reply in refused] == [403, 403]
    assert [form.action.rpartition("/")[2] for form in page.page.forms] == ["undo"]
    assert not any(link.endswith(".json") for link in page.page.links)
    assert undone.status_code == 303
    assert await count("answer", "text = 'Dana''s'") == 1
    assert await count("declaration", "undone_at IS NOT NULL") == 1


async def test_what_the_customer_had_declared_stays_theirs(client: httpx.AsyncClient, house: House) -> None:
    """Dana had cancelled already when somebody's form was matched to her: her own receipt does all it did before."""
    visit = await (await (await start(client, house)).answer("other", answers={"comment": "Dana's"})).leave()
    await matched(client, house)
    receipt = visit.screen["receipt"]["url"]
    page = await Browser(client).open(receipt)
    held = (await client.get(f"{receipt}/everything.json")).json()
    undone = await client.post(f"{receipt}/undo")

    assert [form.action.rpartition("/")[2] for form in page.page.forms] == ["undo", "delete-answers"]
    assert held["forms"][0]["name"] == "Somebody"
    assert undone.status_code == 303
    assert await count("declaration", "undone_at IS NOT NULL") == 1


async def test_the_operator_is_told_of_the_form(client: httpx.AsyncClient, house: House) -> None:
    """It is part of what is held about whomever it was matched to."""
    await matched(client, house)
    (form,) = (await client.get("/api/v1/customers/cus_42", headers=house.operator)).json()["forms"]

    assert (form["name"], form["contract"], form["email"]) == ("Somebody", "K-1", "somebody@example.com")
    assert form["text"]
