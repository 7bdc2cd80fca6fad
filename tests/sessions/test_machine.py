"""The session machine, walked through at random."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.sessions.walks import Walk

STEPS = 20


def _walk(examples: int) -> None:
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=False,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_cancel_is_never_missing_or_refused() -> None:
    """Whatever Dana does, in any flow and any pack, two presses of cancel end it; a taste of the long walk."""
    _walk(150)


@pytest.mark.slow
def test_ten_thousand_walks_never_lose_the_way_out() -> None:
    """10,000 random walks over generated flows: cancel is on every screen, and never refused."""
    _walk(10_000)
