"""Minnesota and strict: not a byte of an offer leaves the service before somebody asked to see one."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from aurevoir.flows import service as flows
from aurevoir.flows.reading import read_flow
from aurevoir.flows.translations import texts
from aurevoir.kit import clock, db, ids
from aurevoir.offers.terms import Contact, Custom, Guide, Offer
from tests.accessibility.scenes import NEEDS, OFFERS
from tests.house import ABSENT, House, on_sqlite
from tests.plain_browser import Browser
from tests.visits import START, Visit

pytestmark = on_sqlite
SOURCE = (Path(__file__).parents[2] / "accessibility" / "reasons.yaml").read_text("utf-8")
FLOW = read_flow(SOURCE)
PLACES = {"us-mn": {"country": "US", "region": "MN"}, "strict": {"country": ABSENT}}
in_each = pytest.mark.parametrize("pack", PLACES)


def _words(key: str, offer: Offer) -> Iterator[str]:
    """Everything that would give an offer away: its key, its kind, its words in every language, where it leads."""
    yield f'"{key}"'
    yield f'"{offer.__struct_config__.tag}"'
    if isinstance(offer, Guide | Contact) and offer.link:
        yield offer.link
    if isinstance(offer, Custom):
        yield offer.action
    for path, text in texts(FLOW):
        if path.startswith(f"offers.{key}."):
            yield from text.values()


GIVEAWAYS = [word for key, offer in FLOW.offers.items() for word in _words(key, offer)]
# Prices that only an offer can lead to, in the forms of the page's language.
PRICES = ("14.50", "14,50", "14٫50")


def _given_away(*replies: httpx.Response) -> set[str]:
    """What of it stands in these replies, heads and all; markup and JSON escape alike."""
    sent = " ".join(reply.text + str(reply.headers) for reply in replies)
    plain = sent.encode().decode("unicode_escape", "ignore") + sent.replace("&#39;", "'").replace("&amp;", "&")
    return {word for word in (*GIVEAWAYS, *PRICES) if word in sent or word in plain}


@pytest.fixture
async def every_kind(house: House) -> House:
    """Acme's flow has an offer of each kind, and a reason that leads to each."""
    await db.transaction(lambda: flows.load(house.id, SOURCE, "test", clock.now(), publish_it=True))
    return house


def _token(house: House, pack: str, kind: str) -> str:
    needs = NEEDS.get(kind, {}).get("subscription", {})
    subscription = needs | {"id": str(ids.new_id())}
    return house.token(sub=subscription["id"], subscription=subscription, **PLACES[pack])


@in_each
async def test_no_reply_gives_an_offer_away(client: httpx.AsyncClient, every_kind: House, pack: str) -> None:
    """Start, answer, reload, back, answer again, a second tab: the bytes of each reply, for every kind of offer."""
    for kind, reason in OFFERS.items():
        begun = await client.post(START, json={"token": _token(every_kind, pack, kind), "flow": FLOW.key})
        visit = Visit(client, begun.json())
        replies = [begun, answered := await visit.send("answer", choices=[reason])]
        visit._follow(answered)
        replies.append(await client.get("/widget/v1/session", headers=visit.headers))
        replies.append(await visit.send("accept", offer="half_price"))
        replies.append(back := await visit.send("back"))
        visit._follow(back)
        replies.append(again := await visit.send("answer", choices=[reason]))
        visit._follow(again)
        shown = await visit.send("see_offer")

        assert [reply.status_code for reply in replies] == [201, 200, 200, 404, 200, 200]
        assert _given_away(*replies) == set(), kind
        assert "see_offer" in visit.moves, kind
        assert shown.json()["screen"]["offer"]["kind"] == kind
        assert _given_away(shown) != set()


@in_each
async def test_no_page_gives_an_offer_away(client: httpx.AsyncClient, every_kind: House, pack: str) -> None:
    """The same on the hosted pages: in the markup that a browser without a script is sent."""
    for kind, reason in OFFERS.items():
        browser = await Browser(client).post("/exit/start", token=_token(every_kind, pack, kind), flow=FLOW.key)
        pages = [browser.reply]
        pages.append((await browser.fill("choices", reason).press("answer")).reply)
        pages.append((await browser.open(str(browser.reply.url))).reply)
        shown = (await browser.press("see_offer")).reply

        assert _given_away(*pages) == set(), kind
        assert _given_away(shown) != set()


@in_each
async def test_nobody_is_asked_twice_whether_to_see_one(
    client: httpx.AsyncClient, every_kind: House, pack: str
) -> None:
    """Seen and left for the confirmation, or declined: the question does not come again in this visit."""
    for way in ("cancel", "decline"):
        begun = await client.post(START, json={"token": _token(every_kind, pack, "guide"), "flow": FLOW.key})
        visit = await Visit(client, begun.json()).answer(OFFERS["guide"])
        await visit.move("see_offer")
        await visit.move(way)

        assert visit.screen["kind"] == "confirm"
        assert "see_offer" not in visit.moves
