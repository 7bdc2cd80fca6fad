"""Rows of access: workspaces, their keys, and the vault of clear ids."""

from tortoise import fields
from tortoise.models import Model


class Workspace(Model):
    """One product whose customers cancel; owns everything else."""

    id = fields.UUIDField(primary_key=True)
    key = fields.CharField(60, unique=True)
    name = fields.CharField(120)
    zone = fields.CharField(60, default="UTC")
    currency = fields.CharField(3, default="EUR")
    locale = fields.CharField(20, default="en")
    default_flow = fields.CharField(60, null=True)
    default_country = fields.CharField(2, null=True)
    default_consumer = fields.BooleanField(null=True)
    allowed_origins = fields.JSONField[list[str]](default=list)
    # What happens to the customer's data after the end, by locale; omitted where it is not said.
    data_after_exit = fields.JSONField[dict[str, str]](default=dict)
    # The key that seals the vault and makes the pseudonyms, wrapped by the installation's secret.
    data_key = fields.BinaryField()
    # Where customers reach a person; shown on the legal forms.
    contact_email = fields.CharField(320, null=True)
    # Colours of the hosted pages, as JSON; NULL: the built-in ones.
    theme = fields.TextField(null=True)
    synthetic = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()

    class Meta:
        table = "workspace"


class SigningKey(Model):
    """A key the operator's server signs customer tokens with; algorithm and mode never change."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    kid = fields.CharField(60, unique=True)
    algorithm = fields.CharField(10)
    mode = fields.CharField(4)
    # HS256: the secret, sealed. EdDSA: the public key in PEM, sealed likewise.
    sealed_key = fields.BinaryField()
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "signing_key"


class ApiKey(Model):
    """A key of the operator API; only its hash is kept."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    name = fields.CharField(120)
    hint = fields.CharField(12)
    key_hash = fields.CharField(64, unique=True)
    scopes = fields.JSONField[list[str]]()
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_key"


class CustomerVault(Model):
    """What must be readable again (customer id, subscription id, e-mail), sealed; everything else holds pseudonyms."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    customer = fields.CharField(32)
    subscription = fields.CharField(32)
    sealed = fields.BinaryField()
    stored_at = fields.DatetimeField()

    class Meta:
        table = "customer_vault"
        unique_together = (("workspace", "subscription"),)
        indexes = (("workspace", "customer"),)


class IdempotencyKey(Model):
    """An answer already given to an unsafe call, kept so that a repeat gets the same one."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    key_hash = fields.CharField(64)
    body_hash = fields.CharField(64)
    status = fields.SmallIntField()
    response = fields.BinaryField()
    stored_at = fields.DatetimeField()

    class Meta:
        table = "idempotency_key"
        unique_together = (("workspace", "key_hash"),)
