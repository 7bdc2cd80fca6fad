"""Every operation of the application, with an address and credentials that would let it through."""

import re
from dataclasses import dataclass
from typing import Any

import httpx
from litestar import Litestar
from litestar.routes import HTTPRoute

from tests.house import House, facts
from tests.visits import Visit, start

# A body that each of them takes; those not named here take none.
MOVE = {"kind": "answer", "step": "reason", "revision": 0, "choices": ["other"], "answers": {"comment": "x"}}


@dataclass(frozen=True)
class Operation:
    """One method of one route, ready to be called."""

    method: str
    template: str
    address: str
    headers: dict[str, str]
    body: dict[str, Any] | None
    # Whether the handler decodes JSON.
    reads_body: bool

    @property
    def is_page(self) -> bool:
        """Whether a person with a browser calls it."""
        return self.template.startswith(("/exit", "/demo"))


def handlers(app: Litestar) -> list[tuple[str, str, bool]]:
    """Method and address template of everything there is, and whether it reads JSON."""
    return sorted(
        (method, route.path, handler.parsed_data_field is not None)
        for route in app.routes
        if isinstance(route, HTTPRoute) and not route.path.startswith("/schema")
        for handler in route.route_handlers
        for method in handler.http_methods
        if method not in ("OPTIONS", "HEAD")
    )


async def operations(app: Litestar, client: httpx.AsyncClient, house: House) -> tuple[list[Operation], Visit]:
    """All of them, on a workspace in which Dana has a visit open, and that visit."""
    visit = await start(client, house)
    made = (await client.post("/api/v1/sessions", json=facts(), headers=house.operator)).json()
    source = (await client.get("/api/v1/flows/saas_short/draft", headers=house.operator)).json()["source"]
    values = _values(house) | {"secret": made["url"].rsplit("/", 1)[1], "session": visit.session["id"]}
    bodies = _bodies(house, source)
    found = [
        Operation(
            method,
            template,
            re.sub(r"\{(\w+)(:\w+)?\}", lambda name: values.get(name[1], "x"), template),
            house.operator if template.startswith("/api/") else visit.headers,
            bodies.get((method, template)),
            reads_body,
        )
        for method, template, reads_body in handlers(app)
    ]
    return found, visit


def _values(house: House) -> dict[str, str]:
    return {
        "key": "saas_short",
        "number": "1",
        "release": "v1",
        "redemption": "rdm_" + "0" * 32,
        "receipt": "rcp_" + "0" * 32,
        "endpoint": "whe_" + "0" * 32,
        "delivery": "dlv_" + "0" * 32,
        "rule": "rul_" + "0" * 32,
        "declaration": "dcl_" + "0" * 32,
        "legal": "de",
        "workspace": house.company.key,
        "name": "rcp_" + "0" * 32,
        "document": "x.txt",
        "report": "reasons",
        "dataset": "sessions",
        "dataset_format": "sessions.csv",
        "file": "sessions.csv",
        "form": "csv",
        "mode": "test",
    }


def _bodies(house: House, source: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        ("POST", "/widget/v1/sessions"): {"token": house.token(), "flow": "default", "locale": "fr"},
        ("POST", "/widget/v1/session/moves"): MOVE,
        ("POST", "/api/v1/sessions"): facts(mode="test", channel="agent", reason="other", comment="x", locale="fr"),
        ("POST", "/api/v1/flows"): {"source": source, "revision": 1},
        ("PUT", "/api/v1/flows/{key:str}/draft"): {"source": source, "revision": 1},
        ("POST", "/api/v1/flows/{key:str}/rollback"): {"version": 1},
        ("POST", "/api/v1/flows/{key:str}/publish"): {"overrides": []},
        ("PATCH", "/api/v1/workspace"): {"contact_email": "help@acme.example"},
        ("POST", "/api/v1/experiments"): {
            "key": "first",
            "kind": "holdout",
            "arms": [{"name": "holdout", "share": 10}, {"name": "offers", "share": 90}],
        },
        ("POST", "/api/v1/redemptions/{redemption:str}/result"): {"status": "applied"},
        ("POST", "/api/v1/redemptions/{redemption:str}/resolve"): {"outcome": "done"},
        ("POST", "/api/v1/declarations/{declaration:str}/match"): {"customer": "x", "subscription": {"id": "sub_9"}},
        ("POST", "/api/v1/declarations/{declaration:str}/settle"): {"outcome": "settled"},
        ("POST", "/api/v1/webhook-endpoints"): {"url": "https://hooks.acme.example/exit"},
        ("PATCH", "/api/v1/webhook-endpoints/{endpoint:str}"): {"enabled": False},
        ("POST", "/api/v1/notification-rules"): {"name": "x", "target": {"kind": "mail", "to": ["omar@acme.example"]}},
        ("PATCH", "/api/v1/notification-rules/{rule:str}"): {"paused": True},
        ("PUT", "/api/v1/gateways/{mode:str}"): {"gateway": "manual", "settings": {}},
    }
