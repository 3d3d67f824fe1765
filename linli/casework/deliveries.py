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
from linli.kernel.viewer import Viewer
from linli.registers.imports import waiting
from linli.registers.lists import load_lists
from linli.registers.models import DoubtQuestion

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
    """Those that a viewer has to settle. Two queries when it is made, three more for a page of them."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer, self._rows = viewer, waiting(viewer).order_by()
        self._due: Callable[[date], Due] = cache(due_of_doubts)  # a thousand deliveries began on a few days
        self._days = self._by_day(_slugs(viewer))
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
        numbers = self._rows.filter(list_import__in=chosen).values_list("list_import").annotate(number=Count("*")) if chosen else ()
        counted = dict(numbers)
        with connection.cursor() as cursor:
            cursor.execute(_ABOUT, [[*chosen | asked]])
            found = cursor.fetchall()
        for pk, uid, slug, applied in found:
            if pk in counted:
                yield Delivery(DOUBTFUL, self._due(applied), slug, uid, counted[pk])
            if pk in asked:
                yield Delivery(QUESTION, self._asked[pk].due, slug, uid, self._asked[pk].number)

    def _by_day(self, slugs: list[str] | None) -> Mapping[date, set[int]]:
        """The deliveries by the day on which they were applied."""
        reach = self._viewer.areas("officer")
        if not reach:
            return {}
        with connection.cursor() as cursor:
            if "" in reach:
                cursor.execute(_SEEN, [slugs, slugs])
            else:
                mine, told = self._rows.filter(list_import=RawSQL("i.id", [])).query.sql_with_params()
                cursor.execute(_SENT.format(mine=mine), [slugs, slugs, [f"{area}%" for area in reach], *told])
            return {day: set(several) for day, several in cursor.fetchall()}

    def _questions(self) -> dict[int, _Asked]:
        rows: QuerySet[DoubtQuestion] = DoubtQuestion.objects.filter(doubtful__in=self._rows)
        found = rows.values_list("doubtful__list_import").annotate(number=Count("id"), first=Min("asked_at"))
        return {pk: _Asked(number, self._due(clock.day_of(first))) for pk, number, first in found}


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
    SELECT id, uid, list_slug, (applied_at AT TIME ZONE 'Asia/Shanghai')::date FROM registers_listimport WHERE id = ANY(%s::bigint[])
"""
