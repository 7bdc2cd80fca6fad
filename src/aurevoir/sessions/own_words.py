"""What customers declared here, as the history of their subscriptions needs it."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from aurevoir.access.vault import Pseudonyms
from aurevoir.kit import sql
from aurevoir.subscriptions.history import Declared


class OwnWord(Struct, frozen=True, kw_only=True):
    """A subscription's declaration that still stands, if there is one, and the category of its reason."""

    customer: str
    subscription: str
    declared_at: datetime | None
    category: str | None

    @property
    def names(self) -> Pseudonyms:
        """Whose it is."""
        return Pseudonyms(self.customer, self.subscription)

    @property
    def declared(self) -> Declared | None:
        """The declaration."""
        return Declared(self.declared_at, self.category) if self.declared_at else None


async def find(session: UUID) -> OwnWord | None:
    """What stands declared of this session's subscription, in whichever session; None when there is no such session."""
    return await sql.fetch_one(
        "SELECT s.customer, s.subscription, d.declared_at, c.category FROM session s "
        "JOIN session every ON every.workspace_id = s.workspace_id AND every.mode = s.mode "
        "AND every.subscription = s.subscription "
        "LEFT JOIN declaration d ON d.session_id = every.id AND d.undone_at IS NULL "
        "LEFT JOIN answer a ON a.session_id = every.id AND a.is_reason "
        "LEFT JOIN answer_choice c ON c.session_id = every.id AND c.step = a.step AND c.rank = 1 "
        "WHERE s.id = $1 ORDER BY CASE WHEN d.declared_at IS NULL THEN 1 ELSE 0 END, d.declared_at DESC LIMIT 1",
        session,
        into=OwnWord,
    )
