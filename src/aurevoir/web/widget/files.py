"""The element's file: one immutable address for each version, and the latest of version 1."""

import hashlib
from base64 import b64encode
from functools import cache

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from aurevoir.kit import assets

LATEST = "v1"


@cache
def element() -> bytes:
    """The element's source."""
    return (assets.folder("static") / "widget" / "aurevoir.js").read_bytes()


@cache
def version() -> str:
    """Names this very content, e.g. `1.0-3f9c2a51d0be`: another content has another address."""
    return f"1.0-{hashlib.sha256(element()).hexdigest()[:12]}"


def integrity() -> str:
    """The Subresource Integrity value of the element."""
    return "sha384-" + b64encode(hashlib.sha384(element()).digest()).decode()


@get("/widget/{release:str}/aurevoir.js", media_type="text/javascript", include_in_schema=False)
async def element_file(release: FromPath[str]) -> Response[bytes]:
    """The element: for a year under its version, for five minutes under `v1`."""
    if release not in (LATEST, version()):
        raise NotFoundException
    age = "max-age=300" if release == LATEST else "max-age=31536000, immutable"
    return Response(element(), media_type="text/javascript; charset=utf-8", headers={"Cache-Control": f"public, {age}"})
