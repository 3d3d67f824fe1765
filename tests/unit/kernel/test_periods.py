"""A period that is paid for is written so that anybody reads it."""

from __future__ import annotations

import pytest

from linli.kernel.periods import in_words


@pytest.mark.parametrize(
    ("period", "zh", "en"),
    [
        ("once", "一次性", "once"),
        ("2026", "2026年", "2026"),
        ("2026-Q4", "2026年第4季度", "quarter 4 of 2026"),
        ("2026-03", "2026年3月", "03/2026"),
        ("2026-1", "2026年第1学期", "term 1 of 2026"),  # of a school year, no month
    ],
)
def test_a_period_in_words(period: str, zh: str, en: str) -> None:
    assert in_words(period) == (zh, en)
