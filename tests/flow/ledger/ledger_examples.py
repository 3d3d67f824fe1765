"""What the ledger's tests share: a clerk, accounts and a way to look at the book."""

from __future__ import annotations

from itertools import count
from uuid import UUID

from django.db import connection

from linli.kernel.viewer import system
from linli.ledger.acts import Posted, Posting, open_account, post
from linli.ledger.models import Balance
from linli.ledger.verify import Discrepancy, verify_book

CLERK = system("example-clerk")
_number = count(1)


def account(code: str, *, floor: int | None = 0, unit: str = "fen", kind: str = "payee", shards: int = 0) -> str:
    """An account of that code; returns the code."""
    return open_account(CLERK, code=code, unit=unit, kind=kind, floor=floor, purpose="测试", shards=shards).code


def pay(source: str, target: str, amount: int, *, key: str = "", hold: UUID | None = None, unit: str = "fen", kind: str = "pay") -> Posted:
    """Post amount from one account to the other, under a key of its own if none is given."""
    key = key or f"key-{next(_number)}"
    return post(CLERK, posting=Posting(key=key, unit=unit, kind=kind, legs=((source, -amount), (target, amount)), hold=hold))


def posted(code: str) -> int:
    """The balance of an account, or of all its shards."""
    rows = Balance.objects.filter(account__code=code) | Balance.objects.filter(account__shard_of__code=code)
    return sum(row.posted for row in rows)


def sums() -> dict[str, int]:
    """The sum of all balances of each unit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT unit, sum(posted) FROM ledger_balance JOIN ledger_account ON id = account_id GROUP BY unit")
        return {unit: int(total) for unit, total in cursor.fetchall()}


def found() -> list[Discrepancy]:
    """What a verification finds wrong with the book."""
    return list(verify_book())
