"""Tables of reviews that rank. Candidates are cases: no table names a person."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from linli.casework.models import Case
from linli.kernel.ids import uuid7
from linli.registers.models import fields


class ReviewSheet(models.Model):
    """One reviewer's points for one case, whole numbers by criterion. May be changed until the case is ranked."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="sheets")
    reviewer = models.CharField(max_length=100)
    points = models.JSONField(default=dict)
    given_at = models.DateTimeField()
    salt = fields.salt()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "reviewer"], name="review_sheet_once")]


class Ranking(models.Model):
    """The ranks of a programme's round, frozen. day: whose weights and register facts counted. facts: those numbers, by case and fact.

    weights: as fractions, by criterion. digest: over all that went in and came out, see linli.programmes.scoring. The notice stands from
    shown_from to shown_until, both included; null before. document: what lays down its days, where the programme's file doesn't.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    programme = models.CharField(max_length=80)
    programme_version = models.CharField(max_length=30)
    period = models.CharField(max_length=20)
    day = models.DateField()
    weights = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    digest = models.CharField(max_length=80)
    ranked_at = models.DateTimeField()
    ranked_by = models.CharField(max_length=100)
    shown_from = models.DateField(null=True, blank=True)
    shown_until = models.DateField(null=True, blank=True)
    document = models.CharField(max_length=200, default="", blank=True)
    supervision = models.CharField(max_length=40, default="", blank=True)
    objections_to = models.CharField(max_length=200, default="", blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "period"], name="ranking_once"),
            models.CheckConstraint(
                condition=Q(shown_from__isnull=True, shown_until__isnull=True) | Q(shown_until__gte=F("shown_from")), name="ranking_shown"
            ),
        ]

    def __str__(self) -> str:
        return f"ranking:{self.uid}"


class RankingPlace(models.Model):
    """A case's place in its round. total, points: exact, as fractions."""

    ranking = models.ForeignKey(Ranking, on_delete=models.PROTECT, related_name="places")
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="place")
    rank = models.PositiveIntegerField()
    total = models.CharField(max_length=60)
    points = models.JSONField(default=dict)
    salt = fields.salt()

    class Meta:
        indexes = [models.Index(fields=["ranking", "rank"], name="ranking_place_rank")]
