"""Who is in which arm of an experiment: a salted hash of the subscription decides, the same way for ever. Pure."""

from collections.abc import Sequence
from hashlib import sha256
from math import sqrt
from typing import Annotated, Literal

from msgspec import Meta, Struct

from aurevoir.kit.errors import Problem
from aurevoir.kit.struct import Key, Strict

ExperimentKind = Literal["holdout", "flow", "offer"]
# The arm of a holdout whose customers see the survey and no offer.
HOLDOUT = "holdout"
Percent = Annotated[int, Meta(ge=1, le=99)]

# Below, a month says too little for a holdout to be worth the customers it leaves without an offer.
ENOUGH_EPISODES = 200
MONTHS = 3
# Two-sided 5 %, power 80 %: 1.960 + 0.842 standard errors.
_MULTIPLIER = 2.802


class Arm(Strict, frozen=True, kw_only=True):
    """One way of doing it: `uses` is the flow or offer that stands in for the subject; None is the subject itself."""

    name: Key
    share: Percent
    uses: Key | None = None


class Drawn(Struct, frozen=True):
    """An arm and the probability that it had."""

    arm: Arm
    probability: float


class Suggestion(Struct, frozen=True, kw_only=True):
    """What a holdout of `share` per cent would show after so many months: differences of `detectable` and more."""

    share: int
    months: int
    episodes: int
    detectable: float


def draw(arms: Sequence[Arm], salt: str, subscription: str) -> Drawn:
    """The arm of this subscription (a pseudonym); shares are those of all possible hashes, to 2⁻⁶⁴."""
    place = int.from_bytes(sha256(f"{salt}:{subscription}".encode()).digest()[:8], "big") * 100
    reached = 0
    for arm in arms:
        reached += arm.share
        if place < reached << 64:
            return Drawn(arm, arm.share / 100)
    raise ValueError("the shares do not add up to 100")


def problems(kind: ExperimentKind, subject: str | None, arms: Sequence[Arm]) -> list[Problem]:
    """What is wrong with an experiment before it starts."""
    found = []
    if sum(arm.share for arm in arms) != 100:
        found.append(Problem("$.arms", "The shares must add up to 100."))
    if len({arm.name for arm in arms}) < len(arms):
        found.append(Problem("$.arms", "Every arm needs a name of its own."))
    if kind == "holdout":
        return found + _problems_of_holdout(subject, arms)
    if subject is None:
        found.append(Problem("$.subject", f"Name the {kind} that varies."))
    if len({arm.uses or subject for arm in arms}) < len(arms):
        found.append(Problem("$.arms", "Two arms do the same."))
    return found


def suggest_holdout(episodes_per_month: int, share: int = 5) -> Suggestion | None:
    """The smallest difference of save rates that such a holdout shows after three months; None: too few episodes.

    Minimum detectable effect = multiplier × standard error (H. S. Bloom, Evaluation Review 19(5), 1995), the error of
    a difference of two proportions at its largest, where half are saved.
    """
    if episodes_per_month < ENOUGH_EPISODES:
        return None
    episodes = episodes_per_month * MONTHS
    kept_out = episodes * share / 100
    error = sqrt(0.25 / kept_out + 0.25 / (episodes - kept_out))
    return Suggestion(share=share, months=MONTHS, episodes=episodes, detectable=round(_MULTIPLIER * error, 3))


def _problems_of_holdout(subject: str | None, arms: Sequence[Arm]) -> list[Problem]:
    found = []
    if subject is not None or any(arm.uses for arm in arms):
        found.append(Problem("$.subject", "A holdout varies no flow and no offer."))
    if len(arms) != 2 or HOLDOUT not in [arm.name for arm in arms]:
        found.append(Problem("$.arms", f"A holdout has two arms, and one of them is `{HOLDOUT}`."))
    return found
