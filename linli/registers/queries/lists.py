"""Reads of lists: deliveries, their quality, a subject's records with their provenance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet

from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import believed, true_on
from linli.registers.lists import ListDeclaration, load_lists
from linli.registers.models import Doubtful, ListImport, Record, Resident


@dataclass(frozen=True, slots=True)
class ListQuality:
    """How a list stands. fresh_until: first day on which its newest delivery is stale; age_days: since that delivery's day.

    None: never delivered. subjects: with a record in force; rates: of the newest delivery's rows, in thousandths; doubtful: rows
    still waiting for a human.
    """

    declaration: ListDeclaration
    delivered_as_of: date | None
    fresh_until: date | None
    age_days: int | None
    subjects: int
    rows: int
    wrong_per_mille: int | None
    unknown_per_mille: int | None
    doubtful: int

    @property
    def is_fresh(self) -> bool:
        """Whether absence from it still means something today."""
        return self.fresh_until is not None and clock.today() < self.fresh_until


def quality(viewer: Viewer, *, on: date | None = None) -> list[ListQuality]:
    """Every list of the city, by slug. Four queries. Needs officer over the whole city."""
    viewer.require("officer")
    day = on or clock.today()
    newest: dict[str, ListImport] = {}
    for row in ListImport.objects.filter(undone_at__isnull=True, as_of__lte=day).order_by("as_of", "applied_at"):
        newest[row.list_slug] = row
    subjects = _counts(Record.objects.filter(believed(), true_on(day), present=True))
    waiting = _counts(Doubtful.objects.filter(resolved_at__isnull=True))
    return [
        _quality(declaration, newest.get(slug), subjects.get(slug, 0), waiting.get(slug, 0), day)
        for slug, declaration in load_lists(Path(settings.LINLI_CITY)).items()
    ]


def _counts(rows: QuerySet[Any]) -> dict[str, int]:
    return dict(rows.values_list("list_slug").annotate(Count("id")))


def _quality(declaration: ListDeclaration, newest: ListImport | None, subjects: int, doubtful: int, day: date) -> ListQuality:
    return ListQuality(
        declaration=declaration,
        delivered_as_of=newest.as_of if newest else None,
        fresh_until=newest.fresh_until if newest else None,
        age_days=(day - newest.as_of).days if newest else None,
        subjects=subjects,
        rows=newest.rows if newest else 0,
        wrong_per_mille=_per_mille(newest.error_rows, newest.rows) if newest else None,
        unknown_per_mille=_per_mille(newest.unknown_people, newest.rows) if newest else None,
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
