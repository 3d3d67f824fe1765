"""Lists of works, who signed them, what papers show was spent, and what was accepted. None is ever changed: another stands in its place."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from linli.casework.models import Case, Document
from linli.kernel.ids import uuid7
from linli.programmes.particulars.declaration import SIGNERS
from linli.registers.models import fields

WAYS = ("own", "paper")


class WorksList(models.Model):
    """What is to be done in one home. version: 1, 2 …; the newest counts. subject: whose key seals it.

    contractor: uid of an organisation, null until it is named; account_cipher: where the contractor is paid, "" until known.
    items_cipher: the lines as JSON (lines.py); count, total_fen: how many they are, and the sum of their prices. stay: position of the
    step in which it was drawn up, null for one from before that was kept; within: the version that other offices signed off and whose
    items and prices this one doesn't exceed, so that their word holds for it (signing_off.py).
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="works_lists")
    version = models.PositiveSmallIntegerField()
    subject = models.UUIDField()
    contractor = models.UUIDField(null=True, blank=True)
    account_cipher = models.TextField(default="", blank=True)
    items_cipher = models.TextField(default="", blank=True)
    count = models.PositiveSmallIntegerField()
    total_fen = models.BigIntegerField()
    drawn_at = models.DateTimeField()
    drawn_by = models.CharField(max_length=100)
    stay = models.PositiveSmallIntegerField(null=True, blank=True)
    within = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False)
    salt = fields.salt()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="works_version_once"),
            models.CheckConstraint(condition=Q(count__gt=0, total_fen__gt=0), name="works_sum"),
        ]

    def __str__(self) -> str:
        return f"works:{self.uid}"


class WorksSignature(models.Model):
    """Somebody signed one version of a list: in their own session, or on paper, of which `document` is the scan.

    voided_at: another version took the list's place, so that this signature counts no longer.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    works = models.ForeignKey(WorksList, on_delete=models.PROTECT, related_name="signatures")
    signer = models.CharField(max_length=10)
    how = models.CharField(max_length=5)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    signed_at = models.DateTimeField()
    entered_by = models.CharField(max_length=100)
    voided_at = models.DateTimeField(null=True, blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("signer", tuple(SIGNERS), "works_signer"),
            fields.one_of("how", WAYS, "works_how"),
            models.CheckConstraint(
                condition=Q(how="own", document__isnull=True) | Q(how="paper", document__isnull=False), name="works_paper_scanned"
            ),
            models.UniqueConstraint(fields=["works", "signer"], condition=Q(voided_at__isnull=True), name="works_signed_once"),
        ]


class Bill(models.Model):
    """What one paper of a case shows was spent, as an officer read it. withdrawn_at: read anew, or read wrongly."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="bills")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    stated_at = models.DateTimeField()
    stated_by = models.CharField(max_length=100)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="bill_amount"),
            models.UniqueConstraint(fields=["document"], condition=Q(withdrawn_at__isnull=True), name="bill_once"),
        ]


class Acceptance(models.Model):
    """What was accepted and on which day: its price is what is paid. replaced_at: another stands in its place.

    works: the list it goes by, null where papers say what was spent; items_cipher: what was taken of each line. shown_fen: what papers
    show; amount_fen: what is paid. household: the household of the beneficiary on that day, else the beneficiary: what completion counts.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="acceptances")
    subject = models.UUIDField()
    works = models.ForeignKey(WorksList, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    items_cipher = models.TextField(default="", blank=True)
    shown_fen = models.BigIntegerField(null=True, blank=True)
    amount_fen = models.BigIntegerField()
    household = models.UUIDField()
    accepted_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=100)
    replaced_at = models.DateTimeField(null=True, blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="acceptance_amount"),
            models.UniqueConstraint(fields=["case"], condition=Q(replaced_at__isnull=True), name="acceptance_stands_once"),
        ]
        indexes = [models.Index(fields=["accepted_on"], name="acceptance_day", condition=Q(replaced_at__isnull=True))]
