"""Customers by the operator's own id: everything that is held about one."""

from typing import Any

from litestar import Request, Router, get
from litestar.params import FromPath

from aurevoir.kit import clock
from aurevoir.privacy import telling
from aurevoir.privacy.telling import CustomerFile
from aurevoir.web.auth import authenticate, installation_of


@get("/{customer:str}")
async def get_customer(request: Request[Any, Any, Any], customer: FromPath[str]) -> CustomerFile:
    """Everything held about the customer of this id in your system, for the person who asks what you know of them."""
    caller = await authenticate(request, "customers")
    return await telling.by_id(installation_of(request), caller.workspace, customer, clock.now())


router = Router("/customers", route_handlers=[get_customer], tags=["customers"])
