"""Who is made an offer, who is not and why; and what a visit without one pays for it."""

from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from aurevoir.flows import experiments
from aurevoir.flows.experiments import NewExperiment
from aurevoir.flows.variants import Arm
from aurevoir.kit import clock, db, sql
from aurevoir.offers import eligibility
from aurevoir.sessions import service as sessions
from aurevoir.sessions.moves import Accept, Answer, Back, Cancel, Keep, SeeOffer, Skip
from aurevoir.sessions.schemas import Shown
from tests.house import House, count, slowly_on_postgres
from tests.sessions.offered import accept, answer, begin, look, make, offered, publish

pytestmark = slowly_on_postgres

OFFER_TABLES = ("offer_grant", "offer_usage", "presentation", "billing_snapshot", "redemption")


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that touches what offers are decided from."""
    seen: list[str] = []
    fetch_all, execute = sql.fetch_all, sql.execute

    async def fetching(query: str, *args: Any, **options: Any) -> Any:
        seen.append(query)
        return await fetch_all(query, *args, **options)

    async def executing(query: str, *args: Any) -> int:
        seen.append(query)
        return await execute(query, *args)

    monkeypatch.setattr(sql, "fetch_all", fetching)
    monkeypatch.setattr(sql, "execute", executing)
    return seen


def touching_offers(statements: list[str]) -> list[str]:
    """Those of them that name a table of offers."""
    return [query for query in statements if any(table in query for table in OFFER_TABLES)]


def moves(shown: Shown) -> set[str]:
    """What the screen offers to do."""
    return {action.move for action in shown.screen.actions}


async def experiment(house: House, kind: Any, subject: str | None, *arms: Arm) -> None:
    """Started now."""
    new = NewExperiment(key="question", kind=kind, subject=subject, arms=arms)
    await db.transaction(lambda: experiments.start(house.id, new, clock.now()))


async def test_a_visit_whose_reason_has_no_offer_pays_nothing(house: House, statements: list[str]) -> None:
    """Start, answer, look, back, skip, confirm, declare: not one statement about offers before the cancellation."""
    await publish(house)
    statements.clear()
    shown = await answer(house, await begin(house), "other")
    await look(house, shown)
    shown = await make(house, shown, Back(revision=shown.session.revision))
    shown = await make(house, shown, Skip(revision=shown.session.revision))
    assert touching_offers(statements) == []
    await make(house, shown, Cancel(step="confirm"))

    assert {query.split()[0] for query in touching_offers(statements)} <= {"INSERT", "UPDATE"}


async def test_an_offer_costs_two_statements_and_its_record(house: House, statements: list[str]) -> None:
    """Deciding takes one where billing cannot be asked; each candidate is written down once."""
    await publish(house)
    start = await begin(house)
    statements.clear()
    shown = await answer(house, start, "price")

    assert shown.screen.kind == "offer"
    about = touching_offers(statements)
    assert len([query for query in about if query.startswith("SELECT")]) == 1
    assert len([query for query in about if query.startswith("INSERT INTO presentation")]) == 2


async def test_the_offer_screen_says_everything_and_lets_go(house: House) -> None:
    """Complete terms; accept, decline and cancel side by side, nothing else of that weight."""
    await publish(house)
    shown = await offered(house, now=clock.now())
    offer = shown.screen.offer
    assert offer is not None
    weights = {action.move: action.role for action in shown.screen.actions}

    assert (offer.key, offer.kind, offer.price_now) == ("half_off", "discount", "€29.00 a month")
    assert offer.price_after is not None
    assert offer.price_after.startswith("€14.50 a month until ")
    assert offer.price_after.endswith(", then €29.00 a month")
    assert any("€14.50" in term and "€29.00" in term for term in offer.terms)
    assert weights == {"accept": "primary", "decline": "primary", "cancel": "leave", "back": "quiet", "keep": "quiet"}
    assert shown.screen.progress is not None
    assert (shown.screen.progress.at, shown.screen.progress.of) == (2, 3)


async def test_what_was_shown_stays_as_it_was_shown(house: House) -> None:
    """A reload on another day shows the very same terms, in whatever language it is read."""
    await publish(house)
    now = clock.now()
    shown = await offered(house, "gift", now=now)
    later = await look(house, shown, now + timedelta(hours=20))
    await begin(house, now + timedelta(hours=1), locale="fr")
    french = await look(house, shown, now + timedelta(hours=1))

    assert later.screen.offer == shown.screen.offer
    assert french.screen.offer is not None
    assert french.screen.offer.headline == "Une tasse"


@pytest.mark.parametrize("region", ["MN", None])
async def test_no_incentive_leaves_the_server_unasked(house: House, region: str | None) -> None:
    """Minnesota and strict: the confirmation carries one more action, and only that one brings the offer."""
    await publish(house)
    place = {"country": "US", "region": region} if region else {"country": None}
    start = await begin(house, **place)
    confirm = await answer(house, start, "price")
    before = msgspec.json.encode([start, confirm, await look(house, confirm)])
    asked = await make(house, confirm, SeeOffer(revision=confirm.session.revision))
    back = await make(house, asked, Cancel())

    assert confirm.screen.kind == "confirm"
    assert b"half_off" not in before
    assert b"Half price" not in before
    assert "see_offer" in moves(confirm)
    assert asked.screen.offer is not None
    assert asked.screen.offer.key == "half_off"
    assert "see_offer" not in moves(back)
    assert (await make(house, back, Cancel())).screen.kind == "receipt"


async def test_what_nobody_asked_for_is_recorded_as_such(house: House) -> None:
    """Where the offer waits to be asked for, the operator sees that it fitted, and why the others did not."""
    await publish(house)
    confirm = await answer(house, await begin(house, country="US", region="MN"), "price")
    unasked = await count("presentation", "offer = 'half_off' AND why_not = 'not_asked'")
    told = await count("presentation", "offer = 'third_off' AND why_not = 'condition'")
    await make(house, confirm, SeeOffer(revision=confirm.session.revision))

    assert (unasked, told) == (1, 1)
    assert await count("presentation", "offer = 'half_off' AND why_not IS NULL") == 1


async def test_in_germany_no_offer_stands_before_or_after_the_receipt(house: House) -> None:
    """Confirm first; the survey afterwards leads to no offer, and nothing of one was ever read or written."""
    await publish(house)
    confirm = await begin(house, country="DE")
    receipt = await make(house, confirm, Cancel())
    survey = await make(house, receipt, Skip(revision=receipt.session.revision, step="receipt"))
    done = await answer(house, survey, "price")

    assert [one.screen.kind for one in (confirm, receipt, survey, done)] == ["confirm", "receipt", "choice", "receipt"]
    assert "see_offer" not in moves(confirm)
    assert await count("presentation") == 0


async def test_after_the_end_there_is_a_survey_only(house: House) -> None:
    """Who is gone already is asked, and made no offer."""
    await publish(house)
    done = await answer(house, await begin(house, channel="after_exit"), "price")

    assert done.screen.kind == "receipt"
    assert await count("presentation") == 0


async def test_a_holdout_sees_the_survey_and_leaves_as_easily(house: House) -> None:
    """The same screens but for the offer, never one press more; why there was none is on record, and the arm is."""
    await publish(house)
    experiments.forget_cached()
    await experiment(house, "holdout", None, Arm(name="holdout", share=99), Arm(name="offers", share=1))
    held: list[Shown] = []
    for number in range(5):
        shown = await offered(house, sub=f"cus_{number}", subscription={"id": f"sub_{number}"})
        held += [shown] if shown.screen.kind == "confirm" else []
    assert held, "ninety-nine of a hundred see none"
    left = await make(house, held[0], Cancel(step="confirm"))

    assert left.screen.kind == "receipt"
    assert await count("presentation", "why_not = 'holdout'") == 2 * len(held)
    told = await sql.fetch_one("SELECT payload FROM event WHERE kind = 'session.started' ORDER BY id LIMIT 1")
    assert told is not None
    assert '"probability"' in str(told["payload"]).replace("'", '"')


async def test_tests_take_no_part_in_experiments(house: House) -> None:
    """Whoever tries the flow out sees the flow itself, every time, and is counted in no arm."""
    await publish(house)
    experiments.forget_cached()
    await experiment(house, "flow", "offered", Arm(name="a", share=1), Arm(name="b", share=99, uses="saas_short"))
    for number in range(5):
        await begin(house, mode="test", sub=f"cus_{number}", subscription={"id": f"sub_{number}"})

    assert await count("assignment") == 0
    assert await count("session", "mode = 'test' AND flow = 'offered' AND arms IS NULL") == 5


async def test_an_offers_variant_stands_in_for_it(house: House) -> None:
    """The other offer of the flow is shown in its place; the session keeps which arm it was in."""
    await publish(house)
    experiments.forget_cached()
    await experiment(house, "offer", "half_off", Arm(name="a", share=1), Arm(name="b", share=99, uses="mug"))
    shown = [await offered(house, sub=f"cus_{n}", subscription={"id": f"sub_{n}"}) for n in range(5)]
    keys = [one.screen.offer.key for one in shown if one.screen.offer]

    assert len(keys) == 5
    assert "mug" in keys
    assert await count("session", "arms IS NOT NULL") == 5


async def test_a_flows_variant_stands_in_for_it(house: House) -> None:
    """Another flow for some; a visit keeps the flow that it began with."""
    await publish(house)
    experiments.forget_cached()
    await experiment(house, "flow", "offered", Arm(name="a", share=1), Arm(name="b", share=99, uses="saas_short"))
    flows = {
        (await begin(house, sub=f"cus_{n}", subscription={"id": f"sub_{n}"})).screen.title == "Why?" for n in range(5)
    }

    assert False in flows


async def test_billing_that_was_not_reached_makes_no_offer(house: House) -> None:
    """Where terms depend on billing there are none; what needs no billing is offered all the same."""
    await publish(house)
    await house.connect("sandbox")
    without = await offered(house)
    help_there = await offered(house, "help", sub="erin", subscription={"id": "sub_erin"})

    assert without.screen.kind == "confirm"
    assert await count("presentation", "why_not = 'billing_not_reached'") >= 1
    assert help_there.screen.kind == "offer"


async def test_a_mistake_in_an_offer_stands_in_nobodys_way(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then there is no offer, and two presses lead out as ever."""
    await publish(house)

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(eligibility, "candidates", broken)
    shown = await offered(house)
    left = await make(house, shown, Cancel(step="confirm"))

    assert [one.screen.kind for one in (shown, left)] == ["confirm", "receipt"]


async def test_who_comes_back_to_an_offer_finds_it(house: House) -> None:
    """After half an hour the visit is abandoned; the same offer is still there, and can still be accepted."""
    await publish(house)
    now = clock.now()
    shown = await offered(house, "gift", now=now)
    await sessions.abandon_idle(house.installation, now + timedelta(minutes=31))
    again = await begin(house, now + timedelta(minutes=40))
    taken = await make(house, again, Accept(revision=again.session.revision, offer="mug"), now + timedelta(minutes=41))

    assert again.screen.offer == shown.screen.offer
    assert taken.session.state == "saving"


async def test_keeping_instead_leaves_no_trace_but_the_record(house: House) -> None:
    """Dana may simply stay: nothing is given, and the offer counts as shown."""
    await publish(house)
    shown = await offered(house)
    kept = await make(house, shown, Keep(revision=shown.session.revision))

    assert kept.session.state == "kept"
    assert await count("redemption") == await count("offer_grant") == 0
    assert await count("presentation", "offer = 'half_off' AND why_not IS NULL") == 1


async def test_one_press_away_from_anything_that_follows(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the question in return, while it is applied and once it is in place: cancel leads to the confirmation."""
    monkeypatch.setattr(sessions, "PATIENCE", 0.0)
    await publish(house)
    taken = await accept(house, await offered(house))
    working = await make(house, taken, Skip(revision=taken.session.revision))
    for shown in (taken, working):
        assert "cancel" in moves(shown)
    confirm = await make(house, working, Cancel())
    stays = await make(house, confirm, Keep(revision=confirm.session.revision))

    assert confirm.screen.kind == "confirm"
    assert (stays.session.state, stays.screen.kind) == ("saving", "working")


async def test_the_operator_sees_what_became_of_each_offer(
    client: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown or why not, what was agreed with its terms, and what was promised in return."""
    monkeypatch.setattr(sessions, "PATIENCE", 0.0)
    await publish(house)
    taken = await accept(house, await offered(house))
    await make(house, taken, Answer(revision=taken.session.revision, step="in_return", choices=("story",)))
    reply = await client.get(f"/api/v1/sessions/{taken.session.id}", headers=house.operator)
    told = reply.json()

    assert [(one["offer"], one["why_not"]) for one in told["presentations"]] == [
        ("third_off", "condition"),
        ("half_off", None),
    ]
    assert [(one["kind"], one["offer"], one["state"]) for one in told["redemptions"]] == [
        ("discount", "half_off", "accepted")
    ]
    assert told["redemptions"][0]["terms"]["headline"] == "Half price"
    assert told["favours"] == ["story"]
