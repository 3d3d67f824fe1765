"""Verifying the book: every chain of entries, every balance, every transfer, every hold; in plain SQL (sql/verify/).

That the chains are those that the trace has witnessed is the trace's to verify: `linli.trace.witness.verify_logs`, log ledger_transfer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from linli.trace.verify import stream

_SQL = Path(__file__).parent / "sql" / "verify"
_CHECKS = tuple((_SQL / f"{name}.sql").read_text("utf-8") for name in ("entries", "balances", "transfers", "holds", "units"))
WORDS = {
    "entry_stray": ("分录没有账户或没有所属的账", "an entry without its account or transfer"),
    "entry_gap": ("此前的分录被删除或插入", "entries before this one were removed or inserted"),
    "entry_sum": ("分录的余额与前一笔不衔接", "the balance after this entry does not follow from the one before"),
    "entry_unit": ("分录的单位与账户不同", "the entry is in another unit than its account"),
    "entry_altered": ("分录或所属的账被改动过", "the entry or its transfer was altered"),
    "balance_missing": ("账户没有余额行", "the account's balance was removed"),
    "balance_differs": ("余额不等于分录之和", "the balance is not the sum of its entries"),
    "held_differs": ("冻结额不等于未结冻结之和", "what is held is not the sum of the open holds"),
    "below_floor": ("余额低于下限", "the balance is below its floor"),
    "transfer_unbalanced": ("借贷不平", "the entries do not sum to zero"),
    "reversal_differs": ("冲正与原账不成镜像", "the reversal is no mirror image of what it reverses"),
    "fund_unclear": ("支出没有对应唯一的资金", "the payment does not come out of exactly one fund"),
    "hold_missing": ("留痕中的冻结被删除", "the hold that a fact speaks of was removed"),
    "hold_unrecorded": ("冻结没有留痕：绕过系统写入", "the hold has no fact: it was written behind the system"),
    "hold_altered": ("冻结与留痕不符", "the hold is not what its facts say"),
    "unit_sum": ("全部账户之和不为零", "the accounts of this unit do not sum to zero"),
}


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One thing that is wrong in the book. what: an account, transfer, hold or unit; at: an entry's version, or a sum."""

    code: str
    what: str
    at: int | None = None

    def text(self, language: str) -> str:
        """One line: place, sentence, code."""
        chinese = language.startswith("zh")
        sentence = WORDS[self.code][0 if chinese else 1]
        place = self.what if self.at is None else f"{self.what} #{self.at}"
        return f"账 {place}：{sentence} [{self.code}]" if chinese else f"ledger {place}: {sentence} [{self.code}]"


@dataclass(slots=True)
class Read:
    """How much a verification has looked at."""

    transfers: int = 0


def verify_book(*, read: Read | None = None) -> Iterator[Discrepancy]:
    """Everything wrong with the book, as one snapshot of the database shows it (linli.trace.verify.snapshot).

    Trusts the facts of holds, so their chains are verified first. Bounded memory here, sorts on disk in PostgreSQL.
    """
    for check in _CHECKS:
        with closing(stream(check)) as rows:
            for code, what, at in rows:
                yield Discrepancy(code, what, at)
    if read is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM ledger_transfer")
            read.transfers = int(cursor.fetchone()[0])
