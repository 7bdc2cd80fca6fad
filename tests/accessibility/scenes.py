"""Every state that a customer can see, each reached by the moves that lead there, on the service itself."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from aurevoir.kit import clock, db, ids, sql
from aurevoir.sessions import service as sessions
from tests.accessibility.site import Site
from tests.house import ABSENT
from tests.visits import START, Visit

Scene = Callable[[Site, str], Awaitable[Visit]]
# Facts of Dana's subscription that some offers need.
NEEDS: Mapping[str, Mapping[str, Any]] = {
    "trial_extension": {"subscription": {"status": "trialing"}},
    "split_payment": {"subscription": {"interval": "year", "amount": 34800}},
}
# Everything that a token may leave unsaid.
UNKNOWN = dict.fromkeys(("plan", "renews_on", "refund", "interval", "amount", "started_on"), ABSENT)
OFFERS = {
    "discount": "too_expensive",
    "split_payment": "all_at_once",
    "payment_holiday": "not_using",
    "payment_relief": "cannot_pay",
    "plan_change": "too_big",
    "trial_extension": "no_time",
    "feature_grant": "missing_features",
    "guide": "too_complex",
    "contact": "support",
    "custom": "no_value",
}


async def begin(site: Site, locale: str, flow: str = "reasons", **changes: Any) -> Visit:
    """The first screen of a customer whom nobody else is."""
    name = str(ids.new_id())
    changes["subscription"] = {"id": f"sub_{name}"} | changes.get("subscription", {})
    token = site.house.token(sub=f"cus_{name}", **changes)
    reply = await site.client.post(START, json={"token": token, "flow": flow, "locale": locale})
    assert reply.status_code == 201, reply.text
    return Visit(site.client, reply.json(), reply.status_code)


def id_of(visit: Visit) -> UUID:
    """The session of a visit."""
    session = ids.read("ses", visit.session["id"])
    assert session is not None
    return session


def first(flow: str = "reasons", **changes: Any) -> Scene:
    """As it begins."""

    async def scene(site: Site, locale: str) -> Visit:
        return await begin(site, locale, flow, **changes)

    return scene


def moved(*kinds: str, flow: str = "reasons", **changes: Any) -> Scene:
    """As it begins, and so many moves on."""

    async def scene(site: Site, locale: str) -> Visit:
        visit = await begin(site, locale, flow, **changes)
        for kind in kinds:
            await visit.move(kind)
        return visit

    return scene


def offered(reason: str, *kinds: str, **changes: Any) -> Scene:
    """The offer for this reason, and so many moves on."""

    async def scene(site: Site, locale: str) -> Visit:
        visit = await begin(site, locale, **changes)
        await visit.answer(reason)
        for kind in kinds:
            more = {"offer": visit.screen["offer"]["key"]} if kind == "accept" else {}
            await visit.move(kind, **more)
        return visit

    return scene


def settled(*, confirmed: bool) -> Scene:
    """An offer was accepted, and billing has had its word."""

    async def scene(site: Site, locale: str) -> Visit:
        visit = await offered("not_using", "accept")(site, locale)
        await sessions.settle(
            site.house.installation, id_of(visit), clock.now(), confirmed=confirmed, kind="payment_holiday"
        )
        return await visit.look()

    return scene


async def went_back(site: Site, locale: str) -> Visit:
    """Everything that was given is there again."""
    visit = await begin(site, locale)
    await visit.answer("other", answers={"comment": "ok"})
    return await visit.move("back")


# What each must show, so that a way that leads elsewhere is noticed: the screen's kind, its step, the offer's kind.
SCENES: Mapping[str, tuple[Scene, str, str, str | None]] = {
    "reasons": (first(), "choice", "reason", None),
    "reasons, answered before": (went_back, "choice", "reason", None),
    "many boxes": (first("many"), "choice", "reason", None),
    "scale": (moved("skip", flow="many"), "scale", "recommend", None),
    "text": (moved("skip", flow="story"), "text", "story", None),
    **{
        f"offer: {kind}": (offered(reason, **NEEDS.get(kind, {})), "offer", "save", kind)
        for kind, reason in OFFERS.items()
    },
    "in return": (offered("too_expensive", "accept"), "choice", "in_return", None),
    "working": (offered("not_using", "accept"), "working", "working", "payment_holiday"),
    "saved": (settled(confirmed=True), "kept", "kept", "payment_holiday"),
    "saved, with a link": (offered("too_complex", "accept"), "kept", "kept", "guide"),
    "needs help": (settled(confirmed=False), "unavailable", "working", "payment_holiday"),
    "confirm": (moved("cancel"), "confirm", "confirm", None),
    "confirm, in its own words": (moved("cancel", flow="story"), "confirm", "confirm", None),
    "confirm, nothing known": (moved("cancel", subscription=UNKNOWN), "confirm", "confirm", None),
    "confirm, another way": (offered("not_using", country="US", region="MN"), "confirm", "confirm", None),
    "offer, asked for": (
        offered("not_using", "see_offer", country="US", region="MN"),
        "offer",
        "save",
        "payment_holiday",
    ),
    "receipt": (moved("cancel", "cancel"), "receipt", "receipt", None),
    "undone": (moved("cancel", "cancel", "undo"), "kept", "kept", None),
    "kept": (moved("keep"), "kept", "kept", None),
    "may not cancel": (first(actor={"may_cancel": False}), "unavailable", "unavailable", None),
    "Germany: confirm": (first(country="DE"), "confirm", "confirm", None),
    "Germany: receipt": (moved("cancel", country="DE"), "receipt", "receipt", None),
    "Germany: survey": (moved("cancel", "skip", country="DE"), "choice", "reason", None),
}


async def reach(site: Site, name: str, locale: str) -> Visit:
    """A visit in this state; fails where the way there leads elsewhere."""
    scene, *expected = SCENES[name]
    visit = await scene(site, locale)
    screen = visit.screen
    shown = [screen["kind"], screen["step"], (screen["offer"] or {}).get("kind")]
    assert (shown, screen["locale"]) == (expected, locale), f"{name} was not reached"
    return visit


async def page_of(site: Site, visit: Visit) -> str:
    """The address of the hosted page of a visit."""
    secret = await sessions.capability(site.house.id, site.house.installation, id_of(visit))
    return f"{site.base}/exit/v/{secret}"


async def expire(visit: Visit) -> None:
    """Let the visit be over, as after a day."""

    async def unit() -> None:
        await sql.execute("UPDATE session SET expires_at = started_at WHERE id = $1", id_of(visit))

    await db.transaction(unit)
