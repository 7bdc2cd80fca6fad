"""Labels beside codes: an option's words in the reader's language, from the flow that shows them."""

from uuid import UUID

from msgspec import Struct

from aurevoir.flows import service as flows
from aurevoir.flows.service import FlowNotFound, Version
from aurevoir.flows.steps import ChoiceStep, Option
from aurevoir.kit.i18n import negotiate

REASON_STEP = ""  # whatever its id is


class Label(Struct, frozen=True):
    """What a code means."""

    text: str
    category: str | None


async def of_reasons(workspace: UUID, locale: str, default_flow: str | None) -> dict[str, Label]:
    """The reasons of every live flow, in the words of the default one where it has them.

    A code means the same in the whole workspace, so that any flow's words will do otherwise.
    """
    found: dict[str, Label] = {}
    every = await flows.list_flows(workspace)
    for row in sorted(every, key=lambda row: bool(row["key"] != default_flow)):
        if row["live_version"] is not None:
            live = await flows.live_version(workspace, row["key"], None)
            for option in live.reason_step.options:
                found.setdefault(option.code, Label(_words(option, locale), option.category))
    return found


class VersionLabels:
    """The options of the versions met so far in one export, each read once."""

    def __init__(self, locale: str) -> None:
        self._locale = locale
        self._known: dict[UUID, dict[tuple[str, str], str]] = {}

    async def meet(self, versions: set[UUID]) -> None:
        """Read what is new among `versions`."""
        for version in versions - self._known.keys():
            self._known[version] = await self._read(version)

    def text(self, version: UUID, step: str, code: str) -> str:
        """The option's words as that version shows them; the code where it is not known any more."""
        return self._known[version].get((step, code), code)

    async def _read(self, version: UUID) -> dict[tuple[str, str], str]:
        try:
            found = await flows.version(version)
        except FlowNotFound:
            return {}
        return {key: _words(option, self._locale) for key, option in _options(found)}


def _options(version: Version) -> list[tuple[tuple[str, str], Option]]:
    steps = [step for step in version.flow.steps if isinstance(step, ChoiceStep)]
    named = [((step.id, option.code), option) for step in steps for option in step.options]
    return named + [((REASON_STEP, option.code), option) for option in version.reason_step.options]


def _words(option: Option, locale: str) -> str:
    return option.label[negotiate(locale, tuple(option.label))]
