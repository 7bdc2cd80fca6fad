"""What a cancel brings along from the question it was pressed on."""

from random import Random

from aurevoir.flows import graph, starters
from aurevoir.flows.reading import read_flow
from aurevoir.kit.i18n import language
from aurevoir.sessions import machine
from aurevoir.sessions.moves import Cancel
from aurevoir.sessions.visit import Rules, Visit
from tests.flows.strategies import some_flow


def _rules(text: str | None = None) -> Rules:
    flow = read_flow(text) if text else some_flow(Random(1))
    return Rules(plans=graph.plan(flow), order="survey_first", attributes={}, say=language("en").say)


def _after(**brought: object) -> Visit:
    rules = _rules(starters.starter("saas_classic"))
    outcome = machine.apply(machine.begin(rules), Cancel(step="reason", **brought), rules)  # type: ignore[arg-type]

    assert outcome.visit.step == rules.confirm
    return outcome.visit


def test_a_ticked_reason_is_not_lost() -> None:
    """Dana ticks a reason and goes straight to the confirmation: the reason counts."""
    visit = _after(choices=("not_using",), answers={"comment": "thank you"})

    assert visit.given["reason"].choices == ("not_using",)
    assert "comment" in visit.given


def test_what_is_not_allowed_is_left_behind() -> None:
    """A comment beyond its length goes, the reason stays, and the cancel is not refused."""
    visit = _after(choices=("not_using",), answers={"comment": "x" * 15_000})

    assert visit.given["reason"].choices == ("not_using",)
    assert "comment" not in visit.given


def test_nothing_filled_in_is_no_answer() -> None:
    """An untouched question is neither answered nor skipped by going straight on."""
    visit = _after()

    assert visit.given == {}
    assert visit.skipped == ()


def test_what_makes_no_sense_refuses_nothing() -> None:
    """Unknown codes are dropped with everything else that came along."""
    visit = _after(choices=("no_such_reason",))

    assert visit.given == {}
