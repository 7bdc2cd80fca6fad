"""A worker that dies at any moment, under any fault, with keys that expire: the next one finishes, exactly once."""

import asyncio
import itertools
import os
import secrets
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from aurevoir.billing.plan import ActionKind
from aurevoir.kit import db
from aurevoir.migrations import MODELS
from aurevoir.settings import Settings
from tests import house as houses
from tests.billing.stripe_fake.seeds import Seed, plant
from tests.billing.stripe_fake.server import Fault, Server, running
from tests.cast import ACME
from tests.house import House
from tests.offers.crash_stem import DEAD, SUBSCRIPTION, Life, Point

# Which cells: all of them, or a slice that is a matter of seconds.
EVERY = 1 if "AUREVOIR_AUDIT" in os.environ else 11
FAULTS = ("pass", "drop_before", "drop_after", "500_after", "500_before", "429")


class Story(NamedTuple):
    """What was agreed, the requests that carry it out, and what must have taken effect once."""

    kind: ActionKind
    paths: tuple[str, ...]
    effects: dict[str, int]
    yearly: bool = False


STORIES = (
    Story("discount", ("coupons", "subscriptions/"), {"coupon": 1, "discount": 1}),
    Story("cancel", ("subscriptions/",), {"cancel": 1}),
    Story("split_payment", ("subscription_schedules", "subscription_schedules/"), {"schedule": 1, "phases": 1}, True),
)


class Case(NamedTuple):
    """One cell of the matrix."""

    story: Story
    dies: str
    point: Point
    request: int
    fault: str
    expires: bool


def points(story: Story) -> Iterator[tuple[str, Point, int]]:
    """Every moment of a plan's way, and the request that it belongs to."""
    yield "taken up", Point("carry", "before", 1), 0
    for number in range(len(story.paths)):
        nth = number + 1
        yield f"before request {nth}", Point("send", "before", nth), number
        yield f"after request {nth}", Point("send", "after", nth), number
        yield f"settling {nth}", Point("note", "after", nth), number
        yield f"settled {nth}", Point("noted", "after", nth), number


def cases() -> Iterator[Case]:
    """Every point × every fault × keys alive or expired."""
    for story in STORIES:
        for (name, point, request), fault, expires in itertools.product(points(story), FAULTS, (False, True)):
            yield Case(story, name, point, request, fault, expires)


class Stem:
    """Workers that live and die, one after another."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def live(self, life: Life) -> int:
        """One life; how it ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(life) + b"\n")
        return int(await self._process.stdout.readline())


@asynccontextmanager
async def stem(log: Path) -> AsyncIterator[Stem]:
    """Its own process, with everything imported."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.offers.crash_stem",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env=environment,
            cwd=Path(__file__).parents[2],
        )
        try:
            yield Stem(process)
        finally:
            process.kill()
            await process.wait()


class Bench:
    """A house whose billing is the fake, to be copied for each case."""

    def __init__(self, template: Path, settings: Settings, house: House, fake: Server, workers: Stem) -> None:
        self._template, self._settings, self._house = template, settings, house
        self._fake, self._workers = fake, workers

    async def judge(self, case: Case) -> str:
        """What became of it: "once" where each effect happened once and is known to have happened."""
        path = Path(shutil.copy(self._template, self._template.with_name("case.db")))
        life = Life(database=f"sqlite://{path}", secret=self._settings.secret_key, workspace=self._house.id)
        self._prepare(case)
        first = await self._workers.live(msgspec.structs.replace(life, agrees=case.story.kind, dies=case.point))
        self._fake.faults = []
        if case.expires:
            self._fake.api.forget_keys()
        await self._workers.live(msgspec.structs.replace(life, later=61))
        effects = Counter(effect["kind"] for effect in self._fake.account.effects)
        confirmed, told = (_counted(path, what) for what in (_CONFIRMED, _TOLD))
        if (dict(effects), confirmed, told) != (case.story.effects, 1, 1):
            return f"effects {dict(effects)}, confirmed {confirmed}, told {told}"
        return "once, died" if first == DEAD else "once, lived"

    def _prepare(self, case: Case) -> None:
        self._fake.reset()
        plant(
            self._fake.account,
            Seed(
                subscription=SUBSCRIPTION.subscription,
                customer=SUBSCRIPTION.customer,
                interval="year" if case.story.yearly else "month",
            ),
        )
        if case.fault != "pass":
            self._fake.faults = [Fault(fault=case.fault, path=case.story.paths[case.request])]


_CONFIRMED = "SELECT count(*) FROM redemption WHERE state = 'confirmed'"
_TOLD = "SELECT count(*) FROM event WHERE kind = 'redemption.confirmed'"


def _counted(path: Path, statement: str) -> int:
    """Read beside our own engine, which takes longer to open than the answer."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(statement).fetchone()[0])


@asynccontextmanager
async def bench(template: Path, folder: Path) -> AsyncIterator[Bench]:
    """One fake and one stem for all cases."""
    path = Path(shutil.copy(template, folder / "template.db"))
    settings = Settings(database_url=f"sqlite://{path}", secret_key=secrets.token_urlsafe(32), base_url="http://test")
    async with running() as fake, stem(folder / "workers.log") as workers:
        await db.open_database(settings.database_url, MODELS)
        try:
            house = await houses.build(settings.installation, ACME)
            await house.connect("stripe", "test", api_key="sk_test_1", api_base=fake.url)
        finally:
            await db.close_database()
        yield Bench(path, settings, house, fake, workers)


Outcomes = list[tuple[Case, str]]


async def judged(template: Path, folder: Path, chosen: Sequence[Case]) -> Outcomes:
    """What became of each of the chosen cases."""
    async with bench(template, folder) as cells:
        return [(case, await cells.judge(case)) for case in chosen]


def failed(outcomes: Outcomes) -> list[str]:
    """The cases that ended in any other way than they must."""
    return [
        f"{case.story.kind}, {case.dies}, {case.fault}, {'expired' if case.expires else 'alive'}: {outcome}"
        for case, outcome in outcomes
        if not outcome.startswith("once")
    ]


def table(outcomes: Outcomes) -> str:
    """The figures, by story and fault."""
    lines = [f"{'story':<15}{'fault':<14}{'cases':>6}{'died':>6}{'exactly once':>14}"]
    for story, fault in itertools.product(STORIES, FAULTS):
        found = [outcome for case, outcome in outcomes if (case.story, case.fault) == (story, fault)]
        died, once = sum(one == "once, died" for one in found), sum(one.startswith("once") for one in found)
        lines.append(f"{story.kind:<15}{fault:<14}{len(found):>6}{died:>6}{once:>14}")
    return "\n".join(lines)


@pytest.mark.slow
async def test_whatever_moment_the_worker_dies_it_happens_once(sqlite_template: Path, tmp_path: Path) -> None:
    """Every point × every fault × keys alive and expired, for every story: exactly once, confirmed, told once.

    `make audit` looks at each cell; otherwise at every eleventh, with each point, fault and story among them.
    """
    chosen = list(cases())[::EVERY]
    outcomes = await judged(sqlite_template, tmp_path, chosen)
    print("\n" + table(outcomes))

    assert {case.fault for case in chosen} == set(FAULTS)
    assert {case.dies for case in chosen} == {case.dies for case in cases()}
    assert failed(outcomes) == []
    assert sum(outcome == "once, died" for _, outcome in outcomes) > len(chosen) / 2
