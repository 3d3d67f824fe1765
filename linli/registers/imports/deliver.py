"""import_list: a department's file becomes records, in one transaction, or nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Q

from linli.kernel import areas, clock
from linli.kernel.digests import default_algorithm, hasher
from linli.kernel.errors import Place, Problems
from linli.kernel.viewer import Viewer
from linli.papers import Table, read_table
from linli.registers.imports import doubts, merging, reach, refusals
from linli.registers.imports.mapping import columns_of
from linli.registers.imports.matching import match
from linli.registers.imports.reading import read_rows
from linli.registers.imports.report import ImportReport
from linli.registers.imports.staging import stage, staging
from linli.registers.lists import ListDeclaration
from linli.registers.lists.facts import DELIVERY_COUNTED, LIST_IMPORTED
from linli.registers.models import Area, Doubtful, ListImport, ListVersion, Record
from linli.registers.statistics import gather_where_grown
from linli.trace import bulk_act
from linli.trace.bulk import Bulk

Progress = Callable[[str, float], None]
Settled = Callable[[ListImport], None]
SMALL_LIST = 50
LARGEST_DROP = 0.5


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file and what it is meant to say.

    as_of: the day it speaks of (today); area: what it covers (all the list covers); whole: who is not in it is no longer on the list;
    mapping: file header by list column; only_mapped: no other column is looked for; skip_wrong: rows with wrong cells are left to a
    human instead of refusing the file; accept_drop: allow it to end more than half of a list's records. file_name: what the sender
    calls the file, where it lies under another name.
    """

    path: Path
    as_of: date | None = None
    area: str | None = None
    whole: bool = True
    mapping: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    skip_wrong: bool = False
    accept_drop: bool = False
    dry_run: bool = False
    only_mapped: bool = False
    file_name: str = ""


class DeliveryRefused(Problems):
    """The file has wrong cells; nothing was written. report.notes names them, for the annotated copy."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__(report.notes)
        self.report = report


class _DryRun(Exception):  # noqa: N818 - not an error: it takes the transaction back
    """Ends a dry run."""


class _Repeated(Exception):  # noqa: N818 - not an error: another process delivered the same file meanwhile
    """Takes the transaction back; known is the delivery that stands."""

    def __init__(self, known: ListImport) -> None:
        super().__init__()
        self.known = known


def import_list(
    viewer: Viewer,
    *,
    declaration: ListDeclaration,
    delivery: Delivery,
    progress: Progress = lambda step, share: None,
    settled: Settled = lambda row: None,
) -> ImportReport:
    """Read, match and merge one delivery. Raises DeliveryRefused or LinliError, and then nothing is written.

    The same file for the same day and area changes nothing (report.repeated); without as_of, the same file on any day. Reading
    holds no lock; the merge takes one transaction, a lock per list (two deliveries of one list go one after the other) and a trace
    chain of its own, so that other writers go on. Needs officer over the area; nobody outside it is touched or named (reach.py).
    progress(step, share): steps read, match, merge, trace.
    settled(import): called once all is written, inside the transaction, in a dry run too, while merging.touched() can still be asked;
    what it raises takes everything back. After the commit the planner's statistics are gathered of tables that have doubled.
    """
    area = _area(declaration, delivery)
    viewer.require("officer", area=area)
    as_of = delivery.as_of or clock.today()
    if as_of > clock.today():
        raise refusals.in_the_future(delivery.path, as_of)
    digest = file_digest(delivery.path)
    known = _same_delivery(declaration.slug, digest, area, delivery.as_of)
    if known is not None:
        return ImportReport(uid=known.uid, repeated=True, rows=known.rows)
    _refuse_out_of_order(declaration.slug, delivery.path, as_of, area)
    report = ImportReport()
    with staging():
        table = read_table(delivery.path, sheet=delivery.sheet, allow_merged=True)
        _read(declaration, delivery, table, report, progress)
        try:
            with suppress(_DryRun):
                _apply(viewer, declaration, delivery, _Told(digest, as_of, area, settled), report, progress)
        except _Repeated as meanwhile:
            return ImportReport(uid=meanwhile.known.uid, repeated=True, rows=meanwhile.known.rows)
    return report


@dataclass(frozen=True, slots=True)
class _Told:
    """What is settled of a delivery before it is merged."""

    digest: str
    as_of: date
    area: str
    settled: Settled


def _read(declaration: ListDeclaration, delivery: Delivery, table: Table, report: ImportReport, progress: Progress) -> None:
    columns = columns_of(declaration, table.headers, table.path.name, table.header_row, delivery.mapping, only_chosen=delivery.only_mapped)
    rows = read_rows(declaration, table, columns, frozenset(Area.objects.values_list("code", flat=True)))
    stage(rows, table, report, by_identity=declaration.subject != "organisation", progress=progress)
    if report.wrong and not delivery.skip_wrong:
        raise DeliveryRefused(report)
    if not report.rows:
        raise refusals.empty(delivery.path)


def _apply(viewer: Viewer, declaration: ListDeclaration, delivery: Delivery, told: _Told, report: ImportReport, progress: Progress) -> None:
    row = _import_row(viewer, declaration, delivery, told)
    payload = {
        "list": declaration.slug,
        "delivery": str(row.uid),
        "change": "applied",
        "file_digest": told.digest,
        "as_of": str(told.as_of),
        "area": told.area,
    }
    with bulk_act(viewer, LIST_IMPORTED, subject=f"list:{declaration.slug}", payload=payload, area=told.area) as bulk:
        lock_list(declaration.slug)
        _refuse_overtaken(declaration, delivery, told)
        row.applied_at = clock.now()
        row.version = version_of(declaration)
        row.save()
        scope = reach.scope(viewer, declaration, told.area) | _scope(declaration, delivery, row)
        match(declaration, scope)
        progress("match", 1.0)
        merging.merge(declaration, scope)
        _count(row, report, declaration, delivery)
        progress("merge", 1.0)
        _trace(bulk, row, declaration, progress)
        told.settled(row)
        if delivery.dry_run:
            raise _DryRun
        gather_where_grown(Record, Doubtful)
    report.uid = row.uid


def _refuse_overtaken(declaration: ListDeclaration, delivery: Delivery, told: _Told) -> None:
    """Ask again under the list's lock: another delivery may have been merged since this one was read."""
    known = _same_delivery(declaration.slug, told.digest, told.area, delivery.as_of)
    if known is not None:
        raise _Repeated(known)
    _refuse_out_of_order(declaration.slug, delivery.path, told.as_of, told.area)


def _import_row(viewer: Viewer, declaration: ListDeclaration, delivery: Delivery, told: _Told) -> ListImport:
    return ListImport(
        list_slug=declaration.slug,
        file_name=(delivery.file_name or delivery.path.name)[-255:],
        file_digest=told.digest,
        as_of=told.as_of,
        fresh_until=told.as_of + timedelta(days=declaration.every_days),
        area_code=told.area,
        whole=delivery.whole,
        actor=viewer.actor,
        applied_at=clock.now(),
    )


def _scope(declaration: ListDeclaration, delivery: Delivery, row: ListImport) -> dict[str, Any]:
    return {
        "list": declaration.slug,
        "import": row.pk,
        "as_of": row.as_of,
        "now": row.applied_at,
        "whole": delivery.whole,
        "place": declaration.place,
        "authority": declaration.owner_zh,
        "household_kind": declaration.household_kind,
    }


def _count(row: ListImport, report: ImportReport, declaration: ListDeclaration, delivery: Delivery) -> None:
    """Fill the report and the import's counts; refuse a delivery that would empty the list."""
    for name, count in merging.tally().items():
        setattr(report, name, count)
    held_before = report.changed + report.closed + report.unchanged
    if is_large_drop(report.closed, held_before) and not delivery.accept_drop:
        raise refusals.large_drop(delivery.path, report.closed, held_before)
    with connection.cursor() as cursor:
        cursor.execute(_ROW_COUNTS)
        staged, report.matched, report.doubtful, report.unknown = cursor.fetchone()
        report.same = report.rows - staged
        report.matched += report.same
        cursor.execute(_ROW_NOTES)
        for number, reason in cursor.fetchall():
            report.note(refusals.about_row(Place(delivery.path.name, number), reason, declaration))
    row.rows, row.matched, row.unchanged, row.error_rows = report.rows, report.matched, report.unchanged, report.wrong
    row.opened, row.changed, row.closed = report.opened, report.changed, report.closed
    row.doubtful_rows, row.unknown_people = report.doubtful, report.unknown
    row.save()


def is_large_drop(closed: int, held: int) -> bool:
    """Whether a delivery that ends `closed` of `held` records looks more like half a file than like half a city."""
    return closed > max(SMALL_LIST, LARGEST_DROP * held)


def _trace(bulk: Bulk, row: ListImport, declaration: ListDeclaration, progress: Progress) -> None:
    bulk.extend(doubts.write_doubts(row, row.applied_at, subject=declaration.subject))
    if row.whole:
        bulk.extend(doubts.supersede(row, row.applied_at))
    expected = max(row.opened + row.changed + row.closed, 1)
    told = 0
    for fact in merging.batches(merging.touched_facts(declaration, str(row.as_of))):
        bulk.extend(fact)
        told += len(fact)
        progress("trace", told / expected)
    counts = {"rows": row.rows, "matched": row.matched, "opened": row.opened, "changed": row.changed, "closed": row.closed}
    counts |= {"doubtful": row.doubtful_rows, "unknown": row.unknown_people, "wrong": row.error_rows}
    bulk.act.record(
        DELIVERY_COUNTED,
        subject=f"delivery:{row.uid}",
        payload={"list": row.list_slug, **counts},
        rows=[row, row.version],
        area=row.area_code,
    )


def lock_list(slug: str, *, shared: bool = False) -> None:
    """Wait until no other delivery of this list is being merged; held until the commit. shared: for one person's record."""
    name = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name}(hashtextextended(%s, 0))", [f"linli.list:{slug}"])


def version_of(declaration: ListDeclaration) -> ListVersion:
    """The stored form of a declaration, kept the first time something is recorded under it."""
    content = {
        "zh": declaration.zh,
        "en": declaration.en,
        "facts": list(declaration.facts),
        "file": Path(declaration.file).read_text("utf-8"),
    }
    version, _ = ListVersion.objects.get_or_create(
        list_slug=declaration.slug, digest=declaration.digest, defaults={"declaration": content, "first_used_at": clock.now()}
    )
    return version


def _area(declaration: ListDeclaration, delivery: Delivery) -> str:
    if delivery.area is None:
        return declaration.area
    code = areas.trimmed(delivery.area)
    if not areas.contains(declaration.area, code):
        raise refusals.outside(delivery.path, declaration.area, code)
    return code


def file_digest(path: Path) -> str:
    """The digest under which a delivery is known again. Raises LinliError for a file that can't be read."""
    state = hasher()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                state.update(block)
    except OSError as error:
        raise refusals.unreadable(path, error) from None
    return f"{default_algorithm()}:{state.hexdigest()}"


def _same_delivery(slug: str, digest: str, area: str, as_of: date | None) -> ListImport | None:
    day = Q() if as_of is None else Q(as_of=as_of)
    return (
        ListImport.objects.filter(day, list_slug=slug, file_digest=digest, area_code=area, undone_at__isnull=True)
        .order_by("-as_of")
        .first()
    )


def _refuse_out_of_order(slug: str, path: Path, as_of: date, area: str) -> None:
    later = ListImport.objects.filter(list_slug=slug, as_of__gt=as_of, undone_at__isnull=True).order_by("-as_of")
    found = next((row for row in later if areas.contains(area, row.area_code) or areas.contains(row.area_code, area)), None)
    if found is not None:
        raise refusals.out_of_order(path, as_of, found)


_ROW_COUNTS = """
    SELECT
        count(*),
        count(*) FILTER (WHERE subject IS NOT NULL AND reason IS NULL),
        count(*) FILTER (WHERE reason IS NOT NULL AND (
            reason = 'cell_error' OR subject IS NOT NULL OR EXISTS (SELECT FROM import_candidate k WHERE k.row = s.row)
        )),
        count(*) FILTER (WHERE subject IS NULL AND reason IS NULL)
    FROM import_stage s
"""

_ROW_NOTES = """
    SELECT row, reason FROM import_stage
    WHERE (reason IS NOT NULL AND reason <> 'cell_error') OR (subject IS NULL AND reason IS NULL)
    ORDER BY row
"""
