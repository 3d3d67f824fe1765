"""Published versions and confirmed readings. Both are written once: triggers refuse UPDATE, DELETE and TRUNCATE (sql/immutable.sql)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from linli.kernel.ids import uuid7


class ProgrammeVersion(models.Model):
    """A version as published: the file's text, the declarations of the facts it uses, and the rule in words.

    A run that used it can be replayed from this row alone, whatever becomes of the files.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    slug = models.CharField(max_length=60, db_collation="C")
    version = models.CharField(max_length=30)
    zh = models.CharField(max_length=200)
    en = models.CharField(max_length=200)
    subject = models.CharField(max_length=20)
    source = models.TextField()
    facts = models.JSONField()
    digest = models.CharField(max_length=80)
    rule_digest = models.CharField(max_length=80)
    words_zh = models.TextField()
    words_en = models.TextField()
    words_digest = models.CharField(max_length=80)
    confirmed_by = models.CharField(max_length=200, blank=True)
    issued_on = models.DateField()
    issued_precision = models.CharField(max_length=5)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)
    retroactive = models.BooleanField()
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug", "version"], name="programmes_version_once"),
            models.UniqueConstraint(fields=["slug", "effective_from"], name="programmes_first_day_once"),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")), name="programmes_days_in_order"
            ),
            models.CheckConstraint(condition=Q(subject__in=["person", "household", "organisation"]), name="programmes_subject"),
            models.CheckConstraint(condition=Q(issued_precision__in=["day", "month", "year"]), name="programmes_precision"),
        ]

    def __str__(self) -> str:
        return f"{self.slug} {self.version}"


class ReadingConfirmation(models.Model):
    """The owner of a programme has read the rule in words and stands by it. Bound to those words by their digest.

    confirmed_by: the office that confirms, as shown in public; actor: who entered it.
    """

    slug = models.CharField(max_length=60, db_collation="C")
    version = models.CharField(max_length=30)
    words_digest = models.CharField(max_length=80)
    words_zh = models.TextField()
    words_en = models.TextField()
    confirmed_by = models.CharField(max_length=200)
    confirmed_at = models.DateTimeField()
    actor = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slug", "version", "words_digest"], name="programmes_reading_once")]

    def __str__(self) -> str:
        return f"{self.slug} {self.version}: {self.confirmed_by}"
