"""Assignments in the database: one for each subscription, whoever asks first, on both engines."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from aurevoir.flows import experiments, starters
from aurevoir.flows import service as flows
from aurevoir.flows.experiments import Arms, ExperimentExists, NewExperiment
from aurevoir.flows.overrides import Override
from aurevoir.flows.variants import Arm
from aurevoir.kit import clock, db, sql
from aurevoir.kit.errors import Invalid
from tests.house import House, count

HOLDOUT = NewExperiment(key="first", kind="holdout", arms=(Arm(name="holdout", share=50), Arm(name="offers", share=50)))
FLOWS = NewExperiment(
    key="longer",
    kind="flow",
    subject="saas_short",
    arms=(Arm(name="as_it_is", share=1), Arm(name="other", share=99, uses="saas_short_two")),
)


@pytest.fixture(autouse=True)
async def _forgetful(database: object) -> AsyncIterator[None]:
    """Other tests ran other experiments."""
    experiments.forget_cached()
    yield
    experiments.forget_cached()


async def _start(house: House, new: NewExperiment) -> None:
    await db.transaction(lambda: experiments.start(house.id, new, clock.now()))


async def _assigned(house: House, subscription: str) -> Arms:
    return await db.transaction(lambda: experiments.assigned(house.id, subscription, clock.now()))


async def test_parallel_visits_are_one_assignment(house: House) -> None:
    """Ten tabs of one customer, in ten units: one row, and all of them in the same arm."""
    await _start(house, HOLDOUT)
    arms = await asyncio.gather(*(_assigned(house, "d" * 32) for _ in range(10)))

    assert len({repr(one) for one in arms}) == 1
    assert await count("assignment") == 1
    assert arms[0].told[0].probability == 0.5


async def test_an_assignment_outlives_what_was_cached(house: House) -> None:
    """Another process knows only the rows, and says the same; the counts add up."""
    await _start(house, HOLDOUT)
    first = [await _assigned(house, f"{number:032x}") for number in range(40)]
    experiments.forget_cached()
    again = [await _assigned(house, f"{number:032x}") for number in range(40)]
    counts = await experiments.count_arms(await experiments.get(house.id, "first"))

    assert again == first
    assert {one.holdout for one in first} == {True, False}
    assert [one.arm for one in counts] == ["holdout", "offers"]
    assert counts[0].subscriptions == sum(one.holdout for one in first)
    assert sum(one.subscriptions for one in counts) == 40


async def test_without_experiments_nobody_is_assigned_and_nothing_is_asked(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cost for everybody who runs none: no statement, once that is known."""
    before = await _assigned(house, "d" * 32)
    monkeypatch.setattr(sql, "fetch_all", None)
    monkeypatch.setattr(sql, "execute", None)

    assert before == await _assigned(house, "e" * 32) == Arms()


async def test_a_stopped_experiment_assigns_nobody(house: House) -> None:
    """Its rows stay; its key stays taken, for arms and shares never change."""
    await _start(house, HOLDOUT)
    await _assigned(house, "d" * 32)
    for _ in range(2):
        await db.transaction(lambda: experiments.stop(house.id, "first", clock.now()))

    assert await _assigned(house, "e" * 32) == Arms()
    assert await count("assignment") == 1
    with pytest.raises(ExperimentExists):
        await _start(house, HOLDOUT)


async def test_one_subject_is_varied_by_one_experiment(house: House, globex: House) -> None:
    """Two holdouts at once would be neither; another workspace has its own."""
    await _start(house, HOLDOUT)
    other = NewExperiment(key="second", kind="holdout", arms=HOLDOUT.arms)

    with pytest.raises(ExperimentExists):
        await _start(house, other)
    await _start(globex, other)


async def test_what_stands_in_must_be_live(house: House) -> None:
    """A flow or an offer that nobody could be shown is refused, with its path."""
    offer = NewExperiment(key="cheaper", kind="offer", subject="nothing", arms=FLOWS.arms)
    with pytest.raises(Invalid) as flow_refused:
        await _start(house, FLOWS)
    with pytest.raises(Invalid) as offer_refused:
        await _start(house, offer)

    assert [problem.path for problem in flow_refused.value.problems] == ["$.arms[1].uses"]
    assert [problem.path for problem in offer_refused.value.problems] == ["$.subject", "$.arms[1].uses"]
    assert await count("experiment") == 0


async def test_an_arm_says_what_stands_in(house: House) -> None:
    """The flow of the arm, by the key of the one it stands in for; who gets the subject itself gets no word of it."""
    await flows.load(house.id, starters.starter("no_offers"), "test", clock.now(), publish_it=True)
    arms = (Arm(name="as_it_is", share=50), Arm(name="other", share=50, uses="no_offers"))
    await _start(house, NewExperiment(key="longer", kind="flow", subject="saas_short", arms=arms))
    given = [await _assigned(house, f"{number:032x}") for number in range(20)]

    for one in given:
        (told,) = one.told
        assert one.flows == ({"saas_short": "no_offers"} if told.arm == "other" else {})
    assert {one.told[0].arm for one in given} == {"as_it_is", "other"}


async def test_an_arm_keeps_the_rules_of_today(house: House) -> None:
    """A flow that went live under older rules, and breaks one, is no arm; one whose warning is answered for may be."""
    source = starters.starter("no_offers").replace("en: We read every answer.", f"en: {'We read it. ' * 40}")
    named = Override(rule="FE-18", person="Erin Example", reason="It is meant.")
    await flows.load(house.id, source, "test", clock.now(), publish_it=True, overrides=[named])
    arms = (Arm(name="as_it_is", share=50), Arm(name="other", share=50, uses="no_offers"))
    new = NewExperiment(key="longer", kind="flow", subject="saas_short", arms=arms)
    await db.transaction(lambda: sql.execute("UPDATE flow_override SET rule = 'FE-06'"))
    with pytest.raises(Invalid) as refused:
        await _start(house, new)
    await db.transaction(lambda: sql.execute("UPDATE flow_override SET rule = 'FE-18'"))
    await _start(house, new)

    assert [problem.path for problem in refused.value.problems] == ["$.arms[1].uses"]
    assert "(FE-24)" in refused.value.problems[0].message
    assert "(FE-18)" in refused.value.problems[0].message
