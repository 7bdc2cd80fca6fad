"""Starting processes: the service, a worker, the demo."""

import asyncio
import secrets
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import click
import msgspec
import structlog
import uvicorn
from litestar import Litestar

from aurevoir import settings as reading
from aurevoir.app import create_app
from aurevoir.insights import views
from aurevoir.kit import clock, db, http, logs
from aurevoir.kit.errors import AurevoirError
from aurevoir.migrations import MODELS
from aurevoir.settings import Settings
from aurevoir.web.demo import setting
from aurevoir.worker import Worker

log = structlog.get_logger()
THINGS_TO_TRY = (
    "Cancel the subscription: press “Cancel subscription”, answer or skip, confirm.",
    "Keep the receipt: download it as text or as a page.",
    "See the reason move: the table on the right counts your answer at once.",
    "Download the reasons as CSV: {base}/demo/reasons.csv",
    "Take an offer and press “+30 days”: payments fall due, a discount or a holiday runs out.",
)


class NotReady(AurevoirError):
    """The installation cannot serve as it stands."""

    code = "not_ready"


def serve(settings: Settings, host: str | None, port: int | None, *, workers: int, work: bool) -> None:
    """Serve until told to stop; several processes only on PostgreSQL."""
    logs.configure("json" if settings.log_format == "json" else "console")
    if workers > 1 and settings.database_url.startswith("sqlite"):
        raise NotReady("SQLite has one process. Use PostgreSQL, or leave out --workers.")
    asyncio.run(_check_ready(settings))
    _say_what_is_off(settings)
    options = _uvicorn_options(host or settings.host, settings.port if port is None else port)
    if workers > 1:
        factory = "aurevoir.serving:app_with_worker" if work else "aurevoir.serving:app_without_worker"
        uvicorn.run(factory, factory=True, workers=workers, **options)  # type: ignore[arg-type]
    else:
        uvicorn.run(_app(settings, work=work), **options)  # type: ignore[arg-type]


def app_with_worker() -> Litestar:
    """The app of this environment's settings, its worker inside; leases keep the workers of several processes apart."""
    return _app(reading.read(), work=True)


def app_without_worker() -> Litestar:
    """The same beside `aurevoir work`."""
    return _app(reading.read(), work=False)


def _say_what_is_off(settings: Settings) -> None:
    if not settings.smtp_url:
        log.warning("no_mail_is_sent", hint="Set AUREVOIR_SMTP_URL and AUREVOIR_MAIL_FROM to send receipts by mail.")
    elif not settings.operator_email:
        log.warning("no_alerts_are_sent", hint="Set AUREVOIR_OPERATOR_EMAIL to hear of redemptions that need a person.")


def _app(settings: Settings, *, work: bool) -> Litestar:
    return create_app(settings, Worker(settings.installation).run if work else None)


def work(settings: Settings) -> None:
    """Run a worker until told to stop."""
    logs.configure("json" if settings.log_format == "json" else "console")
    if settings.database_url.startswith("sqlite"):
        raise NotReady("With SQLite the worker runs inside `aurevoir serve`. A process of its own needs PostgreSQL.")
    _say_what_is_off(settings)
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    http.configure(allow_private=settings.allow_private_targets)
    async with _database(settings):
        running = asyncio.create_task(Worker(settings.installation).run())
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, running.cancel)
        with suppress(asyncio.CancelledError):
            await running


async def _check_ready(settings: Settings) -> None:
    async with _database(settings):
        if await db.pending_migrations():
            raise NotReady("The schema is not up to date. Hint: aurevoir migrate")


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[None]:
    await db.open_database(settings.database_url, MODELS)
    try:
        yield
    finally:
        await db.close_database()


def _uvicorn_options(host: str, port: int) -> dict[str, object]:
    return {
        "host": host,
        "port": port,
        "loop": "uvloop",
        "http": "httptools",
        "access_log": False,
        "server_header": False,
        "log_level": "warning",
        "timeout_keep_alive": 15,
        "timeout_graceful_shutdown": 10,
    }


def demo(port: int, data: Path, sessions: int) -> None:
    """Set the demo up on an SQLite file, print where it is and what to try, and serve it."""
    logs.configure("console")
    data.mkdir(parents=True, exist_ok=True)
    free = _free_port(port)
    settings = Settings(
        database_url=f"sqlite:///{(data / 'demo.db').resolve()}",
        secret_key=_kept_secret(data / "secret"),
        base_url=f"http://127.0.0.1:{free}",
        port=free,
        log_format="console",
        demo=True,
    )
    asyncio.run(_prepare(settings, sessions))
    _print_welcome(settings)
    uvicorn.run(_app(settings, work=True), **_uvicorn_options("127.0.0.1", free))  # type: ignore[arg-type]


async def _prepare(settings: Settings, sessions: int) -> None:
    async with _database(settings):
        await views.migrate()
        with click.progressbar(length=sessions, label="Writing a synthetic year", show_pos=True) as bar:
            await setting.prepare(
                settings.installation,
                sessions=sessions,
                now=clock.now(),
                progress=lambda done, _: bar.update(done - bar.pos),
            )
            # Nothing to write: the data of an earlier start is there.
            bar.update(sessions - bar.pos)


def _print_welcome(settings: Settings) -> None:
    base = settings.base_url
    click.echo(f"\nAurevoir’s demo, on synthetic data: {click.style(f'{base}/demo', bold=True)}\n")
    for number, thing in enumerate(THINGS_TO_TRY, start=1):
        click.echo(f"  {number}. {thing.format(base=base)}")
    click.echo(f"\nAPI description: {base}/schema/openapi.json    Stop with Ctrl-C; the data stays.\n")


def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text()


def _free_port(wanted: int) -> int:
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise NotReady(f"No port is free between {wanted} and {wanted + 49}.")


def openapi_document() -> str:
    """The OpenAPI document, as JSON."""
    settings = Settings(secret_key=secrets.token_urlsafe(32))
    document = create_app(settings).openapi_schema.to_schema()
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
