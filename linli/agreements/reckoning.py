"""What an award comes to for a stretch of days: in full, or by the day where the programme's rule says so."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from linli.agreements.models import Award, Rest


def days_due(award: Award, rests: list[Rest], first: date, last: date) -> int:
    """How many days from first to last, both included, the award stood: within its own days, and not at rest."""
    begin, end = max(first, award.begins_on), min(last, award.ends_on or last)
    if end < begin:
        return 0
    resting = {day for rest in rests for day in _days(max(rest.from_day, begin), min(rest.until_day or end, end))}
    return (end - begin).days + 1 - len(resting)


def amount_for(award: Award, rests: list[Rest], first: date, last: date, *, prorate: str) -> int:
    """In fen, what a period comes to. prorate "none": in full where the award stood on any of its days, else nothing; "day": amount × days
    that it stood / days of the period, a part of a fen rounded up to the person's good. An award without an amount comes to nothing."""
    stood = days_due(award, rests, first, last)
    if not stood or award.amount_fen is None:
        return 0
    if prorate != "day":
        return award.amount_fen
    exact = Fraction(award.amount_fen * stood, (last - first).days + 1)
    return -(-exact.numerator // exact.denominator)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
