"""What a provider may do to a redemption: each fault leads to one effect, or to a person, never to silence."""

from datetime import timedelta

import httpx
import pytest

from aurevoir.billing.gateway import Busy, Conflicting, NeedsPerson, NotSent, Rejected, Unknown
from aurevoir.billing.plan import Order, Verdict
from aurevoir.kit import clock, db, ids, sql
from aurevoir.offers import redemption as rules
from tests.house import House, count, on_sqlite
from tests.offers.conftest import HOUR, MINUTE, SECOND, Agree, Look, cancellation, declared, go_on, row, states
from tests.offers.ledger import Ledger

pytestmark = on_sqlite


@pytest.mark.parametrize(
    ("fault", "after", "state", "code"),
    [
        (NotSent(), False, "waiting", None),
        (NotSent(40), False, "waiting", None),
        (Busy(), False, "waiting", None),
        (Unknown(), False, "unknown", None),
        (Unknown(), True, "unknown", None),
        (Unknown(answered=True), False, "unknown", None),
        (Unknown(answered=True), True, "unknown", None),
        (TimeoutError(), True, "unknown", None),
        (RuntimeError("a mistake of the adapter"), False, "unknown", None),
        (Rejected("subscription_gone"), False, "failed", "subscription_gone"),
        (NeedsPerson("card_refused"), False, "attention", "card_refused"),
        (Conflicting("under_schedule"), False, "attention", "under_schedule"),
        (Conflicting("under_schedule"), True, "confirmed", None),
    ],
)
async def test_a_failing_provider_makes_one_effect_of_each_step(
    provider: Ledger,
    look: Look,
    agree: Agree,
    fault: Exception,
    *,
    after: bool,
    state: str,
    code: str | None,
) -> None:
    """What may have happened is read before anything is sent again; what was refused for good is not repeated."""
    provider.faults, provider.steps = [(fault, after)], 2
    redemption = await agree()
    await look()
    first = await row(redemption)
    await go_on(look)
    last = await row(redemption)
    is_over = state in ("failed", "attention")

    assert (first["state"], first["attention"]) == (state, code)
    assert last["state"] == (state if is_over else "confirmed")
    assert [number for _, number, _ in provider.effects] == ([] if is_over else [0, 1])
    assert (last["live_key"] is None) == (state != "attention")
    assert await count("event", f"kind = 'redemption.{last['state']}'") == 1


async def test_a_stored_error_is_passed_by_with_a_new_key(provider: Ledger, look: Look, agree: Agree) -> None:
    """The provider would repeat its 500 for a day: once a read says "not done", the next key is used, not before."""
    provider.faults = [(Unknown(answered=True), False)]
    redemption = await agree()
    for seconds in (0, 10, 19):
        await look(seconds * SECOND)
    early = len(provider.sent)
    await look(rules.QUIET + 20 * SECOND)
    name = ids.shown("rdm", redemption)

    assert early == 1
    assert [order.idempotency_key for order in provider.sent] == [
        f"exit:{redemption.hex}:0:0",
        f"exit:{redemption.hex}:0:1",
    ]
    assert provider.effects == [(name, 0, "discount")]


async def test_after_a_lost_line_the_key_stays(provider: Ledger, look: Look, agree: Agree) -> None:
    """The provider knows the key if the request arrived after all."""
    provider.faults = [(Unknown(), False)]
    await agree()
    await go_on(look)

    assert len({order.idempotency_key for order in provider.sent}) == 1
    assert len(provider.sent) == 2


async def test_applied_is_only_read_again_until_there_is_evidence(
    provider: Ledger, look: Look, agree: Agree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reply said "done"; as long as no read shows it, it is not sent again, and after a while a person looks."""
    provider.says = Verdict(state="applied")

    async def sees_nothing(_: Order) -> Verdict:
        return Verdict(state="not_applied")

    monkeypatch.setattr(provider, "verify", sees_nothing)
    redemption = await agree()
    await look()
    meanwhile = (await row(redemption))["state"]
    await go_on(look)

    assert meanwhile == "applied"
    assert len(provider.sent) == 1
    assert (await row(redemption))["attention"] == "not_confirmed"


async def test_a_subscription_that_changed_stops_its_offer(provider: Ledger, look: Look, agree: Agree) -> None:
    """Nobody gets terms that were worked out from other facts."""
    redemption = await agree()
    provider.price = 3900
    await go_on(look)

    assert provider.sent == []
    assert (await row(redemption))["attention"] == "terms_changed"


async def test_billing_that_cannot_be_read_is_waited_for(provider: Ledger, look: Look, agree: Agree) -> None:
    """Nothing was sent, so it waits, and an undo or a cancellation could still withdraw it."""
    redemption = await agree()
    provider.unreadable = NotSent()
    await look()
    waiting = (await row(redemption))["state"]
    provider.unreadable = None
    await go_on(look)

    assert waiting == "waiting"
    assert (await row(redemption))["state"] == "confirmed"


async def test_what_comes_too_late_is_not_sent(provider: Ledger, look: Look, agree: Agree) -> None:
    """Never a silent late change: past its moment a person decides."""
    provider.apply_before = clock.now() + HOUR
    provider.faults = [(NotSent(), False)] * 50
    redemption = await agree()
    for minutes in (0, 1, 5, 20, 40, 55, 59, 61):
        await look(minutes * MINUTE)
    sent = len(provider.sent)
    provider.faults = []
    await go_on(look)

    assert 3 < sent < 9
    assert len(provider.sent) == sent
    assert (await row(redemption))["attention"] == "too_late"


async def test_after_forty_tries_a_person_is_asked(
    client: httpx.AsyncClient, acme: House, provider: Ledger, look: Look
) -> None:
    """Nothing is tried for ever, and nothing ends in silence."""
    provider.faults = [(NotSent(), False)] * 60
    visit = await declared(client, acme)
    for hours in range(60):
        await look(timedelta(hours=2 * hours))
    session = ids.read("ses", visit.session["id"])

    assert await states() == {"cancel": "attention"}
    assert len(provider.sent) == rules.TRIES
    assert await count("event", "kind = 'redemption.attention' AND session_id = $1", session) == 1


async def test_a_plan_that_cannot_be_read_ends_with_a_person(look: Look, agree: Agree) -> None:
    """A mistake of ours takes nobody else's order along, and is not repeated for ever."""
    broken, well = await agree(), await agree(subscription="another")
    await db.transaction(lambda: sql.execute("UPDATE redemption SET plan = $1 WHERE id = $2", b"broken", broken))
    for hours in range(0, 100, 2):
        await look(timedelta(hours=hours))

    assert (await row(broken))["attention"] == "tried_too_often"
    assert (await row(well))["state"] == "confirmed"


async def test_a_cancellation_is_planned_by_what_billing_says_when_it_is_sent(
    provider: Ledger, look: Look, agree: Agree
) -> None:
    """Nobody looked when it was declared; how it is to end depends on what billing has."""
    provider.is_managed = True
    redemption = await agree(cancellation())
    await look()

    assert await states() == {"cancel": "confirmed"}
    assert [order.idempotency_key for order in provider.sent] == [
        f"exit:{redemption.hex}:0:0",
        f"exit:{redemption.hex}:1:0",
    ]


async def test_a_cancellation_is_planned_anew_where_something_comes_in_its_way(
    provider: Ledger, look: Look, agree: Agree
) -> None:
    """Between the look and the request: it is planned once more, under keys never used before."""

    async def comes_between(_: Order) -> None:
        provider.is_managed = True

    provider.faults, provider.during = [(Conflicting("under_schedule"), False)], comes_between
    redemption = await agree(cancellation())
    await look()

    assert await states() == {"cancel": "confirmed"}
    assert [order.idempotency_key for order in provider.sent] == [
        f"exit:{redemption.hex}:0:0",
        f"exit:{redemption.hex}:0:1",
        f"exit:{redemption.hex}:1:0",
    ]
    assert [number for _, number, _ in provider.effects] == [0, 1]


async def test_a_key_that_may_not_look_may_still_end_a_subscription(provider: Ledger, look: Look, agree: Agree) -> None:
    """A cancellation needs no look at billing."""
    provider.unreadable = NeedsPerson("key_not_allowed")
    await agree(cancellation())
    await look()

    assert await states() == {"cancel": "confirmed"}
    assert provider.kinds == ["cancel"]


async def test_a_gateway_that_was_replaced_keeps_its_orders(
    acme: House, provider: Ledger, look: Look, agree: Agree
) -> None:
    """They are not sent to a system that never heard of them."""
    redemption = await agree()
    await acme.connect("sandbox")
    await go_on(look)

    assert provider.sent == []
    assert (await row(redemption))["attention"] == "gateway_not_connected"
