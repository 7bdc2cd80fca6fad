"""A browser that knows no script: it reads a page, fills its form in and presses a button."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx

VOID = {"input", "meta", "link", "br", "img", "hr"}


@dataclass
class Form:
    """A form and what stands in it now."""

    action: str = ""
    method: str = "get"
    values: dict[str, list[str]] = field(default_factory=dict)
    # What could be chosen, by name.
    options: dict[str, list[str]] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)
    areas: dict[str, int] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Reader(HTMLParser):
    """What a browser takes from the markup; refuses what is not well nested."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.headings: list[str] = []
        self.texts: list[str] = []
        self.ids: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self._open: list[str] = []
        self._area: str | None = None
        self.feed(markup)
        self.close()
        assert self._open == [], f"left open: {self._open}"
        assert len(self.ids) == len(set(self.ids)), "an id stands twice"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.attributes.setdefault(tag, given)
        if tag not in VOID:
            self._open.append(tag)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.append(given.get("href") or "")
        elif tag == "form":
            self.forms.append(Form(given.get("action") or "", (given.get("method") or "get").lower()))
        elif self.forms and tag in ("input", "textarea", "button"):
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str | None]) -> None:
        form, name, value = self.forms[-1], given.get("name") or "", given.get("value") or ""
        if tag == "button":
            form.buttons.append((name, value))
        elif tag == "textarea":
            form.values[name], form.areas[name] = [""], int(given.get("maxlength") or 0)
            self._area = name
        elif given.get("type") in ("radio", "checkbox"):
            form.options.setdefault(name, []).append(value)
            form.several |= {name} if given.get("type") == "checkbox" else set()
            if "checked" in given:
                form.values.setdefault(name, []).append(value)
        else:
            form.values[name] = [value]
            if given.get("type") in ("text", "email"):
                form.areas[name] = int(given.get("maxlength") or 0)

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1:] == [tag], f"</{tag}> in {self._open}"
        self._open.pop()
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.forms[-1].values[self._area][0] += data
        elif data.strip():
            self.texts.append(data.strip())
            if "h1" in self._open or "title" in self._open:
                self.headings.append(data.strip())


class Browser:
    """One window, on one page at a time."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.reply: httpx.Response
        self.page: Reader

    @property
    def form(self) -> Form:
        """The page's one form."""
        (only,) = self.page.forms
        return only

    @property
    def moves(self) -> list[str]:
        """The buttons there are."""
        return [value for _, value in self.form.buttons]

    @property
    def text(self) -> str:
        """Everything that can be read."""
        return "\n".join(self.page.texts)

    async def open(self, url: str) -> "Browser":
        """Go to an address."""
        return self._show(await self.client.get(url, follow_redirects=True))

    async def post(self, url: str, **fields: str) -> "Browser":
        """Send a form that stands on somebody else's page."""
        return self._show(await self.client.post(url, data=fields, follow_redirects=True))

    def fill(self, name: str, *values: str) -> "Browser":
        """Choose or write; only what the form offers."""
        form = self.form
        if name in form.options:
            assert set(values) <= set(form.options[name]), f"{values} cannot be chosen"
            assert len(values) == 1 or name in form.several, "a radio button is one answer"
        else:
            assert name in form.areas, f"there is no field {name}"
            assert len(values[0]) <= form.areas[name], "the browser lets nobody write more"
        form.values[name] = list(values)
        return self

    async def press(self, move: str) -> "Browser":
        """Press the button of this move."""
        form = self.form
        (button,) = [one for one in form.buttons if one[1] == move]
        # As browsers do, with line breaks as CRLF.
        fields: dict[str, Any] = {
            name: [value.replace("\n", "\r\n") for value in values] for name, values in form.values.items()
        }
        address = urljoin(str(self.reply.url), form.action) if form.action else str(self.reply.url)
        assert form.method == "post"
        return self._show(await self.client.post(address, data=fields | {button[0]: button[1]}, follow_redirects=True))

    def _show(self, reply: httpx.Response) -> "Browser":
        self.reply = reply
        self.page = Reader(reply.text)
        return self
