"""Reads of lists: deliveries, their quality, a subject's records with their provenance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from linli.kernel import areas, clock
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import believed, true_on
from linli.registers.lists import ListDeclaration, load_lists
from linli.registers.models import Doubtful, ListImport, Record, Resident, Situation


@dataclass(frozen=True, slots=True)
class ListQuality:
    """How a list stands. fresh_until: first day on which its newest delivery is stale; age_days: since that delivery's day.

    None: never delivered. subjects: with a record in force; rows: of the newest delivery; rates: of those, in thousandths; doubtful: rows
    still waiting for a human. All inside the viewer's areas: of a delivery that speaks of others too, rows and rates are None.
    """

    declaration: ListDeclaration
    delivered_as_of: date | None
    fresh_until: date | None
    age_days: int | None
    subjects: int
    rows: int | None
    wrong_per_mille: int | None
    unknown_per_mille: int | None
    doubtful: int

    @property
    def is_fresh(self) -> bool:
        """Whether absence from it still means something today."""
        return self.fresh_until is not None and clock.today() < self.fresh_until


def quality(viewer: Viewer, *, on: date | None = None) -> list[ListQuality]:
    """Every list that touches the viewer's areas as officer, by slug. Three queries. Refused where there is no such area."""
    reach = viewer.areas("officer")
    if not reach:
        viewer.require("officer")
    day, declared = on or clock.today(), load_lists(Path(settings.LINLI_CITY))
    newest: dict[str, ListImport] = {}
    for row in ListImport.objects.filter(undone_at__isnull=True, as_of__lte=day).order_by("as_of", "applied_at"):
        if any(_touch(area, row.area_code) for area in reach):
            newest[row.list_slug] = row
    subjects = _counts(_placed(declared.values(), reach, day))
    place = Coalesce(NullIf("area_code", Value("")), "list_import__area_code")
    waiting = _counts(Doubtful.objects.filter(resolved_at__isnull=True).annotate(place=place).filter(_inside("place", reach)))
    return [
        _quality(one, newest.get(slug), subjects.get(slug, 0), waiting.get(slug, 0), day, reach)
        for slug, one in declared.items()
        if any(_touch(area, one.area) for area in reach)
    ]


def _touch(one: str, other: str) -> bool:
    return areas.contains(one, other) or areas.contains(other, one)


def _inside(column: str, reach: Iterable[str]) -> Q:
    return reduce(or_, (Q(**{f"{column}__startswith": area}) for area in reach))


def _placed(declared: Iterable[ListDeclaration], reach: tuple[str, ...], day: date) -> QuerySet[Record]:
    """The records in force about somebody in the areas: a person counts where the list says that its people belong."""
    rows = Record.objects.filter(believed(), true_on(day), present=True)
    if "" in reach:
        return rows
    slugs: dict[str, list[str]] = {}
    for one in declared:
        slugs.setdefault(one.place, []).append(one.slug)
    found = _inside("household__area_code", reach) | _inside("organisation__area_code", reach)
    for kind, names in slugs.items():
        there = Situation.objects.filter(believed(), true_on(day), _inside("area_code", reach), resident=OuterRef("resident"), kind=kind)
        found |= Q(list_slug__in=names) & Q(Exists(there))
    return rows.filter(found)


def _counts(rows: QuerySet[Any]) -> dict[str, int]:
    return dict(rows.values_list("list_slug").annotate(Count("id")))


def _quality(
    declaration: ListDeclaration, newest: ListImport | None, subjects: int, doubtful: int, day: date, reach: tuple[str, ...]
) -> ListQuality:
    own = newest if newest and any(areas.contains(area, newest.area_code) for area in reach) else None
    return ListQuality(
        declaration=declaration,
        delivered_as_of=newest.as_of if newest else None,
        fresh_until=newest.fresh_until if newest else None,
        age_days=(day - newest.as_of).days if newest else None,
        subjects=subjects,
        rows=own.rows if own else None if newest else 0,
        wrong_per_mille=_per_mille(own.error_rows, own.rows) if own else None,
        unknown_per_mille=_per_mille(own.unknown_people, own.rows) if own else None,
        doubtful=doubtful,
    )


def _per_mille(part: int, whole: int) -> int | None:
    return round(1000 * part / whole) if whole else None


def deliveries(viewer: Viewer, *, list_slug: str = "") -> QuerySet[ListImport]:
    """Imports, newest first. Those inside the viewer's areas as officer."""
    found = ListImport.objects.filter(**({"list_slug": list_slug} if list_slug else {}))
    seen = found.none()
    for area in viewer.areas("officer"):
        seen = seen | found.filter(area_code__startswith=area)
    return seen.order_by("-applied_at")


@dataclass(frozen=True, slots=True)
class Said:
    """One record of a person with where it comes from: the provenance of each fact that it gives."""

    record: Record
    declaration: ListDeclaration | None
    delivered_as_of: date | None
    facts: dict[str, Any]


def said_of(viewer: Viewer, resident: Resident, *, area: str, known_at: datetime | None = None) -> list[Said]:
    """Everything lists say of a person, in force or past, as believed now or at an instant, newest first. One query.

    area: where the person is registered or lives; needs officer there.
    """
    viewer.require("officer", area=area)
    lists = load_lists(Path(settings.LINLI_CITY))
    rows = Record.objects.filter(believed(known_at), resident=resident).select_related("source_import").order_by("list_slug", "-valid_from")
    return [_said(row, lists.get(row.list_slug)) for row in rows]


def _said(row: Record, declaration: ListDeclaration | None) -> Said:
    facts = dict(row.data)
    if declaration and declaration.presence:
        facts = {declaration.presence.fact: row.present, **facts}
    return Said(row, declaration, row.source_import.as_of if row.source_import else None, facts)
