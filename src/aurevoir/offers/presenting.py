"""What was shown of each offer, or why it was not; what was shown stands here as it may be accepted."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from aurevoir.billing.plan import Custom, GrantFeature, Split
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit import ids, sql
from aurevoir.offers.agreement import Agreement
from aurevoir.offers.eligibility import Candidate
from aurevoir.offers.terms import WITHOUT_BILLING

# Providers draw a renewal's invoice up about an hour before they charge it.
MARGIN = timedelta(hours=2)
_agreements = msgspec.json.Decoder(Agreement)


class Place(Struct, frozen=True, kw_only=True):
    """Where offers were weighed: the visit, the version that it follows, and when it is over."""

    workspace: UUID
    session: UUID
    version: UUID
    expires_at: datetime


class Presented(Struct, frozen=True, kw_only=True):
    """An offer as it was shown: accepted until `honoured_until`, as long as billing says the same."""

    agreement: Agreement
    # None: billing has no part in it.
    snapshot_version: str | None
    honoured_until: datetime

    def holds(self, snapshot: Snapshot | None, now: datetime) -> bool:
        """Whether it can still be accepted as it was shown."""
        if now >= self.honoured_until:
            return False
        return self.snapshot_version is None or (snapshot is not None and snapshot.version == self.snapshot_version)


def honoured_until(agreement: Agreement, snapshot: Snapshot | None, expires_at: datetime) -> datetime:
    """Until when it holds: to the end of the visit, and not beyond the renewal that it is to change."""
    if snapshot is None or snapshot.renews_at is None or not _changes_a_renewal(agreement):
        return expires_at
    return min(expires_at, snapshot.renews_at - MARGIN)


def _changes_a_renewal(agreement: Agreement) -> bool:
    action = agreement.action
    if isinstance(action, Split):
        return action.source == "next_renewal"
    return action is not None and not isinstance(action, GrantFeature | Custom)


async def record(
    place: Place, candidates: Iterable[tuple[Candidate, str]], snapshot: Snapshot | None, now: datetime
) -> Presented | None:
    """Write down each candidate with its kind, and give the one that is shown. Inside the unit of the move."""
    shown = None
    for candidate, kind in candidates:
        agreement = candidate.agreement if candidate.why_not is None else None
        until = honoured_until(agreement, snapshot, place.expires_at) if agreement else None
        version = snapshot.version if agreement and snapshot and kind not in WITHOUT_BILLING else None
        await _keep(place, candidate, kind, agreement, version, until, now)
        if agreement is not None and until is not None:
            shown = Presented(agreement=agreement, snapshot_version=version, honoured_until=until)
    return shown


async def _keep(
    place: Place,
    candidate: Candidate,
    kind: str,
    agreement: Agreement | None,
    version: str | None,
    until: datetime | None,
    now: datetime,
) -> None:
    # What was shown once was shown, though the customer went back and another reason does not lead to it.
    await sql.execute(
        "INSERT INTO presentation (id, workspace_id, session_id, version_id, offer, kind, rank, why_not, agreement, "
        "snapshot_version, honoured_until, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
        "ON CONFLICT (session_id, offer) DO UPDATE SET rank = excluded.rank, why_not = excluded.why_not, "
        "agreement = excluded.agreement, snapshot_version = excluded.snapshot_version, "
        "honoured_until = excluded.honoured_until, at = excluded.at "
        "WHERE presentation.why_not IS NOT NULL OR excluded.why_not IS NULL",
        ids.new_id(),
        place.workspace,
        place.session,
        place.version,
        candidate.offer,
        kind,
        candidate.rank,
        candidate.why_not,
        msgspec.json.encode(agreement).decode() if agreement else None,
        version,
        until,
        now,
    )


class PresentationSummary(Struct, frozen=True, kw_only=True):
    """One offer of a visit; `why_not` is null for the one that was shown."""

    offer: str
    kind: str
    rank: int
    why_not: str | None
    honoured_until: datetime | None
    at: datetime


async def list_of_session(session: UUID) -> list[PresentationSummary]:
    """What became of every offer of a visit."""
    return await sql.fetch_all(
        "SELECT offer, kind, rank, why_not, honoured_until, at FROM presentation WHERE session_id = $1 "
        "ORDER BY at, rank",
        session,
        into=PresentationSummary,
    )


class _Row(Struct, frozen=True, kw_only=True):
    agreement: str
    snapshot_version: str | None
    honoured_until: datetime


async def find(session: UUID, offer: str) -> Presented | None:
    """The offer as this visit was shown it."""
    row = await sql.fetch_one(
        "SELECT agreement, snapshot_version, honoured_until FROM presentation "
        "WHERE session_id = $1 AND offer = $2 AND why_not IS NULL",
        session,
        offer,
        into=_Row,
    )
    if row is None:
        return None
    return Presented(
        agreement=_agreements.decode(row.agreement),
        snapshot_version=row.snapshot_version,
        honoured_until=row.honoured_until,
    )
