"""Tables of casework. What people wrote is ciphertext under their own key; everything else is opaque ids, codes and times."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import Q

from linli.kernel.ids import uuid7
from linli.registers.models import fields

STATUSES = ("open", "closed")
PARTS = ("opened", "answered", "surveyed")
ORIGINS = ("invitation", "resident", "proxy", "window", "phone")
PAUSES = ("supplement", "appraisal", "notice")
STEP_RESULTS = ("", "passed", "returned", "ended")
REQUIREMENTS = ("exempt", "commitment", "wanted", "given", "refused")
CHECKS = ("", "accepted", "rejected")
DOCUMENT_PARTS = ("material", "before", "after", "scan", "evidence")
LETTER_KINDS = ("receipt", "acceptance", "supplement", "grant", "refusal", "service", "ending", "recovery", "contest", "standing")
SERVED = ("portal", "window", "visit", "post")
DISPUTING = ("objection", "review", "notice_objection")
CALLS = ("visited", "needs_help", "not_home", "left_notice")


class Case(models.Model):
    """One thing that one person asked of the city. It is answered once.

    subject: "resident:<uid>", whom it is about. area_code: where the person is registered, else lives; of an application the place that
    deals with it by its programme's place.office (the county alone once they are erased). list_slug, fact: of a dispute, the list ("" is
    the population register) and the fact. department: the list's owner as the receipt named it. opened_by: who acted; on_behalf_of: for
    whom, where that is somebody else. version grows with every change. due_days: the promised working days, kept as long as due_at was
    counted with a provisional calendar; else null.

    Of an application also: programme_version, under which it runs to its end; origin and received_at, how and at which window's area it
    came in; accepted_at, from when the clock runs; statutory_due_at, by law, where a law says so; step, the id of the one it is in, null
    before acceptance; stopped_at, since when the clock stands still. parent: the case that this one serves (a sign-off, an objection).
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    receipt = models.CharField(max_length=13, unique=True, db_collation="C")
    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=60, db_collation="C")
    area_code = fields.area_code(blank=True)
    programme = models.CharField(max_length=80, default="", blank=True)
    programme_version = models.CharField(max_length=30, null=True, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, related_name="children", null=True, blank=True, db_index=False)
    origin = models.CharField(max_length=10, null=True, blank=True)
    received_at = fields.area_code(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    statutory_due_at = models.DateTimeField(null=True, blank=True)
    step = models.CharField(max_length=40, null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
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
            fields.one_of("origin", ORIGINS, "case_origin"),
            models.CheckConstraint(
                condition=Q(status="open", closed_at__isnull=True, outcome="")
                | (Q(status="closed", closed_at__isnull=False) & ~Q(outcome="")),
                name="case_closed_with_outcome",
            ),
            models.UniqueConstraint(fields=["subject", "kind", "fact"], condition=Q(status="open"), name="case_open_once"),
        ]
        indexes = [
            models.Index(fields=["subject", "-id"], name="case_subject"),
            models.Index(fields=["parent"], name="case_parent", condition=Q(parent__isnull=False)),
            models.Index(fields=["kind"], name="case_disputed", condition=Q(status="open", kind__in=DISPUTING)),
        ]

    def __str__(self) -> str:
        return f"case:{self.uid}"

    @property
    def subject_uid(self) -> UUID:
        """The person's uid."""
        return UUID(self.subject.partition(":")[2])


def _open(name: str, *fields: str) -> models.Index:
    """An index of open tasks that has all by which they are somebody's and have a colour: they are counted without reading the tasks."""
    others = [one for one in ("due_at", "warn_at", "area_code", "role", "desk_code", "programme", "case") if one not in fields]
    return models.Index(fields=[*fields, "id"], include=others, name=name, condition=Q(done_at__isnull=True))


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
            _open("task_open_by_due", "due_at"),
            _open("task_open_by_warning", "warn_at"),
            _open("task_open_by_area", "area_code", "due_at"),
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
    place_cipher: where the device was, if that was given (visits.whereabouts).
    """

    uid = models.UUIDField(unique=True, editable=False)
    subject = models.UUIDField()
    area_code = fields.area_code(blank=True)
    outcome = models.CharField(max_length=12)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="visits", null=True, blank=True)
    cipher = models.TextField(default="", blank=True)
    place_cipher = models.TextField(null=True, blank=True)
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


class ExternalNumber(models.Model):
    """The number that another system gave a case (12345 ticket, 办件编号, the insurance bureau's). Within a system it names one case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="external_numbers")
    system = models.CharField(max_length=60, db_collation="C")
    number = models.CharField(max_length=100, db_collation="C")
    at = models.DateTimeField()
    salt = fields.salt()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "number"], name="external_number_once")]


class StepTaken(models.Model):
    """One stay of a case in a step of its programme, as it was declared when the case came there; position counts from 0.

    desk_code: the office's area, by delegation too; department: who does it. due_at: null where nothing promises a day for the step.
    result: passed on, returned to the step before, or ended with the case. signatures: {actor, at, outcome, words (ciphertext)} of whoever
    let it pass, as many as officers says, or sent it back.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    step = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    level = models.CharField(max_length=12)
    desk_code = fields.area_code(blank=True)
    department = models.CharField(max_length=200, default="", blank=True)
    officers = models.PositiveSmallIntegerField(default=1)
    signatures = models.JSONField(default=list)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=10, default="", blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("result", STEP_RESULTS, "step_result"),
            models.UniqueConstraint(fields=["case", "position"], name="step_position_once"),
            models.UniqueConstraint(fields=["case"], condition=Q(done_at__isnull=True), name="step_open_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, result="") | (Q(done_at__isnull=False) & ~Q(result="")), name="step_ended"
            ),
        ]
        indexes = [
            models.Index(fields=["done_at"], name="step_done", condition=Q(done_at__isnull=False)),
            models.Index(fields=["case"], name="step_at_notice", condition=Q(done_at__isnull=True, kind="notice")),
        ]


class Pause(models.Model):
    """A time during which a case's clock stood still."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="pauses")
    reason = models.CharField(max_length=12)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("reason", PAUSES, "pause_reason"),
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at__isnull=True), name="pause_open_once"),
        ]


class Requirement(models.Model):
    """What a case needs of one material of its programme, and whether it is there.

    exempt: a register says it; commitment: the person's word stands for it; wanted: still to be given (asked_at: when it was asked for in
    the one request for what is missing); given: by a document; refused: an officer rejected what was given.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="requirements")
    material = models.CharField(max_length=60)
    state = models.CharField(max_length=10)
    asked_at = models.DateTimeField(null=True, blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("state", REQUIREMENTS, "requirement_state"),
            models.UniqueConstraint(fields=["case", "material"], name="requirement_once"),
        ]


class Document(models.Model):
    """A file given for a case, kept encrypted under its content's address. subject: whose key; digest: address in the file store;
    likeness: by which the same content is known again (queries.likeness), null for what was given before it was kept.

    part: a material, a photo before or after works, a scan of a sealed original, other evidence; material: which of them. reused: the
    document it was taken from.
    check: "" until an officer has looked at it; checked_by is never who gave it.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="documents")
    subject = models.UUIDField()
    material = models.CharField(max_length=60, default="", blank=True)
    part = models.CharField(max_length=10, default="material")
    digest = models.CharField(max_length=120, db_collation="C")
    likeness = models.CharField(max_length=120, null=True, blank=True, db_collation="C")
    media = models.CharField(max_length=40)
    bytes = models.PositiveIntegerField()
    pages = models.PositiveSmallIntegerField(default=1)
    cipher = models.TextField(default="", blank=True)
    reused = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=100)
    check_result = models.CharField(max_length=10, default="", blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.CharField(max_length=100, default="", blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("part", DOCUMENT_PARTS, "document_part"),
            fields.one_of("check_result", CHECKS, "document_check"),
            models.CheckConstraint(
                condition=Q(check_result="", checked_at__isnull=True) | (~Q(check_result="") & Q(checked_at__isnull=False)),
                name="document_checked",
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "material"], name="document_of_subject"),
            models.Index(fields=["likeness"], name="document_alike", condition=Q(likeness__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"document:{self.uid}"


class Letter(models.Model):
    """An official paper of a case. number: organ's mark, year and a sequence without gaps; code: what its QR code leads to.

    cipher: its fields as JSON under the person's key; digest: of the original's PDF. served_at, served_how: when and how the person had it
    (送达). scan: of the stamped original. withdrawn_at: it no longer counts. organisation: the name of the one that it is written to, null
    where it is the person.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="letters")
    subject = models.UUIDField()
    kind = models.CharField(max_length=12)
    organ = models.CharField(max_length=200)
    mark = models.CharField(max_length=20, db_collation="C")
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    code = models.CharField(max_length=24, unique=True, db_collation="C")
    cipher = models.TextField()
    digest = models.CharField(max_length=120)
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=100)
    served_at = models.DateTimeField(null=True, blank=True)
    served_how = models.CharField(max_length=12, default="", blank=True)
    scan = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    organisation = models.CharField(max_length=200, null=True, blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("kind", LETTER_KINDS, "letter_kind"),
            models.UniqueConstraint(fields=["mark", "year", "sequence"], name="letter_number_once"),
        ]
        indexes = [models.Index(fields=["case", "id"], name="letter_of_case")]

    def __str__(self) -> str:
        return f"letter:{self.uid}"
