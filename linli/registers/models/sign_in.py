"""What staff sign in with beside a password, and where they are signed in now."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from linli.kernel.ids import uuid7
from linli.registers.models.fields import one_of
from linli.registers.models.staff import Staff

FACTOR_KINDS = ("totp", "passkey")


class SecondFactor(models.Model):
    """A code generator (TOTP) or a passkey (WebAuthn) of one person; it counts until removed_at.

    secret_cipher: the TOTP secret, sealed by the vault under this row's uid. last_step: the 30-second step of the newest code
    that was accepted, so that none is accepted twice. public_key: COSE bytes; sign_count: the passkey's own counter.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="factors")
    kind = models.CharField(max_length=8)
    label = models.CharField(max_length=60)
    secret_cipher = models.TextField(default="", blank=True)
    last_step = models.BigIntegerField(default=0)
    credential_id = models.BinaryField(null=True)
    public_key = models.BinaryField(null=True)
    sign_count = models.BigIntegerField(default=0)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("kind", FACTOR_KINDS, "second_factor_kind"),
            models.UniqueConstraint(fields=["credential_id"], condition=Q(removed_at=None), name="second_factor_credential"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"


class RecoveryCode(models.Model):
    """One of ten codes for the day the telephone is lost. The code has 80 random bits; digest is SHA-256 over salt and code."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="recovery_codes")
    salt = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, db_collation="C")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class ExternalIdentity(models.Model):
    """Who someone is at the city's identity service: the subject that its tokens name, placed by an administrator.

    It lets nobody in before the person has confirmed it, signed in otherwise: confirmed_at.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="identities")
    issuer = models.CharField(max_length=200, db_collation="C")
    subject = models.CharField(max_length=200, db_collation="C")
    linked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], condition=Q(ended_at=None), name="external_identity_once"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} at {self.issuer}"


class StaffSession(models.Model):
    """Where someone is signed in. No fact of the trace but telemetry: ended with the session it describes.

    session_key: the framework's own key, never shown; device: what the browser says it is; address: keyed digest of the peer's
    address, for telling a known place from a new one; address_shown: the address with its last part left out.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="sessions")
    session_key = models.CharField(max_length=40, unique=True, db_collation="C")
    device = models.CharField(max_length=60)
    address = models.CharField(max_length=64, db_collation="C")
    address_shown = models.CharField(max_length=45)
    method = models.CharField(max_length=12)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [one_of("method", ("password", "totp", "passkey", "recovery", "identity"), "staff_session_method")]
        indexes = [
            models.Index(fields=["staff", "address"], name="staff_session_place"),
            models.Index(fields=["seen_at"], condition=Q(ended_at=None), name="staff_session_live"),
        ]

    def __str__(self) -> str:
        return f"session {self.uid}"


class RefusedAttempt(models.Model):
    """What was tried and refused: a mandate that is somebody else's, a page beyond the grants, a session from another browser.

    One row per minute, kind, actor, place and address; times: how often in that minute, so that nobody fills the table at will.
    No fact and no personal data: place is a route's name, address is shown without its last part.
    """

    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    actor = models.CharField(max_length=80)
    place = models.CharField(max_length=80)
    address = models.CharField(max_length=45)
    times = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["at", "kind", "actor", "place", "address"], name="refused_attempt_minute")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.place}"
