"""Reads of the price list. Prices are public: nobody is asked for."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from linli.registers.models import PriceItem, PriceVersion

MOST = 200


def _in_force(day: date, known_at: datetime | None) -> QuerySet[PriceItem]:
    """The prices of a day: of each item and grade the last that has begun, unless its stated days are over."""
    if known_at is None:
        known = Q(withdrawn=False)
        other = Q(withdrawn=False)
    else:
        known = Q(version__published_at__lte=known_at) & (Q(version__withdrawn_at__isnull=True) | Q(version__withdrawn_at__gt=known_at))
        other = known
    later = PriceItem.objects.filter(
        other, code=OuterRef("code"), level=OuterRef("level"), valid_from__gt=OuterRef("valid_from"), valid_from__lte=day
    )
    ends = Q(valid_to__isnull=True) | Q(valid_to__gte=day)
    return PriceItem.objects.filter(known, ends, ~Exists(later), valid_from__lte=day).select_related("version")


def price_on(code: str, day: date, level: str = "", known_at: datetime | None = None) -> PriceItem | None:
    """What an item costs on a day in hospitals of a grade: the grade's own price, else that for all; None where there is none. One query.

    known_at: as it was known then; left out: as it is known now, withdrawn versions left out.
    """
    found = {row.level: row for row in _in_force(day, known_at).filter(code=code, level__in={level, ""})}
    return found.get(level) or found.get("")


def prices_on(day: date, words: str = "") -> list[PriceItem]:
    """The prices of a day whose code begins with the words or whose name holds them, by code and grade, at most MOST. One query."""
    asked = words.replace("\x00", "").strip()[:100]
    rows = _in_force(day, None)
    if asked:
        rows = rows.filter(Q(code__startswith=asked) | Q(name__icontains=asked))
    return list(rows.order_by("code", "-level")[:MOST])


def history_of(code: str) -> list[PriceItem]:
    """Every price that an item has had, the newest first, those of withdrawn versions left out. One query."""
    return list(PriceItem.objects.filter(code=code, withdrawn=False).select_related("version").order_by("-valid_from", "level"))


def price_versions() -> QuerySet[PriceVersion]:
    """Every version, the newest first, withdrawn ones too. One query."""
    return PriceVersion.objects.order_by("-published_at", "-id")
