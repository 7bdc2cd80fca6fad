"""Nobody is asked twice: no offer after a refusal, in no tab and no visit of the episode; none unasked by law."""

from datetime import datetime, timedelta

import msgspec
import pytest

from aurevoir.kit import clock
from aurevoir.sessions import service as sessions
from aurevoir.sessions.moves import Accept, Back, Cancel, Decline, Keep, SeeOffer, Undo
from aurevoir.sessions.schemas import Shown
from tests.house import House, count, on_sqlite
from tests.sessions.offered import answer, begin, look, make, offered, publish

pytestmark = on_sqlite
DAY = timedelta(days=1)
MINNESOTA = {"country": "US", "region": "MN"}


def _moves(shown: Shown) -> set[str]:
    return {action.move for action in shown.screen.actions}


async def _declined(house: House, now: datetime, mode: str = "live", **place: str) -> Shown:
    """Dana refused the one offer, asked for or not."""
    shown = await answer(house, await begin(house, now, mode=mode, **place), "price", now)
    if place:
        shown = await make(house, shown, SeeOffer(revision=shown.session.revision), now)
    assert shown.screen.kind == "offer"
    return await make(house, shown, Decline(revision=shown.session.revision), now)


async def _left_and_undone(house: House, shown: Shown, now: datetime) -> Shown:
    gone = await make(house, shown, Cancel(step="confirm"), now)
    assert gone.screen.kind == "receipt"
    return await make(house, gone, Undo(revision=gone.session.revision), now)


async def test_a_refusal_holds_in_every_tab_and_on_every_return(house: House) -> None:
    """A fresh token, another reason, a stay and a return days later: the same visit, and no offer any more."""
    await publish(house)
    now = clock.now()
    declined = await _declined(house, now)
    back = await make(house, await begin(house, now), Back(revision=declined.session.revision), now)
    other = await answer(house, back, "help", now)
    kept = await make(house, other, Keep(revision=other.session.revision), now)
    later = await answer(house, await begin(house, now + 20 * DAY), "gift", now + 20 * DAY)

    assert {declined.session.id, kept.session.id, later.session.id} == {declined.session.id}
    assert [one.screen.kind for one in (declined, other, later)] == ["confirm", "confirm", "confirm"]
    assert await count("presentation", "why_not IS NULL") == 1


@pytest.mark.parametrize("mode", ["live", "test"])
@pytest.mark.parametrize("place", [{}, MINNESOTA], ids=["base", "us-mn"])
async def test_a_new_visit_of_the_same_episode_does_not_ask_again(
    house: House, mode: str, place: dict[str, str]
) -> None:
    """Refused, left, taken back, and here again ten days later: another session, no offer and no question."""
    await publish(house)
    now = clock.now()
    first = await _declined(house, now, mode, **place)
    await _left_and_undone(house, first, now)
    second = await answer(house, await begin(house, now + 10 * DAY, mode=mode, **place), "pause", now + 10 * DAY)

    assert second.session.id != first.session.id
    assert second.screen.kind == "confirm"
    assert "see_offer" not in _moves(second)
    assert await count("presentation", "why_not IS NULL") == 1


async def test_a_new_episode_is_a_new_question(house: House) -> None:
    """A month later the matter is another one, and one offer may be made."""
    await publish(house)
    now = clock.now()
    await _left_and_undone(house, await _declined(house, now), now)
    later = await answer(house, await begin(house, now + 31 * DAY), "pause", now + 31 * DAY)

    assert later.screen.kind == "offer"


@pytest.mark.parametrize("place", [MINNESOTA, {"country": None}], ids=["us-mn", "strict"])
async def test_who_asked_once_is_not_shown_it_unasked_another_time(house: House, place: dict[str, str]) -> None:
    """Asked for, not decided, kept: on the next visit the offer waits again until it is asked for, and is the same."""
    await publish(house)
    now = clock.now()
    confirm = await answer(house, await begin(house, now, **place), "gift", now)
    seen = await make(house, confirm, SeeOffer(revision=confirm.session.revision), now)
    await make(house, seen, Keep(revision=seen.session.revision), now)
    start = await begin(house, now + 3 * DAY, **place)
    again = await answer(house, start, "gift", now + 3 * DAY)
    asked = await make(house, again, SeeOffer(revision=again.session.revision), now + 3 * DAY)

    assert (seen.screen.kind, again.screen.kind, asked.screen.kind) == ("offer", "confirm", "offer")
    assert b"mug" not in msgspec.json.encode([start, again]).lower()
    assert asked.screen.offer == seen.screen.offer


async def test_who_went_away_from_an_offer_finds_the_question_not_the_offer(house: House) -> None:
    """After half an hour the visit is over; who comes back is on the confirmation, one press from the same offer."""
    await publish(house)
    now = clock.now()
    confirm = await answer(house, await begin(house, now, **MINNESOTA), "gift", now)
    seen = await make(house, confirm, SeeOffer(revision=confirm.session.revision), now)
    await sessions.abandon_idle(house.installation, now + timedelta(minutes=31))
    later = now + timedelta(minutes=40)
    back = await begin(house, later, **MINNESOTA)
    asked = await make(house, back, SeeOffer(revision=back.session.revision), later)
    taken = await make(house, asked, Accept(revision=asked.session.revision, offer="mug"), later)

    assert (back.session.id, back.screen.kind) == (seen.session.id, "confirm")
    assert b"mug" not in msgspec.json.encode(back).lower()
    assert asked.screen.offer == seen.screen.offer
    assert taken.session.state in ("saving", "saved")


async def test_a_second_tab_shows_the_one_offer_and_no_other(house: House) -> None:
    """Both tabs stand on it; what one declines, the other cannot have any more."""
    await publish(house)
    shown = await offered(house)
    other = await look(house, shown)
    await make(house, shown, Decline(revision=shown.session.revision))
    behind = await make(house, other, Accept(revision=other.session.revision, offer="half_off"))

    assert other.screen.offer == shown.screen.offer
    assert (behind.screen.kind, behind.session.state) == ("confirm", "open")
    assert await count("redemption") == 0
