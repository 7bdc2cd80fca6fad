"""The chain of evidence: what holds, and where it breaks."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aurevoir.kit import crypto
from aurevoir.sessions import chain
from aurevoir.sessions.chain import Link

SESSION = "ses_" + "0" * 32


def forged(count: int) -> list[Link]:
    """A chain of so many exhibits."""
    links: list[Link] = []
    previous = SESSION
    for number in range(1, count + 1):
        at, digest = f"2026-11-03T10:15:{number:02}.000000Z", crypto.sha256(f"payload {number}")
        previous = chain.link(previous, number, at, "answer", digest)
        links.append(Link(number=number, at=at, kind="answer", digest=digest, link=previous))
    return links


def breaks_at(links: list[Link], exhibits: int = 5, head: str | None = None, session: str = SESSION) -> int | None:
    """Where it does not hold, judged by the head of the whole chain."""
    breach = chain.find_breach(session, links, exhibits, head or forged(5)[-1].link)
    return breach.exhibit if breach else None


def test_the_formula_is_the_one_that_was_promised() -> None:
    """Others check by it, in other languages: these bytes never change."""
    link = chain.link(SESSION, 1, "2026-11-03T10:15:00.123456Z", "started", "ab" * 32)

    assert link == crypto.sha256(f"{SESSION}\n1\n2026-11-03T10:15:00.123456Z\nstarted\n{'ab' * 32}")
    assert link == "0db11e155e596a845f2c4fd21f656d9bba3b4f74b5c9e225543f82ad1aaae15a"


def test_a_moment_is_written_alike_wherever_it_was_read() -> None:
    """In UTC, always with six digits, whatever zone the database answers in."""
    paris = datetime(2026, 11, 3, 11, 15, tzinfo=timezone(timedelta(hours=1)))

    assert chain.moment(paris) == "2026-11-03T10:15:00.000000Z"


def test_a_chain_as_it_was_written_holds() -> None:
    """Of five, and of none at all."""
    assert breaks_at(forged(5)) is None
    assert chain.find_breach(SESSION, [], 0, None) is None


@settings(max_examples=50)
@given(at=st.integers(0, 4), field=st.sampled_from(["number", "at", "kind", "digest", "link"]), data=st.data())
def test_whatever_is_changed_breaks_it_there(at: int, field: str, data: st.DataObject) -> None:
    """Any one character of any field of any exhibit."""
    links = forged(5)
    text = str(getattr(links[at], field))
    where = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda character: character != text[where]))
    changed: str | int = text[:where] + other + text[where + 1 :]
    links[at] = replace(links[at], **{field: 9 if field == "number" else changed})

    assert breaks_at(links) == at + 1


@settings(max_examples=30)
@given(st.permutations(range(5)))
def test_order_is_part_of_it(order: list[int]) -> None:
    """It breaks at the first that stands elsewhere, also where all were numbered anew."""
    links = forged(5)
    mixed = [links[at] for at in order]
    renumbered = [replace(one, number=number) for number, one in enumerate(mixed, start=1)]
    first = next((place for place, at in enumerate(order, start=1) if at != place - 1), None)

    assert breaks_at(mixed) == first
    assert breaks_at(renumbered) == first


@pytest.mark.parametrize("gone", range(5))
def test_nothing_can_be_left_out(gone: int) -> None:
    """Not the first, not the last, none in between."""
    links = forged(5)
    del links[gone]

    assert breaks_at(links) == gone + 1


def test_the_tail_cannot_be_cut_off_with_its_number() -> None:
    """The head still names the last one; and one that was put on is found too."""
    assert breaks_at(forged(3), exhibits=3) == 3
    assert breaks_at(forged(6)) == 6
    assert breaks_at(forged(6), exhibits=6) == 6


def test_a_chain_belongs_to_its_session() -> None:
    """Another visit's record is no record of this one."""
    assert breaks_at(forged(5), session="ses_" + "1" * 32) == 1
