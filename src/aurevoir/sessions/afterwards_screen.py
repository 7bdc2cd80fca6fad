"""Drawing the page behind a receipt's link: what was declared, where it stands, and what can still be done."""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from aurevoir.kit import ids
from aurevoir.sessions.afterwards import Status
from aurevoir.sessions.screen import Fact


class Offered(Struct, frozen=True, kw_only=True):
    """Something that can be done, and what it means."""

    label: str
    note: str


class AfterwardsScreen(Struct, frozen=True, kw_only=True):
    """The page, in the receipt's language; text is ready to show."""

    locale: str
    direction: Literal["ltr", "rtl"]
    # How it looks: all is well, or it is seen to.
    mood: Literal["settled", "waiting"]
    title: str
    body: str
    problem: str
    facts: tuple[Fact, ...]
    save_as_page: str
    save_as_text: str
    undo_heading: str
    undo: Offered | None
    data_heading: str
    # Who may not see what is held asks for it elsewhere.
    data_elsewhere: str
    download: Offered | None
    delete: Offered | None
    deleted: str
    contact: str
    address: str | None
    caution: str


def draw(status: Status, *, knows_holder: bool = True, refused: bool = False) -> AfterwardsScreen:
    """The page, with what its holder may do; `refused`: it was to be undone, and the subscription has ended."""
    say, product = status.language.say, status.workspace.name
    title, body = _standing(status)
    undo = Offered(label=say("Undo the cancellation"), note=_until(status)) if status.may_undo else None
    elsewhere = say("This receipt does not show who you are: for your data, please ask {product}.", product=product)
    return AfterwardsScreen(
        locale=status.language.spoken,
        direction=status.language.spoken_direction,
        mood="waiting" if status.standing == "needs_person" else "settled",
        title=title,
        body=body,
        problem=say("It is too late to undo the cancellation: the subscription has ended.") if refused else "",
        facts=tuple(_facts(status)),
        save_as_page=say("Save as web page"),
        save_as_text=say("Save as text"),
        undo_heading=say("Changed your mind?"),
        undo=undo,
        data_heading=say("Your data"),
        data_elsewhere="" if knows_holder else elsewhere,
        download=_download(status) if knows_holder else None,
        delete=_delete(status) if knows_holder else None,
        deleted=_deleted(status) if knows_holder else "",
        contact=say("Questions?"),
        address=status.workspace.contact_email,
        caution=say("Keep the address of this page to yourself: whoever has it can do all this."),
    )


def _download(status: Status) -> Offered:
    say, product = status.language.say, status.workspace.name
    return Offered(
        label=say("Download everything held about me"),
        note=say("One file (JSON) with all that is held here about you for {product}.", product=product),
    )


def _standing(status: Status) -> tuple[str, str]:
    """What is true now, as a title and a sentence or two."""
    say, product = status.language.say, status.workspace.name
    day = status.language.date(status.effective_on) if status.effective_on else None
    if status.standing == "in_progress":
        under_way = say("It is being carried out. There is nothing more for you to do.")
        return say("Your cancellation is received"), under_way
    if status.standing == "confirmed":
        ends = say("Your subscription ends on {day}.", day=day) if day else say("Your subscription ends.")
        return say("Your cancellation is confirmed"), ends
    if status.standing == "ended":
        return say("Your subscription has ended"), say("It ended on {day}.", day=day) if day else ""
    if status.standing == "taken_back":
        return say("Your cancellation is undone"), _going_on(status)
    stands = say("You took your cancellation back.") if status.undone_at else say("Your cancellation stands.")
    seen_to = say("It could not be carried out automatically, and {product} has been told.", product=product)
    return say("A person is seeing to it"), f"{stands} {seen_to}"


def _going_on(status: Status) -> str:
    say = status.language.say
    if status.again_at is None:
        return say("Nothing changes: you keep your plan and your access.")
    again = _moment(status, status.again_at)
    return say("You cancelled again on {moment}: that cancellation has a receipt of its own.", moment=again)


def _facts(status: Status) -> list[Fact]:
    say = status.language.say
    ends = status.language.date(status.effective_on) if status.effective_on else say("As soon as possible")
    facts = [
        Fact(say("Product"), status.workspace.name),
        Fact(say("Declared"), say("I cancel my subscription.")),
        Fact(say("Received"), _moment(status, status.declared_at)),
        Fact(say("Receipt number"), ids.shown("rcp", status.receipt)),
    ]
    if status.undone_at is not None:
        facts.insert(3, Fact(say("Taken back"), _moment(status, status.undone_at)))
    else:
        facts.insert(3, Fact(say("Ends on"), ends))
    return facts


def _moment(status: Status, at: datetime) -> str:
    return status.language.moment(at.astimezone(ZoneInfo(status.zone)))


def _until(status: Status) -> str:
    say, left = status.language.say, status.days_left
    if status.effective_on is None or left is None:
        return say("Possible until the subscription has ended.")
    return status.language.say_count(
        "Possible for {count} more day: until the subscription ends on {day}.",
        "Possible for {count} more days: until the subscription ends on {day}.",
        left,
        day=status.language.date(status.effective_on),
    )


def _delete(status: Status) -> Offered | None:
    if not status.answers:
        return None
    say = status.language.say
    note = say(
        "Whatever you chose and wrote about leaving is deleted, for good. "
        "Your cancellation and its receipt stay as they are."
    )
    return Offered(label=say("Delete my answers"), note=note)


def _deleted(status: Status) -> str:
    if status.answers or status.answers_withdrawn_at is None:
        return ""
    return status.language.say(
        "Your answers were deleted on {moment}.", moment=_moment(status, status.answers_withdrawn_at)
    )
