"""Rows of flows: the name, the draft people edit, the versions that never change."""

from tortoise import fields
from tortoise.models import Model


class FlowRow(Model):
    """What names a flow and points to its live version."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    key = fields.CharField(60)
    title = fields.CharField(120)
    live_version_id = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "flow"
        unique_together = (("workspace", "key"),)


class FlowDraft(Model):
    """The editable state; `revision` counts the saves, so that two editors notice each other."""

    id = fields.UUIDField(primary_key=True)
    flow: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.FlowRow", related_name=False, on_delete=fields.CASCADE, unique=True
    )
    source = fields.TextField()
    revision = fields.IntField(default=1)
    saved_at = fields.DatetimeField()

    class Meta:
        table = "flow_draft"


class FlowVersion(Model):
    """A published state, numbered from 1; immutable."""

    id = fields.UUIDField(primary_key=True)
    flow: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.FlowRow", related_name=False, on_delete=fields.CASCADE
    )
    number = fields.IntField()
    source = fields.TextField()
    source_hash = fields.CharField(64)
    published_by = fields.CharField(60)
    published_at = fields.DatetimeField()

    class Meta:
        table = "flow_version"
        unique_together = (("flow", "number"),)


class FlowOverride(Model):
    """A fair-exit warning that a named person published in spite of, with the reason; never changed."""

    id = fields.UUIDField(primary_key=True)
    version: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.FlowVersion", related_name=False, on_delete=fields.CASCADE
    )
    rule = fields.CharField(10)
    path = fields.CharField(200)
    message = fields.CharField(500)
    # Who answers for it, by name; and whose key or account it was.
    person = fields.CharField(120)
    actor = fields.CharField(60)
    reason = fields.CharField(500)
    overridden_at = fields.DatetimeField()

    class Meta:
        table = "flow_override"
        indexes = (("version",),)


class Experiment(Model):
    """A question put to chance: a holdout, or variants of a flow or of an offer; arms and shares never change."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    key = fields.CharField(60)
    kind = fields.CharField(10)
    # The key of the flow or of the offer that varies; NULL for a holdout.
    subject = fields.CharField(60, null=True)
    # [{"name", "share", "uses"}], shares in percent, 100 together.
    arms = fields.TextField()
    salt = fields.CharField(64)
    started_at = fields.DatetimeField()
    stopped_at = fields.DatetimeField(null=True)

    class Meta:
        table = "experiment"
        unique_together = (("workspace", "key"),)


class Assignment(Model):
    """Which arm a subscription is in, with the probability it had; the same for as long as the experiment runs."""

    id = fields.UUIDField(primary_key=True)
    experiment: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Experiment", related_name=False, on_delete=fields.CASCADE
    )
    # The pseudonym.
    subscription = fields.CharField(32)
    arm = fields.CharField(60)
    probability = fields.FloatField()
    assigned_at = fields.DatetimeField()

    class Meta:
        table = "assignment"
        unique_together = (("experiment", "subscription"),)
