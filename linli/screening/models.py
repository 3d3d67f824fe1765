"""Runs and determinations. A run's verdicts stay in its Parquet files; the tables keep what stands now and when it changed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from linli.kernel.ids import uuid7


class Run(models.Model):
    """One screening of one programme over one snapshot.

    as_of: the day the question is asked for; known_at: what was known by then (None: all that is known when it runs).
    files: folder below settings.LINLI_STATE with the input, the programme's text and the verdicts.
    merged: what it found was brought in line with what stands (not for another day or past knowledge).
    verdict_digest: canonical digest over the sorted verdicts, the same on every replay.
    """

    STATES = [("done", "done"), ("failed", "failed")]

    uid = models.UUIDField(default=uuid7, unique=True)
    programme = models.SlugField(max_length=80, db_index=True)
    programme_version = models.CharField(max_length=40, blank=True)
    programme_digest = models.CharField(max_length=80)
    as_of = models.DateField()
    known_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=STATES)
    error = models.TextField(blank=True)
    files = models.CharField(max_length=200, blank=True)
    snapshot_digest = models.CharField(max_length=80, blank=True)
    verdict_digest = models.CharField(max_length=80, blank=True)
    parameters = models.JSONField(default=dict)
    engine = models.JSONField(default=dict)
    coverage = models.JSONField(default=dict)
    eligible = models.BigIntegerField(default=0)
    undecided = models.BigIntegerField(default=0)
    not_eligible = models.BigIntegerField(default=0)
    newly_found = models.BigIntegerField(default=0)
    newly_lost = models.BigIntegerField(default=0)
    merged = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["programme", "-id"])]


class Determination(models.Model):
    """Where one subject stands under one programme, from since until until (None: now). Not eligible is the absence of a row.

    subject: opaque uuid of a resident, household or organisation; county: six digits of the office's area, for grants and charts.
    conditions: {condition id: true | false | null}; missing: facts that would decide it.
    """

    VERDICTS = [("eligible", "eligible"), ("unknown", "unknown")]

    programme = models.SlugField(max_length=80)
    subject = models.UUIDField()
    subject_kind = models.CharField(max_length=12)
    area_code = models.CharField(max_length=17, db_collation="C", blank=True)
    verdict = models.CharField(max_length=10, choices=VERDICTS)
    amount_fen = models.BigIntegerField(null=True)
    missing = ArrayField(models.CharField(max_length=120), default=list)
    conditions = models.JSONField(default=dict)
    as_of = models.DateField()
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="determinations")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Run, models.PROTECT, null=True, related_name="ended")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "subject"], condition=Q(until__isnull=True), name="one_standing_determination"),
            models.CheckConstraint(condition=Q(verdict__in=["eligible", "unknown"]), name="determination_verdict"),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=models.F("since")), name="determination_period"),
        ]
        indexes = [
            models.Index(fields=["programme", "verdict", "id"], condition=Q(until__isnull=True), name="determination_standing"),
            models.Index(fields=["subject"], name="determination_subject"),
            models.Index(fields=["run", "verdict"], name="determination_run"),
            models.Index(fields=["ended_by"], name="determination_ended"),
            models.Index(fields=["programme", "verdict", "area_code"], condition=Q(until__isnull=True), name="determination_area"),
            GinIndex(fields=["missing"], condition=Q(until__isnull=True), name="determination_missing"),
        ]


class Preview(models.Model):
    """A dry screening of a programme's draft beside the version in force: changes nothing that stands, tells nobody.

    draft, revision: what was previewed; digest: of its content, which says whether it still speaks for the draft. base: the version
    compared with, "" where none is in force. day: on which both were asked. figures: counts and sums, see previewing.py.
    """

    STATES = [("waiting", "waiting"), ("running", "running"), ("finished", "finished"), ("failed", "failed")]

    uid = models.UUIDField(default=uuid7, unique=True)
    programme = models.SlugField(max_length=80)
    draft = models.UUIDField(db_index=True)
    revision = models.PositiveIntegerField()
    digest = models.CharField(max_length=80)
    version = models.CharField(max_length=40)
    base = models.CharField(max_length=40, blank=True)
    day = models.DateField(null=True)
    snapshot_digest = models.CharField(max_length=80, blank=True)
    snapshot_day = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    step = models.CharField(max_length=20, blank=True)
    done = models.PositiveSmallIntegerField(default=0)
    error_zh = models.TextField(blank=True)
    error_en = models.TextField(blank=True)
    figures = models.JSONField(default=dict)
    asked_by = models.CharField(max_length=100)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["draft", "-id"], name="preview_of_draft")]


class Scenario(models.Model):
    """What if some figures of a published version were others: a calculation over the snapshot. Changes nothing that stands, tells nobody.

    version: the published one that it begins from. text: its file with other figures, revision: counts the saves. day: on which both are
    asked, None: the day of the calculation; asked_day: the one that it was. figures: counts and sums, see scenarios.py; no people.
    draft: what it became.
    """

    STATES = [("new", "new"), *Preview.STATES]

    uid = models.UUIDField(default=uuid7, unique=True)
    programme = models.SlugField(max_length=80)
    version = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    text = models.TextField()
    revision = models.PositiveIntegerField(default=1)
    day = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=STATES, default="new")
    step = models.CharField(max_length=20, blank=True)
    done = models.PositiveSmallIntegerField(default=0)
    error_zh = models.TextField(blank=True)
    error_en = models.TextField(blank=True)
    figures = models.JSONField(default=dict)
    digest = models.CharField(max_length=80, blank=True)
    asked_day = models.DateField(null=True)
    snapshot_digest = models.CharField(max_length=80, blank=True)
    snapshot_day = models.DateField(null=True)
    begun_by = models.CharField(max_length=100)
    begun_at = models.DateTimeField()
    asked_by = models.CharField(max_length=100, blank=True)
    asked_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    draft = models.UUIDField(null=True)
    discarded_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["programme", "-id"], condition=Q(discarded_at__isnull=True), name="scenario_of_programme")]


class Asked(models.Model):
    """A screening of one programme that somebody asked for; at most one of a programme is open. run: what it came to, None until then.

    step: what the worker is doing. error_zh, error_en: why there is no run; empty where the worker broke off.
    """

    OPEN = ("waiting", "running")

    uid = models.UUIDField(default=uuid7, unique=True)
    programme = models.SlugField(max_length=80)
    state = models.CharField(max_length=10, choices=Preview.STATES, default="waiting")
    step = models.CharField(max_length=20, blank=True)
    error_zh = models.TextField(blank=True)
    error_en = models.TextField(blank=True)
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="asked")
    asked_by = models.CharField(max_length=100)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme"], condition=Q(state__in=["waiting", "running"]), name="one_open_asked"),
        ]
        indexes = [models.Index(fields=["programme", "-id"], name="asked_of_programme")]
