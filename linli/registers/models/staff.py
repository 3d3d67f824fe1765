"""Organisations, the people who work for the city, and what they may do where, for which programme, until when."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.db import models
from django.db.models import F, Q

from linli.kernel.ids import uuid7
from linli.registers.models.fields import area_code, one_of, salt

ORGANISATION_KINDS = ("employer", "department", "township_office", "village_committee", "provider")
STAFF_ROLES = ("officer", "clerk", "steward", "auditor", "planner", "administrator", "security")


class Organisation(models.Model):
    """An employer, a department, an office or a provider; known by its unified social credit code where it has one."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    credit_code = models.CharField(max_length=18, unique=True, db_collation="C", null=True, blank=True)
    name = models.CharField(max_length=200)
    area_code = area_code()
    kind = models.CharField(max_length=20)
    generated = models.BooleanField(default=False)

    class Meta:
        constraints = [
            one_of("kind", ORGANISATION_KINDS, "organisation_kind"),
            models.CheckConstraint(
                condition=Q(credit_code__isnull=True) | Q(credit_code__regex=r"^[0-9A-HJ-NP-RTUW-Y]{18}$"), name="organisation_credit_code"
            ),
        ]
        indexes = [models.Index(fields=["area_code"], name="organisation_area"), models.Index(fields=["name"], name="organisation_name")]

    def __str__(self) -> str:
        return self.name


class StaffManager(BaseUserManager["Staff"]):
    """Finds the person who signs in; new staff come from linli.registers.acts.add_staff only."""


ACCOUNT_FIELDS = ("password", "last_login", "password_given_at")  # the public site's database role may not read them


class Staff(AbstractBaseUser):
    """Someone who signs in to work. There is no superuser: everything a person may do is a StaffGrant.

    password_given_at: when somebody else chose the password; null once the person has chosen their own.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    login = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=100)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="staff", null=True, blank=True)
    is_active = models.BooleanField(default=True)
    password_given_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[StaffManager] = StaffManager()
    USERNAME_FIELD = "login"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.login

    def check_password(self, raw_password: str | None) -> bool:
        """Whether this is the password. Unlike Django's own, it never renews an old hash in passing: the row changes in acts
        only, so that a hash put there by hand shows. linli.registers.acts.change_password makes a new one."""
        return check_password(raw_password, self.password)

    @property
    def actor(self) -> str:
        """The opaque id that facts record."""
        return f"staff:{self.uid}"


class StaffPerson(models.Model):
    """Which resident a member of staff is, checked by an administrator, so that nobody deals with their own or their family's matters."""

    staff = models.OneToOneField(Staff, on_delete=models.PROTECT, related_name="person")
    resident = models.ForeignKey("registers.Resident", on_delete=models.PROTECT, related_name="staff")
    checked_by = models.CharField(max_length=80)
    checked_at = models.DateTimeField()
    salt = salt()

    def __str__(self) -> str:
        return f"staff-person:{self.pk}"


class ProposedGrant(models.Model):
    """A grant of a role that is held alone, until a second person confirms it: no right follows from this row.

    closed_at: when it was confirmed, and became `grant`, or was turned down.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="proposed")
    role = models.CharField(max_length=16)
    area_code = area_code(default="", blank=True)
    programme_slug = models.CharField(max_length=80, default="", blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    grant = models.OneToOneField("StaffGrant", on_delete=models.PROTECT, related_name="proposal", null=True, blank=True)

    class Meta:
        constraints = [
            one_of("role", STAFF_ROLES, "proposed_grant_role"),
            models.UniqueConstraint(
                fields=["staff", "role", "area_code", "programme_slug"], condition=Q(closed_at=None), name="proposed_grant_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} proposed for {self.staff_id}"


class StaffGrant(models.Model):
    """A role over an area subtree ("" = the whole city) and a programme ("" = every one) for a time. A grant ends by itself on its date.

    role steward over a grid code is the grid's worker (网格员), over a building or group code its steward (楼栋管家):
    one at a time (sql/constraints.sql).
    """

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=16)
    area_code = area_code(default="", blank=True)
    programme_slug = models.CharField(max_length=80, default="", blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("role", STAFF_ROLES, "staff_grant_role"),
            # Not valid_range(): a grant taken back on its first day was never in force.
            models.CheckConstraint(condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="staff_grant_valid_range"),
        ]
        indexes = [models.Index(fields=["area_code", "role"], name="staff_grant_area")]
