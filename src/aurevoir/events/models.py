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
