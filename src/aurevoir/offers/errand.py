"""A claimed redemption at its present step, as it is carried from answer to answer."""

import random

from msgspec import Struct
from msgspec.structs import replace

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing.gateway import GatewayError
from aurevoir.billing.plan import Order, Plan, Verdict
from aurevoir.offers.journal import Claim, StepRow
from aurevoir.offers.redemption import Course, Stand

# These have no terms: they are planned by what billing says when they are sent.
WITHOUT_TERMS = ("cancel", "revert")
# Before it is sent, and once more where something has come in between.
MOST_PLANNINGS = 2


class Errand(Struct, frozen=True, kw_only=True):
    """A claimed redemption at its present step."""

    claim: Claim
    workspace: WorkspaceSettings
    plan: Plan
    step: StepRow
    # How often it was planned by what billing says now, since it was taken up.
    plannings: int = 0

    def stand(self, conflict: str | None = None) -> Stand:
        """As the rules look at it."""
        one, offer = self.claim.redemption, self.claim.redemption.kind not in (*WITHOUT_TERMS, "undo_cancel")
        return Stand(
            state=one.state,
            attempts=one.attempts + 1,
            outranked=self.claim.outranked,
            may_plan_anew=one.kind in WITHOUT_TERMS and self.plannings < MOST_PLANNINGS,
            apply_before=one.apply_before if offer else None,
            is_first=self.is_first,
            is_last=self.step.number == len(self.plan.steps) - 1,
            step=self.step.state,
            generation=self.step.generation,
            sent_at=self.step.sent_at,
            conflict=conflict,
            chance=random.random(),  # noqa: S311 - spreads retries
        )

    @property
    def is_first(self) -> bool:
        """Whether nothing of the plan has taken effect yet."""
        return self.step.number == 0

    def order(self) -> Order:
        """The present step as the gateway is asked for it."""
        return self.claim.order(self.plan, self.step)

    def at(self, step: StepRow) -> "Errand":
        """The same errand with this step as it is now."""
        claim = replace(self.claim, steps=self.claim.steps | {step.number: step})
        return replace(self, claim=claim, step=step)

    def after(self, outcome: Verdict | GatewayError, course: Course) -> "Errand":
        """The step as the provider's answer leaves it, with what it brought back."""
        found = outcome.references if isinstance(outcome, Verdict) else {}
        references = self.step.provider_references | found
        return self.at(
            replace(self.step, state=course.step, generation=course.generation, provider_references=references)
        )

    def with_plan(self, plan: Plan) -> "Errand":
        """From the first step of another plan, under keys that were never used."""
        fresh = {
            number: StepRow(number=number, generation=row.generation + 1) for number, row in self.claim.steps.items()
        }
        claim = replace(self.claim, steps=fresh)
        return replace(self, claim=claim, plan=plan, step=claim.step(0), plannings=self.plannings + 1)

    def as_frozen(self) -> "Errand":
        """The plan stays, though it was to be made anew."""
        return replace(self, plannings=self.plannings + 1)


def next_step(claim: Claim, plan: Plan) -> StepRow:
    """The first step that is not done."""
    steps = (claim.step(number) for number in range(len(plan.steps)))
    return next((step for step in steps if step.state != "confirmed"), claim.step(len(plan.steps) - 1))
