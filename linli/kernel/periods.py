"""A period that is paid for, in words: 2026-Q4 is nobody's word."""

from __future__ import annotations

import re

_QUARTER, _MONTH, _TERM = re.compile(r"([0-9]{4})-Q([1-4])"), re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])"), re.compile(r"([0-9]{4})-([12])")
_YEAR = re.compile(r"[0-9]{4}")


def in_words(period: str) -> tuple[str, str]:
    """“once”, a year, a quarter, a month and a school term in Chinese and English; what is none of these as it is written."""
    if period == "once":
        return "一次性", "once"
    if quarter := _QUARTER.fullmatch(period):
        return f"{quarter[1]}年第{quarter[2]}季度", f"quarter {quarter[2]} of {quarter[1]}"
    if month := _MONTH.fullmatch(period):
        return f"{month[1]}年{int(month[2])}月", f"{month[2]}/{month[1]}"
    if term := _TERM.fullmatch(period):
        return f"{term[1]}年第{term[2]}学期", f"term {term[2]} of {term[1]}"
    if _YEAR.fullmatch(period):
        return f"{period}年", period
    return period, period
