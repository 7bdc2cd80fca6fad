"""Rows of webhooks: where facts are sent, every attempt, and whom rules notify."""

from tortoise import fields
from tortoise.models import Model


class WebhookEndpoint(Model):
    """An address of the operator's that hears of chosen events; its secrets are sealed, two during a rotation."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    mode = fields.CharField(4)
    url = fields.CharField(2000)
    # Event kinds, or ["*"]; of `redemption.*` all that begin so.
    events = fields.JSONField[list[str]]()
    # A JSON list, the newest first, sealed with the workspace's data key.
    secrets = fields.BinaryField()
    older_until = fields.DatetimeField(null=True)
    # Whether what customers wrote goes along.
    include_comments = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()
    # `operator`; `gone`: it answered 410; `failing`: nothing arrived in all the time of a schedule.
    disabled_at = fields.DatetimeField(null=True)
    disabled_because = fields.CharField(20, null=True)

    class Meta:
        table = "webhook_endpoint"
        indexes = (("workspace", "mode"),)


class WebhookDelivery(Model):
    """One event on its way to one endpoint; the payload is filled when it is sent, and never stored."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    endpoint: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.WebhookEndpoint", related_name=False, on_delete=fields.CASCADE
    )
    event_id = fields.UUIDField()
    event_kind = fields.CharField(60)
    state = fields.CharField(12)
    attempts = fields.IntField(default=0)
    # The latest attempts as JSON: when, the status or why there was none, how long it took.
    log = fields.TextField(default="[]")
    # When it is due. While it is being sent, the moment from which it counts as lost, and the sender's proof of tenure.
    not_before = fields.DatetimeField()
    created_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "webhook_delivery"
        unique_together = (("endpoint", "event_id"),)
        indexes = (("endpoint", "state", "not_before"), ("endpoint", "id"), ("state", "settled_at"))


class NotificationRule(Model):
    """When somebody wants to know: conditions on a session's outcome, and the way to tell them."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    mode = fields.CharField(4)
    name = fields.CharField(120)
    # The conditions as their Struct, JSON.
    rule = fields.TextField()
    # Where to: {"kind": "mail" | "webhook" | "slack", …}, sealed, because addresses are people's.
    target = fields.BinaryField()
    created_at = fields.DatetimeField()
    paused_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notification_rule"
        indexes = (("workspace", "mode"),)


class Notification(Model):
    """One event told to one rule's target; the same event never twice."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    rule: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.NotificationRule", related_name=False, on_delete=fields.CASCADE
    )
    event_id = fields.UUIDField()
    session_id = fields.UUIDField()
    state = fields.CharField(12)
    attempts = fields.IntField(default=0)
    # Of the last attempt; NULL: none failed.
    problem = fields.CharField(40, null=True)
    # As a delivery's.
    not_before = fields.DatetimeField()
    created_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notification"
        unique_together = (("rule", "event_id"),)
        indexes = (("rule", "state", "not_before"), ("rule", "id"), ("state", "settled_at"))
