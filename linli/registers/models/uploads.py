"""A file on its way to becoming a delivery: sent, its columns named, tried, applied. Working state of the wizard; the trace begins
with the delivery itself. The file and what was found in it lie outside the database (linli.registers.imports.shelf).
"""

from __future__ import annotations

from django.db import models

from linli.kernel.ids import uuid7
from linli.registers.models.fields import area_code, one_of
from linli.registers.models.lists import Doubtful, ListImport, slug_field

UPLOAD_STATES = ("columns", "checking", "checked", "refused", "applying", "applied")


class Upload(models.Model):
    """One file that somebody sent for a list. Only its actor sees it, under the grants that they had when they sent it.

    sender: whose mapping of columns is remembered (the actor's organisation, or the actor). mapping: file header by list column.
    large: checked and applied by the worker. plan: digest of file, columns and choices that the last check was of; only that is
    applied. stands_on: the list's deliveries at that moment. counts: of the check. problem: why it could not be checked or applied.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    list_slug = slug_field()
    actor = models.CharField(max_length=100, db_index=True)
    grants = models.JSONField(default=list)
    sender = models.CharField(max_length=200)
    file_name = models.CharField(max_length=255)
    file_digest = models.CharField(max_length=80)
    sheet = models.CharField(max_length=60, default="", blank=True)
    as_of = models.DateField()
    area_code = area_code(blank=True)
    whole = models.BooleanField(default=True)
    large = models.BooleanField(default=False)
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="columns")
    plan = models.CharField(max_length=80, default="", blank=True)
    stands_on = models.CharField(max_length=60, default="", blank=True)
    counts = models.JSONField(default=dict)
    problem = models.JSONField(default=list)
    received_at = models.DateTimeField(db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    delivery = models.ForeignKey(ListImport, on_delete=models.PROTECT, related_name="uploads", null=True, blank=True)

    class Meta:
        constraints = [one_of("state", UPLOAD_STATES, "upload_state")]

    def __str__(self) -> str:
        return f"upload:{self.uid}"


class RememberedColumns(models.Model):
    """Which header a sender's files have for each column of a list, as the last checked file had it."""

    list_slug = slug_field()
    sender = models.CharField(max_length=200)
    mapping = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_slug", "sender"], name="remembered_columns_once")]


class DoubtQuestion(models.Model):
    """A doubtful row that its department was asked about; the row stays open until somebody resolves it."""

    doubtful = models.OneToOneField(Doubtful, on_delete=models.PROTECT, related_name="question")
    asked_by = models.CharField(max_length=100)
    asked_at = models.DateTimeField()
