"""How residents sign in, how well each is known, and who may act for whom."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from linli.kernel.ids import uuid7
from linli.registers.models.fields import one_of, salt
from linli.registers.models.residents import Resident
from linli.registers.models.staff import ACCOUNT_FIELDS, Staff

ACCOUNT_LEVELS = ("phone", "card", "city")
SIGN_INS = ("phone", "slip", "city")
MANDATE_KINDS = ("guardian", "family", "single_matter")
AGENT_UNREAD = tuple(f"agent_staff__{field}" for field in ACCOUNT_FIELDS)


class ResidentAccount(models.Model):
    """A resident's own way in. subject: the resident's uid, under whose key the telephone is sealed.
    phone_token: blind index of the telephone that gets the codes, of one account only; null: codes are handed out at a window.
    level: phone until a card was checked at a window, by whom and when.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    resident = models.OneToOneField(Resident, on_delete=models.PROTECT, related_name="account")
    subject = models.UUIDField(editable=False)
    phone_cipher = models.TextField(default="", blank=True)
    phone_token = models.CharField(max_length=120, unique=True, db_collation="C", null=True, blank=True)
    level = models.CharField(max_length=8)
    opened_at = models.DateTimeField()
    checked_by = models.CharField(max_length=80, default="", blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    salt = salt()

    class Meta:
        constraints = [one_of("level", ACCOUNT_LEVELS, "resident_account_level")]

    def __str__(self) -> str:
        return f"account:{self.uid}"


class SignInCode(models.Model):
    """A code that was asked for, by whom it reaches or reaches nobody: a row is made for an unknown telephone too.

    contact: blind index of a telephone or identity number; address: keyed digest of where it was asked from, "" at a window;
    printed_by: the clerk who printed it there. tries: wrong ones from anywhere together.
    No fact and no domain data: rows are deleted after a day.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    contact = models.CharField(max_length=120, db_collation="C")
    address = models.CharField(max_length=64, db_collation="C", default="", blank=True)
    hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    printed_by = models.CharField(max_length=80, default="", db_default="", blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["contact", "sent_at"], name="sign_in_code_contact"),
            models.Index(fields=["address", "sent_at"], name="sign_in_code_address"),
            models.Index(fields=["sent_at"], name="sign_in_code_sent"),
        ]

    def __str__(self) -> str:
        return f"code:{self.uid}"


class WrongCode(models.Model):
    """A wrong try: contact and address as in SignInCode. It tells nobody who tried from where; deleted after a day."""

    contact = models.CharField(max_length=120, db_collation="C")
    address = models.CharField(max_length=64, db_collation="C")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["address", "at"], name="wrong_code_address"), models.Index(fields=["at"], name="wrong_code_at")]

    def __str__(self) -> str:
        return f"wrong code at {self.at}"


class AccountSignIn(models.Model):
    """One time that a resident's account was signed in to, and how; for its owner to see. Telemetry, no fact; forgotten after half a year.

    printed_by: the clerk who printed the slip, for how = slip.
    """

    account = models.ForeignKey(ResidentAccount, on_delete=models.CASCADE, related_name="sign_ins")
    at = models.DateTimeField()
    how = models.CharField(max_length=8)
    printed_by = models.CharField(max_length=80, default="", blank=True)

    class Meta:
        constraints = [one_of("how", SIGN_INS, "account_sign_in_how")]
        indexes = [models.Index(fields=["at"], name="account_sign_in_at")]

    def __str__(self) -> str:
        return f"{self.how} at {self.at}"


class Mandate(models.Model):
    """Who may act for whom: a guardian, a member of the family, or somebody for a single matter (授权委托书) that it ends with.

    In force over [valid_from, valid_to) until ended_at. evidence: how consent or guardianship was shown, in words. agreed_by: the
    guardian who gave it for the person, or let stand what the person had given; null where the person gave it alone.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    principal = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="mandates_given", db_index=False)
    agent_resident = models.ForeignKey(
        Resident, on_delete=models.PROTECT, related_name="mandates_held", null=True, blank=True, db_index=False
    )
    agent_staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="mandates_held", null=True, blank=True, db_index=False)
    kind = models.CharField(max_length=16)
    matter = models.CharField(max_length=80, default="", blank=True)
    evidence = models.CharField(max_length=200)
    agreed_by = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="mandates_agreed", null=True, blank=True, db_index=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    salt = salt()

    class Meta:
        constraints = [
            one_of("kind", MANDATE_KINDS, "mandate_kind"),
            models.CheckConstraint(
                condition=Q(agent_resident__isnull=True, agent_staff__isnull=False)
                | Q(agent_resident__isnull=False, agent_staff__isnull=True),
                name="mandate_one_agent",
            ),
            models.CheckConstraint(condition=Q(agent_staff__isnull=True) | Q(kind="single_matter"), name="mandate_staff_single_matter"),
            models.CheckConstraint(condition=~Q(principal=F("agent_resident")), name="mandate_two_people"),
            models.CheckConstraint(
                condition=Q(kind="single_matter") & ~Q(matter="") | ~Q(kind="single_matter") & Q(matter=""), name="mandate_matter"
            ),
            models.CheckConstraint(condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="mandate_valid_range"),
        ]
        indexes = [
            models.Index(fields=["principal"], name="mandate_principal"),
            models.Index(fields=["agent_resident"], name="mandate_agent_resident", condition=Q(agent_resident__isnull=False)),
            models.Index(fields=["agent_staff"], name="mandate_agent_staff", condition=Q(agent_staff__isnull=False)),
            models.Index(fields=["agreed_by"], name="mandate_agreed_by", condition=Q(agreed_by__isnull=False)),
            models.Index(fields=["matter"], name="mandate_of_matter", condition=~Q(matter="") & Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"mandate:{self.uid}"
