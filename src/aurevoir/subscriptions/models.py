"""Rows of subscriptions: who was active when, for how much, who paid, and who left elsewhere and why."""

from tortoise import fields
from tortoise.models import Model


class Subscription(Model):
    """A subscription that billing told of, or whose customer declared a cancellation here."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    mode = fields.CharField(4)
    # Pseudonyms.
    subscription = fields.CharField(32)
    customer = fields.CharField(32)
    # The customer's own word, given here: it outranks what billing says of the reason. NULL once taken back.
    declared_at = fields.DatetimeField(null=True)
    declared_reason = fields.CharField(60, null=True)
    # When billing was last heard of it.
    seen_at = fields.DatetimeField()

    class Meta:
        table = "subscription"
        unique_together = (("workspace", "mode", "subscription"),)
        indexes = (("workspace", "mode", "id"), ("workspace", "customer"))


class SubscriptionState(Model):
    """What held of a subscription from `valid_from` until `valid_to` (NULL: it still does).

    The intervals of a subscription touch and never overlap: `subscriptions.history` makes them.
    """

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    mode = fields.CharField(4)
    subscription = fields.CharField(32)
    customer = fields.CharField(32)
    valid_from = fields.DatetimeField()
    valid_to = fields.DatetimeField(null=True)
    status = fields.CharField(20)
    # Monthly, in minor units of `currency`; NULL where it is not known.
    mrr = fields.BigIntField(null=True)
    currency = fields.CharField(3, null=True)
    plan = fields.CharField(200, null=True)
    interval = fields.CharField(10, null=True)
    quantity = fields.BigIntField(null=True)
    # Who ended it, and why: two questions, two columns.
    ended_by = fields.CharField(20, null=True)
    reason_code = fields.CharField(60, null=True)
    # The gateway that told, or `import`.
    source = fields.CharField(20)
    told_at = fields.DatetimeField()
    is_assumed = fields.BooleanField()

    class Meta:
        table = "subscription_state"
        unique_together = (("workspace", "mode", "subscription", "valid_from"),)
        indexes = (("workspace", "mode", "valid_from", "valid_to"), ("workspace", "customer"))


class Payment(Model):
    """A payment, or an invoice that awaits one."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    mode = fields.CharField(4)
    # The provider's own id of it.
    reference = fields.CharField(200)
    customer = fields.CharField(32)
    subscription = fields.CharField(32, null=True)
    paid_at = fields.DatetimeField(null=True)
    amount = fields.BigIntField()
    currency = fields.CharField(3)
    status = fields.CharField(20)
    source = fields.CharField(20)
    told_at = fields.DatetimeField()

    class Meta:
        table = "payment"
        unique_together = (("workspace", "mode", "reference"),)
        indexes = (
            ("workspace", "mode", "subscription"),
            ("workspace", "mode", "paid_at"),
            ("workspace", "customer"),
        )


class PastExit(Model):
    """An exit that did not go through a flow of ours: billing, or a file, told of it."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    mode = fields.CharField(4)
    subscription = fields.CharField(32)
    customer = fields.CharField(32)
    ended_at = fields.DatetimeField()
    # Always `imported`: the channel that keeps it apart from what customers said here.
    channel = fields.CharField(10)
    ended_by = fields.CharField(20)
    # Of the common taxonomy, mapped from `feedback`, the provider's own word.
    category = fields.CharField(60, null=True)
    feedback = fields.CharField(60, null=True)
    # What the customer wrote there, sealed with the workspace's data key.
    comment = fields.BinaryField(null=True)
    source = fields.CharField(20)
    told_at = fields.DatetimeField()

    class Meta:
        table = "past_exit"
        unique_together = (("workspace", "mode", "subscription", "ended_at"),)
        indexes = (("workspace", "customer"),)


class BillingSync(Model):
    """How far the records of a connected billing system were read."""

    id = fields.UUIDField(primary_key=True)
    connection: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.GatewayConnection", related_name=False, on_delete=fields.CASCADE
    )
    # Of the connection, when this was read: connected anew, all of it is read again.
    connected_at = fields.DatetimeField()
    # The pass under way: when it began, what it asks for (NULL: everything) and where it goes on.
    began_at = fields.DatetimeField(null=True)
    since = fields.DatetimeField(null=True)
    position = fields.TextField(null=True)
    # The beginning of the last pass that came to its end, and of the last one that read everything.
    covered_at = fields.DatetimeField(null=True)
    full_at = fields.DatetimeField(null=True)
    due_at = fields.DatetimeField()
    failures = fields.IntField(default=0)
    problem = fields.CharField(60, null=True)
    lease_by = fields.CharField(60, null=True)
    lease_until = fields.DatetimeField(null=True)

    class Meta:
        table = "billing_sync"
        unique_together = (("connection",),)
