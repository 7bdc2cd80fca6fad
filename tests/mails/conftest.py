"""A mail server that takes everything, and an installation that uses it."""

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from aurevoir.access.installation import Installation
from aurevoir.settings import Settings
from tests.cast import OMAR
from tests.mails.postbox import SENDER, Postbox, listening


@pytest.fixture
async def postbox() -> AsyncIterator[Postbox]:
    """A server that takes everything."""
    async with listening(Postbox()) as postbox:
        yield postbox


@pytest.fixture
def installation(settings: Settings, postbox: Postbox) -> Installation:
    """One that sends mail."""
    chosen = replace(settings, smtp_url=f"smtp://127.0.0.1:{postbox.port}", mail_from=SENDER, operator_email=OMAR)
    return chosen.installation
