"""Mails about redemptions: to the customer what took effect, to the operator what needs a person."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from aurevoir.access import workspaces
from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import letters
from aurevoir.events.service import Event
from aurevoir.kit import db, ids, mail, sql, stationery
from aurevoir.kit.i18n import SOURCE_LOCALE, Language, language
from aurevoir.kit.stationery import Sheet
from aurevoir.offers.wording import OfferShown

# At most one alert for each workspace in so long.
ALERTS_EVERY = timedelta(minutes=10)
LISTED = 50
# What billing refused is told of for so long; what waits for a person until somebody acts.
REFUSED_FOR = timedelta(days=1)


_wording = msgspec.json.Decoder(OfferShown)


async def confirmation(workspace: WorkspaceSettings, redemption: UUID, words: Language) -> Sheet | None:
    """That an accepted offer took effect, with its terms as they were frozen; None for anything but an offer."""
    row = await sql.fetch_one(
        "SELECT terms FROM redemption WHERE id = $1 AND workspace_id = $2 AND offer IS NOT NULL",
        redemption,
        workspace.id,
    )
    if row is None or not row["terms"]:
        return None
    # As it was shown, in the customer's language.
    agreed = _wording.decode(row["terms"])
    return Sheet(
        sender=workspace.name,
        title=words.say("Your change is confirmed"),
        paragraphs=[words.say("What you accepted took effect. These are its terms:"), agreed.headline, agreed.body],
        points=agreed.terms,
    )


class _Stuck(Struct, frozen=True, kw_only=True):
    id: UUID
    mode: str
    kind: str
    gateway: str
    state: str
    attention: str | None
    changed_at: datetime


async def alert(installation: Installation, event: Event, now: datetime) -> None:
    """Tell the operator that a redemption is stuck, and which others are: at once, or with the next alert.

    An alert that has not left yet is written anew, so that whatever got stuck stands in one.
    """
    if not installation.operator_email:
        return
    workspace = await workspaces.get(installation.keyring, event.workspace_id)
    await db.transaction(lambda: _write_alert(installation, workspace, now))


async def _write_alert(installation: Installation, workspace: WorkspaceSettings, now: datetime) -> None:
    if db.dialect() == "postgres":
        # Two workers one after the other: the list that is written last is the longer one.
        await sql.fetch_one("SELECT id FROM workspace WHERE id = $1 FOR NO KEY UPDATE", workspace.id)
    stuck = await _list_stuck(workspace.id, now)
    if not stuck:
        return
    await letters.write_in_turn(workspace, "alert", _alert(installation, workspace, stuck), now, ALERTS_EVERY)


async def _list_stuck(workspace: UUID, now: datetime) -> list[_Stuck]:
    return await sql.fetch_all(
        "SELECT id, mode, kind, gateway, state, attention, changed_at FROM redemption WHERE workspace_id = $1 "
        "AND (state = 'attention' OR state = 'failed' AND changed_at > $2) ORDER BY changed_at DESC LIMIT $3",
        workspace,
        now - REFUSED_FOR,
        LISTED,
        into=_Stuck,
    )


_ATTENTION = (
    "Attention: Aurevoir cannot go on by itself. Look at the subscription in your billing system, "
    "then say what became of it (resolve: done or not done), or have it tried again (retry)."
)
_FAILED = (
    "Failed: billing refused for good. The customer's word stands all the same: carry it out by hand "
    "or get in touch with the customer."
)


def _alert(installation: Installation, workspace: WorkspaceSettings, stuck: Sequence[_Stuck]) -> mail.Mail:
    at_least = "at least " if len(stuck) == LISTED else ""
    sheet = Sheet(
        sender=workspace.name,
        title=f"{at_least}{len(stuck)} redemption{'s need' if len(stuck) > 1 else ' needs'} you",
        paragraphs=[_ATTENTION, _FAILED],
        points=[_line(one, workspace) for one in stuck],
        closing=f"{installation.base_url}/api/v1/redemptions?state=attention lists them as they are now.",
    )
    return stationery.mail(installation.operator_email, sheet, language(SOURCE_LOCALE))


def _line(one: _Stuck, workspace: WorkspaceSettings) -> str:
    why = f" ({one.attention})" if one.attention else ""
    test = ", test mode" if one.mode == "test" else ""
    since = f"{workspace.local(one.changed_at):%Y-%m-%d %H:%M %Z}"
    return f"{ids.shown('rdm', one.id)}: {one.kind} by {one.gateway}, {one.state}{why}{test}, since {since}"
