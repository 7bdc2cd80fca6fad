"""The one offer of a visit: what is read to find it, which one fits, and what is recorded of those that do not."""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from msgspec import Struct
from msgspec.structs import replace

from aurevoir.billing import registry, snapshots
from aurevoir.billing.gateway import Gateway, Impossible
from aurevoir.billing.plan import SubscriptionRef
from aurevoir.billing.snapshot import Snapshot
from aurevoir.flows.steps import Option
from aurevoir.kit.conditions import Value
from aurevoir.offers import eligibility, presenting, wording
from aurevoir.offers import standing as standings
from aurevoir.offers.agreement import Agreement
from aurevoir.offers.eligibility import Candidate, Standing
from aurevoir.offers.presenting import Place, Presented
from aurevoir.offers.standing import Holder
from aurevoir.offers.terms import WITHOUT_BILLING, kind_of
from aurevoir.sessions import machine
from aurevoir.sessions.context import Context
from aurevoir.sessions.moves import Accept, Answer, Cancel, Filled, Move, Skip
from aurevoir.sessions.visit import KEPT, Visit

log = structlog.get_logger()
Candidates = Callable[[Mapping[str, Value]], tuple[Candidate, ...]]
Fitting = Callable[[Mapping[str, Value]], str | None]


class Weighed(Struct, frozen=True, kw_only=True):
    """What was found about the offers that this visit may lead to."""

    snapshot: Snapshot | None
    # What becomes of each offer of the reason, for these answers.
    candidates: Candidates
    # The offer that Dana saw, as it was shown to her.
    presented: Presented | None
    # Whether she may still have it so.
    stands: bool


class BillingIsAsked(Exception):
    """Billing was asked a moment ago, and what it says decides which offer fits."""


async def weigh(
    found: Context, move: Move | None, now: datetime, *, patient: bool = False
) -> tuple[Context, Weighed | None]:
    """The same with the fitting offer, read only where an offer is in question: a plain journey pays nothing.

    An offer that was shown stays as it was shown; one that cannot be had any more is gone from the visit. Who is
    `patient` hears of it where billing has not answered yet (BillingIsAsked); a cancellation is never held up by that.
    """
    try:
        keys = _in_question(found, move)
        return await _weigh(found, keys, move, now, patient=patient) if keys else (found, None)
    except BillingIsAsked:
        raise
    except Exception:
        # Neither billing nor an offer stands in the way out: then there is none.
        log.exception("offers_not_weighed", session=str(found.row.id))
        return _seen(found), None


async def _weigh(
    found: Context, keys: tuple[str, ...], move: Move | None, now: datetime, *, patient: bool
) -> tuple[Context, Weighed]:
    gateway = await registry.connected(found.workspace, found.row.mode)
    standing = await standings.read(found.workspace, gateway, _holder(found), keys, now)
    is_asked = gateway.reads and standing.snapshot is None and await _is_asked(found)
    if is_asked and patient and not isinstance(move, Cancel):
        raise BillingIsAsked
    candidates = _candidates(found, gateway, standing, now)
    shown, on_screen = found.visit.offer, machine.on_offer(found.visit, found.rules) or isinstance(move, Accept)
    presented = await presenting.find(found.row.id, shown) if shown else None
    stands = presented is not None and _stands(found, presented, gateway, standing, now)
    if is_asked and presented is not None and now < presented.honoured_until:
        # While billing thinks, an offer stays where it is; nothing is accepted on a guess.
        stands = not isinstance(move, Accept)

    def fitting(answers: Mapping[str, Value]) -> str | None:
        if stands and shown in _named(found, answers):
            return shown
        fits = next((one.offer for one in candidates(answers) if one.why_not is None), None)
        # In other terms than those on the screen it is another offer: it may come anew, and not unnoticed.
        return None if on_screen and fits == shown else fits

    here = replace(_seen(found, fitting), presented=presented)
    return here, Weighed(snapshot=standing.snapshot, candidates=candidates, presented=presented, stands=stands)


def _seen(found: Context, fitting: Fitting = lambda _: None) -> Context:
    """The visit as it is met now: on the confirmation, where the offer that it stood on is gone."""
    rules = replace(found.rules, fitting_offer=fitting)
    visit = machine.without_lost_offer(found.visit, rules)
    return replace(found, rules=rules, visit=visit, offer_is_gone=found.offer_is_gone or visit != found.visit)


def _stands(found: Context, presented: Presented, gateway: Gateway, standing: Standing, now: datetime) -> bool:
    """Whether what was shown can be had as it was shown, whatever else has changed: the day, the token, the flow."""
    key = presented.agreement.offer
    why_not = eligibility.no_longer(
        key,
        found.version.flow.offers[key],
        presented.agreement,
        standing,
        lambda agreement: _why_impossible(found, agreement, gateway, standing, now),
        now=now,
    )
    return why_not is None and presented.holds(standing.snapshot, now)


async def _is_asked(found: Context) -> bool:
    return await snapshots.is_asked(found.row.workspace_id, found.row.mode, found.row.subscription)


def _holder(found: Context) -> Holder:
    row = found.row
    return Holder(
        mode=row.mode,
        customer=row.customer,
        subscription=row.subscription,
        facts=found.facts.subscription,
        holdout=found.arms.holdout,
    )


def _in_question(found: Context, move: Move | None) -> tuple[str, ...]:
    """The offers of the reason that was given, and of the one that is being given."""
    visit, rules = found.visit, found.rules
    closed = visit.declared or visit.declined or visit.accepted or rules.order != "survey_first"
    if closed or rules.offer_step is None or (move is None and visit.step == KEPT):
        return ()
    if isinstance(move, Cancel) and machine.declares(visit, move, rules):
        return ()
    step = found.version.reason_step.id
    given = visit.given[step].choices[:1] if step in visit.given else ()
    named = move.choices[:1] if isinstance(move, Filled) and move.step == step else ()
    options = [_option(found, code) for code in given + named]
    return tuple(dict.fromkeys(key for option in options if option for key in _of(found, option)))


def _option(found: Context, code: str) -> Option | None:
    return next((option for option in found.version.reason_step.options if option.code == code), None)


def _of(found: Context, option: Option) -> tuple[str, ...]:
    """The offers of a reason; an experiment may have put another of the flow in the place of one."""
    there, put = found.version.flow.offers, found.arms.offers
    return tuple(dict.fromkeys(put[key] if put.get(key) in there else key for key in option.offers))


def _named(found: Context, answers: Mapping[str, Value]) -> tuple[str, ...]:
    """The offers of the reason in these answers."""
    reasons = answers.get(found.version.reason_step.id)
    option = _option(found, reasons[0]) if isinstance(reasons, tuple) and reasons else None
    return _of(found, option) if option else ()


def _candidates(found: Context, gateway: Gateway, standing: Standing, now: datetime) -> Candidates:
    known: dict[tuple[tuple[str, Value], ...], tuple[Candidate, ...]] = {}

    def candidates(answers: Mapping[str, Value]) -> tuple[Candidate, ...]:
        key = tuple(answers.items())
        if key not in known:
            known[key] = _weighed(found, gateway, standing, answers, now)
        return known[key]

    return candidates


def _weighed(
    found: Context, gateway: Gateway, standing: Standing, answers: Mapping[str, Value], now: datetime
) -> tuple[Candidate, ...]:
    facts, workspace = found.facts, found.workspace
    try:
        return eligibility.candidates(
            _named(found, answers),
            found.version.flow.offers,
            standing,
            {**answers, **found.rules.attributes},
            lambda agreement: _why_impossible(found, agreement, gateway, standing, now),
            now=now,
            zone=ZoneInfo(workspace.zone),
            consumer=facts.consumer if facts.consumer is not None else workspace.default_consumer,
            country=facts.country or workspace.default_country,
        )
    except Exception:
        # A mistake in an offer must not stand in the way out: then there is none.
        log.exception("offers_not_weighed", session=str(found.row.id))
        return ()


def _why_impossible(
    found: Context, agreement: Agreement, gateway: Gateway, standing: Standing, now: datetime
) -> str | None:
    # What cannot be put into words is a mistake, and it is found here: on the screen it would be too late.
    wording.shown(agreement, found.version.flow.offers[agreement.offer], found.language)
    if presenting.honoured_until(agreement, standing.snapshot, found.row.expires_at) <= now:
        return "too_close_to_renewal"
    if agreement.action is None or agreement.kind in WITHOUT_BILLING:
        return None
    nobody = SubscriptionRef("-", "-")
    try:
        gateway.plan(nobody, agreement.action, standing.snapshot, "-", now)
    except Impossible as impossible:
        return impossible.code
    return None


async def present(
    found: Context, weighed: Weighed, move: Move, after: Visit, now: datetime
) -> tuple[Visit, Presented | None]:
    """Record what became of each offer, where the move led to the offer or past it; the visit, and what it is shown.

    Inside the unit of the move. An offer that cannot be recorded is not shown: the confirmation comes instead.
    """
    if not _meets_offer(found, move, after):
        return after, weighed.presented
    try:
        return after, await _record(found, weighed, after, now)
    except Exception:
        log.exception("offer_not_presented", session=str(found.row.id))
        if not machine.on_offer(after, found.rules):
            return after, None
        return replace(after, step=found.rules.confirm, confirm_shown=True, offer=found.visit.offer), None


async def _record(found: Context, weighed: Weighed, after: Visit, now: datetime) -> Presented | None:
    offers = found.version.flow.offers
    shown = after.offer if machine.on_offer(after, found.rules) else None
    # Shown once, it stays on record as it was shown then.
    again = shown if weighed.stands else None
    # Where no incentive may come unasked, the one that fits waits behind `see_offer`.
    unseen = "not_asked" if found.rules.gated and not after.asked else "another_was_first"
    met = [
        one if one.why_not or one.offer == shown else replace(one, why_not=unseen)
        for one in weighed.candidates(machine.answers_of(after))
        if one.offer != again
    ]
    row = found.row
    place = Place(workspace=row.workspace_id, session=row.id, version=row.version_id, expires_at=row.expires_at)
    kinds = [kind_of(offers[one.offer]) for one in met]
    recorded = await presenting.record(place, list(zip(met, kinds, strict=True)), weighed.snapshot, now)
    return weighed.presented if again else recorded


def _meets_offer(found: Context, move: Move, after: Visit) -> bool:
    """Whether the offer step was reached or passed; who goes straight to the confirmation passes nothing."""
    rules = found.rules
    if machine.on_offer(after, rules):
        return True
    if not isinstance(move, Answer | Skip):
        return False
    order = [plan.step.id for plan in rules.plans]
    if rules.offer_step is None or found.visit.step not in order or after.step not in order:
        return False
    return order.index(found.visit.step) < order.index(rules.offer_step) < order.index(after.step)
