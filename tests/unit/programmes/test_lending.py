"""The subsidised interest of a loan: by the day, and again after an early repayment."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.errors import LinliError
from linli.programmes import catalogue
from linli.programmes.lending import LoanDays, ceiling, granted, loan_days, overpaid

CITY = Path(__file__).resolve().parents[3] / "cities" / "yuncheng"
YEAR = 350_000  # 200,000 yuan × 3.5 % × one half
DAYS = st.dates(date(2023, 1, 1), date(2029, 12, 31))
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


def test_a_whole_year_is_the_whole_amount_and_half_of_it_half():
    loan = LoanDays(date(2025, 6, 10), date(2028, 6, 10))
    assert ceiling(YEAR, loan, FIRST, LAST) == YEAR
    assert ceiling(YEAR, loan, date(2028, 1, 1), date(2028, 12, 31)) == 153_962  # 161 of the 366 days of 2028
    assert ceiling(YEAR, loan, date(2024, 1, 1), date(2024, 12, 31)) == 0


def test_after_an_early_repayment_the_days_behind_it_are_owed_back():
    loan = LoanDays(date(2025, 6, 10), date(2028, 6, 10))
    paid = granted(YEAR, loan, FIRST, LAST, shown_fen=340_000)
    assert paid == 340_000
    repaid = LoanDays(loan.begins, loan.ends, date(2026, 7, 1))
    assert ceiling(YEAR, repaid, FIRST, LAST) == 173_562  # 181 of 365 days
    assert overpaid(YEAR, repaid, FIRST, LAST, paid) == 340_000 - 173_562
    assert overpaid(YEAR, loan, FIRST, LAST, paid) == 0
    assert granted(YEAR, loan, FIRST, LAST, shown_fen=400_000) == YEAR, "never more than the ceiling"


@given(DAYS, DAYS, DAYS, st.none() | DAYS, st.integers(0, 10**9))
def test_periods_add_up_and_an_earlier_end_never_gives_more(begins: date, ends: date, cut: date, repaid: date | None, yearly: int):
    loan = LoanDays(begins, ends, repaid)
    first, last = date(2023, 1, 1), date(2029, 12, 31)
    whole = ceiling(yearly, loan, first, last)
    parts = ceiling(yearly, loan, first, cut) + (ceiling(yearly, loan, cut + timedelta(days=1), last) if cut < last else 0)
    assert abs(whole - parts) <= 1
    assert 0 <= whole <= ceiling(yearly, LoanDays(begins, ends), first, last)


def test_the_days_are_the_facts_that_the_file_names():
    programme = catalogue(CITY).newest("startup-loan-interest-subsidy")
    told = {"loan_from": date(2025, 6, 10), "loan_to": date(2028, 6, 9), "loan_repaid_on": date(2026, 7, 1)}
    assert loan_days(programme, told) == LoanDays(date(2025, 6, 10), date(2028, 6, 9), date(2026, 7, 1))
    assert loan_days(programme, {**told, "loan_repaid_on": None}).over == date(2028, 6, 9)
    for missing in ({**told, "loan_to": None}, {}):
        with pytest.raises(LinliError, match="bank"):
            loan_days(programme, missing)
    with pytest.raises(LinliError, match="no loan"):
        loan_days(catalogue(CITY).newest("old-age-allowance"), told)
