"""Dana's browser without a browser: what the element keeps, and the moves it makes."""

from typing import Any

import httpx

from tests.house import House

START, SESSION, MOVES = "/widget/v1/sessions", "/widget/v1/session", "/widget/v1/session/moves"


class Visit:
    """One tab: the session and the screen as it last saw them."""

    def __init__(self, client: httpx.AsyncClient, shown: dict[str, Any], status: int = 200) -> None:
        self.client = client
        self.status = status
        self.session = shown["session"]
        self.screen = shown["screen"]

    @property
    def headers(self) -> dict[str, str]:
        """The session token, as the widget API takes it."""
        return {"Authorization": f"Bearer {self.session['token']}"}

    @property
    def state(self) -> str:
        """Where the machine is."""
        return str(self.session["state"])

    @property
    def moves(self) -> list[str]:
        """What the screen offers to do."""
        return [action["move"] for action in self.screen["actions"]]

    async def send(self, kind: str, **fields: Any) -> httpx.Response:
        """Post a move made on the screen this tab shows, and leave the tab as it is."""
        made = {"kind": kind, "revision": self.session["revision"], "step": self.screen["step"], **fields}
        body = {name: value for name, value in made.items() if value is not None}
        return await self.client.post(MOVES, json=body, headers=self.headers)

    async def move(self, kind: str, **fields: Any) -> "Visit":
        """The same, and on to the screen that follows."""
        return self._follow(await self.send(kind, **fields))

    async def answer(self, *choices: str, **fields: Any) -> "Visit":
        """Answer the question on the screen."""
        return await self.move("answer", choices=list(choices), **fields)

    async def leave(self) -> "Visit":
        """To the confirmation, and "I cancel"."""
        if self.screen["kind"] != "confirm":
            await self.move("cancel")
        return await self.move("cancel")

    async def look(self) -> "Visit":
        """What a reload shows."""
        return self._follow(await self.client.get(SESSION, headers=self.headers))

    def tab(self) -> "Visit":
        """A second tab on the same screen."""
        return Visit(self.client, {"session": self.session, "screen": self.screen})

    def _follow(self, reply: httpx.Response) -> "Visit":
        assert reply.status_code == 200, reply.text
        self.session, self.screen = reply.json()["session"], reply.json()["screen"]
        return self


async def start(client: httpx.AsyncClient, house: House, key: Any = "live", **changes: Any) -> Visit:
    """Dana opens the flow with a fresh token."""
    reply = await client.post(START, json={"token": house.token(key, **changes)})
    assert reply.status_code in (200, 201), reply.text
    return Visit(client, reply.json(), reply.status_code)
