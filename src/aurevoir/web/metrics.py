"""`/metrics` for Prometheus: read from the database when it is asked, so that every process tells the same."""

import time
from collections.abc import Iterable
from datetime import datetime
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any, NamedTuple

from litestar import Request, Response, get
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from aurevoir.kit import clock, sql
from aurevoir.kit.errors import NotFound, Unauthorised
from aurevoir.web.auth import bearer


class Gauge(NamedTuple):
    """One metric: every row of its query is a sample, its columns but the last one are labels."""

    name: str
    says: str
    labels: tuple[str, ...]
    query: str


# Each is answered from an index, or from the few rows that are under way.
_UNDER_WAY = "('accepted', 'sending', 'applied', 'waiting', 'unknown', 'handed_over', 'attention', 'failed')"
GAUGES = (
    Gauge(
        "aurevoir_redemptions",
        "Redemptions under way or stuck.",
        ("state", "kind"),
        f"SELECT state, kind, count(*) AS value FROM redemption WHERE state IN {_UNDER_WAY} GROUP BY state, kind",
    ),
    Gauge(
        "aurevoir_redemptions_finished",
        "Redemptions that need nothing more.",
        ("state",),
        "SELECT state, count(*) AS value FROM redemption "
        "WHERE state IN ('confirmed', 'completed', 'superseded', 'reverted') GROUP BY state",
    ),
    Gauge(
        "aurevoir_sessions",
        "Sessions by state, those of test mode included.",
        ("state",),
        "SELECT state, count(*) AS value FROM session GROUP BY state",
    ),
    Gauge(
        "aurevoir_letters",
        "Mails that wait, and those of the last month that were given up.",
        ("state",),
        "SELECT CASE WHEN sealed IS NULL THEN 'given_up' ELSE 'waiting' END AS state, count(*) AS value "
        "FROM letter WHERE sent_at IS NULL GROUP BY 1",
    ),
    Gauge(
        "aurevoir_webhook_deliveries",
        "Webhook deliveries by state.",
        ("state",),
        "SELECT state, count(*) AS value FROM webhook_delivery GROUP BY state",
    ),
    Gauge(
        "aurevoir_notifications",
        "What notification rules tell people, by state.",
        ("state",),
        "SELECT state, count(*) AS value FROM notification GROUP BY state",
    ),
    Gauge(
        "aurevoir_provider_events_waiting",
        "Callbacks of billing providers that were kept and not looked at yet.",
        (),
        "SELECT count(*) AS value FROM provider_event WHERE processed_at IS NULL",
    ),
    Gauge(
        "aurevoir_declarations_waiting",
        "Declarations on legal forms that wait for a person.",
        ("form",),
        "SELECT d.form, count(*) AS value FROM workspace w "
        "JOIN form_declaration d ON d.workspace_id = w.id AND d.state = 'waiting' GROUP BY d.form",
    ),
    Gauge(
        "aurevoir_events_undispatched",
        "Events that some subscriber has not heard of yet.",
        (),
        "SELECT count(*) AS value FROM event WHERE dispatched_at IS NULL",
    ),
)
_OLDEST = f"SELECT state, min(created_at) AS oldest FROM redemption WHERE state IN {_UNDER_WAY} GROUP BY state"

_requests = CollectorRegistry()
_seconds = Histogram(
    "aurevoir_http_request_seconds",
    "Requests of this process, by route.",
    ("method", "route", "status"),
    registry=_requests,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5),
)
# Whoever came through a proxy on this machine is not of this machine.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@get("/metrics", include_in_schema=False)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """By bearer token; where none is set, for this machine only."""
    _admit(request)
    registry = CollectorRegistry()
    registry.register(_Read(await _families()))
    return Response(generate_latest(registry) + generate_latest(_requests), media_type=CONTENT_TYPE_LATEST)


def _admit(request: Request[Any, Any, Any]) -> None:
    """Raises Unauthorised, or NotFound where there is no token to try."""
    token: str = request.app.state.metrics_token
    if token:
        if not compare_digest(bearer(request).encode(), token.encode()):
            raise Unauthorised
    elif not _is_local(request):
        raise NotFound


def _is_local(request: Request[Any, Any, Any]) -> bool:
    host = request.client.host if request.client else ""
    try:
        near = ip_address(host).is_loopback
    except ValueError:
        return False
    return near and not any(name in request.headers for name in _FORWARDED)


def timed(app: ASGIApp) -> ASGIApp:
    """Middleware: how long each answer of a route took to begin; what no route takes does not come this far."""

    async def timing(scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                labels = scope.get("method"), scope.get("path_template"), f"{message['status'] // 100}xx"
                _seconds.labels(*labels).observe(time.perf_counter() - began)
            await send(message)

        await app(scope, receive, sending)

    return timing


class _Read(Collector):
    """What was read, as prometheus-client wants it."""

    def __init__(self, families: Iterable[GaugeMetricFamily]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self._families


async def _families() -> list[GaugeMetricFamily]:
    read = []
    for gauge in GAUGES:
        family = GaugeMetricFamily(gauge.name, gauge.says, labels=gauge.labels)
        for row in await sql.fetch_all(gauge.query):
            family.add_metric([str(row[label]) for label in gauge.labels], row["value"])
        read.append(family)
    return [*read, await _oldest()]


class _Oldest(Struct, frozen=True):
    state: str
    oldest: datetime


async def _oldest() -> GaugeMetricFamily:
    says = "Age of the oldest redemption of each state that is under way or stuck."
    family, now = GaugeMetricFamily("aurevoir_redemption_oldest_seconds", says, labels=("state",)), clock.now()
    for row in await sql.fetch_all(_OLDEST, into=_Oldest):
        family.add_metric([row.state], max(0.0, (now - row.oldest).total_seconds()))
    return family
