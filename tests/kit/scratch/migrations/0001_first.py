"""The first form: `number` is a small integer, `size` does not exist."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Two tables."""

    initial = True
    operations = [
        ops.CreateModel(
            name="Thing",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=60)),
                ("at", fields.DatetimeField(null=True)),
                ("on", fields.DateField(null=True)),
                ("data", fields.JSONField(null=True)),
                ("secret", fields.BinaryField(null=True)),
                ("flag", fields.BooleanField(db_default=False)),
                ("number", fields.IntField(db_default=0)),
            ],
            options={
                "table": "thing",
                "app": "aurevoir",
                "indexes": [Index(fields=["flag", "number"])],
                "pk_attr": "id",
                "table_description": "Every kind of column; and a semicolon.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Part",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "thing",
                    fields.ForeignKeyField(
                        "aurevoir.Thing",
                        source_field="thing_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="parts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("place", fields.IntField(default=0)),
            ],
            options={
                "table": "part",
                "app": "aurevoir",
                "unique_together": (("thing", "place"),),
                "indexes": [Index(fields=["thing", "id"])],
                "pk_attr": "id",
                "table_description": "Belongs to a thing.",
            },
            bases=["Model"],
        ),
    ]
