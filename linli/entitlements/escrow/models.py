"""Tables of money held for the parties of a case. The sums themselves stand in the ledger; here is for whom, and by whose word."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from linli.casework.models import Case
from linli.kernel.ids import uuid7
from linli.registers.models import fields

PARTIES = ("resident", "organisation")
WAYS = ("own", "paper")
PURPOSES = ("released", "returned")
ENTRY_STATES = ("waiting", "confirmed", "dropped")


class Escrow(models.Model):
    """What the parties of a case agree on. price_fen: all that has to come in; terms: counts up with every change of price or parties, so
    that an earlier consent is of earlier terms. number, registered_on: of the new right in its register, "" and null before.

    plan: fen by party id to be paid out once the case passes its last step, as the officer planned_by set it.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="escrow")
    price_fen = models.BigIntegerField()
    terms = models.PositiveIntegerField(default=1)
    number = models.CharField(max_length=80, default="", blank=True)
    registered_on = models.DateField(null=True, blank=True)
    plan = models.JSONField(default=dict)
    planned_by = models.CharField(max_length=100, default="", blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price_fen__gt=0), name="escrow_price"),
            models.CheckConstraint(
                condition=Q(number="", registered_on__isnull=True) | (~Q(number="") & Q(registered_on__isnull=False)),
                name="escrow_registered",
            ),
        ]


class EscrowParty(models.Model):
    """Who stands behind a party of the programme's file under the terms of that number. holder: uid of the resident or organisation.

    agreed_at: when they agreed, null before; way: themselves under their own sign-in, or on paper, with the document that shows it.
    """

    escrow = models.ForeignKey(Escrow, on_delete=models.PROTECT, related_name="parties")
    terms = models.PositiveIntegerField()
    party = models.CharField(max_length=40)
    kind = models.CharField(max_length=12)
    holder = models.UUIDField()
    way = models.CharField(max_length=6, default="", blank=True)
    document = models.UUIDField(null=True, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.CharField(max_length=100, default="", blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("kind", PARTIES, "escrow_party_kind"),
            fields.one_of("way", ("", *WAYS), "escrow_party_way"),
            models.UniqueConstraint(fields=["escrow", "terms", "party"], name="escrow_party_once"),
            models.CheckConstraint(
                condition=Q(way="", agreed_at__isnull=True) | (~Q(way="") & Q(agreed_at__isnull=False)), name="escrow_party_agreed"
            ),
            models.CheckConstraint(condition=~Q(way="paper") | Q(document__isnull=False), name="escrow_party_paper"),
        ]
        indexes = [models.Index(fields=["holder"], name="escrow_party_holder")]


class EscrowEntry(models.Model):
    """Money of a party that has come in by the bank's slip, as one officer entered it. Once another has confirmed it, it is a deposit;
    before it counts for nothing. reference: the bank's, each once unless it was dropped. ended_by: who confirmed or dropped it.
    """

    escrow = models.ForeignKey(Escrow, on_delete=models.PROTECT, related_name="entries")
    party = models.CharField(max_length=40)
    fen = models.BigIntegerField()
    reference = models.CharField(max_length=64, db_collation="C")
    received_on = models.DateField()
    state = models.CharField(max_length=10, default="waiting")
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=100)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=100, default="", blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("state", ENTRY_STATES, "escrow_entry_state"),
            models.CheckConstraint(condition=Q(fen__gt=0), name="escrow_entry_fen"),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | ~Q(ended_by__in=["", F("entered_by")]), name="escrow_entry_two_people"
            ),
            models.UniqueConstraint(fields=["reference"], condition=~Q(state="dropped"), name="escrow_entry_once"),
        ]


class EscrowDeposit(models.Model):
    """Money of a party that the escrow bank has received, as actor entered it and another confirmed it. reference: the bank's, each once;
    hold: the ledger's, which keeps it from going anywhere before it is released or returned."""

    escrow = models.ForeignKey(Escrow, on_delete=models.PROTECT, related_name="deposits")
    party = models.CharField(max_length=40)
    fen = models.BigIntegerField()
    reference = models.CharField(max_length=64, unique=True, db_collation="C")
    received_on = models.DateField()
    transfer = models.UUIDField()
    hold = models.UUIDField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=100)
    salt = fields.salt()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(fen__gt=0), name="escrow_deposit_fen")]


class EscrowPayout(models.Model):
    """Money that the escrow bank is told to send: released to a party, or a deposit returned the way that it came.

    reference, paid_on: the bank's word that it has gone out, "" and null before, and again once the bank has returned it. came_back: how
    often it has, null for never.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    escrow = models.ForeignKey(Escrow, on_delete=models.PROTECT, related_name="payouts")
    purpose = models.CharField(max_length=10)
    party = models.CharField(max_length=40)
    fen = models.BigIntegerField()
    deposit = models.OneToOneField(EscrowDeposit, on_delete=models.PROTECT, related_name="returned", null=True, blank=True)
    ordered_at = models.DateTimeField()
    reference = models.CharField(max_length=64, default="", blank=True, db_collation="C")
    paid_on = models.DateField(null=True, blank=True)
    paid_by = models.CharField(max_length=100, default="", blank=True)
    came_back = models.PositiveSmallIntegerField(null=True, blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("purpose", PURPOSES, "escrow_payout_purpose"),
            models.CheckConstraint(condition=Q(fen__gt=0), name="escrow_payout_fen"),
            models.CheckConstraint(
                condition=Q(purpose="released", deposit__isnull=True) | Q(purpose="returned", deposit__isnull=False),
                name="escrow_payout_of",
            ),
            models.CheckConstraint(
                condition=Q(reference="", paid_on__isnull=True) | (~Q(reference="") & Q(paid_on__isnull=False)), name="escrow_payout_paid"
            ),
            models.UniqueConstraint(fields=["escrow", "party"], condition=Q(purpose="released"), name="escrow_released_once"),
        ]
        indexes = [models.Index(fields=["ordered_at"], name="escrow_payout_open", condition=Q(reference=""))]
