"""What Tortoise gets wrong on tables with rows: altered and added columns."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """`number` grows, `size` arrives, `place` is altered in the table with a foreign key."""

    dependencies = [("aurevoir", "0001_first")]
    operations = [
        ops.AlterField(model_name="Thing", name="number", field=fields.BigIntField(db_default=0)),
        ops.AddField(model_name="Thing", name="size", field=fields.IntField(db_default=7)),
        ops.AlterField(model_name="Part", name="place", field=fields.BigIntField(default=0)),
    ]
