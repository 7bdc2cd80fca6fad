"""Whether it runs, and whether it can serve: as load balancers ask."""

import httpx
import pytest

from tests.house import on_sqlite

pytestmark = on_sqlite


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
async def test_either_method_is_answered(client: httpx.AsyncClient, database: object, method: str, path: str) -> None:
    """Some ask for the headers only."""
    assert (await client.request(method, path)).status_code == 200
