"""A small server for these tests alone: the widget API over canned screens, with faults, and pages that embed it."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from aurevoir.sessions.phrases import PHRASES
from tests.widget.screens import SCREENS, Screen

ELEMENT = Path(__file__).parents[2] / "static" / "widget" / "aurevoir.js"
JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
JOURNEY = {
    ("choice", "answer"): "offer",
    ("choice", "skip"): "confirm",
    ("offer", "accept"): "working",
    ("offer", "decline"): "confirm",
    ("confirm", "cancel"): "receipt",
    ("confirm", "keep"): "kept",
    ("confirm", "back"): "choice",
    ("receipt", "undo"): "kept",
}
STATES = {"receipt": "leaving", "working": "saving", "kept": "kept"}


@dataclass
class Stub:
    """What the server knows; a test sets it up and reads it afterwards. `faults` meet the next calls, in order."""

    port: int = 0
    at: str = "choice"
    revision: int = 0
    screens: dict[str, Screen] = field(default_factory=lambda: dict(SCREENS))
    phrases: dict[str, str] = field(default_factory=lambda: dict(PHRASES))
    faults: list[str | Screen] = field(default_factory=list)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    effects: list[dict[str, Any]] = field(default_factory=list)
    posted: list[dict[str, list[str]]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    pages: dict[str, tuple[str, str]] = field(default_factory=dict)
    given: dict[str, Any] | None = None
    element_blocked: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def origin(self) -> str:
        """Where the element and the API live."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        """The product that embeds it: another origin."""
        return f"http://localhost:{self.port}"

    def page(self, body: str, *, csp: str = "", head: str = "") -> str:
        """The address of a page of the product with this body and the element's script."""
        script = f'<script type="module" src="{self.origin}/widget/v1/aurevoir.js"></script>'
        html = f'<!doctype html><html lang="en"><title>Account</title>{head}{script}<main><h1>Account</h1>{body}</main>'
        self.pages["/page"] = (html, csp.replace("$origin", self.origin))
        return f"{self.host}/page"

    def form(self, attributes: str = "", token: str = "tok") -> str:
        """The recommended snippet."""
        return (
            f'<aurevoir-flow {attributes}><form method="post" action="{self.origin}/exit/start">'
            f'<input type="hidden" name="token" value="{token}"><button>Cancel plan</button></form></aurevoir-flow>'
        )

    def answer(self) -> dict[str, Any]:
        """The session and its screen, as they stand."""
        state = STATES.get(self.at, "open")
        session = {"id": "ses_1", "token": "session-token", "revision": self.revision, "state": state, "mode": "test"}
        shown = self.screens[self.at]
        return {"session": session, "screen": {**shown, "given": self.given} if self.at == "choice" else shown}

    def move(self, body: dict[str, Any]) -> dict[str, Any]:
        """Carries a move out, unless its revision is stale: then nothing happens."""
        kind = body["kind"]
        if body.get("revision") != self.revision:
            return self.answer()
        self.effects.append(body)
        self.revision += 1
        if kind == "answer":
            self.given = {name: body[name] for name in ("choices", "text", "value", "answers") if name in body}
        self.at = JOURNEY.get((self.at, kind), "confirm" if kind == "cancel" else self.at)
        return self.answer()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    stub: Stub

    def log_message(self, *_: Any) -> None:
        """Silent: the tests read `calls`."""

    def reply(self, status: int, body: str, kind: str, headers: dict[str, str] | None = None) -> None:
        data = body.encode()
        self.send_response(status)
        origin = self.headers.get("Origin")
        cors = {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} if origin else {}
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **cors, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_OPTIONS(self) -> None:
        allowed = {
            "Access-Control-Allow-Headers": "authorization, content-type",
            "Access-Control-Allow-Methods": "GET, POST",
        }
        self.reply(204, "", JSON, allowed)

    def do_GET(self) -> None:
        stub = self.stub
        if self.path.startswith("/widget/v1/session"):
            self.api(None)
        elif self.path.endswith("aurevoir.js"):
            status = 404 if stub.element_blocked else 200
            self.reply(status, ELEMENT.read_text(), "text/javascript; charset=utf-8")
        elif self.path == "/token":
            stub.calls.append(("token", None))
            self.reply(200, json.dumps({"token": stub.tokens.pop(0)}), JSON) if stub.tokens else self.reply(
                500, "", HTML
            )
        elif self.path in stub.pages:
            html, csp = stub.pages[self.path]
            self.reply(200, html, HTML, {"Content-Security-Policy": csp} if csp else {})
        else:
            self.reply(200, f"<title>Hosted</title><p>{self.path}", HTML)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path.startswith("/widget/v1/"):
            self.api(json.loads(raw))
        else:
            self.stub.posted.append(parse_qs(raw))
            self.reply(200, "<title>Hosted</title><p>Hosted pages", HTML)

    def api(self, body: Any) -> None:
        stub, name = self.stub, self.path.removeprefix("/widget/v1/")
        stub.calls.append((name, body))
        fault = stub.faults.pop(0) if stub.faults else None
        if fault == "silence":
            stub.over.wait(5)
        if fault in ("silence", "lost before"):
            self.hang_up()
        elif isinstance(fault, dict):
            self.refuse(fault)
        elif name != "sessions" and self.headers.get("Authorization") != "Bearer session-token":
            self.refuse({"status": 401, "code": "unauthorised", "message": "No."})
        else:
            answer = stub.move(body) if name == "session/moves" else {**stub.answer(), "phrases": stub.phrases}
            if fault == "lost after":
                self.hang_up()
            else:
                self.reply(201 if name == "sessions" else 200, json.dumps(answer), JSON)

    def refuse(self, error: dict[str, Any]) -> None:
        self.reply(error["status"], json.dumps({"error": {**error, "request_id": "req_1"}}), JSON)

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()


def serve(stub: Stub) -> ThreadingHTTPServer:
    """Starts it on a free port of the loopback."""
    handler = type("StubHandler", (Handler,), {"stub": stub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    stub.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server
