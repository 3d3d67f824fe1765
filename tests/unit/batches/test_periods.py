"""Periods of payment: which there are, and their days."""

from __future__ import annotations

from datetime import date

import pytest

from linli.batches import periods
from linli.kernel.errors import LinliError

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("cycle", "period", "first", "last"),
    [
        ("month", "2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("quarter", "2028-Q1", date(2028, 1, 1), date(2028, 3, 31)),
        ("quarter", "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("year", "2199", date(2199, 1, 1), date(2199, 12, 31)),
    ],
)
def test_the_days_of_a_period(cycle: str, period: str, first: date, last: date) -> None:
    assert periods.days(cycle, period, TODAY) == (first, last)


@pytest.mark.parametrize(
    ("cycle", "period"),
    [
        *[("month", one) for one in ("0000-01", "9999-12", "2200-01", "1899-12", "2026-13", "2026-1", "２０２６-01", "2026-01\n")],
        *[("quarter", one) for one in ("0000-Q1", "9999-Q4", "2026-Q5", "2026-4")],
        *[("year", one) for one in ("0000", "9999", "26", "year")],
        ("term", "0000-1"),
        ("once", "2026"),
    ],
)
def test_what_is_no_period_is_refused(cycle: str, period: str) -> None:
    with pytest.raises(LinliError, match="period"):
        periods.check(cycle, period)
