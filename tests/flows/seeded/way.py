"""A way to break a rule: what is changed in a clean template, and where the fault must be told then."""

from collections.abc import Callable
from random import Random

from msgspec import Struct

from tests.flows.seeded.clean import Raw

# Changes the template, and says where the fault is then.
Change = Callable[[Raw, Random], str]


class Way(Struct, frozen=True):
    """One way of breaking a rule."""

    rule: str
    name: str
    change: Change
    # The language that the template must have for it.
    language: str = "en"
