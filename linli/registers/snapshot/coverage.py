"""Which areas each list speaks of on a day: the fresh deliveries believed at an instant."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from django.conf import settings

from linli.registers import prepared

# A whole delivery that is fresh on the day and believed at the instant.
FRESH_THEN = """
    i.whole AND i.as_of <= %(as_of)s AND i.fresh_until > %(as_of)s
    AND i.applied_at <= %(known_at)s AND (i.undone_at IS NULL OR i.undone_at > %(known_at)s)
"""
_FRESH = f"""
    SELECT i.list_slug::text AS list, array_agg(DISTINCT i.area_code::text) AS areas
    FROM registers_listimport i WHERE {FRESH_THEN}
    GROUP BY i.list_slug ORDER BY i.list_slug
"""  # noqa: S608 - constants of this module


def fresh_areas(as_of: date, known_at: datetime) -> dict[str, list[str]]:
    """Area prefixes by list slug of the whole deliveries that are fresh on `as_of` and not undone at `known_at`. One query.

    The statements of columns.py find the same for themselves.
    """
    found = prepared.rows(_FRESH, {"as_of": as_of, "known_at": known_at})
    return {row["list"]: sorted(row["areas"]) for row in found}


_asked: set[str] = set()


def may_be_asked(slugs: Iterable[str]) -> None:
    """Rules of this process ask holds() of these programmes too: one that was written in the office is in no folder, and everybody's
    answer would stay unknown. Whoever reads a rule from the database says so before anybody is looked at."""
    _asked.update(slugs)


def programme_slugs() -> list[str]:
    """Every programme that a rule may ask holds() of: those declared in the city's folder, and those of may_be_asked()."""
    folder = Path(settings.LINLI_CITY) / "programmes"
    # Asked for with every live look: one reading of the folder, without a Path for each entry.
    names = os.listdir(folder) if folder.is_dir() else []
    return sorted(_asked.union(name for name in names if os.path.exists(f"{folder}/{name}/programme.yaml")))
