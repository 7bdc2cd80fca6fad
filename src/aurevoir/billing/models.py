"""Rows of billing: which gateway a workspace uses, what it said last, and what it sent us."""

from tortoise import fields
from tortoise.models import Model


class GatewayConnection(Model):
    """The one gateway of a workspace and mode."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    mode = fields.CharField(4)
    gateway = fields.CharField(20)
    # Keys and addresses as JSON, sealed with the workspace's data key; NULL where the gateway needs none.
    settings = fields.BinaryField(null=True)
    connected_at = fields.DatetimeField()

    class Meta:
        table = "gateway_connection"
        unique_together = (("workspace", "mode"),)


class BillingSnapshot(Model):
    """What billing said of a subscription when it was last asked."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    mode = fields.CharField(4)
    # The pseudonym.
    subscription = fields.CharField(32)
    gateway = fields.CharField(20)
    # The snapshot as JSON, sealed; NULL where asking failed, and `problem` says why.
    sealed = fields.BinaryField(null=True)
    problem = fields.CharField(60, null=True)
    taken_at = fields.DatetimeField()

    class Meta:
        table = "billing_snapshot"
        unique_together = (("workspace", "mode", "subscription"),)


class ProviderEvent(Model):
    """Something a provider told us, kept before it is answered; the same event again changes nothing."""

    id = fields.UUIDField(primary_key=True)
    connection: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.GatewayConnection", related_name=False, on_delete=fields.CASCADE
    )
    event_id = fields.CharField(120)
    kind = fields.CharField(80)
    # The body as it came, sealed.
    sealed = fields.BinaryField()
    received_at = fields.DatetimeField()
    processed_at = fields.DatetimeField(null=True)
    # Why it was put aside instead: `api_version`.
    problem = fields.CharField(60, null=True)

    class Meta:
        table = "provider_event"
        unique_together = (("connection", "event_id"),)
        indexes = (("processed_at", "id"),)


class SandboxSubscription(Model):
    """A subscription of the sandbox, whole, as JSON: the billing system of demos and tests lives in these rows."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    mode = fields.CharField(4)
    # The operator's own id: invented customers only.
    subscription = fields.CharField(200)
    ledger = fields.TextField()
    revision = fields.IntField(default=0)

    class Meta:
        table = "sandbox_subscription"
        unique_together = (("workspace", "mode", "subscription"),)
