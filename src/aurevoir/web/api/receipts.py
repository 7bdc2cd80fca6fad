"""Receipts from the operator's server."""

from typing import Any

from litestar import Request, Router, get
from litestar.params import FromPath
from msgspec import Struct

from aurevoir.access import workspaces
from aurevoir.kit import ids
from aurevoir.kit.errors import NotFound
from aurevoir.sessions import receipts
from aurevoir.web.auth import authenticate, installation_of


class ReceiptDocuments(Struct, frozen=True):
    """A receipt in the words the customer has."""

    id: str
    text: str
    html: str


@get("/{receipt:str}")
async def get_receipt(request: Request[Any, Any, Any], receipt: FromPath[str]) -> ReceiptDocuments:
    """The documents of a receipt, byte for byte as the customer downloads them."""
    caller = await authenticate(request, "receipts")
    wanted = ids.read("rcp", receipt)
    sealed = await receipts.find_sealed(caller.workspace, wanted) if wanted else None
    if sealed is None:
        raise NotFound
    workspace = await workspaces.get(installation_of(request).keyring, caller.workspace)
    kept = receipts.documents(workspace, sealed)
    return ReceiptDocuments(receipt, kept.text, kept.html)


router = Router("/receipts", route_handlers=[get_receipt], tags=["receipts"])
