"""Receivers on the loopback address, which has to be allowed."""

from collections.abc import AsyncIterator, Iterator

import pytest

from aurevoir.kit import http
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture(autouse=True)
def loopback() -> Iterator[None]:
    """As AUREVOIR_ALLOW_PRIVATE_TARGETS."""
    http.configure(allow_private=True)
    yield
    http.configure(allow_private=False)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Takes everything."""
    async with receiving() as one:
        yield one
