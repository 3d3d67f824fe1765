"""Figures as they were last counted, and the forms that a superior organ wants filled. Neither holds anything of any one person."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from linli.kernel.ids import uuid7
from linli.registers.models.fields import area_code, one_of

FORM_KINDS = ("figures", "people")
REASONS = ("never", "partly", "stale", "each", "silent", "register", "programme")


class Count(models.Model):
    """When the figures were last counted, and for which day. One row. recorded: programmes of which anybody's benefit is on record."""

    made_at = models.DateTimeField()
    day = models.DateField()
    recorded = ArrayField(models.CharField(max_length=80), default=list)


class TakeUp(models.Model):
    """What became of a programme in one township or street (nine digits; six or none where no more is known), in subjects.

    found: eligible now; invited: of them, told by a letter; reached: of them, whose letter went out or was opened; taken: of the
    found, who have the benefit; amount in fen of the found.
    """

    programme = models.CharField(max_length=80)
    area_code = area_code(blank=True)
    found = models.IntegerField()
    invited = models.IntegerField()
    reached = models.IntegerField()
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
