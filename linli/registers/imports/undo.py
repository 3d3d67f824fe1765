"""Taking an import back: what it wrote is withdrawn, what it withdrew is stated again. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from linli.kernel import areas, clock
from linli.kernel.viewer import Viewer
from linli.registers.imports import doubts, refusals
from linli.registers.imports.deliver import lock_list
from linli.registers.lists.facts import LIST_IMPORTED, RECORD_CHANGED
from linli.registers.models import ListImport, Record
from linli.trace import bulk_act
from linli.trace.bulk import Bulk, BulkFact
from linli.trace.rows import RowRef, digests_now

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Dependents:
    """Later deliveries over the same area, and how many of the records that the import wrote or ended were changed since by others."""

    deliveries: tuple[ListImport, ...]
    records: int

    @property
    def any(self) -> bool:
        """Whether the import can't be undone."""
        return bool(self.deliveries or self.records)


def undo_import(viewer: Viewer, *, delivery: UUID | str) -> ListImport:
    """Undo an import; refused once a later delivery or a later change of one of its records depends on it.

    One transaction, a lock on the list, a trace chain of its own. Needs officer over the import's area.
    """
    found = ListImport.objects.filter(uid=delivery).first()
    if found is None:
        raise refusals.no_import(str(delivery))
    viewer.require("officer", area=found.area_code)
    payload = {
        "list": found.list_slug,
        "delivery": str(found.uid),
        "change": "undone",
        "file_digest": found.file_digest,
        "as_of": str(found.as_of),
        "area": found.area_code,
    }
    with bulk_act(viewer, LIST_IMPORTED, subject=f"list:{found.list_slug}", payload=payload, area=found.area_code) as bulk:
        lock_list(found.list_slug)
        row = ListImport.objects.select_for_update().get(pk=found.pk)
        _require_last(row)
        row.undone_at = clock.now()
        row.save()
        _take_back(row, row.undone_at, bulk)
        bulk.extend(doubts.close_own(row, row.undone_at, viewer.actor))
        bulk.extend(doubts.reopen(row))
        bulk.extend([_import_fact(row)])
    return row


def _import_fact(row: ListImport) -> BulkFact:
    """The import's own row, now undone."""
    reference = RowRef(ListImport._meta.label_lower, str(row.pk))
    payload = {"list": row.list_slug, "change": "closed", "on": str(row.as_of), "origin": "file"}
    return RECORD_CHANGED, f"delivery:{row.uid}", payload, {str(reference): digests_now([reference])[reference]}


def dependents(row: ListImport) -> Dependents:
    """What was built upon an import and stands in the way of undoing it. Three queries."""
    later = ListImport.objects.filter(list_slug=row.list_slug, undone_at__isnull=True, applied_at__gt=row.applied_at)
    over = [
        one
        for one in later.order_by("applied_at")
        if areas.contains(row.area_code, one.area_code) or areas.contains(one.area_code, row.area_code)
    ]
    # What an import withdrew that was itself undone has been stated again.
    taken_back = Q(withdrawn_by__undone_at__isnull=False)
    changed = Record.objects.filter(recorded_by=row, known_to__isnull=False).exclude(taken_back).count()
    with connection.cursor() as cursor:
        cursor.execute(_STATED_SINCE, {"import": row.pk})
        ((restated,),) = cursor.fetchall()
    return Dependents(tuple(over), changed + restated)


def _require_last(row: ListImport) -> None:
    if row.undone_at is not None:
        raise refusals.undone(row)
    built = dependents(row)
    if built.deliveries:
        first = built.deliveries[0]
        raise refusals.built_upon(row, f"{first.uid} of {first.as_of}")
    if built.records:
        raise refusals.built_upon(row, f"{built.records} records changed since")


def _take_back(row: ListImport, now: datetime, bulk: Bulk) -> None:
    scope: dict[str, Any] = {"import": row.pk, "now": now}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS import_undone")
        for statement in _STATEMENTS:
            cursor.execute(statement, scope)
    bulk.extend(_facts(row))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE import_undone")


def _facts(row: ListImport) -> Iterator[BulkFact]:
    label = Record._meta.label_lower
    with connection.chunked_cursor() as cursor:
        cursor.execute(_CHANGES)
        while rows := cursor.fetchmany(BATCH):
            digests = digests_now(RowRef(label, str(id_)) for _, _, ids in rows for id_ in ids)
            for subject, change, ids in rows:
                payload = {"list": row.list_slug, "change": change, "on": str(row.as_of), "origin": "file"}
                yield RECORD_CHANGED, subject, payload, {f"{label}:{id_}": digests[RowRef(label, str(id_))] for id_ in ids}


# What the import ended can't be stated again beside what is believed of the same days since.
_STATED_SINCE = """
    SELECT count(*) FROM registers_record w
    WHERE w.withdrawn_by_id = %(import)s AND EXISTS (
        SELECT FROM registers_record x
        WHERE x.list_slug = w.list_slug AND x.known_to IS NULL AND x.recorded_by_id IS DISTINCT FROM w.withdrawn_by_id
            AND (x.resident_id = w.resident_id OR x.household_id = w.household_id OR x.organisation_id = w.organisation_id)
            AND x.valid_from < coalesce(w.valid_to, 'infinity') AND w.valid_from < coalesce(x.valid_to, 'infinity')
    )
"""

_STATEMENTS = (
    """
    CREATE TEMPORARY TABLE import_undone ON COMMIT DROP AS
    SELECT id, resident_id, household_id, organisation_id, 'withdrawn' AS step FROM registers_record
    WHERE recorded_by_id = %(import)s AND known_to IS NULL
    """,
    "UPDATE registers_record x SET known_to = %(now)s FROM import_undone u WHERE u.id = x.id",
    """
    WITH again AS (
        INSERT INTO registers_record (
            resident_id, household_id, organisation_id, list_slug, present, data, origin, authority, expires_on, source_import_id,
            valid_from, valid_to, known_from, recorded_by_id
        )
        SELECT resident_id, household_id, organisation_id, list_slug, present, data, origin, authority, expires_on, source_import_id,
            valid_from, valid_to, %(now)s, recorded_by_id
        FROM registers_record WHERE withdrawn_by_id = %(import)s
        RETURNING id, resident_id, household_id, organisation_id
    )
    INSERT INTO import_undone SELECT id, resident_id, household_id, organisation_id, 'again' FROM again
    """,
)

_CHANGES = """
    SELECT
        coalesce('resident:' || r.uid, 'household:' || h.uid, 'organisation:' || o.uid),
        CASE WHEN NOT bool_or(u.step = 'again') THEN 'closed' WHEN bool_or(u.step = 'withdrawn') THEN 'changed' ELSE 'opened' END,
        array_agg(u.id ORDER BY u.id)
    FROM import_undone u
    LEFT JOIN registers_resident r ON r.id = u.resident_id
    LEFT JOIN registers_household h ON h.id = u.household_id
    LEFT JOIN registers_organisation o ON o.id = u.organisation_id
    GROUP BY r.uid, h.uid, o.uid
    ORDER BY 1
"""
