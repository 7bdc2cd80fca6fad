"""Rows of legal forms: declarations that came without a session."""

from tortoise import fields
from tortoise.models import Model


class FormDeclaration(Model):
    """A declaration made on a legal form, with its receipt; it waits for a person to match it to a subscription."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    form = fields.CharField(20)
    # Of the page that was filled in: posted twice, it is one declaration.
    page_hash = fields.CharField(64)
    state = fields.CharField(12)
    locale = fields.CharField(20)
    received_at = fields.DatetimeField()
    wished_on = fields.DateField(null=True)
    # What was written on the form, sealed; and the receipt's documents, likewise.
    sealed_fields = fields.BinaryField()
    sealed_receipt = fields.BinaryField()
    secret_hash = fields.CharField(64)
    # Pseudonyms, to count by: of the e-mail address, and for a day of the network that it came from.
    address = fields.CharField(32)
    network = fields.CharField(32, null=True)
    # More came from there than people send: no mail leaves before a person has looked.
    is_suspect = fields.BooleanField(default=False)
    session_id = fields.UUIDField(null=True)
    settled_at = fields.DatetimeField(null=True)
    settled_by = fields.CharField(60, null=True)
    note = fields.CharField(500, null=True)

    class Meta:
        table = "form_declaration"
        unique_together = (("workspace", "page_hash"),)
        indexes = (
            ("workspace", "state", "id"),
            ("workspace", "session_id"),
            ("workspace", "address", "received_at"),
            ("network", "received_at"),
        )
