"""Publishing in spite of a warning: by name, with a reason, and never in spite of an error."""

from typing import Any

import msgspec
import pytest

from aurevoir.flows import service as flows
from aurevoir.flows import starters
from aurevoir.flows.overrides import Override, WarningsStand
from aurevoir.flows.packs import checked_for
from aurevoir.kit import clock, db, sql
from aurevoir.kit.errors import Invalid
from tests.flows.sound import changed, half, step
from tests.house import House, count

LONG = {"ask": {"en": "Why " * 25, "fr": "Pourquoi ?"}}
WARNED = changed(step(0, **LONG), half(accept_label={"en": "YES PLEASE", "fr": "Oui"}))
BROKEN = changed(step(0, **LONG), step(1, required=True))
ERIN = {"person": "Erin Example", "reason": "Legal asked for this very sentence."}
READ = Override(rule="FE-18", **ERIN)
LOUD = Override(rule="FE-06", **ERIN)


async def publish(house: House, source: str, *overrides: Override, **options: Any) -> int:
    async def unit() -> int:
        await flows.save_draft(house.id, source, clock.now())
        number, _ = await flows.publish(house.id, "demo", "key_1", clock.now(), overrides=overrides, **options)
        return number

    return await db.transaction(unit)


async def told() -> list[dict[str, Any]]:
    """The payloads of what was published, in order."""
    rows = await sql.fetch_all("SELECT payload FROM event WHERE kind = 'flow.published' ORDER BY id")
    return [msgspec.json.decode(row["payload"]) if isinstance(row["payload"], str) else row["payload"] for row in rows]


async def test_a_warning_stops_publishing_until_somebody_answers_for_it(house: House) -> None:
    """Each that stands is told with its rule; one override covers all warnings of its rule."""
    with pytest.raises(WarningsStand) as all_stand:
        await publish(house, WARNED)
    with pytest.raises(WarningsStand) as one_stands:
        await publish(house, WARNED, READ)

    assert {problem.path for problem in all_stand.value.problems} == {
        "$.steps[0].ask.en",
        "$.offers.half.accept_label.en",
    }
    assert [problem.message.endswith("(FE-06)") for problem in one_stands.value.problems] == [True]
    assert await count("flow", "key = 'demo'") == 0
    assert await publish(house, WARNED, READ, LOUD) == 1


async def test_what_was_overridden_is_kept_with_the_version(house: House) -> None:
    """Rule, place and words, who and why; the event tells the rules and the name, and no reason."""
    await publish(house, WARNED, READ, LOUD)
    kept = (await flows.get_published(house.id, "demo", 1)).overrides

    assert [(one.rule, one.path) for one in kept] == [
        ("FE-18", "steps[0].ask.en"),
        ("FE-06", "offers.half.accept_label.en"),
    ]
    assert {(one.person, one.reason) for one in kept} == {(ERIN["person"], ERIN["reason"])}
    assert (await told())[-1] == {
        "flow": "demo",
        "number": 1,
        "overrides": [{"rule": "FE-18", "person": ERIN["person"]}, {"rule": "FE-06", "person": ERIN["person"]}],
    }


async def test_an_error_cannot_be_overridden(house: House) -> None:
    """Whoever signs for it."""
    with pytest.raises(Invalid) as refused:
        await publish(house, BROKEN, READ, Override(rule="FE-03", **ERIN))

    assert not isinstance(refused.value, WarningsStand)
    assert ["(FE-03)" in problem.message for problem in refused.value.problems] == [True]


async def test_the_same_text_is_not_asked_about_twice(house: House) -> None:
    """A repeated call changes nothing; a changed text is asked about anew."""
    await publish(house, WARNED, READ, LOUD)

    assert await publish(house, WARNED) == 1
    assert await count("flow_override") == 2
    with pytest.raises(WarningsStand):
        await publish(house, WARNED.replace("Pourquoi ?", "Mais pourquoi ?"))


async def test_an_override_of_nothing_is_not_kept(house: House) -> None:
    """Where no warning of the rule stands, nobody answered for anything."""
    assert await publish(house, changed(), READ) == 1
    assert await count("flow_override") == 0
    assert "overrides" not in (await told())[-1]


async def test_advice_stops_nothing(house: House) -> None:
    """A warning without a rule is for the template's own sake."""
    assert await publish(house, changed(step(1, ask={"en": "More?", "fr": "Plus ?", "es": "¿Más?"}))) == 1


async def test_at_home_in_great_britain_three_screens_need_a_name(house: House) -> None:
    """The Act is not in force, and warns those whom it will bind."""
    three = starters.starter("b2b_accounts").replace("key: b2b_accounts", "key: demo")
    with pytest.raises(WarningsStand):
        await publish(house, three, packs=checked_for("GB"))

    assert await publish(house, three) == 1
