"""Rows of events: every fact, written in the transaction of the change it tells; also the outbox."""

from tortoise import fields
from tortoise.models import Model


class Event(Model):
    """A fact in the past tense; never holds free text or a clear id."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    kind = fields.CharField(60)
    mode = fields.CharField(4, default="live")
    session_id = fields.UUIDField(null=True)
    actor = fields.CharField(60)
    payload = fields.JSONField[dict[str, object]]()
    at = fields.DatetimeField()
    # NULL until the worker has told every subscriber.
    dispatched_at = fields.DatetimeField(null=True)
    failures = fields.IntField(db_default=0)

    class Meta:
        table = "event"
        indexes = (("dispatched_at", "failures", "id"), ("workspace", "session_id"))


class Letter(Model):
    """A mail on its way: written in the transaction of its event's telling, sent by the worker, then emptied."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    # Carries "at most once", e.g. receipt:{declaration}.
    key = fields.CharField(120)
    kind = fields.CharField(40)
    # Recipient, subject and both bodies, sealed with the workspace's data key; NULL once sent or given up.
    sealed = fields.BinaryField(null=True)
    attempts = fields.IntField(default=0)
    problem = fields.CharField(60, null=True)
    lease_until = fields.DatetimeField(null=True)
    not_before = fields.DatetimeField()
    written_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)

    class Meta:
        table = "letter"
        unique_together = (("workspace", "key"),)
        indexes = (("sent_at", "not_before"),)
