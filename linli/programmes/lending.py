"""How much of a loan's interest may be subsidised in a period, day by day: reckoned again whenever the loan is repaid early.

Used where a programme's file has a `loan` and pays up to a `ceiling`: the rule's amount is that of a whole year, the bank's slip says what
was paid, and the smaller of the two is granted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from linli.kernel.errors import LinliError
from linli.programmes.declaration import Programme


@dataclass(frozen=True, slots=True)
class LoanDays:
    """When a loan bears interest: from `begins` up to, and without, the day it ends or is repaid early (算头不算尾)."""

    begins: date
    ends: date
    repaid: date | None = None

    @property
    def over(self) -> date:
        """The first day without interest."""
        return self.ends if self.repaid is None else min(self.repaid, self.ends)


def loan_days(programme: Programme, facts: Mapping[str, Any]) -> LoanDays:
    """The days of the programme's loan by the facts that its file names. Raises LinliError where the bank has not said them."""
    loan = programme.particulars.loan
    if loan is None:
        raise LinliError("programmes.no_loan", zh="这项政策没有贷款", en="This programme has no loan.", found=programme.slug)
    begins, ends, repaid = (facts.get(name) for name in (loan.begins, loan.ends, loan.repaid))
    if not isinstance(begins, date) or not isinstance(ends, date):
        raise LinliError(
            "programmes.loan_unknown",
            zh="银行没有送来贷款的起止日期",
            en="The bank has not said when the loan begins and ends.",
            expected=f"{loan.begins}, {loan.ends}",
            remedy_zh="等待银行的贷款状态，或请申请人提供合同",
            remedy_en="wait for the bank's file, or ask for the contract",
        )
    return LoanDays(begins, ends, repaid if isinstance(repaid, date) else None)


def share(loan: LoanDays, first: date, last: date) -> Fraction:
    """The days of [first, last] that bear interest, each as one part of its own calendar year. Pure."""
    spans = _by_year(max(first, loan.begins), min(last + timedelta(days=1), loan.over))
    return sum((Fraction(days, whole) for days, whole in spans), Fraction(0))


def ceiling(yearly_fen: int, loan: LoanDays, first: date, last: date) -> int:
    """The most that is granted for the days of [first, last] that bear interest, in fen, of an amount for a whole year. Pure.

    Each day is one part of its own calendar year; rounded to the fen once, half up.
    """
    return ceiling_of(yearly_fen, share(loan, first, last))


def ceiling_of(yearly_fen: int, part: Fraction) -> int:
    """A part of a year's amount, rounded to the fen, half up. Pure."""
    return int(yearly_fen * part + Fraction(1, 2))


def granted(yearly_fen: int, loan: LoanDays, first: date, last: date, shown_fen: int) -> int:
    """What is granted where the bank's slip shows a subsidy of shown_fen for the period: no more than the ceiling. Pure."""
    return min(shown_fen, ceiling(yearly_fen, loan, first, last))


def overpaid(yearly_fen: int, loan: LoanDays, first: date, last: date, paid_fen: int) -> int:
    """What was paid for the period beyond the ceiling that stands now, such as for days after an early repayment. Pure."""
    return max(0, paid_fen - ceiling(yearly_fen, loan, first, last))


def _by_year(begin: date, end: date) -> Iterator[tuple[int, int]]:
    """(days, days of the whole year) of each calendar year that [begin, end) touches."""
    while begin < end:
        following = date(begin.year + 1, 1, 1)
        stop = min(end, following)
        yield (stop - begin).days, (following - date(begin.year, 1, 1)).days
        begin = stop
