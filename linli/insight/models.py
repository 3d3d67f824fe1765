"""Figures as they were last counted, the forms that a superior organ wants filled, and what was published for everyone.

Of single people there are opaque ids only, in the list of those who are eligible and not paid.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from linli.kernel.ids import uuid7
from linli.registers.models import fields
from linli.registers.models.fields import area_code, one_of

FORM_KINDS = ("figures", "people")
REASONS = ("never", "partly", "stale", "each", "silent", "register", "programme")
STANDS = (
    *("uninvited", "unanswered", "received", "missing", "step", "refused", "lapsed", "withdrawn", "proposed", "suspended", "unbatched"),
    *("no_account", "batch", "taken_off", "account", "ready", "bank", "failed", "retained", "ended", "forwarded", "held", "done", "paid"),
)
"""How far somebody eligible has come; the last three are those to whom nothing is owed any more."""
SETTLED = ("held", "done", "paid")


class Count(models.Model):
    """When the figures were last counted, and for which day. One row. recorded: programmes of which anybody's benefit is on record;
    screened: programmes that were screened over the whole city; of the others nobody knows how many are eligible.
    """

    made_at = models.DateTimeField()
    day = models.DateField()
    recorded = ArrayField(models.CharField(max_length=80), default=list)
    screened = ArrayField(models.CharField(max_length=80), default=list, db_default=[])


class TakeUp(models.Model):
    """What became of a programme in one township or street (nine digits; six or none where no more is known), in subjects.

    found: eligible now; invited: of them, told by a letter; reached: of them, whose letter went out or was opened; entitled: the
    found, and the undecided who have the benefit, granted on their papers; taken: of the entitled, who have it; amount in fen of the found.
    """

    programme = models.CharField(max_length=80)
    area_code = area_code(blank=True)
    found = models.IntegerField()
    invited = models.IntegerField()
    reached = models.IntegerField()
    entitled = models.IntegerField(db_default=0)
    taken = models.IntegerField()
    undecided = models.IntegerField()
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "area_code"], name="take_up_once")]


class Gap(models.Model):
    """How many undecided subjects of a programme lack one fact in one township or street, and why it is lacking.

    fact: as a determination names it ("household.…" for a member's); list_slug: the list that would say so, "" for the population
    register and the programme itself. reason, of the list in that county: never delivered, delivered for parts of it only (partly),
    out of date (stale), asked for each person (each), delivered but saying nothing of them (silent); or the register or the
    programme's own table lacks it.
    """

    programme = models.CharField(max_length=80)
    area_code = area_code(blank=True)
    fact = models.CharField(max_length=120)
    list_slug = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=10)
    number = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "area_code", "fact"], name="gap_once"),
            one_of("reason", REASONS, "gap_reason"),
        ]


class ListFigure(models.Model):
    """How one list stands in one county ("" where no county is known).

    records: statements in force; doubtful, wrong: rows that wait for a human, the second with a wrong cell; disputed: open disputes
    of what it says; corrected, kept: how those of the last twelve months that were answered ended.
    """

    list_slug = models.CharField(max_length=60)
    county = area_code(blank=True)
    records = models.IntegerField(default=0)
    doubtful = models.IntegerField(default=0)
    wrong = models.IntegerField(default=0)
    disputed = models.IntegerField(default=0)
    corrected = models.IntegerField(default=0)
    kept = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_slug", "county"], name="list_figure_once")]


class Stand(models.Model):
    """How many of a programme's eligible have come how far in one township or street (nine digits; fewer where no more is known).

    state: as in STANDS (sql/stands.sql says what each means); detail: the step, the missing materials, the conditions that were not
    fulfilled, the batch's state or the bank's reason, "" where there is none. amount_fen: what the rule says they get.
    """

    programme = models.CharField(max_length=80)
    area_code = area_code(blank=True)
    state = models.CharField(max_length=12)
    detail = models.CharField(max_length=200, blank=True)
    number = models.IntegerField()
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "area_code", "state", "detail"], name="stand_once"),
            one_of("state", STANDS, "stand_state"),
        ]


class Unpaid(models.Model):
    """Somebody eligible who is not paid, by an opaque id, and how far they have come since when. case: uid of their application."""

    programme = models.CharField(max_length=80)
    subject = models.UUIDField()
    subject_kind = models.CharField(max_length=12)
    area_code = area_code(blank=True)
    state = models.CharField(max_length=12)
    detail = models.CharField(max_length=200, blank=True)
    amount_fen = models.BigIntegerField(null=True)
    since = models.DateTimeField()
    case = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "subject"], name="unpaid_once"),
            one_of("state", tuple(one for one in STANDS if one not in SETTLED), "unpaid_state"),
        ]
        indexes = [
            models.Index(fields=["programme", "area_code", "id"], name="unpaid_place"),
            models.Index(fields=["programme", "state", "area_code", "id"], name="unpaid_state_place"),
        ]


class StepFigure(models.Model):
    """Working days that a step of a programme's version took in one area (four, six or nine digits), of steps done within a year.

    step "": the whole way from acceptance to the end. Days on which the clock stood still are not in median (50 of 100) and ninth (90 of
    100); stood is the median of those. late: done after their due day. hundredths: of steps per case, on the whole way only.
    """

    programme = models.CharField(max_length=80)
    version = models.CharField(max_length=30, blank=True)
    area_code = area_code(blank=True)
    step = models.CharField(max_length=40, blank=True)
    number = models.IntegerField()
    median = models.IntegerField()
    ninth = models.IntegerField()
    stood = models.IntegerField()
    late = models.IntegerField()
    hundredths = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "version", "area_code", "step"], name="step_figure_once")]


class ApprovalFigure(models.Model):
    """What one office decided within a year for the people of one county, and what checks found of it afterwards.

    desk_code, department: the office; "" and "" for what a rule alone decided (秒批). checked: looked at by a batch's checks or as a spot
    check; findings: of them, with something found that was not cleared.
    """

    programme = models.CharField(max_length=80)
    area_code = area_code(blank=True)
    desk_code = fields.area_code(blank=True)
    department = models.CharField(max_length=200, blank=True)
    automatic = models.BooleanField()
    granted = models.IntegerField()
    refused = models.IntegerField()
    checked = models.IntegerField()
    findings = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "area_code", "desk_code", "department", "automatic"], name="approval_figure_once")
        ]


class ServiceFigure(models.Model):
    """How people of one township fared with a programme within a year, and what it cost in this calendar year.

    known, asked: fields of their applications that a register held, and that they had to give; invited, answered, score: of surveys, score
    being the sum of the answers. paid_fen: what banks said was paid; units: distinct beneficiaries of it; completed: distinct
    beneficiaries whose works were accepted with photos from before and after.
    """

    programme = models.CharField(max_length=80)
    area_code = area_code(blank=True)
    applications = models.IntegerField(default=0)
    known = models.IntegerField(default=0)
    asked = models.IntegerField(default=0)
    invited = models.IntegerField(default=0)
    answered = models.IntegerField(default=0)
    score = models.IntegerField(default=0)
    paid_fen = models.BigIntegerField(default=0)
    units = models.IntegerField(default=0)
    completed = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "area_code"], name="service_figure_once")]


class FundFigure(models.Model):
    """What banks said was paid out of one fund for a programme in one township in this calendar year. fund: its slug in the ledger."""

    programme = models.CharField(max_length=80)
    area_code = area_code(blank=True)
    fund = models.CharField(max_length=120, db_collation="C")
    paid_fen = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "area_code", "fund"], name="fund_figure_once")]


class Publication(models.Model):
    """The open data as they were published at a moment. Never changed. digest: of table and metadata; smallest: counts below it are left
    out; rows: of the table."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    made_at = models.DateTimeField()
    digest = models.CharField(max_length=80, unique=True)
    smallest = models.PositiveSmallIntegerField()
    rows = models.IntegerField()
    table = models.TextField()
    metadata = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["-made_at"], name="publication_newest")]

    def __str__(self) -> str:
        return f"publication:{self.uid}"


class Template(models.Model):
    """An xlsx file as a superior organ sent it, kept once."""

    digest = models.CharField(max_length=80, unique=True)
    content = models.BinaryField()


class Form(models.Model):
    """A superior's form. kind: "figures" (one in each cell) or "people" (a row for each of a list). area_code: what it speaks of."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=8)
    area_code = area_code(blank=True)
    made_by = models.CharField(max_length=100)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [one_of("kind", FORM_KINDS, "form_kind")]

    def __str__(self) -> str:
        return f"form:{self.uid}"


class FormVersion(models.Model):
    """A form's file and what goes where, as it was from one change to the next. Never changed.

    mapping: of figures, [{target, measure, programme, county}]; of people, {sheet, row, programme, state, columns: [{target, field}]}.
    """

    form = models.ForeignKey(Form, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    template = models.ForeignKey(Template, models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=255)
    mapping = models.JSONField()
    made_by = models.CharField(max_length=100)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["form", "number"], name="form_version_once")]
