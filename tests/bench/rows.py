"""The row of the insert that the journeys are compared with: ten columns, two indexes."""

from tortoise import fields
from tortoise.models import Model


class Note(Model):
    """About as much as one answer."""

    id = fields.IntField(primary_key=True)
    session = fields.CharField(40, db_index=True)
    step = fields.CharField(40)
    choice = fields.CharField(40, db_index=True)
    text = fields.TextField()
    locale = fields.CharField(10)
    country = fields.CharField(2)
    plan = fields.CharField(40)
    amount = fields.BigIntField()
    value = fields.SmallIntField()
