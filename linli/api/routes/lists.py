"""Departments' lists: what they hold, how good they are, and delivering them."""

from __future__ import annotations

import hashlib
import re
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from linli.api.authority import Bearer, viewer_of
from linli.api.keys import once
from linli.api.paging import cursor, keys_of
from linli.api.problems import told
from linli.api.queries import not_there
from linli.api.responses import answers
from linli.api.shapes import After, AreaCode, Given, Key, Page, Refusal, Slug, Text
from linli.insight.lists import Own, own
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.registers.imports import Delivery, ImportReport, import_list, undo_import
from linli.registers.lists import ListDeclaration, load_lists
from linli.registers.models import ListImport
from linli.registers.queries.lists import deliveries, subjects

router = Router(tags=["lists"])
PAGE = 100
MOST_NOTES = 200
SUFFIXES = (".xlsx", ".csv")
COUNTS = ("rows", "matched", "opened", "changed", "closed", "unchanged", "doubtful", "unknown", "wrong", "same", "noted")


class Column(Schema):
    """A column of a list's file; headers: every name under which it may come. fact: what it gives to rules."""

    name: str
    words: Text
    type: str
    required: bool
    headers: list[str]
    fact: str | None


class ListShape(Schema):
    """A list as the city declares it. absence: what not being on it means; every_days: how often it comes."""

    slug: str
    name: Text
    owner: Text
    subject: str
    key: str
    every_days: int
    absence: str
    columns: list[Column]


class Quality(Schema):
    """How a list stands in one's areas. colour: of the place that stands worst, red, yellow, green or "" (asked for each person, never
    fresh as a whole); fresh_until: of that place; fresh: in order everywhere. rows: of the deliveries in force, rates in thousandths of
    them; null where none speaks of one's areas alone, rows 0 where it never came. doubtful: rows that one settles."""

    slug: str
    name: Text
    delivered_as_of: date | None
    fresh_until: date | None
    age_days: int | None
    colour: str
    fresh: bool
    subjects: int
    rows: int | None
    wrong_per_mille: int | None
    unknown_per_mille: int | None
    doubtful: int


class ImportShape(Schema):
    """One applied delivery of a list."""

    id: UUID
    list: str
    file_name: str
    as_of: date
    area: str
    whole: bool
    actor: str
    applied_at: datetime
    undone_at: datetime | None
    rows: int
    matched: int
    opened: int
    changed: int
    closed: int
    unchanged: int
    doubtful_rows: int
    unknown_people: int
    error_rows: int

    @classmethod
    def of(cls, row: ListImport) -> ImportShape:
        """A row."""
        plain = {name: getattr(row, name) for name in cls.model_fields if name not in ("id", "list", "area")}
        return cls(id=row.uid, list=row.list_slug, area=row.area_code, **plain)


class Report(Schema):
    """What a delivery did, or in a dry run would do. id: the import, null in a dry run. notes: the first 200, with their cells."""

    id: UUID | None
    repeated: bool
    dry_run: bool
    rows: int
    matched: int
    opened: int
    changed: int
    closed: int
    unchanged: int
    doubtful: int
    unknown: int
    wrong: int
    same: int
    noted: int
    notes: list[Refusal]


class Sent(Given):
    """What a file says. whole: who is not in it is no longer on the list; skip_wrong: leave wrong rows to a human instead of refusing the
    file; accept_drop: let it end more than half of the list."""

    as_of: date | None = None
    area: AreaCode = ""
    whole: bool = True
    sheet: Annotated[str, Field(max_length=60)] = ""
    dry_run: bool = False
    skip_wrong: bool = False
    accept_drop: bool = False


@router.get("", response=answers(Page[ListShape]), operation_id="list_lists", auth=Bearer("officer", "auditor"))
def list_lists(request: HttpRequest) -> Page[ListShape]:
    """The lists that the city declares, with their columns."""
    return Page[ListShape](items=[_declared(one) for one in load_lists(settings.LINLI_CITY).values()])


@router.get("/quality", response=answers(Page[Quality]), operation_id="list_quality", auth=Bearer("officer"))
def list_quality(request: HttpRequest) -> Page[Quality]:
    """Age, error rate and doubtful rows of each list inside one's areas."""
    viewer = viewer_of(request)
    stand, people = own(viewer), subjects(viewer)
    return Page[Quality](items=[_quality(one, people.get(one.standing.declaration.slug, 0)) for one in stand])


@router.get("/imports", response=answers(Page[ImportShape]), operation_id="list_imports", auth=Bearer("officer"))
def list_imports(request: HttpRequest, slug: str = "", after: After = "") -> Page[ImportShape]:
    """Deliveries inside one's areas, newest first."""
    rows = deliveries(viewer_of(request), list_slug=slug).order_by("-id")
    if last := keys_of(after, int):
        rows = rows.filter(pk__lt=last[0])
    found = list(rows[: PAGE + 1])
    more = cursor(found[PAGE - 1].pk) if len(found) > PAGE else None
    return Page[ImportShape](items=[ImportShape.of(row) for row in found[:PAGE]], next=more)


@router.post("/{slug}/imports", response=answers(Report), operation_id="import_list", auth=Bearer("officer"))
def send(request: HttpRequest, slug: Slug, key: Key, file: File[UploadedFile], sent: Form[Sent]) -> Report:
    """Deliver a list as xlsx or csv, at most 25 MB: applied whole or not at all. A dry run needs a key of its own."""
    viewer, declaration = viewer_of(request), load_lists(settings.LINLI_CITY).get(slug)
    if declaration is None:
        raise not_there()
    body = {**sent.model_dump(mode="json"), "file": hashlib.file_digest(file.open("rb"), "sha256").hexdigest()}
    file.seek(0)
    return Report(**once(request, viewer, key, body, lambda: _delivered(viewer, declaration, file, sent)))


@router.post("/imports/{uid}/undo", response=answers(ImportShape), operation_id="undo_import", auth=Bearer("officer"))
def undo(request: HttpRequest, uid: UUID, key: Key) -> ImportShape:
    """Take a delivery back while nothing later depends on it. Nothing is deleted."""
    viewer = viewer_of(request)
    if not deliveries(viewer).filter(uid=uid).exists():
        raise not_there()
    return ImportShape(
        **once(request, viewer, key, None, lambda: ImportShape.of(undo_import(viewer, delivery=uid)).model_dump(mode="json"))
    )


def _quality(one: Own, people: int) -> Quality:
    stands, declared = one.standing, one.standing.declaration
    return Quality(
        slug=declared.slug,
        name=Text(zh=declared.zh, en=declared.en),
        delivered_as_of=stands.newest.as_of if stands.newest else None,
        fresh_until=stands.worst.fresh_until,
        age_days=stands.age_days,
        colour=stands.colour,
        fresh=stands.is_fresh,
        subjects=people,
        rows=stands.rows if stands.newest else 0,
        wrong_per_mille=stands.per_mille("errors"),
        unknown_per_mille=stands.per_mille("unknown"),
        doubtful=one.doubtful,
    )


def _delivered(viewer: Viewer, declaration: ListDeclaration, file: UploadedFile, sent: Sent) -> dict[str, Any]:
    """The file goes to a folder of this call's own, under a name of ours: what the sender calls it reaches no path."""
    with tempfile.TemporaryDirectory(prefix="linli-import-") as folder:
        path = Path(folder) / _safe_name(file.name or "")
        with path.open("wb") as target:
            for chunk in file.chunks():
                target.write(chunk)
        delivery = Delivery(
            path=path,
            as_of=sent.as_of,
            area=sent.area or None,
            whole=sent.whole,
            sheet=sent.sheet or None,
            dry_run=sent.dry_run,
            skip_wrong=sent.skip_wrong,
            accept_drop=sent.accept_drop,
        )
        report = import_list(viewer, declaration=declaration, delivery=delivery)
    return _reported(report, sent.dry_run)


def _safe_name(name: str) -> str:
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise LinliError(
            "api.bad_file",
            zh="只接收 xlsx 和 csv 文件",
            en="Only xlsx and csv files are taken.",
            place=Place(field="file"),
            expected=", ".join(SUFFIXES),
            found=suffix or "no ending",
            found_zh=suffix or "没有扩展名",
            remedy_zh="另存为 xlsx 或 csv",
            remedy_en="save it as xlsx or csv",
        )
    return (re.sub(r"[^\w（）()-]+", "-", Path(name).stem)[:50] or "file") + suffix


def _reported(report: ImportReport, dry_run: bool) -> dict[str, Any]:
    counts = {name: getattr(report, name) for name in COUNTS}
    notes = [told(note) for note in report.notes[:MOST_NOTES]]
    return {"id": str(report.uid) if report.uid else None, "repeated": report.repeated, "dry_run": dry_run, "notes": notes, **counts}


def _declared(one: ListDeclaration) -> ListShape:
    columns = [
        Column(
            name=column.name,
            words=Text(zh=column.zh, en=column.en),
            type=column.type,
            required=column.required,
            headers=list(column.headers),
            fact=column.fact,
        )
        for column in one.columns
    ]
    return ListShape(
        slug=one.slug,
        name=Text(zh=one.zh, en=one.en),
        owner=Text(zh=one.owner_zh, en=one.owner_en),
        subject=one.subject,
        key=one.key,
        every_days=one.every_days,
        absence=one.absence,
        columns=columns,
    )
