"""Awards: what somebody is owed under a programme from one day to another, and to whom it is paid."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import F, Q

from linli.casework.models import Case, Document
from linli.kernel.ids import uuid7
from linli.registers.models import fields

STATES = ("proposed", "active", "suspended", "ended", "dropped")
STANDING = ("proposed", "active", "suspended")
GOING_ON = ("active", "suspended")
KINDS = ("person", "household", "organisation")
PAYEES = ("self", "guardian", "provider", "school", "employer")
ENDINGS = {
    "": ("", ""),
    "completed": ("已全部发放", "paid in full"),
    "expired": ("期满", "ran out"),
    "not_granted": ("未予给予", "not granted"),
    "annulled": ("决定已撤销", "the decision was annulled"),
    "replaced": ("由新的决定代替", "replaced by a new decision"),
    "erased": ("资料已注销", "personal data erased"),
}
"""Why an award ended, beside the stops that its programme declares."""
FINDING, AMOUNT, UNTIL = "finding", "amount", "until"
"""Why an award rests or is otherwise than before, beside what its programme declares: a check found something; other terms."""


class Award(models.Model):
    """What one beneficiary, a resident, household or organisation, is owed under a programme.

    person: the resident who answers for it and whose key seals it. area_code: the place whose county pays, as the programme says (its
    place.payer). category: the level by its code ("undergraduate"), "" where there is one level. amount_fen: of one payment, null where
    it is reckoned for each (by day); cycle: how often; begins_on to ends_on, both included; ends_on null: until stopped. payee: who is
    paid, payee_uid: a resident or an organisation; account_cipher: the account under the key of `person`, "" until known. minor:
    whether the beneficiary, of a household its head, is under 18 on the day of the decision, or nobody knows: nothing of it is shown
    online. renew_on: the day it is screened anew; undecided_since: since when nobody could say whether it is still owed. proposed:
    shown to the public before it is decided. ending: why it ended, a code of the programme's stops or ENDINGS.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="award")
    programme = models.CharField(max_length=80)
    programme_version = models.CharField(max_length=30)
    beneficiary_kind = models.CharField(max_length=12)
    beneficiary = models.UUIDField()
    person = models.UUIDField()
    area_code = fields.area_code(blank=True)
    category = models.CharField(max_length=60, default="", blank=True)
    amount_fen = models.BigIntegerField(null=True, blank=True)
    cycle = models.CharField(max_length=10)
    begins_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    payee = models.CharField(max_length=10)
    payee_uid = models.UUIDField(null=True, blank=True)
    account_cipher = models.TextField(default="", blank=True)
    minor = models.BooleanField(default=False)
    state = models.CharField(max_length=10)
    state_since = models.DateTimeField()
    ending = models.CharField(max_length=40, default="", blank=True)
    renew_on = models.DateField(null=True, blank=True)
    undecided_since = models.DateField(null=True, blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("state", STATES, "award_state"),
            fields.one_of("beneficiary_kind", KINDS, "award_beneficiary_kind"),
            fields.one_of("payee", PAYEES, "award_payee"),
            models.CheckConstraint(condition=Q(amount_fen__isnull=True) | Q(amount_fen__gt=0), name="award_amount"),
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("begins_on")), name="award_days"),
            models.UniqueConstraint(
                fields=["programme", "beneficiary"], condition=Q(state__in=["proposed", "active", "suspended"]), name="award_one_standing"
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "state", "area_code", "id"], name="award_of_programme"),
            models.Index(fields=["beneficiary"], name="award_of_beneficiary"),
            models.Index(fields=["person"], name="award_of_person"),
            models.Index(fields=["renew_on"], name="award_to_renew", condition=Q(renew_on__isnull=False, state="active")),
        ]

    def __str__(self) -> str:
        return f"award:{self.uid}"

    @property
    def person_uid(self) -> UUID:
        """Whose key seals the account."""
        return UUID(str(self.person))


class Rest(models.Model):
    """A time during which an award was suspended: from_day to until_day, both included; until_day null while it lasts. reason: a code of
    the programme's stops, or FINDING."""

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="rests")
    from_day = models.DateField()
    until_day = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=40)
    salt = fields.salt()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["award"], condition=Q(until_day__isnull=True), name="rest_open_once"),
            models.CheckConstraint(condition=Q(until_day__isnull=True) | Q(until_day__gte=F("from_day")), name="rest_days"),
        ]


class Slip(models.Model):
    """What a document shows for one period of an award: a bank's interest slip, a provider's bill. The newest of a period counts.

    period: as the batches call it ("2026"). fen: what it shows; document: which one it is, with its number or date; paper: the scan of it
    in the award's case, null of what was stated before it was asked for.
    """

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="slips")
    period = models.CharField(max_length=10)
    fen = models.BigIntegerField()
    document = models.CharField(max_length=200)
    paper = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False)
    stated_at = models.DateTimeField()
    stated_by = models.CharField(max_length=100)
    salt = fields.salt()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(fen__gte=0), name="slip_amount")]
        indexes = [models.Index(fields=["award", "period", "-id"], name="slip_of_period")]
