"""The analysts' views: what is in them, and above all what is not."""

from typing import Any

import pytest

from aurevoir.insights import views
from aurevoir.insights.views import VIEWS
from aurevoir.kit import sql
from tests.factories import make_answer, make_declaration, make_reason_answer, make_session, make_workspace
from tests.insights.golden import at, make_january

WORDS = "words of a customer"


async def rows(view: str, order: str = "1") -> list[dict[str, Any]]:
    return await sql.fetch_all(f"SELECT * FROM {view} ORDER BY {order}")


@pytest.mark.usefixtures("database")
async def test_only_live_sessions_are_facts() -> None:
    """The filter is in the view: no query can forget it."""
    await make_january()
    modes = {row["mode"] for row in await rows("fct_cancel_session")}
    counted = {row["customer"] for row in await rows("fct_cancel_episode")}

    assert modes == {"live"}
    assert "c4" not in counted
    assert {row["session_id"] for row in await rows("fct_reason_answer")} <= {
        row["session_id"] for row in await rows("fct_cancel_session")
    }


@pytest.mark.usefixtures("database")
async def test_test_mode_has_views_of_its_own() -> None:
    """For those who try things out; nothing live is in them."""
    await make_january()
    [session] = await rows("test_cancel_session")
    [answer] = await rows("test_answer")

    assert (session["customer"], session["mode"], session["episode_id"]) == ("c4", "test", None)
    assert (answer["mode"], answer["choice"]) == ("test", "price")


@pytest.mark.usefixtures("database")
async def test_what_customers_wrote_is_in_one_view_only() -> None:
    """`fct_answer` (and its twin for test mode) is labelled; no other view shows text or attributes."""
    workspace = await make_workspace()
    session = await make_session(workspace, at(2), facts={"subscription": {"plan": "pro"}, "attributes": {"a": WORDS}})
    await make_reason_answer(session, "price", text=WORDS)
    await make_answer(session, "comment", "text", text=WORDS)
    showing = [view for view in VIEWS if any(WORDS in str(row) for row in await rows(view))]

    assert showing == ["fct_answer"]
    assert "personal data" in VIEWS["fct_answer"].meaning


@pytest.mark.usefixtures("database")
async def test_the_dictionary_names_every_column() -> None:
    """In the order in which the database has them, each with a sentence."""
    workspace = await make_workspace()
    for mode in ("live", "test"):
        await make_reason_answer(await make_session(workspace, at(2), customer=mode, mode=mode), "price")

    for name, view in VIEWS.items():
        assert list((await rows(name))[0]) == [column.name for column in view.columns]
        assert all(column.meaning.endswith(".") for column in view.columns)


@pytest.mark.usefixtures("database")
async def test_the_facts_of_the_subscription_are_columns() -> None:
    """As far as segments need them; unknown is empty."""
    workspace = await make_workspace()
    await make_session(workspace, at(2), customer="a", facts={"subscription": {"plan": "pro", "interval": "year"}})
    await make_session(workspace, at(3), customer="b", facts={"subscription": {"plan": None}, "country": "DE"})
    found = await rows("fct_cancel_session", "started_at")

    assert [(row["plan"], row["billing_interval"], row["country"]) for row in found] == [
        ("pro", "year", None),
        (None, None, "DE"),
    ]


@pytest.mark.usefixtures("database")
async def test_choices_stand_in_the_order_chosen() -> None:
    """The primary one first, wherever the options stood."""
    session = await make_session(await make_workspace(), at(2))
    await make_reason_answer(session, "support", "bugs", "price")
    [answer] = await rows("fct_answer")

    assert (answer["choice"], answer["choices"]) == ("support", "support|bugs|price")


@pytest.mark.usefixtures("database")
async def test_a_session_shows_its_last_declaration() -> None:
    """Declared, taken back, declared again."""
    session = await make_session(await make_workspace(), at(2))
    await make_declaration(session, at(2), undone_at=at(3))
    await make_declaration(session, at(5))
    [row] = await rows("fct_cancel_session")

    assert (str(row["declared_at"])[:10], row["undone_at"]) == ("2026-01-05", None)


@pytest.mark.usefixtures("database")
async def test_reasons_have_a_history() -> None:
    """When each was first and last shown."""
    workspace = await make_workspace()
    for day, shown in ((2, ("price", "bugs")), (9, ("price", "unused"))):
        session = await make_session(workspace, at(day), customer=str(day))
        await make_reason_answer(session, "price", shown=shown)
    found = {
        row["code"]: (str(row["first_shown_at"])[8:10], str(row["last_shown_at"])[8:10])
        for row in await rows("dim_reason")
    }

    assert found == {"price": ("02", "09"), "bugs": ("02", "02"), "unused": ("09", "09")}


@pytest.mark.usefixtures("database")
async def test_the_views_are_made_anew_with_every_migration() -> None:
    """They are code: a release that changes one needs no migration for it."""
    await make_january()
    before = await rows("fct_cancel_episode")

    assert await views.migrate() == []
    assert await rows("fct_cancel_episode") == before
