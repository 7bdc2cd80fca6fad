"""The session machine and the drawing of it, walked through at random: any flow, any pack, any moves."""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.sessions.walks import Walk

MOVES = 30
MANY = 10_000 if "AUREVOIR_AUDIT" in os.environ else 1_500


def _walk(examples: int) -> None:
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=examples,
            stateful_step_count=MOVES,
            deadline=None,
            derandomize=False,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_promises_hold_on_every_screen() -> None:
    """Whatever a template holds and Dana does, in any pack; a taste of the long walk."""
    _walk(40)


@pytest.mark.slow
def test_thousands_of_walks_break_no_promise() -> None:
    """A generated template each, half of them such as no check would pass; 10,000 in the audit."""
    _walk(MANY)
