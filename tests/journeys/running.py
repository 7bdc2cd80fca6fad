"""A real `aurevoir serve` on a file of its own, and a product's page on another origin that embeds it."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import httpx

STARTS_WITHIN = 30.0


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Service:
    """A running service, and the commands that share its settings."""

    base: str
    environment: dict[str, str]
    origin: str

    def command(self, *arguments: str) -> str:
        """The output of an `aurevoir` command."""
        done = subprocess.run(
            [sys.executable, "-m", "aurevoir", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def token(self, subscription: str, facts: str = "{}") -> str:
        """A customer token in live mode."""
        names = ("--customer", f"customer of {subscription}", "--subscription", subscription)
        return self.command("sign-token", *names, "--mode", "live", "--facts", facts)


@contextmanager
def service(data: Path) -> Iterator[Service]:
    """Set up by the commands that an operator would use; stopped by its process id."""
    port, shop = free_port(), free_port()
    environment = os.environ | {
        "AUREVOIR_DATABASE_URL": f"sqlite:///{data / 'aurevoir.db'}",
        "AUREVOIR_SECRET_KEY": secrets.token_urlsafe(32),
        "AUREVOIR_BASE_URL": f"http://127.0.0.1:{port}",
        "AUREVOIR_PORT": str(port),
        "AUREVOIR_LOG_FORMAT": "console",
    }
    running = Service(f"http://127.0.0.1:{port}", environment, f"http://127.0.0.1:{shop}")
    running.command("migrate")
    running.command("create-workspace", "acme", "--name", "Acme", "--allow-origin", running.origin)
    key = running.command("create-key", "--scope", "admin")
    process = subprocess.Popen([sys.executable, "-m", "aurevoir", "serve"], env=environment)
    try:
        _wait_until_ready(running.base)
        environment["TEST_API_KEY"] = key
        with _shop(shop, running.base):
            yield running
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_ready(base: str) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        try:
            if httpx.get(f"{base}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError("the service did not become ready")


PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Acme: your account</title>
<script type="module" src="{base}/widget/v1/aurevoir.js"></script>
<h1>Your account</h1>
<aurevoir-flow locale="{locale}"><form method="post" action="{base}/exit/start">
<input type="hidden" name="token" value="{token}"><input type="hidden" name="locale" value="{locale}">
<button>Cancel subscription</button></form></aurevoir-flow>"""


@contextmanager
def _shop(port: int, base: str) -> Iterator[None]:
    class Shop(BaseHTTPRequestHandler):
        """The account page of a product: strict, like a good host's."""

        def do_GET(self) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            page = PAGE.format(base=base, token=asked.get("token", ""), locale=asked.get("locale", "en")).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            policy = f"default-src 'none'; script-src {base}; connect-src {base}; form-action {base}"
            self.send_header("Content-Security-Policy", f"{policy}; require-trusted-types-for 'script'")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Shop)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
