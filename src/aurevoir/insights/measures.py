"""The dictionary of measures, and the arithmetic of intervals. Pure; docs/measures.md is written from it."""

from functools import cache
from math import sqrt
from statistics import NormalDist
from typing import Literal

from msgspec import Struct

Clock = Literal["episode start"]
Unit = Literal["episodes", "share", "minor units of one currency", "n of N episodes"]


class Measure(Struct, frozen=True, kw_only=True):
    """One defined number. What it says here is printed beside the number."""

    id: str
    formula: str
    numerator: str
    denominator: str | None = None
    clock: Clock = "episode start"
    unit: Unit
    caveat: str = ""


_SHOWN = "Answered episodes in which the reason stood among the options."
_TABLE = (
    Measure(
        id="episodes",
        formula="Number of valid episodes that began in the period.",
        numerator=(
            "Episodes: all live sessions of one subscription within 30 days of the first one, if at least one move was "
            "made in them."
        ),
        unit="episodes",
        caveat="Sessions in which nothing was done (bounced) make no episode; test mode never does.",
    ),
    Measure(
        id="answered_episodes",
        formula="Number of episodes whose reason question was answered.",
        numerator="Episodes with at least one answered, not skipped, reason question.",
        unit="episodes",
        caveat="Imported reasons are left out: nobody recorded what those customers were shown.",
    ),
    Measure(
        id="survey_response_rate",
        formula="answered_episodes ÷ episodes",
        numerator="Answered episodes.",
        denominator="Valid episodes.",
        unit="share",
        caveat="An episode that went straight to the confirmation counts as not answered.",
    ),
    Measure(
        id="reason_count",
        formula="Number of episodes with this reason.",
        numerator="Episodes whose last answered reason question has this reason as its primary (first) choice.",
        unit="episodes",
        caveat="An episode counts once, however often the flow was opened. “Prefer not to say” is a choice too.",
    ),
    Measure(
        id="reason_shown",
        formula="Number of answered episodes in which the reason was shown (`n`).",
        numerator=_SHOWN,
        unit="episodes",
        caveat="Taken from the same answer as the reason itself.",
    ),
    Measure(
        id="reason_share_primary",
        formula="reason_count ÷ reason_shown, with its Wilson 95 % interval (no continuity correction).",
        numerator="Episodes with this reason.",
        denominator=_SHOWN,
        unit="share",
        caveat="Reasons that were not always shown have denominators of their own, so shares need not add up to 1.",
    ),
    Measure(
        id="mrr_at_stake",
        formula="Sum of the monthly recurring revenue of the episodes with this reason.",
        numerator="MRR at the first session of each episode, counted once, for its primary reason.",
        unit="minor units of one currency",
        caveat="One sum for each currency, never converted. At stake is not lost: some of these customers stay.",
    ),
    Measure(
        id="mrr_unknown",
        formula="Number of episodes with this reason whose MRR is not known.",
        numerator="Episodes whose first session came without an amount, a currency or an interval.",
        unit="episodes",
        caveat="They are in no sum; unknown is not zero.",
    ),
    Measure(
        id="coverage",
        formula="Reasons known for n of N declared cancellations.",
        numerator="Episodes with a standing declaration whose reason question was answered.",
        denominator="Episodes with a standing declaration: declared, and not taken back.",
        unit="n of N episodes",
        caveat="The lower it is, the less the reasons of those who answered say about the others.",
    ),
)
_INTRODUCTION = """# Measures

Every number that Aurevoir reports, as it is counted. This page is written from `src/aurevoir/insights/measures.py`.

What holds for all of them:

- The unit is the *episode*: all live sessions of one subscription within 30 days of the first. Opening the flow five
  times is one episode. Test mode is never counted.
- The clock is the start of the episode, as a day in the workspace's zone. Periods are half-open: `to` is the first day
  that is no longer counted. Weeks are those of ISO 8601.
- Without `from` and `to`, a report covers twelve calendar months, the present one included.
- Money is in minor units (cents) of its own currency. Currencies are never converted and never added up.
- Shares are rounded to six decimals. A reason that was shown to nobody in a period has no row in it.
- In the table form (`reason_stats`) there is one row per period and reason, and one column per currency
  (`mrr_at_stake_minor_eur`): rows may be added up over reasons and periods without counting an episode twice. The
  coverage of the period stands in every row; do not add that up over reasons."""
MEASURES: dict[str, Measure] = {measure.id: measure for measure in _TABLE}


def definitions(*names: str) -> dict[str, str]:
    """What stands beside a report's numbers: by measure, formula and caveat."""
    return {name: f"{MEASURES[name].formula} {MEASURES[name].caveat}".strip() for name in names}


def markdown() -> str:
    """docs/measures.md."""
    parts = [_INTRODUCTION]
    for measure in MEASURES.values():
        facts = {
            "Numerator": measure.numerator,
            "Denominator": measure.denominator,
            "Clock": measure.clock,
            "Unit": measure.unit,
            "Mind": measure.caveat,
        }
        lines = [f"- **{name}:** {text}" for name, text in facts.items() if text]
        parts.append("\n".join([f"## `{measure.id}`", "", measure.formula, "", *lines]))
    return "\n\n".join(parts) + "\n"


def wilson(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The Wilson score interval without continuity correction; (0, 1), "anything", when n is 0.

    Newcombe, Two-sided confidence intervals for the single proportion, method 3
    (https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8%3C857::AID-SIM777%3E3.0.CO;2-E).
    """
    if not 0 <= successes <= n:
        raise ValueError("successes must lie between 0 and n")
    if n == 0:
        return 0.0, 1.0
    z = _quantile(confidence)
    share, square = successes / n, z * z / n
    centre = (share + square / 2) / (1 + square)
    half = z * sqrt(share * (1 - share) / n + square / (4 * n)) / (1 + square)
    # At the ends the formula gives the ends themselves, but for rounding.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    return low, 1.0 if successes == n else min(1.0, centre + half)


@cache
def _quantile(confidence: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence / 2)
