"""Applications and decisions. What people told is ciphertext under the key of the person it is about."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import F, Q

from linli.agreements.models import KINDS, Award
from linli.casework.models import Case
from linli.entitlements.escrow.models import Escrow, EscrowDeposit, EscrowEntry, EscrowParty, EscrowPayout
from linli.entitlements.reviewing.models import Ranking, RankingPlace, ReviewSheet
from linli.entitlements.works.models import Acceptance, Bill, WorksList, WorksSignature
from linli.kernel.ids import uuid7
from linli.registers.models import fields

__all__ = [
    "OUTCOMES",
    "Acceptance",
    "Application",
    "Bill",
    "Decision",
    "Escrow",
    "EscrowDeposit",
    "EscrowEntry",
    "EscrowParty",
    "EscrowPayout",
    "Ranking",
    "RankingPlace",
    "ReviewSheet",
    "WorksList",
    "WorksSignature",
]
OUTCOMES = ("granted", "refused", "registered", "forwarded")
CAUSES = {
    "died": ("领取人已故", "the person had died"),
    "ended": ("待遇已经停止", "the award had ended"),
    "annulled": ("原决定已撤销", "the decision was annulled"),
    "overpaid": ("重新核算后金额减少", "reckoned again, it came to less"),
    "stated": ("经办单位查实", "found by the office"),
    "twice": ("银行重复付款", "the bank paid it twice"),
}
"""Why something counts as paid too much."""
TWICE = "twice"
"""Of a payment that the bank made a second time: it takes nothing of what was paid before."""
CHANGES = ("rests", "ended", "resumed", "amount", "until")
"""What can happen to an award that goes on and is told in writing."""
PROPOSALS = ("", "waived", "unfounded")


class Application(models.Model):
    """What a case of kind `application` asks for. beneficiary: uid of who would get it, resident, household or organisation;
    person: the resident who asks and whose key seals what was told.

    asked, known: how many things the form asked and how many of all it needs a register already held (fields not asked are never typed).
    verdict, amount_fen, conditions, missing: what the rule said at the latest look, on reckoned_on; amount_fen is of one payment.
    answers_cipher: what the person told, by fact or material, as JSON; account_cipher: where to pay. automatic: approved by rule alone.
    answer, answered_at: of a forwarded case, what the other system decided, an id of the programme's file; null before.
    held_up: what kept it from being approved at once (instant.BARS); empty: nothing did; null where the programme approves nothing at once.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="application")
    person = models.UUIDField()
    programme = models.CharField(max_length=80)
    beneficiary_kind = models.CharField(max_length=12)
    beneficiary = models.UUIDField()
    verdict = models.CharField(max_length=12, default="", blank=True)
    amount_fen = models.BigIntegerField(null=True, blank=True)
    category = models.CharField(max_length=60, default="", blank=True)
    conditions = models.JSONField(default=dict)
    missing = models.JSONField(default=list)
    reckoned_on = models.DateField(null=True, blank=True)
    asked = models.PositiveSmallIntegerField(default=0)
    known = models.PositiveSmallIntegerField(default=0)
    payee = models.CharField(max_length=10, default="self")
    payee_uid = models.UUIDField(null=True, blank=True)
    answers_cipher = models.TextField(default="", blank=True)
    account_cipher = models.TextField(default="", blank=True)
    automatic = models.BooleanField(default=False)
    held_up = models.JSONField(null=True, blank=True)
    open = models.BooleanField(default=True)
    answer = models.CharField(max_length=60, null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("beneficiary_kind", KINDS, "application_beneficiary_kind"),
            models.UniqueConstraint(fields=["programme", "beneficiary"], condition=Q(open=True), name="application_open_once"),
        ]
        indexes = [models.Index(fields=["beneficiary"], name="application_of_beneficiary")]

    @property
    def beneficiary_uid(self) -> UUID:
        """The beneficiary's uid."""
        return UUID(str(self.beneficiary))


class Decision(models.Model):
    """How an application was decided, condition by condition. Never changed: another that annuls or changes it names it in `replaces`.

    decided_by, confirmed_by: the officers, "" for one made by rule alone (automatic). rule_digest: of the rule that was asked.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=10)
    amount_fen = models.BigIntegerField(null=True, blank=True)
    category = models.CharField(max_length=60, default="", blank=True)
    conditions = models.JSONField(default=dict)
    rule_digest = models.CharField(max_length=80)
    automatic = models.BooleanField(default=False)
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=100, default="", blank=True)
    confirmed_by = models.CharField(max_length=100, default="", blank=True)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, related_name="replaced_by", null=True, blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("outcome", OUTCOMES, "decision_outcome"),
            models.CheckConstraint(
                condition=~Q(outcome="granted") | Q(amount_fen__gt=0) | Q(amount_fen__isnull=True), name="decision_amount"
            ),
            models.CheckConstraint(condition=Q(automatic=True) | ~Q(decided_by=""), name="decision_by_somebody"),
        ]

    def __str__(self) -> str:
        return f"decision:{self.uid}"


class Recovery(models.Model):
    """What was paid too much of one award, for one cause; its case is told to the person and never ends in a silent deduction.

    cause: why (CAUSES); detail: tells recoveries of one cause apart. periods: [period, paid fen, owed fen] of what was paid. amount_fen:
    paid less owed, of all; returned_fen: how much of it has come back. proposed, proposed_by: how a first officer would end it (waived or
    unfounded), which a second one confirms; proposal_cipher: their reasons. consented_at, consented_by, instalment_fen: the person lets so
    much be set off from each later payment; consent: the paper on which they said so at a window. stopped_at: since when nothing more
    is set off, because nothing was paid too much after all.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="recovery")
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="recoveries")
    person = models.UUIDField()
    cause = models.CharField(max_length=12)
    detail = models.CharField(max_length=40, default="", blank=True)
    periods = models.JSONField(default=list)
    amount_fen = models.BigIntegerField()
    returned_fen = models.BigIntegerField(default=0)
    proposed = models.CharField(max_length=12, default="", blank=True)
    proposed_by = models.CharField(max_length=100, default="", blank=True)
    proposal_cipher = models.TextField(default="", blank=True)
    consented_at = models.DateTimeField(null=True, blank=True)
    consented_by = models.CharField(max_length=100, default="", blank=True)
    consent = models.UUIDField(null=True, blank=True)
    instalment_fen = models.BigIntegerField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("cause", tuple(CAUSES), "recovery_cause"),
            fields.one_of("proposed", PROPOSALS, "recovery_proposed"),
            models.UniqueConstraint(fields=["award", "cause", "detail"], name="recovery_once_a_cause"),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, returned_fen__gte=0, returned_fen__lte=F("amount_fen")), name="recovery_amount"
            ),
            models.CheckConstraint(
                condition=Q(consented_at__isnull=True, instalment_fen__isnull=True) | Q(consented_at__isnull=False, instalment_fen__gt=0),
                name="recovery_consent",
            ),
        ]
        indexes = [models.Index(fields=["person"], name="recovery_of_person")]

    def __str__(self) -> str:
        return f"recovery:{self.pk}"

    @property
    def open_fen(self) -> int:
        """What has not come back."""
        return self.amount_fen - self.returned_fen
