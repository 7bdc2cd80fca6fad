"""No text that a customer reads escapes the check of its languages."""

from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from aurevoir.flows.steps import FollowUp, Option, Step
from aurevoir.flows.translations import TEXT_FIELDS
from aurevoir.kit.struct import LocalisedLabel, LocalisedLong, LocalisedShort
from aurevoir.offers.terms import Offer

KINDS = (*get_args(Step), *get_args(Offer), Option, FollowUp)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_field_in_several_languages_is_checked(kind: type[msgspec.Struct]) -> None:
    """A text field that is added to a step or an offer is added to the check as well."""
    hints: dict[str, Any] = get_type_hints(kind, include_extras=True)
    localised = {
        name
        for name, hint in hints.items()
        if {hint, *get_args(hint)} & {LocalisedLabel, LocalisedShort, LocalisedLong} and name != "__metadata__"
    }

    assert localised == TEXT_FIELDS & set(hints)
