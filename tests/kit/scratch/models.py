"""The scratch schema's rows, as the second migration leaves them."""

from tortoise import fields
from tortoise.models import Model


class Thing(Model):
    """Every kind of column; and a semicolon, which Tortoise used to stumble over."""

    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=60, unique=True)
    at = fields.DatetimeField(null=True)
    on = fields.DateField(null=True)
    data = fields.JSONField[dict[str, int | str]](null=True)
    secret = fields.BinaryField(null=True)
    flag = fields.BooleanField(db_default=False)
    number = fields.BigIntField(db_default=0)
    size = fields.IntField(db_default=7)

    class Meta:
        table = "thing"
        indexes = (("flag", "number"),)


class Part(Model):
    """Belongs to a thing and goes with it."""

    id = fields.UUIDField(primary_key=True)
    thing: fields.ForeignKeyRelation[Thing] = fields.ForeignKeyField(
        "aurevoir.Thing", related_name="parts", on_delete=fields.CASCADE
    )
    place = fields.IntField(default=0)

    class Meta:
        table = "part"
        unique_together = (("thing", "place"),)
        indexes = (("thing", "id"),)
