from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('aurevoir', '0002_offers')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Exhibit',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('session', fields.ForeignKeyField('aurevoir.Session', source_field='session_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('number', fields.IntField()),
                ('kind', fields.CharField(max_length=30)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('digest', fields.CharField(max_length=64)),
                ('link', fields.CharField(max_length=64)),
                ('sealed', fields.BinaryField(null=True)),
            ],
            options={'table': 'exhibit', 'app': 'aurevoir', 'unique_together': (('session', 'number'),), 'pk_attr': 'id', 'table_description': 'What happened in a session and the screen that was shown then, linked to the one before by its hash.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='FlowOverride',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('version', fields.ForeignKeyField('aurevoir.FlowVersion', source_field='version_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('rule', fields.CharField(max_length=10)),
                ('path', fields.CharField(max_length=200)),
                ('message', fields.CharField(max_length=500)),
                ('person', fields.CharField(max_length=120)),
                ('actor', fields.CharField(max_length=60)),
                ('reason', fields.CharField(max_length=500)),
                ('overridden_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'flow_override', 'app': 'aurevoir', 'indexes': [Index(fields=['version'])], 'pk_attr': 'id', 'table_description': 'A fair-exit warning that a named person published in spite of, with the reason; never changed.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='FormDeclaration',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('workspace', fields.ForeignKeyField('aurevoir.Workspace', source_field='workspace_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('form', fields.CharField(max_length=20)),
                ('page_hash', fields.CharField(max_length=64)),
                ('state', fields.CharField(max_length=12)),
                ('locale', fields.CharField(max_length=20)),
                ('received_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('wished_on', fields.DateField(null=True)),
                ('sealed_fields', fields.BinaryField()),
                ('sealed_receipt', fields.BinaryField()),
                ('secret_hash', fields.CharField(max_length=64)),
                ('address', fields.CharField(max_length=32)),
                ('network', fields.CharField(null=True, max_length=32)),
                ('is_suspect', fields.BooleanField(default=False)),
                ('session_id', fields.UUIDField(null=True)),
                ('settled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('settled_by', fields.CharField(null=True, max_length=60)),
                ('note', fields.CharField(null=True, max_length=500)),
            ],
            options={'table': 'form_declaration', 'app': 'aurevoir', 'unique_together': (('workspace', 'page_hash'),), 'indexes': [Index(fields=['workspace', 'state', 'id']), Index(fields=['workspace', 'session_id']), Index(fields=['workspace', 'address', 'received_at']), Index(fields=['network', 'received_at'])], 'pk_attr': 'id', 'table_description': 'A declaration made on a legal form, with its receipt; it waits for a person to match it to a subscription.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Session',
            name='answers_withdrawn_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Session',
            name='evidence_head',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='Session',
            name='exhibits',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddIndex(
            model_name='Session',
            index=Index(fields=['workspace', 'customer']),
        ),
        ops.AddField(
            model_name='Workspace',
            name='contact_email',
            field=fields.CharField(null=True, max_length=320),
        ),
        ops.AddField(
            model_name='Workspace',
            name='theme',
            field=fields.TextField(null=True, unique=False),
        ),
    ]
