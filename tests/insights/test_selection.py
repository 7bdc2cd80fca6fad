"""Reading what is asked for."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.insights.selection import select
from aurevoir.kit.errors import Invalid

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
ACME = WorkspaceSettings(
    id=UUID(int=1),
    key="acme",
    name="Acme",
    zone="Europe/Paris",
    currency="EUR",
    locale="fr",
    default_flow=None,
    default_country=None,
    default_consumer=None,
    allowed_origins=(),
    data_after_exit={},
    data_key=b"",
    synthetic=False,
)


def test_words_become_days() -> None:
    """With everything else from the workspace."""
    found = select(ACME, NOW, since="2026-01-01", until="2026-02-01", mode="test", group_by="week")

    assert (found.since, found.until, found.mode, found.grain) == (date(2026, 1, 1), date(2026, 2, 1), "test", "week")
    assert (found.workspace, found.zone, found.locale, found.currency) == (ACME.id, "Europe/Paris", "fr", "EUR")


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({"since": "yesterday"}, ["$.from"]),
        ({"since": "2026-02-30"}, ["$.from"]),
        ({"since": "20260201", "until": "2026-W10-1"}, ["$.from", "$.to"]),
        ({"until": "9999-12-31"}, ["$.to"]),
        ({"since": "0001-01-01", "until": "2026"}, ["$.from", "$.to"]),
        ({"since": "2026-02-01", "until": "2026-02-01"}, ["$.from"]),
        ({"since": "2026-02-02", "until": "2026-02-01"}, ["$.from"]),
        ({"since": "2026-03-21"}, ["$.from"]),
        ({"mode": "preview"}, ["$.mode"]),
        ({"group_by": "plan"}, ["$.group_by"]),
        ({"since": "x", "until": "y", "mode": "z", "group_by": "day"}, ["$.from", "$.to", "$.mode", "$.group_by"]),
    ],
)
def test_what_means_nothing_is_refused_with_its_path(given: dict[str, Any], paths: list[str]) -> None:
    """All of it at once, and never with what was sent."""
    with pytest.raises(Invalid) as refused:
        select(ACME, NOW, **given)

    assert [problem.path for problem in refused.value.problems] == paths


def test_an_end_alone_is_the_end_of_twelve_months() -> None:
    """`to` in the past looks back from there."""
    period = select(ACME, NOW, until="2025-01-01").period()

    assert (period.start, period.end) == (date(2024, 1, 1), date(2025, 1, 1))
