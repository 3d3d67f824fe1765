"""Keys of persons, who read what and for which purpose, and the journal of key changes. Triggers in sql/ hold what is said here."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

NO_SUITE = "none"
"""The suite of a destroyed key that never existed: a person erased before anything was encrypted for them."""


class PersonKey(models.Model):
    """One data key of one person, wrapped by the installation's key. wrapped is null once destroyed, and stays null.

    A person has one key per suite in use; generation is the number that the person's ciphertexts name.
    """

    subject = models.UUIDField()
    generation = models.PositiveSmallIntegerField()
    suite = models.CharField(max_length=16)
    wrapped = models.BinaryField(null=True)
    wrapping_generation = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(db_default=Now())
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "generation"], name="vault_personkey_generation"),
            models.CheckConstraint(
                condition=models.Q(wrapped__isnull=False, destroyed_at__isnull=True)
                | models.Q(wrapped__isnull=True, destroyed_at__isnull=False),
                name="vault_personkey_destroyed",
            ),
        ]
        indexes = [
            models.Index(fields=["wrapping_generation"], condition=models.Q(wrapped__isnull=False), name="vault_personkey_wrapping"),
            models.Index(fields=["destroyed_at"], condition=models.Q(wrapped__isnull=True), name="vault_personkey_erased"),
        ]

    def __str__(self) -> str:
        return f"key {self.generation} of {self.subject}"


class Access(models.Model):
    """One read of sensitive fields of one person (append-only). place: area code of the reader's office, "" if none."""

    at = models.DateTimeField()
    subject = models.UUIDField()
    fields = ArrayField(models.CharField(max_length=40))
    purpose = models.CharField(max_length=80)
    actor = models.CharField(max_length=80)
    place = models.CharField(max_length=24, blank=True, default="", db_collation="C")

    class Meta:
        indexes = [models.Index(fields=["subject", "-id"], name="vault_access_subject")]

    def __str__(self) -> str:
        return f"{self.actor} read {', '.join(self.fields)} of {self.subject} for {self.purpose}"


class KeyEvent(models.Model):
    """The journal of key changes (append-only): what was done, by whom, to which generation or person, over how many persons."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    what = models.CharField(max_length=24)
    use = models.CharField(max_length=12)
    generation = models.PositiveSmallIntegerField(null=True)
    subject = models.UUIDField(null=True)
    persons = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.what} {self.use} {self.generation or self.subject}"


class StoredFile(models.Model):
    """One encrypted file of one person. address: the digest of its ciphertext, where it is kept; media: the type of the plaintext; size: of
    the ciphertext, bytes."""

    address = models.CharField(max_length=80, unique=True, db_collation="C")
    subject = models.UUIDField()
    media = models.CharField(max_length=60)
    size = models.BigIntegerField()
    stored_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["subject"], name="vault_file_subject")]

    def __str__(self) -> str:
        return f"file {self.address}"
