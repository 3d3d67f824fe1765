"""Reading the book: balances, statements of any account and period, trial balance. Whose accounts a viewer may see, the caller checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, Sum
from psycopg import sql

from linli.kernel import clock
from linli.ledger.models import Account, Balance, Hold, Source
from linli.ledger.refusals import refusal

When = Literal["event_at", "posted_at"]
_MOVED = sql.SQL("""
WITH t AS (
    SELECT t.id, t.uid, t.kind, t.event_at, t.posted_at, t.reference, t.reverses, sum(e.amount)::bigint AS amount
    FROM ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id
    WHERE e.account_id = ANY(%(accounts)s) AND {when} < %(end)s GROUP BY t.id HAVING sum(e.amount) <> 0
)""")
_SUMS = sql.SQL("""
SELECT coalesce(sum(amount) FILTER (WHERE {when} < %(start)s), 0)::bigint, count(*) FILTER (WHERE {when} >= %(start)s),
    coalesce(sum(amount) FILTER (WHERE {when} >= %(start)s AND amount > 0), 0)::bigint,
    coalesce(-sum(amount) FILTER (WHERE {when} >= %(start)s AND amount < 0), 0)::bigint
FROM t""")
_LINES = sql.SQL("""
SELECT uid, kind, event_at, posted_at, amount, balance, reference, reverses
FROM (SELECT *, sum(amount) OVER (ORDER BY {when}, id)::bigint AS balance FROM t) AS t
WHERE {when} >= %(start)s ORDER BY {when}, id LIMIT %(limit)s OFFSET %(skip)s""")
_TRIAL = sql.SQL("""
SELECT m.code, m.unit, m.kind, coalesce(sum(e.amount), 0)::bigint
FROM ledger_account a
JOIN ledger_account m ON m.id = coalesce(a.shard_of, a.id)
LEFT JOIN (ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id AND {when} < %(end)s) ON e.account_id = a.id
GROUP BY m.id ORDER BY m.unit, m.code""")

# A hold's key is the commitment's, an @ and the fund's slug, which has none: the keys of one commitment stand side by side in the index.
_PARTS = """
SELECT g.key, h.key, h.amount, h.uid FROM unnest(%s::text[]) AS g (key)
JOIN ledger_hold h ON h.key > g.key || '@' AND h.key < g.key || 'A' AND strpos(substr(h.key, length(g.key) + 2), '@') = 0
ORDER BY h.key"""


# A semicolon comes right after a colon, with which a prefix ends.
_UNDER = """
SELECT min(t.event_at), t.reference, sum(e.amount)::bigint FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id
WHERE t.key >= %s AND t.key < %s AND e.amount > 0 GROUP BY t.reference ORDER BY min(t.id)"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account has now, in its unit: posted, of which held; available is what may still go out, None without a floor."""

    unit: str
    posted: int
    held: int
    available: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One transfer on a statement. balance: after it, in the order of the statement."""

    transfer: UUID
    kind: str
    event_at: datetime
    posted_at: datetime
    amount: int
    balance: int
    reference: str
    reverses: UUID | None


@dataclass(frozen=True, slots=True)
class Statement:
    """An account over a period of days. closing = opening + received - paid. count: of all lines; lines: those of the page asked for."""

    code: str
    unit: str
    start: date
    end: date
    when: When
    opening: int
    count: int
    received: int
    paid: int
    lines: list[Line]

    @property
    def closing(self) -> int:
        """The balance at the end of the last day."""
        return self.opening + self.received - self.paid


@dataclass(frozen=True, slots=True)
class TrialRow:
    """An account's balance in a trial balance; the rows of each unit sum to zero."""

    code: str
    unit: str
    kind: str
    balance: int


@dataclass(frozen=True, slots=True)
class Part:
    """What one fund gives to a payment: its slug, how much, and the hold that keeps it."""

    fund: str
    fen: int
    hold: UUID


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """What a source promised to a fund, and what has arrived."""

    slug: str
    name: tuple[str, str]
    promised_fen: int
    allocated_fen: int


@dataclass(frozen=True, slots=True)
class FundFigures:
    """A fund in fen. allocated = spent + committed + free; spent is net of what came back."""

    slug: str
    sources: list[SourceFigures]
    committed_fen: int
    free_fen: int

    @property
    def promised_fen(self) -> int:
        """What all sources promised."""
        return sum(one.promised_fen for one in self.sources)

    @property
    def allocated_fen(self) -> int:
        """What all sources have paid in."""
        return sum(one.allocated_fen for one in self.sources)

    @property
    def spent_fen(self) -> int:
        """What has gone out of the fund and not come back."""
        return self.allocated_fen - self.committed_fen - self.free_fen


def account(code: str) -> Account:
    """The account of a code; raises LinliError if there is none."""
    found = Account.objects.filter(code=code).first()
    if found is None:
        raise refusal("unknown_account", {"account": code})
    return found


def _balances(one: Account) -> Any:
    return Balance.objects.filter(Q(account=one) | Q(account__shard_of=one))


def standing(code: str) -> Standing:
    """What an account has now; of a split one, all its shards together. Two queries."""
    found = account(code)
    sums = _balances(found).aggregate(posted=Sum("posted"), held=Sum("held"))
    posted, held = int(sums["posted"]), int(sums["held"])
    return Standing(found.unit, posted, held, None if found.floor is None else posted - held - found.floor)


def statement(code: str, *, start: date, end: date, when: When = "event_at", skip: int = 0, limit: int | None = None) -> Statement:
    """The account from the first moment of `start` to the last of `end`, days in Asia/Shanghai.

    when: by the day it happened (event_at), as people ask; or by the day the book knew (posted_at): such a statement of days gone by
    never changes. Movements between shards of a split account are left out. skip, limit: one page of its lines, whose balances and
    sums are still those of the whole. Four queries, O(entries of the account); the memory is that of the page.
    """
    found = account(code)
    accounts = [found.pk, *Account.objects.filter(shard_of=found).values_list("pk", flat=True)]
    asked: dict[str, Any] = {"accounts": accounts, "start": clock.midnight(start), "end": clock.midnight(end + timedelta(days=1))}
    column = sql.Identifier("t", when)
    with connection.cursor() as cursor:
        cursor.execute(_MOVED.format(when=column) + _SUMS.format(when=column), asked)
        opening, count, received, paid = cursor.fetchone()
        cursor.execute(_MOVED.format(when=column) + _LINES.format(when=column), {**asked, "limit": limit, "skip": skip})
        lines = [Line(*row) for row in cursor.fetchall()]
    return Statement(code, found.unit, start, end, when, opening, count, received, paid, lines)


def trial_balance(*, end: date | None = None, when: When = "posted_at") -> list[TrialRow]:
    """Every account's balance at the end of a day (today if left out). One query over all entries."""
    at = {"end": clock.midnight((end or clock.today()) + timedelta(days=1))}
    with connection.cursor() as cursor:
        cursor.execute(_TRIAL.format(when=sql.Identifier("t", when)), at)
        return [TrialRow(*row) for row in cursor.fetchall()]


def open_holds(code: str) -> list[Hold]:
    """What is held on an account, oldest first."""
    found = account(code)
    return list(Hold.objects.filter(Q(account=found) | Q(account__shard_of=found), status="open").order_by("held_at", "id"))


def parts_of(keys: Sequence[str]) -> dict[str, tuple[Part, ...]]:
    """What commit_all committed under these keys, by the slugs of the funds; keys it does not know are left out. One query."""
    found: dict[str, list[Part]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, [list(keys)])
        for key, held_as, amount, uid in cursor.fetchall():
            found.setdefault(key, []).append(Part(held_as[len(key) + 1 :], amount, uid))
    return {key: tuple(parts) for key, parts in found.items()}


def received_under(prefix: str) -> list[tuple[datetime, str, int]]:
    """What was received by transfers whose keys begin so, up to a colon: (when it happened, reference, amount), added up by reference,
    oldest first. One query over the index of keys."""
    with connection.cursor() as cursor:
        cursor.execute(_UNDER, [prefix, f"{prefix[:-1]};"])
        return list(cursor.fetchall())


def fund_figures(slug: str) -> FundFigures:
    """A fund's money by source, what is committed and what is free. Three queries."""
    now = standing(f"fund:{slug}")
    rows = Source.objects.filter(fund__slug=slug).order_by("slug").annotate(posted=F("account__balance__posted"))
    sources = [SourceFigures(row.slug, (row.name_zh, row.name_en), row.promised_fen, -row.posted) for row in rows]
    return FundFigures(slug, sources, now.held, now.posted - now.held)
