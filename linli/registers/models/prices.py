"""The price list of medical services: published versions, and the prices of each with the days on which they hold."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from linli.kernel.ids import uuid7
from linli.registers.models.fields import one_of

PRICE_LEVELS = ("", "1", "2", "3")
"""Grade of the hospital that a price is for: "" for every one, else first to third grade, the third being the highest."""


class PriceVersion(models.Model):
    """What one document publishes. effective_from: the first day of those of its prices that say none of their own.

    A version never changes; one that was published by mistake is withdrawn as a whole, with its reason, and stays on record.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    document = models.CharField(max_length=200)
    effective_from = models.DateField()
    file_name = models.CharField(max_length=255)
    source = models.CharField(max_length=80)
    items = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=100)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=100, default="", blank=True)
    reason = models.CharField(max_length=400, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source"], condition=Q(withdrawn_at__isnull=True), name="price_version_once"),
            models.CheckConstraint(condition=Q(withdrawn_at__isnull=True, reason="") | ~Q(reason=""), name="price_withdrawal_has_reason"),
        ]

    def __str__(self) -> str:
        return f"prices:{self.uid}"


class PriceItem(models.Model):
    """What an item costs in hospitals of a grade from valid_from to valid_to, both included; valid_to None: until the next price begins.

    fen: the price of one unit. withdrawn: its version is.
    """

    version = models.ForeignKey(PriceVersion, on_delete=models.PROTECT, related_name="prices")
    code = models.CharField(max_length=40, db_collation="C")
    level = models.CharField(max_length=1, default="", blank=True)
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=40)
    fen = models.BigIntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = [
            one_of("level", PRICE_LEVELS, "price_level"),
            models.CheckConstraint(condition=Q(fen__gte=0), name="price_not_negative"),
            models.CheckConstraint(condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="price_days"),
        ]
        indexes = [models.Index(fields=["code", "level", "-valid_from"], name="price_on_a_day")]

    def __str__(self) -> str:
        return f"price:{self.pk}"
