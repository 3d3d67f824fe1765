"""Which areas each list speaks of on a day: the fresh deliveries believed at an instant."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from linli.registers.models import ListImport


def fresh_areas(as_of: date, known_at: datetime) -> dict[str, list[str]]:
    """Area prefixes by list slug of the whole deliveries that are fresh on `as_of` and not undone at `known_at`. One query."""
    believed = Q(applied_at__lte=known_at) & (Q(undone_at__isnull=True) | Q(undone_at__gt=known_at))
    rows = ListImport.objects.filter(believed, whole=True, as_of__lte=as_of, fresh_until__gt=as_of).values_list("list_slug", "area_code")
    found: dict[str, set[str]] = {}
    for slug, area in rows:
        found.setdefault(slug, set()).add(area)
    return {slug: sorted(areas) for slug, areas in sorted(found.items())}


def programme_slugs() -> list[str]:
    """Every programme that a rule may ask holds() of: those declared in the city's folder."""
    folder = Path(settings.LINLI_CITY) / "programmes"
    return sorted(path.parent.name for path in folder.glob("*/programme.yaml"))
