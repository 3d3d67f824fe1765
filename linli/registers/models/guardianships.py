"""Guardianships that are shown on paper: what the paper says, who recorded it, and what came of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from linli.kernel.ids import uuid7
from linli.registers.models.fields import one_of, salt, valid_range
from linli.registers.models.residents import Resident

DOCUMENTS = ("judgment", "appointment", "agreement", "certificate")
GUARDIANSHIP_STATES = ("waiting", "confirmed", "refused", "revoked")


class Guardianship(models.Model):
    """One paper by which somebody is somebody's guardian. Nothing follows from this row: once confirmed, the family link is what counts.

    document: 判决书, 指定监护决定, 意定监护协议 or 监护关系证明, with its number, issuing organ and day. valid_to: never after the ward's
    majority. recorded_by, decided_by, ended_by: actors. reasons: why it was refused or revoked; both sides read them.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    ward = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="guardianships")
    guardian = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="guardianships_held")
    document = models.CharField(max_length=16)
    number = models.CharField(max_length=80)
    organ = models.CharField(max_length=120)
    issued_on = models.DateField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=12, default="waiting")
    recorded_by = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, default="", blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=80, default="", blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    reasons = models.CharField(max_length=1000, default="", blank=True)
    salt = salt()

    class Meta:
        constraints = [
            one_of("document", DOCUMENTS, "guardianship_document"),
            one_of("state", GUARDIANSHIP_STATES, "guardianship_state"),
            valid_range("guardianship_valid_range"),
            models.CheckConstraint(condition=~Q(ward=F("guardian")), name="guardianship_two_people"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True) | ~Q(state="waiting") & Q(decided_at__isnull=False),
                name="guardianship_decided",
            ),
            models.CheckConstraint(
                condition=Q(state="revoked", ended_at__isnull=False) | ~Q(state="revoked") & Q(ended_at__isnull=True),
                name="guardianship_ended",
            ),
            models.UniqueConstraint(fields=["ward", "guardian"], condition=Q(state="waiting"), name="guardianship_waits_once"),
        ]

    def __str__(self) -> str:
        return f"guardianship:{self.uid}"
