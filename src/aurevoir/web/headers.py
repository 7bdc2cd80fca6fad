"""The headers of every answer, put on at the last moment so that errors carry them too."""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from aurevoir.web import cors

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Pages carry no script at all, and styles only from here.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# Nothing else is meant to be looked at in a browser.
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


async def before_send(message: Message, scope: Scope) -> None:
    """Litestar's hook: complete the headers of an answer."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    path = scope["path"]
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    is_page = headers.get("content-type", "").startswith("text/html")
    headers.setdefault("Content-Security-Policy", PAGE_POLICY if is_page else DATA_POLICY)
    headers.setdefault("Cache-Control", "no-store")
    if path.startswith("/widget/"):
        origin = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"), None)
        for name, value in (await cors.headers_for(path, str(scope.get("method")), origin)).items():
            headers[name] = value
        headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
