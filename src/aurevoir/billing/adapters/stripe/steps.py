"""The requests that plans are made of. Pure.

A step's parameters: `path` (ids in the address; `{schedule}` stands for what an earlier step brought back), `body`
(what is sent), `remember` (what a revert will need to know).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aurevoir.billing.adapters.stripe.moments import seconds
from aurevoir.billing.adapters.stripe.reading import MARKER, Details
from aurevoir.billing.gateway import Impossible
from aurevoir.billing.plan import Step


def update(subscription: str, marker: str, remember: Mapping[str, str] | None = None, **body: Any) -> Step:
    """Change a subscription, our marker with it."""
    parameters = {"path": [subscription], "body": {**body, "metadata": {MARKER: marker}}}
    return Step(operation="subscriptions.update", parameters=parameters | ({"remember": remember} if remember else {}))


def change_items(
    subscription: str, marker: str, item: Mapping[str, Any], remember: Mapping[str, str] | None = None
) -> Step:
    """Another price or quantity now; `item` has its id, without which a second one would be added."""
    return update(
        subscription,
        marker,
        remember,
        items=[item],
        proration_behavior="create_prorations",
        payment_behavior="error_if_incomplete",
    )


def end_now(subscription: str, **body: Any) -> Step:
    """End a subscription at once; it takes no metadata."""
    return Step(operation="subscriptions.cancel", parameters={"path": [subscription], "body": body})


def begin_schedule(subscription: str, now: datetime) -> Step:
    """Put a subscription under a schedule, as it is. Nothing else may be said: our marker follows with the phases."""
    body = {"from_subscription": subscription}
    # Whose it is can be told only by when it was made, until the marker is there.
    parameters = {"path": [], "body": body, "since": seconds(now)}
    return Step(operation="subscription_schedules.create", parameters=parameters, repeatable=False)


def fill_schedule(marker: str, remember: Mapping[str, str] | None = None, **body: Any) -> Step:
    """Say what the new schedule is to do, our marker with it."""
    parameters = {"path": ["{schedule}"], "body": {**body, "metadata": {MARKER: marker}}}
    return Step(
        operation="subscription_schedules.update", parameters=parameters | ({"remember": remember} if remember else {})
    )


def release_schedule(schedule: str) -> Step:
    """Let the subscription go on as it is now, under no schedule."""
    return Step(operation="subscription_schedules.release", parameters={"path": [schedule], "body": {}})


def unmanaged(details: Details) -> Details:
    """The details, unless a schedule manages the subscription: what it says next would undo ours. Raises Impossible."""
    if details.schedule is not None:
        raise Impossible("under_schedule" if details.is_ours else "foreign_schedule")
    return details
