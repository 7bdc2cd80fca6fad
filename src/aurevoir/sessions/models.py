"""Rows of sessions: visits, what was answered on them, what was declared."""

from tortoise import fields
from tortoise.models import Model


class Episode(Model):
    """All live sessions of one subscription within 30 days of the first: the unit of analysis."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    subscription = fields.CharField(32)
    number = fields.IntField()
    started_at = fields.DatetimeField()
    # The day it began in the workspace's zone: periods are counted on it.
    started_on = fields.DateField()

    class Meta:
        table = "episode"
        unique_together = (("workspace", "subscription", "number"),)
        indexes = (("workspace", "started_on"),)


class Session(Model):
    """One customer's visit to a flow."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    mode = fields.CharField(4)
    channel = fields.CharField(12)
    flow = fields.CharField(60)
    version_id = fields.UUIDField()
    customer = fields.CharField(32)
    subscription = fields.CharField(32)
    # `live:<subscription>` while this is the one open session, NULL once another may begin; unique, it decides races.
    open_key = fields.CharField(60, null=True)
    episode: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Episode", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    state = fields.CharField(12)
    revision = fields.IntField(default=0)
    step = fields.CharField(60)
    # What the machine needs beside state, revision and step, as JSON: answers, skips, the offer shown.
    visit = fields.TextField()
    # The token's facts without ids and e-mail, as JSON.
    facts = fields.TextField()
    pack = fields.CharField(20)
    pack_reason = fields.CharField(60)
    locale = fields.CharField(20)
    seed = fields.BigIntField()
    mrr = fields.BigIntField(null=True)
    currency = fields.CharField(3, null=True)
    moves = fields.IntField(default=0)
    declarations = fields.SmallIntField(default=0)
    capability_hash = fields.CharField(64, null=True, unique=True)
    capability = fields.BinaryField(null=True)
    # The arms of the experiments that were running when it began, as JSON; NULL where there were none.
    arms = fields.TextField(null=True)
    started_at = fields.DatetimeField()
    # The day it began in the workspace's zone.
    started_on = fields.DateField()
    moved_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    ends_on = fields.DateField(null=True)
    expires_at = fields.DatetimeField()
    # How many exhibits there are, and the last one's link: the chain of evidence goes on from here.
    exhibits = fields.IntField(default=0, db_default=0)
    evidence_head = fields.CharField(64, null=True)
    answers_withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "session"
        unique_together = (("workspace", "open_key"),)
        indexes = (
            ("workspace", "mode", "started_on", "id"),
            ("workspace", "mode", "subscription"),
            ("workspace", "customer"),
            ("episode",),
            ("state", "moved_at"),
        )


class TokenUse(Model):
    """A customer token's `jti` belongs to one session: the same token again gives that session."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    jti_hash = fields.CharField(64)
    session: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Session", related_name=False, on_delete=fields.CASCADE
    )
    expires_at = fields.DatetimeField()

    class Meta:
        table = "token_use"
        unique_together = (("workspace", "jti_hash"),)
        indexes = (("expires_at",),)


class Answer(Model):
    """What was given to one step of one session; the last word wins."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    session: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Session", related_name=False, on_delete=fields.CASCADE
    )
    step = fields.CharField(60)
    kind = fields.CharField(12)
    is_reason = fields.BooleanField(default=False)
    # False: shown and left out. A step that was never shown has no row.
    is_answered = fields.BooleanField(default=True)
    text = fields.TextField(null=True)
    value = fields.SmallIntField(null=True)
    locale = fields.CharField(20)
    answered_at = fields.DatetimeField()

    class Meta:
        table = "answer"
        unique_together = (("session", "step"),)
        indexes = (("workspace", "answered_at"),)


class AnswerChoice(Model):
    """One option as it was shown with an answer: where it stood, and its rank when chosen (1 = primary)."""

    id = fields.UUIDField(primary_key=True)
    session: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Session", related_name=False, on_delete=fields.CASCADE
    )
    step = fields.CharField(60)
    code = fields.CharField(60)
    category = fields.CharField(30, null=True)
    position = fields.SmallIntField()
    rank = fields.SmallIntField(null=True)

    class Meta:
        table = "answer_choice"
        unique_together = (("session", "step", "code"),)


class Declaration(Model):
    """The words "I cancel", with the server's time."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    # Legal forms declare without a session.
    session: fields.ForeignKeyNullableRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Session", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    # Counts the declarations of a session: after an undo there may be another, never two of the same number.
    number = fields.SmallIntField()
    declared_at = fields.DatetimeField()
    effective_on = fields.DateField(null=True)
    undone_at = fields.DatetimeField(null=True)

    class Meta:
        table = "declaration"
        unique_together = (("session", "number"),)


class Receipt(Model):
    """What proves a declaration: written once, never changed; the documents are sealed, the secret opens them."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    declaration: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Declaration", related_name=False, on_delete=fields.RESTRICT, unique=True
    )
    secret_hash = fields.CharField(64)
    # {"secret", "text", "html"} sealed with the workspace's data key.
    sealed = fields.BinaryField()
    issued_at = fields.DatetimeField()

    class Meta:
        table = "receipt"


class Exhibit(Model):
    """What happened in a session and the screen that was shown then, linked to the one before by its hash."""

    id = fields.UUIDField(primary_key=True)
    session: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Session", related_name=False, on_delete=fields.CASCADE
    )
    number = fields.IntField()
    kind = fields.CharField(30)
    at = fields.DatetimeField()
    # SHA-256 of the payload; it stays when the payload is erased, so that the chain still holds.
    digest = fields.CharField(64)
    link = fields.CharField(64)
    # The payload as JSON, compressed and sealed; NULL once it was erased.
    sealed = fields.BinaryField(null=True)

    class Meta:
        table = "exhibit"
        unique_together = (("session", "number"),)
