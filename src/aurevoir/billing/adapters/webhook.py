"""The webhook gateway: hands each order to the operator's own server, signed, and hears from it what became of it."""

from datetime import datetime
from typing import Any, ClassVar, get_args

import httpx
import msgspec
from msgspec import Struct

from aurevoir.billing import deadlines
from aurevoir.billing.gateway import Connection, NeedsPerson, NotSent, Rejected, Unknown
from aurevoir.billing.plan import Action, ActionKind, Order, Plan, Step, SubscriptionRef, Verdict
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit import clock, http, signing
from aurevoir.kit.http import Refused, Reply

LONGEST_WAIT = 3600.0


class Said(Struct, frozen=True):
    """What a receiver may answer; everything is optional."""

    status: str | None = None
    # Why it will never work.
    refusal: str | None = msgspec.field(default=None, name="code")
    # What the receiver calls the things it made or changed.
    references: dict[str, str] = {}


class Webhook:
    """For billing that has no adapter: one signed POST for each order.

    Sending again is safe by contract: the message's id is the same in every attempt, and the receiver carries each id
    out once. So what nobody knows of is simply sent again.
    """

    name: ClassVar[str] = "webhook"
    capabilities: ClassVar[frozenset[ActionKind]] = frozenset(get_args(ActionKind))
    reads: ClassVar[bool] = False

    def __init__(self, connection: Connection) -> None:
        """Settings: `url`, and `secret` as `whsec_…`."""
        self._mode = connection.mode
        self._url = connection.settings.get("url", "")
        self._secret = connection.settings.get("secret", "")

    async def snapshot(self, _: SubscriptionRef) -> Snapshot:
        """There is nobody to ask."""
        raise NotSent

    def plan(
        self, subscription: SubscriptionRef, action: Action, snapshot: Snapshot | None, marker: str, now: datetime
    ) -> Plan:
        """One step: one message."""
        return Plan(
            subscription=subscription,
            action=action,
            steps=(Step(operation="post"),),
            marker=marker,
            effective_at=now,
            ends_at=deadlines.ends_at(action),
            apply_before=deadlines.apply_before(action, snapshot),
            snapshot_version=snapshot.version if snapshot else None,
        )

    async def send(self, order: Order) -> Verdict:
        """`confirmed` when the receiver says that it is applied, else `handed_over`: delivered is not applied."""
        if not signing.is_secret(self._secret):
            raise NeedsPerson("webhook_secret_missing")
        key, now = message_id(order), clock.now()
        body = msgspec.json.encode(
            {"id": key, "type": "order.placed", "timestamp": now, "data": self._data(order, key)}
        )
        try:
            reply = await http.post(self._url, body, signing.headers(key, now, body, [self._secret]))
        except Refused as refused:
            # A name server that is away for a moment is nobody's mistake.
            raise (NotSent() if refused.code == "name_not_found" else NeedsPerson(refused.code)) from refused
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NotSent from error
        except httpx.TransportError as error:
            raise Unknown from error
        return _verdict(reply)

    async def verify(self, _: Order) -> Verdict:
        """Nobody can be asked, and nobody needs to be: see the class."""
        return Verdict(state="not_applied")

    async def close(self) -> None:
        """Nothing is open."""

    def _data(self, order: Order, key: str) -> dict[str, Any]:
        plan = order.plan
        return {
            "idempotency_key": key,
            "redemption": plan.marker,
            "mode": self._mode,
            "customer": plan.subscription.customer,
            "subscription": plan.subscription.subscription,
            "action": plan.action,
            "effective_at": plan.effective_at,
            "ends_at": plan.ends_at,
            "apply_before": plan.apply_before,
        }


def message_id(order: Order) -> str:
    """The same for every attempt at this step, whatever key the attempt carries for providers that replay answers."""
    return f"{order.plan.marker}_{order.number}"


def _verdict(reply: Reply) -> Verdict:
    """What the answer means; raises what it calls for."""
    said, status = _said(reply.body), reply.status
    if 200 <= status < 300:
        return Verdict(state="confirmed" if said.status == "applied" else "handed_over", references=said.references)
    if status in (409, 422) and said.refusal:
        raise Rejected(said.refusal[:60])
    if status in (429, 503):
        raise NotSent(_seconds(reply.headers.get("retry-after", "")))
    if status >= 500 or status in (408, 425):
        raise Unknown(answered=True)
    raise NeedsPerson("redirected" if 300 <= status < 400 else f"answered_{status}")


def _said(body: bytes) -> Said:
    try:
        return msgspec.json.decode(body, type=Said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Said()


def _seconds(given: str) -> float | None:
    return min(float(given), LONGEST_WAIT) if given.strip().isdecimal() and len(given) < 10 else None
