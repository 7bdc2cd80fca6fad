"""What customers declared here, as the history of their subscriptions needs it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from aurevoir.access.vault import Pseudonyms
from aurevoir.kit import sql
from aurevoir.subscriptions.history import Declared


class OwnWord(Struct, frozen=True, kw_only=True):
    """A subscription's declaration that still stands, if there is one, and the category of its reason."""

    session: UUID
    workspace_id: UUID
    mode: str
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


async def find(sessions: Collection[UUID]) -> Mapping[UUID, OwnWord]:
    """By session: what stands declared of its subscription, in whichever session."""
    if not sessions:
        return {}
    found = await sql.fetch_all(
        "SELECT s.id AS session, s.workspace_id, s.mode, s.customer, s.subscription, d.declared_at, c.category "
        "FROM session s "
        "JOIN session every ON every.workspace_id = s.workspace_id AND every.mode = s.mode "
        "AND every.subscription = s.subscription "
        "LEFT JOIN declaration d ON d.session_id = every.id AND d.undone_at IS NULL "
        "LEFT JOIN answer a ON a.session_id = every.id AND a.is_reason "
        "LEFT JOIN answer_choice c ON c.session_id = every.id AND c.step = a.step AND c.rank = 1 "
        f"WHERE s.id IN ({sql.marks(len(sessions))}) "
        "ORDER BY CASE WHEN d.declared_at IS NULL THEN 0 ELSE 1 END, d.declared_at",
        *sessions,
        into=OwnWord,
    )
    # The last of a session's is the latest that stands.
    return {word.session: word for word in found}
