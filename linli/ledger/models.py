"""Tables of the ledger, made by sql/: they are written by its functions alone, and here they are read; entries by plain SQL."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

UNITS = ("fen", "minute")
KINDS = ("source", "fund", "clearing", "payee", "person", "pool")
LARGEST = 10**15
MOST_SHARDS = 64


class _Read(models.Model):
    """A row that Python only reads."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("the ledger is written by linli.ledger.acts")

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("the ledger deletes nothing")


class Account(_Read):
    """An account, which never changes. code: its name outside, opaque ids only; floor: what posted - held may not go below, null for none.

    kind: source (where money or hours come from), fund, clearing (on its way), payee, person, pool. shards: into how many it is split;
    then the balances are those of its shards (code/0, code/1 …), which name it in shard_of and bear the floor between them.
    """

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField()
    code = models.TextField()
    unit = models.TextField()
    kind = models.TextField()
    floor = models.BigIntegerField(null=True)
    purpose = models.TextField()
    shards = models.SmallIntegerField()
    shard_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_column="shard_of")
    opened = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "ledger_account"

    def __str__(self) -> str:
        return self.code


class Balance(_Read):
    """What an account has: posted is the sum of its entries, held the sum of its open holds. head: hash of the entry `version`."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True)
    posted = models.BigIntegerField()
    held = models.BigIntegerField()
    version = models.BigIntegerField()
    head = models.TextField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "ledger_balance"

    def __str__(self) -> str:
        return f"{self.account_id} v{self.version}"


class Transfer(_Read):
    """Entries that sum to zero in one unit. event_at: when it happened, posted_at: when the book knew; reference: opaque.

    digest: of what was asked for under the key; reverses: uid of the transfer that this one takes back; hold: uid of the hold it ends.
    """

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField()
    key = models.TextField()
    digest = models.TextField()
    unit = models.TextField()
    kind = models.TextField()
    reverses = models.UUIDField(null=True)
    hold = models.UUIDField(null=True)
    event_at = models.DateTimeField()
    posted_at = models.DateTimeField()
    actor = models.TextField()
    reference = models.TextField()

    class Meta:
        managed = False
        db_table = "ledger_transfer"

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"


class Hold(_Read):
    """An amount set aside on an account (or one of its shards) until it is posted or released. expires: after that it can't be posted."""

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField()
    key = models.TextField()
    digest = models.TextField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    amount = models.BigIntegerField()
    status = models.TextField()
    expires = models.DateTimeField(null=True)
    held_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    actor = models.TextField()
    reference = models.TextField()

    class Meta:
        managed = False
        db_table = "ledger_hold"

    def __str__(self) -> str:
        return f"{self.status} {self.uid}"


class Fund(models.Model):
    """Money with a purpose. programme: slug of the programme it pays for. Never overdrawn: its account has the floor 0."""

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField()
    slug = models.TextField()
    purpose_zh = models.TextField()
    purpose_en = models.TextField()
    programme = models.TextField()
    account = models.OneToOneField(Account, on_delete=models.PROTECT)
    opened = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "ledger_fund"

    def __str__(self) -> str:
        return self.slug


class Source(models.Model):
    """Who promised how much to a fund. Its account has the floor minus promised_fen, so that no more can be allocated."""

    id = models.BigAutoField(primary_key=True)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="sources")
    slug = models.TextField()
    name_zh = models.TextField()
    name_en = models.TextField()
    promised_fen = models.BigIntegerField()
    account = models.OneToOneField(Account, on_delete=models.PROTECT)

    class Meta:
        managed = False
        db_table = "ledger_source"

    def __str__(self) -> str:
        return self.slug
