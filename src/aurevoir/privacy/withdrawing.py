"""Answers deleted by their customer: from their visits, and from what was about to be told of them."""

from datetime import datetime
from uuid import UUID

from aurevoir.access.installation import Installation
from aurevoir.kit import db
from aurevoir.privacy import holders
from aurevoir.sessions import withdrawing as sessions
from aurevoir.webhooks import notifications


async def withdraw_answers(installation: Installation, receipt: UUID, secret: str, now: datetime) -> None:
    """Delete whatever was answered about the receipt's subscription; said twice, it changes nothing.

    Raises NotFound, alike for a wrong id and a wrong secret, and Forbidden. What left before cannot be called back:
    the event `answers.withdrawn` tells its receivers.
    """
    await db.transaction(lambda: _withdraw(installation, receipt, secret, now))


async def _withdraw(installation: Installation, receipt: UUID, secret: str, now: datetime) -> None:
    proof = await holders.for_data(receipt, secret)
    emptied = await sessions.withdraw_answers(installation, proof, now)
    await notifications.tell_anew(emptied, now)
