"""Households of a declared kind with roles, and family links."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from linli.kernel.ids import uuid7
from linli.registers.models.fields import area_code, known_range, one_of, salt, valid_range
from linli.registers.models.residents import Resident

HOUSEHOLD_KINDS = ("hukou_book", "shared_living")
ROLES = ("head", "spouse", "child", "parent", "grandparent", "grandchild", "sibling", "other")
# What the relative is to the resident, and what the resident then is to the relative. A child's reverse depends on the
# parent's sex and is chosen by the act; "parent" itself is not stored, because rules tell father from mother.
RELATIONS = ("father", "mother", "spouse", "child", "guardian", "ward", "grandparent", "grandchild", "sibling")


class Household(models.Model):
    """户口簿 (hukou_book) or 共同生活家庭成员 (shared_living).

    A household that moves is dissolved and formed anew: area_code never changes. members_lost: true once a member's row was
    erased. Who is left on record is then not everybody, on no day, and nothing may be added up over them; whoever asked the
    household again forms it anew. NULL in all others.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    kind = models.CharField(max_length=16)
    area_code = area_code()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    known_from = models.DateTimeField()
    generated = models.BooleanField(default=False)
    members_lost = models.BooleanField(null=True, editable=False)

    class Meta:
        constraints = [one_of("kind", HOUSEHOLD_KINDS, "household_kind"), valid_range("household_valid_range")]
        indexes = [models.Index(fields=["area_code", "kind"], name="household_area")]

    def __str__(self) -> str:
        return f"household:{self.uid}"


class HouseholdMember(models.Model):
    """A membership, bitemporal. kind repeats the household's (foreign key on both) so that one person is in one household of a kind."""

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="members", db_index=False)
    kind = models.CharField(max_length=16)
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="memberships", db_index=False)
    role = models.CharField(max_length=12)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    known_from = models.DateTimeField()
    known_to = models.DateTimeField(null=True, blank=True)
    salt = salt()

    class Meta:
        constraints = [
            one_of("role", ROLES, "household_member_role"),
            valid_range("household_member_valid_range"),
            known_range("household_member_known_range"),
        ]
        indexes = [
            models.Index(fields=["household"], name="household_member_household"),
            models.Index(fields=["resident", "kind"], name="household_member_resident"),
        ]


class FamilyLink(models.Model):
    """relation is what the relative is to the resident. Links are stored in both directions by the act."""

    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="links", db_index=False)
    relative = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="links_to", db_index=False)
    relation = models.CharField(max_length=12)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    known_from = models.DateTimeField()
    known_to = models.DateTimeField(null=True, blank=True)
    salt = salt()

    class Meta:
        constraints = [
            one_of("relation", RELATIONS, "family_link_relation"),
            models.CheckConstraint(condition=~Q(resident=F("relative")), name="family_link_two_people"),
            valid_range("family_link_valid_range"),
            known_range("family_link_known_range"),
        ]
        indexes = [
            models.Index(fields=["resident", "relation"], name="family_link_resident"),
            models.Index(fields=["relative"], name="family_link_relative"),
        ]
