"""Tables of the trace. Facts and chain heads are made by sql/tables.sql: fillfactor, checks and guards need their own SQL."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models


class Fact(models.Model):
    """One append-only fact. Read-only here: only acts append, and the database refuses UPDATE, DELETE and TRUNCATE.

    id: grows with every fact and with causality (a later change of a row has a greater id); chain, seq: its place;
    occurred_at: when it happened, recorded_at: when we knew; digests: {"app.model:pk": digest of the row after the act};
    echo_of: id of the fact that this row repeats in another subject's chain.
    """

    id = models.BigIntegerField(primary_key=True)
    chain = models.IntegerField()
    seq = models.BigIntegerField()
    uid = models.UUIDField()
    type = models.TextField()
    version = models.SmallIntegerField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.TextField()
    subject = models.TextField()
    area = models.TextField()
    payload = models.JSONField()
    digests = models.JSONField()
    echo_of = models.BigIntegerField(null=True)
    hash = models.TextField()

    class Meta:
        managed = False
        db_table = "trace_fact"

    def __str__(self) -> str:
        return f"{self.chain}/{self.seq} {self.type} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("facts are recorded through linli.trace.act")

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("facts are never deleted")


class Head(models.Model):
    """The last fact of a shared chain: 64 rows, locked last by every act, in chain order."""

    chain = models.IntegerField(primary_key=True)
    seq = models.BigIntegerField()
    hash = models.TextField()

    class Meta:
        managed = False
        db_table = "trace_head"

    def __str__(self) -> str:
        return f"{self.chain}/{self.seq}"


class Done(models.Model):
    """An idempotency key that has been used, with the result of the act that used it."""

    key = models.TextField(primary_key=True)
    result = models.JSONField(null=True)
    actor = models.TextField()
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Reacted(models.Model):
    """A reaction has handled a fact. Written in the handler's transaction, so that its effects happen once."""

    reaction = models.TextField()
    fact = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reaction", "fact"], name="trace_reacted_once")]

    def __str__(self) -> str:
        return f"{self.reaction} {self.fact}"


class Parked(models.Model):
    """A fact that a reaction could not handle, set aside with its error so that the others go on."""

    reaction = models.TextField()
    fact = models.BigIntegerField()
    error = models.TextField()
    attempts = models.IntegerField(default=1)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reaction", "fact"], name="trace_parked_once")]

    def __str__(self) -> str:
        return f"{self.reaction} {self.fact}"
