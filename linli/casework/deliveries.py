"""Deliveries with rows that wait for a human, as the inbox lists and counts them.

A city has a thousand of them at a time, with tens of thousands of rows: counted are the deliveries, by the day on which they were applied;
what stands on a page is looked at one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, QuerySet
from django.db.models.expressions import RawSQL

from linli.casework.desks import departments_of
from linli.casework.kinds import DOUBTFUL, QUESTION
from linli.casework.queries import Due, due_of_doubts
from linli.kernel import clock
from linli.kernel.compiled import Fixed, compiled
from linli.kernel.viewer import Viewer
from linli.registers.imports.reach import within_areas
from linli.registers.lists import load_lists
from linli.registers.models import Doubtful, DoubtQuestion

KINDS = (DOUBTFUL, QUESTION)


class Delivery(NamedTuple):
    """One thing to do: the rows of a delivery, or what its department was asked about them."""

    kind: str
    due: Due
    list_slug: str
    uid: UUID
    number: int


@dataclass(frozen=True)
class _Asked:
    """Questions about rows of a delivery: how many, and when the first was asked."""

    number: int
    due: Due


class Deliveries:
    """Those that a viewer has to settle. Two queries when it is made, one more for a page of them."""

    def __init__(self, viewer: Viewer) -> None:
        self._areas, self._today = Fixed(viewer.areas("officer")), Fixed(clock.today())
        self._due: Callable[[date], Due] = cache(due_of_doubts)  # a thousand deliveries began on a few days
        self._days = self._by_day(_slugs(viewer)) if self._areas.value else {}
        known = {one for several in self._days.values() for one in several}
        self._asked = {pk: one for pk, one in self._questions().items() if pk in known} if known else {}

    def count(self, colour: str) -> int:
        """How many things of a colour there are. No query."""
        of_days = sum(len(several) for day, several in self._days.items() if self._due(day).colour == colour)
        return of_days + sum(one.due.colour == colour for one in self._asked.values())

    def urgent(self, after: datetime, limit: int, *, kind: str = "", colour: str = "") -> list[Delivery]:
        """Those that are due at a moment, and at least the `limit` most urgent of those that are due later; in no order."""
        fitting = [(due.at, day) for day in self._days if (due := self._due(day)).at >= after and colour in ("", due.colour)]
        chosen, later, last = set[int](), 0, after
        for at, day in sorted(fitting) if kind in ("", DOUBTFUL) else ():
            if later >= limit and at != last:
                break
            chosen, later, last = chosen | self._days[day], later + (at > after) * len(self._days[day]), at
        asked = {pk for pk, one in self._asked.items() if kind in ("", QUESTION) and one.due.at >= after and colour in ("", one.due.colour)}
        return list(self._looked_at(chosen, asked)) if chosen or asked else []

    def _looked_at(self, chosen: set[int], asked: set[int]) -> Iterable[Delivery]:
        mine, told = _of_import.sql(self._areas, self._today)
        with connection.cursor() as cursor:
            cursor.execute(_ABOUT.format(mine=mine), [*told, [*chosen | asked]])
            found = cursor.fetchall()
        for pk, uid, slug, applied, number in found:
            if pk in chosen and number:
                yield Delivery(DOUBTFUL, self._due(applied), slug, uid, number)
            if pk in asked:
                yield Delivery(QUESTION, self._asked[pk].due, slug, uid, self._asked[pk].number)

    def _by_day(self, slugs: list[str] | None) -> Mapping[date, set[int]]:
        """The deliveries by the day on which they were applied."""
        reach = self._areas.value
        with connection.cursor() as cursor:
            if "" in reach:
                cursor.execute(_SEEN, [slugs, slugs])
            else:
                mine, told = _of_import.sql(self._areas, self._today)
                cursor.execute(_SENT.format(mine=mine), [slugs, slugs, [f"{area}%" for area in reach], *told])
            return {day: set(several) for day, several in cursor.fetchall()}

    def _questions(self) -> dict[int, _Asked]:
        found = _asked(self._areas, self._today)
        return {pk: _Asked(number, self._due(clock.day_of(first))) for pk, number, first in found}


def _rows(areas: tuple[str, ...]) -> QuerySet[Doubtful]:
    return within_areas(areas, Doubtful.objects.filter(resolved_at__isnull=True)).order_by()


@compiled
def _of_import(areas: Fixed[tuple[str, ...]], _today: Fixed[date]) -> QuerySet[Doubtful, int]:
    """Of one delivery, i in the query around it. Who lives where is of the day."""
    return _rows(areas.value).filter(list_import=RawSQL("i.id", [])).values_list("pk", flat=True)


@compiled
def _asked(areas: Fixed[tuple[str, ...]], _today: Fixed[date]) -> QuerySet[DoubtQuestion, tuple[int, int, datetime]]:
    rows = DoubtQuestion.objects.filter(doubtful__in=_rows(areas.value)).values("doubtful__list_import")
    return rows.annotate(number=Count("id"), first=Min("asked_at")).values_list("doubtful__list_import", "number", "first")


def _slugs(viewer: Viewer) -> list[str] | None:
    """The lists of the viewer's department, None for who works in none. One query at most."""
    own = departments_of(viewer)
    return None if own is None else [slug for slug, one in load_lists(Path(settings.LINLI_CITY)).items() if one.owner_zh in own]


# One probe of an index for each delivery, instead of reading all the rows that wait: of the whole city for each that has such rows, of an
# area for each that was sent for it.
_SEEN = """
    WITH RECURSIVE seen(id) AS (
        (SELECT list_import_id FROM registers_doubtful WHERE resolved_at IS NULL ORDER BY 1 LIMIT 1)
        UNION ALL
        SELECT (SELECT list_import_id FROM registers_doubtful d WHERE resolved_at IS NULL AND d.list_import_id > seen.id ORDER BY 1 LIMIT 1)
        FROM seen WHERE seen.id IS NOT NULL
    )
    SELECT (i.applied_at AT TIME ZONE 'Asia/Shanghai')::date, array_agg(i.id) FROM seen JOIN registers_listimport i USING (id)
    WHERE %s::text[] IS NULL OR i.list_slug = ANY(%s::text[]) GROUP BY 1
"""
_SENT = """
    SELECT (i.applied_at AT TIME ZONE 'Asia/Shanghai')::date, array_agg(i.id) FROM registers_listimport i
    WHERE (%s::text[] IS NULL OR i.list_slug = ANY(%s::text[])) AND i.area_code LIKE ANY(%s::text[]) AND EXISTS ({mine}) GROUP BY 1
"""
_ABOUT = """
    SELECT i.id, i.uid, i.list_slug, (i.applied_at AT TIME ZONE 'Asia/Shanghai')::date, (SELECT count(*) FROM ({mine}) waiting)
    FROM registers_listimport i WHERE i.id = ANY(%s::bigint[])
"""
