"""An offer that was shown can be accepted as it was shown, until its stated time; what may still end it is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from aurevoir.billing import snapshots
from aurevoir.billing.plan import SubscriptionRef
from aurevoir.flows import service as flows
from aurevoir.kit import clock, db, ids, sql
from aurevoir.sessions import service as sessions
from aurevoir.sessions.machine import OfferExpired
from aurevoir.sessions.moves import Back, Cancel
from aurevoir.sessions.schemas import Shown
from tests.cast import DANA
from tests.house import House, count, slowly_on_postgres
from tests.sessions.offered import accept, answer, begin, in_the_sandbox, look, make, offered, publish

pytestmark = slowly_on_postgres
# Ten minutes before midnight, where Acme counts its days.
LATE = datetime(2026, 11, 2, 23, 50, tzinfo=UTC)
NEXT_DAY = LATE + timedelta(minutes=20)
# Dana has been a customer for 639 days.
FOR_MONTHLY = "when: {attribute: interval, is: month}"
FOR_YEARLY = "when: {attribute: interval, is: year}"


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker runs beside these tests."""
    monkeypatch.setattr(sessions, "PATIENCE", 0.0)


async def _agreed() -> Any:
    row = await sql.fetch_one("SELECT terms FROM redemption")
    assert row is not None
    return msgspec.json.decode(row["terms"])


def _terms(shown: Shown) -> tuple[str, ...]:
    assert shown.screen.offer is not None, shown.screen.title
    return shown.screen.offer.terms


def _moves(shown: Shown) -> set[str]:
    return {action.move for action in shown.screen.actions}


@pytest.mark.parametrize(
    "changed",
    [
        # It was for people of up to 639 days, and a day has passed.
        {FOR_MONTHLY: "when: {attribute: tenure_days, at_most: 639}"},
        # An offer that comes before it fits from the next day on.
        {FOR_YEARLY: "when: {attribute: tenure_days, at_least: 640}"},
    ],
)
async def test_midnight_takes_nothing_away(house: House, changed: dict[str, str]) -> None:
    """Shown at ten to twelve, reloaded and accepted at ten past: the very terms that were on the screen."""
    await publish(house, **changed)
    shown = await offered(house, now=LATE)
    reloaded = await look(house, shown, NEXT_DAY)
    taken = await accept(house, shown, now=NEXT_DAY)

    assert _terms(reloaded) == _terms(shown)
    assert taken.session.state == "saving"
    assert tuple((await _agreed())["terms"]) == _terms(shown)


async def test_another_version_takes_nothing_away(house: House) -> None:
    """A new version with a poorer offer is published, and the old one rolled back to: the visit keeps its own."""
    await publish(house)
    shown = await offered(house)
    await publish(house, **{"percent_off: 50": "percent_off: 10"})
    poorer = await look(house, shown)
    await db.transaction(lambda: flows.roll_back(house.id, "offered", 1, "test", LATE))
    taken = await accept(house, shown)

    assert _terms(poorer) == _terms(shown)
    assert taken.session.state == "saving"
    assert tuple((await _agreed())["terms"]) == _terms(shown)


async def test_what_the_token_says_later_takes_nothing_away(house: House) -> None:
    """The offer was for people with five seats; a fresh token of the same visit counts six."""
    for_five = {FOR_MONTHLY: "when: {attribute: seats, is: 5}", "locales:": "attributes: {seats: int}\nlocales:"}
    await publish(house, **for_five)
    shown = await offered(house, attributes={"seats": 5})
    resumed = await begin(house, attributes={"seats": 6})

    assert resumed.session.id == shown.session.id
    assert _terms(resumed) == _terms(shown)
    assert (await accept(house, resumed)).session.state == "saving"


async def test_going_back_and_forth_shows_the_same_offer(house: House) -> None:
    """The same reason again, on the next day: what was shown is shown, and is not worked out anew."""
    await publish(house, **{FOR_MONTHLY: "when: {attribute: tenure_days, at_most: 639}"})
    shown = await offered(house, now=LATE)
    back = await make(house, shown, Back(revision=shown.session.revision), NEXT_DAY)
    again = await answer(house, back, "price", NEXT_DAY)

    assert _terms(again) == _terms(shown)
    assert await count("presentation", "offer = 'half_off' AND why_not IS NULL") == 1
    assert (await accept(house, again, now=NEXT_DAY)).session.state == "saving"


async def test_an_offer_holds_to_the_last_second(house: House) -> None:
    """Its time is on record when it is shown; a second before, it is Dana's, and at that moment no longer."""
    await publish(house)
    early, late = [await offered(house, now=LATE, sub=who, subscription={"id": who}) for who in ("early", "late")]
    row = await sql.fetch_one("SELECT max(honoured_until) AS until FROM presentation WHERE why_not IS NULL")
    assert row is not None
    until = datetime.fromisoformat(str(row["until"]))
    taken = await accept(house, early, now=until - timedelta(seconds=1))
    with pytest.raises(OfferExpired):
        await accept(house, late, now=until)

    assert until - LATE == timedelta(hours=24)
    assert taken.session.state == "saving"


async def test_a_limit_that_others_reach_ends_an_offer_and_is_told(house: House) -> None:
    """The honest limit: the last one of the month goes to somebody else. Nothing changes, and the page says so once."""
    await publish(house, "{per_month: 1}")
    first, second = [await offered(house, sub=who, subscription={"id": who}) for who in ("first", "second")]
    await accept(house, first)
    with pytest.raises(OfferExpired):
        await accept(house, second)
    told = await look(house, second)
    left = await make(house, told, Cancel(step="confirm"))

    assert (told.screen.kind, told.session.state) == ("confirm", "open")
    assert told.screen.notice == "The offer is no longer available. Nothing has changed."
    assert "cancel" in _moves(told)
    assert left.screen.kind == "receipt"
    assert left.screen.notice == ""
    assert await count("redemption", "kind = 'discount'") == 1


async def test_a_changed_price_ends_an_offer_and_is_told(house: House) -> None:
    """What billing says now is not what the terms were worked out from: they would not be true any more."""
    await publish(house)
    shown = await offered(house)
    told = await begin(house, subscription={"amount": 3900})

    assert told.session.id == shown.session.id
    assert told.screen.kind == "confirm"
    assert told.screen.notice == "The offer is no longer available. Nothing has changed."


async def _billing_says(house: House, shown: Shown) -> None:
    """The worker asks, and the sandbox answers."""
    [row] = await sql.fetch_all("SELECT subscription FROM session WHERE id = $1", ids.read("ses", shown.session.id))
    clear = SubscriptionRef(DANA.id, DANA.subscription)
    await snapshots.refresh(await house.settings(), "live", row["subscription"], clear, clock.now())


async def test_while_billing_is_asked_again_an_offer_stays_where_it_is(house: House) -> None:
    """Dana comes back, and billing is asked anew: her offer is there all the while, and is taken once that is sure."""
    await publish(house)
    await in_the_sandbox(house)
    start = await begin(house)
    await _billing_says(house, start)
    shown = await answer(house, start, "pause")
    [row] = await sql.fetch_all("SELECT subscription FROM session")
    await db.transaction(lambda: snapshots.want(house.id, "live", row["subscription"], clock.now()))
    waiting = await look(house, shown)
    with pytest.raises(OfferExpired):
        await accept(house, shown, "holiday")
    await _billing_says(house, start)

    assert _terms(waiting) == _terms(shown)
    assert waiting.screen.notice == ""
    assert (await accept(house, shown, "holiday")).session.state == "saving"


async def test_no_screen_counts_down(house: House) -> None:
    """An hour later the screen is the same to the letter: nothing on it runs out as one looks."""
    await publish(house)
    shown = await offered(house, now=LATE - timedelta(hours=3))
    later = await look(house, shown, LATE - timedelta(hours=2))

    assert later.screen == shown.screen
