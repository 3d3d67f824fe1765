"""Tokens, webhooks with their deliveries, and how often somebody has called."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from linli.kernel.ids import uuid7
from linli.registers.models import Staff
from linli.trace.rows import digested
from linli.trace.sealed import sealed

STATUSES = ("waiting", "sent", "failed")
HELD_BACK = {"status": "failed", "error": "held back after a restore from a backup; replay it"}


class Token(models.Model):
    """A key for a program, made by a member of staff and never wider than what they may do themselves on the day of a call.

    digest: of the secret, which is shown once and kept nowhere. grants: [{"role", "area", "programme"}], as in StaffGrant.
    made_by: the token that asked for it; null for one that its owner made in person. It ends with that one.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    digest = models.CharField(max_length=80, unique=True, db_collation="C")
    label = models.CharField(max_length=100)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    grants = models.JSONField()
    made_by = models.ForeignKey("self", on_delete=models.PROTECT, related_name="made", null=True, blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(expires_at__gt=models.F("made_at")), name="api_token_range")]

    def __str__(self) -> str:
        return f"token:{self.uid}"


class Webhook(models.Model):
    """An address that is told of facts of some types inside an area, for as long as its owner holds the role there.

    secret_cipher: the secret that signs, sealed by the vault under this row's uid (linli.api.signing).
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=500)
    types = ArrayField(models.CharField(max_length=80))
    role = models.CharField(max_length=16)
    area_code = models.CharField(max_length=17, blank=True, db_collation="C")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    secret_cipher = models.TextField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["made_at"], condition=Q(ended_at__isnull=True), name="api_webhook_open")]

    def __str__(self) -> str:
        return f"webhook:{self.uid}"


class Delivery(models.Model):
    """One fact on its way to one webhook. due_at: when it is tried next; status_code, error: of the last attempt."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries")
    fact = models.BigIntegerField()
    status = models.CharField(max_length=8, default="waiting")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["webhook", "fact"], name="api_delivery_once"),
            models.CheckConstraint(condition=Q(status__in=STATUSES), name="api_delivery_status"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(status="waiting"), name="api_delivery_due")]

    def __str__(self) -> str:
        return f"delivery:{self.uid}"


class Calls(models.Model):
    """How many calls one key (a keyed digest of a token or an address) made in the minute that began at `minute`. Telemetry, no fact."""

    key = models.CharField(max_length=80, primary_key=True, db_collation="C")
    minute = models.DateTimeField()
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.key} {self.count}"


digested(Token, exclude=("last_used_at",))
digested(Webhook)
sealed(Webhook, subject="uid", ciphers=("secret_cipher",))
