"""Every way to break a rule that a template has, or might think that it has."""

from tests.flows.seeded import shapes, strange, worded
from tests.flows.seeded.way import Way


def every_way() -> list[Way]:
    """Words in every place, fields and kinds that there are none of, shapes that no customer should meet."""
    return [*worded.ways(), *strange.fields(), *strange.kinds(), *shapes.ways()]
