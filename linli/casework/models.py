"""Tables of casework. What people wrote is ciphertext under their own key; everything else is opaque ids, codes and times."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import Q

from linli.kernel.ids import uuid7
from linli.registers.models import fields

STATUSES = ("open", "closed")
PARTS = ("opened", "answered", "surveyed")
CALLS = ("visited", "needs_help", "not_home", "left_notice")


class Case(models.Model):
    """One thing that one person asked of the city. It is answered once.

    subject: "resident:<uid>", whom it is about. area_code: where the person is registered, else lives (the county alone once they
    are erased). list_slug, fact: of a dispute, the list ("" is the population register) and the fact. department: the list's owner
    as the receipt named it. opened_by: who acted; on_behalf_of: for whom, where that is somebody else. version grows with every change.
    due_days: the promised working days, kept as long as due_at was counted with a provisional calendar; else null.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    receipt = models.CharField(max_length=13, unique=True, db_collation="C")
    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=60, db_collation="C")
    area_code = fields.area_code(blank=True)
    programme = models.CharField(max_length=80, default="", blank=True)
    list_slug = models.CharField(max_length=60, default="", blank=True, db_collation="C")
    fact = models.CharField(max_length=80, default="", blank=True)
    department = models.CharField(max_length=200, default="", blank=True)
    status = models.CharField(max_length=8, default="open")
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=100)
    on_behalf_of = models.CharField(max_length=60, default="", blank=True)
    due_at = models.DateTimeField()
    due_days = models.PositiveSmallIntegerField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, default="", blank=True)
    answered_by = models.CharField(max_length=100, default="", blank=True)
    version = models.IntegerField(default=1)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("status", STATUSES, "case_status"),
            models.CheckConstraint(
                condition=Q(status="open", closed_at__isnull=True, outcome="")
                | (Q(status="closed", closed_at__isnull=False) & ~Q(outcome="")),
                name="case_closed_with_outcome",
            ),
            models.UniqueConstraint(fields=["subject", "kind", "fact"], condition=Q(status="open"), name="case_open_once"),
        ]
        indexes = [models.Index(fields=["subject", "-id"], name="case_subject")]

    def __str__(self) -> str:
        return f"case:{self.uid}"

    @property
    def subject_uid(self) -> UUID:
        """The person's uid."""
        return UUID(self.subject.partition(":")[2])


class Task(models.Model):
    """What an office has to do for a case. area_code: the person's; desk_code: the office that has it now, one level up each time it
    let the time pass. warn_at: from when it is shown as pressing."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="task")
    role = models.CharField(max_length=16)
    area_code = fields.area_code(blank=True)
    desk_code = fields.area_code(blank=True)
    programme = models.CharField(max_length=80, default="", blank=True)
    level = models.IntegerField(default=0)
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    taken_by = models.CharField(max_length=100, default="", blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    salt = fields.salt()

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], name="task_open_due", condition=Q(done_at__isnull=True)),
            models.Index(fields=["area_code", "due_at", "id"], name="task_open_area", condition=Q(done_at__isnull=True)),
        ]


class Words(models.Model):
    """What somebody wrote in a case, under the key of the person it is about: their own words, an answer, a remark with a survey."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="words")
    subject = models.UUIDField()
    part = models.CharField(max_length=10)
    cipher = models.TextField()
    actor = models.CharField(max_length=100)
    at = models.DateTimeField()
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("part", PARTS, "words_part"),
            models.UniqueConstraint(fields=["case", "part"], name="words_once"),
        ]


class Survey(models.Model):
    """How content the person was with a closed case: invited once, answered once. score: 1 (not at all) to 5 (very)."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="survey")
    invited_at = models.DateTimeField()
    score = models.SmallIntegerField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=100, default="", blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(score__isnull=True, answered_at__isnull=True) | Q(score__range=(1, 5), answered_at__isnull=False),
                name="survey_score",
            ),
        ]


class Visit(models.Model):
    """One call at somebody's door. uid: given by the device, so that a call sent twice is one.

    subject: the person's uid. area_code: where they live (the county alone once they are erased). occurred_at: when somebody stood
    there, recorded_at: when this house heard of it. case: the request that it answered. cipher: a note under the person's key.
    """

    uid = models.UUIDField(unique=True, editable=False)
    subject = models.UUIDField()
    area_code = fields.area_code(blank=True)
    outcome = models.CharField(max_length=12)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="visits", null=True, blank=True)
    cipher = models.TextField(default="", blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=100)
    salt = fields.salt()

    class Meta:
        constraints = [fields.one_of("outcome", CALLS, "visit_outcome")]
        indexes = [
            models.Index(fields=["subject", "-occurred_at"], name="visit_subject"),
            models.Index(fields=["actor", "-occurred_at"], name="visit_actor"),
        ]

    def __str__(self) -> str:
        return f"visit:{self.uid}"


class Timer(models.Model):
    """A clock that must fire on time, also after a restart. next_at: due_at, or later once it failed; done_at: fired or no longer needed.

    No domain data: what firing changes is recorded by the act that it calls.
    """

    kind = models.CharField(max_length=60)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="timers")
    due_at = models.DateTimeField()
    next_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    attempts = models.IntegerField(default=0)
    error = models.TextField(default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="timer_waiting", condition=Q(done_at__isnull=True))]
