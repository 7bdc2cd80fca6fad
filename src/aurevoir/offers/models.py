"""Rows of offers: what was shown and why, what was agreed, on its way through billing, and what was given so far."""

from tortoise import fields
from tortoise.models import Model


class Redemption(Model):
    """An accepted offer or a declared cancellation; `plan` is what will be sent, sealed and never recomputed."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    mode = fields.CharField(4)
    kind = fields.CharField(30)
    # Carries "at most once": exit:{declaration}:{kind}, exit:{session}:{offer}, exit:{redemption}:revert.
    idempotency_key = fields.CharField(120, unique=True)
    # `{mode}:{subscription}:offer` while an offer is under way, NULL otherwise: one at a time.
    live_key = fields.CharField(60, null=True)
    session_id = fields.UUIDField()
    subscription = fields.CharField(32)
    gateway = fields.CharField(20)
    # Of an accepted offer: its key, the terms as they were shown (JSON) and their hash.
    offer = fields.CharField(60, null=True)
    terms = fields.TextField(null=True)
    terms_hash = fields.CharField(64, null=True)
    # Who took it, within which limits and at what cost (JSON), and the month in which `offer_usage` counts it; NULL:
    # in none, or not any more.
    taken = fields.TextField(null=True)
    counted_in = fields.CharField(7, null=True)
    # Of a revert: the redemption that it takes back.
    reverts_id = fields.UUIDField(null=True)
    state = fields.CharField(20)
    plan = fields.BinaryField()
    attempts = fields.IntField(default=0)
    attention = fields.CharField(60, null=True)
    lease_by = fields.CharField(60, null=True)
    lease_until = fields.DatetimeField(null=True)
    not_before = fields.DatetimeField()
    apply_before = fields.DatetimeField(null=True)
    # When what was agreed runs out by itself: then it is completed.
    ends_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "redemption"
        unique_together = (("workspace", "live_key"),)
        indexes = (
            ("state", "not_before"),
            ("workspace", "session_id"),
            ("workspace", "mode", "subscription", "id"),
        )


class RedemptionStep(Model):
    """One request of a redemption's plan; written before it leaves."""

    id = fields.UUIDField(primary_key=True)
    redemption: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Redemption", related_name=False, on_delete=fields.CASCADE
    )
    number = fields.SmallIntField()
    # Raised after an answer that says "not done" for good: the provider would only repeat it under the old key.
    generation = fields.SmallIntField(default=0)
    state = fields.CharField(20)
    sent_at = fields.DatetimeField(null=True)
    # What the provider calls the things it made, as JSON.
    provider_references = fields.TextField(default="{}")

    class Meta:
        table = "redemption_step"
        unique_together = (("redemption", "number"),)


class Presentation(Model):
    """One offer of one visit, shown or not, and why not; what was shown stands here as it may be accepted."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    session_id = fields.UUIDField()
    version_id = fields.UUIDField()
    offer = fields.CharField(60)
    kind = fields.CharField(30)
    # Where it stood among the candidates of the reason, from 1.
    rank = fields.SmallIntField()
    # NULL: it was shown.
    why_not = fields.CharField(40, null=True)
    # The agreement as JSON, and the snapshot that it was worked out from.
    agreement = fields.TextField(null=True)
    snapshot_version = fields.CharField(64, null=True)
    honoured_until = fields.DatetimeField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "presentation"
        unique_together = (("session_id", "offer"),)
        indexes = (("workspace", "at"),)


class OfferGrant(Model):
    """That a customer took an offer, and from when on they may have it again."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    mode = fields.CharField(4)
    customer = fields.CharField(32)
    offer = fields.CharField(60)
    # NULL: there was nothing to carry out.
    redemption_id = fields.UUIDField(null=True)
    granted_at = fields.DatetimeField()
    # NULL: at once, there is no such limit.
    again_at = fields.DatetimeField(null=True)

    class Meta:
        table = "offer_grant"
        unique_together = (("workspace", "mode", "customer", "offer"),)
        indexes = (("redemption_id",),)


class OfferUsage(Model):
    """How often an offer was taken in a month, and what it cost, in minor units of its budget's currency."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    mode = fields.CharField(4)
    offer = fields.CharField(60)
    # 2026-11, in the workspace's zone.
    month = fields.CharField(7)
    taken = fields.IntField(default=0)
    cost = fields.BigIntField(default=0)

    class Meta:
        table = "offer_usage"
        unique_together = (("workspace", "mode", "offer", "month"),)


class Favour(Model):
    """What a customer who stays is willing to do in return: the product team's follow-up list."""

    id = fields.UUIDField(primary_key=True)
    workspace: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "aurevoir.Workspace", related_name=False, on_delete=fields.CASCADE
    )
    mode = fields.CharField(4)
    session_id = fields.UUIDField()
    customer = fields.CharField(32)
    offer = fields.CharField(60)
    favour = fields.CharField(60)
    promised_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "favour"
        unique_together = (("session_id", "favour"),)
        indexes = (("workspace", "promised_at"),)
