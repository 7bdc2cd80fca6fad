"""Subscriptions as billing tells them: who is there now, and the history of one."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Router, get
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Struct

from aurevoir.access import vault, workspaces
from aurevoir.access.facts import Mode
from aurevoir.billing.source import State, Status
from aurevoir.kit import clock, paging
from aurevoir.kit.errors import NotFound
from aurevoir.subscriptions import queries
from aurevoir.subscriptions.queries import ExitSummary, PaymentSummary, Period, Subscriber
from aurevoir.web.auth import authenticate, installation_of

AnyRequest = Request[Any, Any, Any]
# Of one subscription; a monthly one takes forty years to get there.
MOST_PAYMENTS = 500


class SubscriptionNow(State, frozen=True, kw_only=True):
    """A subscription's present state, under its pseudonyms."""

    subscription: str
    customer: str
    seen_at: datetime


class SubscriptionPage(Struct, frozen=True):
    """Subscriptions, those first told of last, and where to go on."""

    data: list[SubscriptionNow]
    next: str | None


class SubscriptionHistory(Struct, frozen=True):
    """Everything that billing told of one subscription; `declared_at`: its customer cancelled here."""

    subscription: Subscriber
    states: list[Period]
    payments: list[PaymentSummary]
    exits: list[ExitSummary]


@get("/")
async def list_subscriptions(
    request: AnyRequest,
    mode: FromQuery[Mode] = "live",
    in_status: Annotated[Status | None, QueryParameter(name="status")] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
) -> SubscriptionPage:
    """The present state of each subscription that billing told of."""
    caller = await authenticate(request, "subscriptions")
    found = await queries.list_present(caller.workspace, mode, in_status, paging.read(cursor), limit + 1, clock.now())
    further = paging.write(found[limit - 1].id) if len(found) > limit else None
    return SubscriptionPage([_now(one) for one in found[:limit]], further)


@get("/{subscription:str}")
async def get_subscription(
    request: AnyRequest, subscription: FromPath[str], mode: FromQuery[Mode] = "live"
) -> SubscriptionHistory:
    """One subscription by its id in your billing system: its states from the beginning, payments, imported exits."""
    caller = await authenticate(request, "subscriptions")
    workspace = await workspaces.get(installation_of(request).keyring, caller.workspace)
    name = vault.pseudonyms(workspace.data_key, "", subscription).subscription
    found = await queries.find_subscriber(caller.workspace, mode, name)
    if found is None:
        raise NotFound
    return SubscriptionHistory(
        found,
        await queries.list_periods(caller.workspace, mode, name),
        await queries.list_payments(caller.workspace, mode, name, MOST_PAYMENTS),
        await queries.list_exits(workspace, mode, name),
    )


def _now(one: queries.Present) -> SubscriptionNow:
    state = {name: getattr(one, name) for name in State.__struct_fields__}
    return SubscriptionNow(**state, subscription=one.subscription, customer=one.customer, seen_at=one.seen_at)


router = Router("/subscriptions", route_handlers=[list_subscriptions, get_subscription], tags=["subscriptions"])
