"""Rows of billing: which gateway a workspace uses in which mode."""

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
    connected_at = fields.DatetimeField()

    class Meta:
        table = "gateway_connection"
        unique_together = (("workspace", "mode"),)
