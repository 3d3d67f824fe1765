"""Published versions, confirmed readings, and drafts with every state they were saved in.

The first two are written once: triggers refuse UPDATE, DELETE and TRUNCATE (sql/immutable.sql).
"""

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


class Draft(models.Model):
    """A version in the making: the text of its file and of its examples, as an officer last saved them.

    base: the published version it began from, "" for a new programme. revision: counts the saves; whoever saves says which one they
    saw. authors: actors who wrote any of it; none of them may publish it. note: why it was returned. Closed drafts stay.
    """

    STATES = [("editing", "editing"), ("submitted", "submitted"), ("published", "published"), ("withdrawn", "withdrawn")]
    OPEN = ("editing", "submitted")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    slug = models.CharField(max_length=60, db_collation="C")
    base = models.CharField(max_length=30, blank=True)
    text = models.TextField()
    examples = models.TextField()
    revision = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=STATES, default="editing")
    authors = models.JSONField(default=list)
    digest = models.CharField(max_length=80)
    note = models.CharField(max_length=500, blank=True)
    begun_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    saved_by = models.CharField(max_length=100)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=100, blank=True)
    published = models.ForeignKey(ProgrammeVersion, models.PROTECT, null=True, related_name="drafts")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug"], condition=Q(state__in=["editing", "submitted"]), name="programmes_one_open_draft"),
            models.CheckConstraint(
                condition=Q(state__in=["editing", "submitted", "published", "withdrawn"]), name="programmes_draft_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug} (draft {self.revision})"


class DraftRevision(models.Model):
    """A draft as it was once saved: nothing that somebody wrote is lost when somebody else saves after them."""

    draft = models.ForeignKey(Draft, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    examples = models.TextField()
    saved_by = models.CharField(max_length=100)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="programmes_revision_once")]

    def __str__(self) -> str:
        return f"{self.draft_id}.{self.number}"
