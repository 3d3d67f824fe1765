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
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import believed, true_on
from linli.registers.lists import ListDeclaration, load_lists
from linli.registers.models import ListImport, Record, Resident, Situation


def subjects(viewer: Viewer) -> dict[str, int]:
    """How many have a record in force, by list, inside the viewer's areas as officer. One query."""
    return _counts(_placed(load_lists(Path(settings.LINLI_CITY)).values(), viewer.areas("officer"), clock.today()))


def _inside(column: str, reach: Iterable[str]) -> Q:
    return reduce(or_, (Q(**{f"{column}__startswith": area}) for area in reach), Q(pk__in=()))


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
