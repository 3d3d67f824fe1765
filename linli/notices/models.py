"""Letters to residents, their way out by text message and e-mail, mailings after a screening, and how a person wants to be reached."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from linli.kernel.ids import uuid7
from linli.registers.models.fields import one_of, salt

OUTSIDE = ("sms", "email")
STATES = ("waiting", "sending", "sent", "failed", "refused", "unreachable", "dropped")
MAILING_STATES = ("held", "released", "done", "dropped")


class Mailing(models.Model):
    """The letters to everyone whom one screening of the whole city found or lost. held: an officer has to release it, because it is large.

    fact: id of the fact that anchors the screening's changes; position: how far its chain has been read; people: newly found and
    newly lost by the run.
    """

    uid = models.UUIDField(default=uuid7, unique=True)
    run = models.UUIDField()
    programme = models.SlugField(max_length=80)
    fact = models.BigIntegerField(unique=True)
    people = models.PositiveIntegerField()
    written = models.PositiveIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10)
    made_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [one_of("state", MAILING_STATES, "mailing_state")]


class Notice(models.Model):
    """One letter to one resident about one fact. The letter itself is sealed under the recipient's key.

    code: the short number by which anyone can check that it is genuine; recipient: uid of a resident; fact: id in the trace;
    area_code, programme: where it belongs, for grants; office_zh, office_en, phone: who signs, as it was signed.
    """

    uid = models.UUIDField(default=uuid7, unique=True)
    code = models.CharField(max_length=8, unique=True, db_collation="C")
    recipient = models.UUIDField()
    template = models.SlugField(max_length=60)
    programme = models.CharField(max_length=80, blank=True)
    area_code = models.CharField(max_length=20, db_collation="C", blank=True)
    office_zh = models.CharField(max_length=100)
    office_en = models.CharField(max_length=160)
    phone = models.CharField(max_length=30)
    fact = models.BigIntegerField()
    mailing = models.ForeignKey(Mailing, models.PROTECT, null=True, related_name="notices")
    text_cipher = models.TextField()
    written_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fact", "recipient"], name="one_notice_per_fact_and_person")]
        indexes = [models.Index(fields=["recipient", "-id"], name="notice_recipient")]


class Delivery(models.Model):
    """A notice on its way out of the house, once per channel.

    waiting: until due_at; sending: handed to a gateway, answer awaited; refused: the person wants none of this kind;
    unreachable: no number or address; dropped: the person has died or was erased; failed: `error` says why.
    """

    uid = models.UUIDField(default=uuid7, unique=True)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=8)
    status = models.CharField(max_length=12)
    urgent = models.BooleanField(default=False)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=80, blank=True)
    reference = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="one_delivery_per_channel"),
            one_of("channel", OUTSIDE, "delivery_channel"),
            one_of("status", STATES, "delivery_status"),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(status="waiting"), name="delivery_due"),
            models.Index(fields=["claimed_at"], condition=Q(status="sending"), name="delivery_sending"),
            models.Index(fields=["status", "-id"], name="delivery_status_newest"),
        ]


class MailProof(models.Model):
    """A mail address that waits for its code, sealed under the person's key; one for each person. No fact: it changes nothing yet."""

    recipient = models.UUIDField(unique=True)
    uid = models.UUIDField(default=uuid7)
    email_cipher = models.TextField()
    hash = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)


class Preference(models.Model):
    """How a resident wants to be reached. refused: channels on which they want no letter that the law lets them refuse."""

    recipient = models.UUIDField(unique=True)
    language = models.CharField(max_length=2, default="zh")
    refused = ArrayField(models.CharField(max_length=8), default=list)
    email_cipher = models.TextField(default="", blank=True)
    chosen_at = models.DateTimeField()
    salt = salt()

    class Meta:
        constraints = [one_of("language", ("zh", "en"), "preference_language")]
