"""What departments' lists say of people: deliveries, records, doubtful rows, authorisations, holdings.

Records, authorisations and holdings are bitemporal: true in the world over [valid_from, valid_to), believed by us over
[known_from, known_to). A correction closes known_to and adds a row; nothing is overwritten.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from linli.kernel.ids import uuid7
from linli.registers.models.families import Household
from linli.registers.models.fields import area_code, known_range, one_of, salt, valid_range
from linli.registers.models.residents import Resident
from linli.registers.models.staff import Organisation

ORIGINS = ("file", "query", "officer")
DOUBTS = ("name_differs", "identity_differs", "several_candidates", "area_differs", "duplicate_rows", "cell_error")
RESOLUTIONS = ("matched", "registered", "dismissed", "superseded")


def slug_field() -> models.CharField:
    """A list's or programme's slug, in collation C."""
    return models.CharField(max_length=60, db_collation="C")


def one_subject(name: str) -> models.CheckConstraint:
    """Exactly one of resident, household, organisation is set."""
    ways = [
        Q(**{f"{other}__isnull": other != chosen for other in ("resident", "household", "organisation")})
        for chosen in ("resident", "household", "organisation")
    ]
    return models.CheckConstraint(condition=ways[0] | ways[1] | ways[2], name=name)


class Bitemporal(models.Model):
    """The two times of a statement, and the salt of its digest."""

    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    known_from = models.DateTimeField()
    known_to = models.DateTimeField(null=True, blank=True)
    salt = salt()

    class Meta:
        abstract = True


class Said(Bitemporal):
    """Something said of one person, household or organisation."""

    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+", db_index=False, null=True, blank=True)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+", db_index=False, null=True, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False, null=True, blank=True)

    class Meta:
        abstract = True


class ListVersion(models.Model):
    """A list's declaration as it was when something was recorded under it."""

    list_slug = slug_field()
    digest = models.CharField(max_length=80)
    declaration = models.JSONField()
    first_used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_slug", "digest"], name="list_version_once")]


class ListImport(models.Model):
    """One applied delivery of a list. A whole one speaks of everybody whose coverage place lies in area_code, on [as_of, fresh_until).

    whole=False: additions only; nobody loses a fact by not being in it. An undone import is believed over [applied_at, undone_at).
    The counts are those of imports.report.ImportReport.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    version = models.ForeignKey(ListVersion, on_delete=models.PROTECT, related_name="imports")
    list_slug = slug_field()
    file_name = models.CharField(max_length=255)
    file_digest = models.CharField(max_length=80)
    as_of = models.DateField()
    fresh_until = models.DateField()
    area_code = area_code(blank=True)
    whole = models.BooleanField(default=True)
    actor = models.CharField(max_length=100)
    applied_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    rows = models.IntegerField(default=0)
    matched = models.IntegerField(default=0)
    opened = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    closed = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    doubtful_rows = models.IntegerField(default=0)
    unknown_people = models.IntegerField(default=0)
    error_rows = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(fresh_until__gt=F("as_of")), name="list_import_fresh_range"),
            models.UniqueConstraint(
                fields=["list_slug", "file_digest", "as_of", "area_code"], condition=Q(undone_at__isnull=True), name="list_import_once"
            ),
        ]
        indexes = [
            models.Index(fields=["list_slug", "as_of"], name="list_import_list"),
            models.Index(
                fields=["list_slug", "area_code", "whole", "-as_of", "-applied_at", "-id"],
                name="list_import_newest",
                condition=Q(undone_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"import:{self.uid}"


class Record(Said):
    """One subject's row on one list. present=False is a stored answer "not on the list" (核验).

    data: value by fact name (money in fen, dates ISO). source_import: the delivery that says so. recorded_by and
    withdrawn_by: the import whose merge wrote or closed this belief, so that an import can be undone. expires_on: first
    day on which a queried answer is no longer good.
    """

    list_slug = slug_field()
    present = models.BooleanField(default=True)
    data = models.JSONField(default=dict)
    origin = models.CharField(max_length=8)
    authority = models.CharField(max_length=200, default="", blank=True)
    expires_on = models.DateField(null=True, blank=True)
    source_import = models.ForeignKey(ListImport, on_delete=models.PROTECT, related_name="said", db_index=False, null=True, blank=True)
    recorded_by = models.ForeignKey(ListImport, on_delete=models.PROTECT, related_name="recorded", null=True, blank=True)
    withdrawn_by = models.ForeignKey(ListImport, on_delete=models.PROTECT, related_name="withdrawn", db_index=False, null=True, blank=True)

    class Meta:
        constraints = [
            one_subject("record_subject"),
            one_of("origin", ORIGINS, "record_origin"),
            valid_range("record_valid_range"),
            known_range("record_known_range"),
        ]
        indexes = [
            models.Index(fields=["resident", "list_slug"], name="record_resident", condition=Q(resident__isnull=False)),
            models.Index(fields=["household", "list_slug"], name="record_household", condition=Q(household__isnull=False)),
            models.Index(fields=["organisation", "list_slug"], name="record_organisation", condition=Q(organisation__isnull=False)),
            models.Index(fields=["list_slug"], name="record_list", condition=Q(known_to__isnull=True)),
            models.Index(fields=["withdrawn_by"], name="record_withdrawn_by", condition=Q(withdrawn_by__isnull=False)),
        ]


class Doubtful(models.Model):
    """A row of a delivery that a human must look at. Until then its candidates' absence from the list means unknown, not no.

    household, organisation: of a list of those, whom the key names for certain; residents are candidates. Name and birth date
    are emptied once a human has resolved it; what a later delivery supersedes can be reopened by undoing that.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    list_import = models.ForeignKey(ListImport, on_delete=models.PROTECT, related_name="doubtful")
    list_slug = slug_field()
    row = models.IntegerField()
    reason = models.CharField(max_length=20)
    name = models.CharField(max_length=100, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    area_code = area_code(blank=True)
    household = models.ForeignKey("registers.Household", on_delete=models.PROTECT, related_name="+", db_index=False, null=True, blank=True)
    organisation = models.ForeignKey(
        "registers.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    data = models.JSONField(default=dict)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    known_from = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=12, default="", blank=True)
    resolved_by = models.CharField(max_length=100, default="", blank=True)
    resolved_as = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    superseded_by = models.ForeignKey(ListImport, on_delete=models.PROTECT, related_name="superseded", null=True, blank=True)
    salt = salt()

    class Meta:
        constraints = [
            one_of("reason", DOUBTS, "doubtful_reason"),
            one_of("resolution", ("", *RESOLUTIONS), "doubtful_resolution"),
            models.UniqueConstraint(fields=["list_import", "row"], name="doubtful_once"),
        ]
        indexes = [
            models.Index(fields=["list_slug", "list_import"], name="doubtful_open", condition=Q(resolved_at__isnull=True)),
            models.Index(
                fields=["list_import"],
                include=["id", "household", "organisation"],
                name="doubtful_waiting",
                condition=Q(resolved_at__isnull=True),
            ),
            models.Index(fields=["household"], name="doubtful_household", condition=Q(household__isnull=False)),
            models.Index(fields=["organisation"], name="doubtful_organisation", condition=Q(organisation__isnull=False)),
        ]


class DoubtfulCandidate(models.Model):
    """A resident whom a doubtful row may speak of."""

    doubtful = models.ForeignKey(Doubtful, on_delete=models.PROTECT, related_name="candidates", db_index=False)
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+", db_index=False)
    salt = salt()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["doubtful", "resident"], name="doubtful_candidate_once")]
        indexes = [models.Index(fields=["resident"], name="doubtful_candidate_resident")]


class Authorisation(Bitemporal):
    """A person's signed authorisation to look them up on one list. evidence: digest of the signed paper, or its file number."""

    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+", db_index=False)
    list_slug = slug_field()
    evidence = models.CharField(max_length=200)

    class Meta:
        constraints = [valid_range("authorisation_valid_range"), known_range("authorisation_known_range")]
        indexes = [models.Index(fields=["resident", "list_slug"], name="authorisation_resident_list")]


class Holding(Said):
    """A programme's benefit that a person, household or organisation has. Our own register: what isn't here isn't held."""

    programme_slug = slug_field()
    origin = models.CharField(max_length=100)

    class Meta:
        constraints = [one_subject("holding_subject"), valid_range("holding_valid_range"), known_range("holding_known_range")]
        indexes = [
            models.Index(fields=["resident"], name="holding_resident", condition=Q(resident__isnull=False)),
            models.Index(fields=["household"], name="holding_household", condition=Q(household__isnull=False)),
            models.Index(fields=["organisation"], name="holding_organisation", condition=Q(organisation__isnull=False)),
        ]
