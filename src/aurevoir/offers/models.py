"""Rows of offers: what was agreed, on its way through billing."""

from tortoise import fields
from tortoise.models import Model


class Redemption(Model):
    """An accepted offer or a declared cancellation; `plan` is what will be sent, sealed and never recomputed."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    mode = fields.CharField(4)
    kind = fields.CharField(30)
    # Carries "at most once": exit:{declaration}:{kind}.
    idempotency_key = fields.CharField(120, unique=True)
    session_id = fields.UUIDField()
    subscription = fields.CharField(32)
    gateway = fields.CharField(20)
    state = fields.CharField(20)
    plan = fields.BinaryField()
    attempts = fields.IntField(default=0)
    attention = fields.CharField(60, null=True)
    lease_by = fields.CharField(60, null=True)
    lease_until = fields.DatetimeField(null=True)
    not_before = fields.DatetimeField()
    apply_before = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "redemption"
        indexes = (
            ("state", "not_before"),
            ("workspace", "session_id"),
            ("workspace", "mode", "subscription", "id"),
        )
