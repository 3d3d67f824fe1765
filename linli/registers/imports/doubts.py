"""Rows left to a human: written by an import, then matched to a person, registered as a new one, or dismissed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from linli import vault
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.registers.acts.guards import resident_of
from linli.registers.acts.residents import Lives, register_resident
from linli.registers.imports import reach, refusals
from linli.registers.lists import load_lists
from linli.registers.lists.facts import DEPARTMENT_ASKED, DOUBT_RESOLVED, ROW_DOUBTED
from linli.registers.models import Doubtful, DoubtfulCandidate, DoubtQuestion, Household, ListImport, Organisation, Resident
from linli.trace import act
from linli.trace.bulk import BulkFact
from linli.trace.rows import digests_now, ref

BATCH = 2_000
PURPOSES = ("registers.match",)


def write_doubts(delivery: ListImport, now: datetime, *, subject: str) -> Iterator[BulkFact]:
    """Store every row with a wrong cell, and those that speak of somebody known but can't be believed; a fact for each."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_DOUBTS, {"of_people": subject == "person"})
        while rows := cursor.fetchmany(BATCH):
            doubts = [_doubt(delivery, now, row, subject) for row in rows]
            Doubtful.objects.bulk_create(doubts)
            pairs = [(doubt, resident) for doubt, row in zip(doubts, rows, strict=True) for resident in row[-1]]
            candidates = DoubtfulCandidate.objects.bulk_create(
                DoubtfulCandidate(doubtful=doubt, resident_id=resident) for doubt, resident in pairs
            )
            yield from _facts(doubts, candidates)


def _doubt(delivery: ListImport, now: datetime, row: tuple[Any, ...], subject: str) -> Doubtful:
    number, reason, name, birth_date, area, data, valid_from, valid_to, known, _ = row
    if subject != "person" and known is not None:
        name, birth_date = "", None  # the key says whose row it is: a member's name would only be one more copy
    return Doubtful(
        household_id=known if subject == "household" else None,
        organisation_id=known if subject == "organisation" else None,
        list_import=delivery,
        list_slug=delivery.list_slug,
        row=number,
        reason=reason,
        name=name or "",
        birth_date=birth_date,
        area_code=area or "",
        data=json.loads(data),
        valid_from=valid_from,
        valid_to=valid_to,
        known_from=now,
    )


def _facts(doubts: list[Doubtful], candidates: list[DoubtfulCandidate]) -> Iterator[BulkFact]:
    rows: dict[int, list[Any]] = {doubt.pk: [ref(doubt)] for doubt in doubts}
    for candidate in candidates:
        rows[candidate.doubtful_id].append(ref(candidate))
    digests = digests_now(one for several in rows.values() for one in several)
    for doubt in doubts:
        payload = {"list": doubt.list_slug, "reason": doubt.reason}
        yield ROW_DOUBTED, subject_of(doubt), payload, {str(one): digests[one] for one in rows[doubt.pk]}


def supersede(delivery: ListImport, now: datetime) -> Iterator[BulkFact]:
    """Close the open doubts of earlier deliveries that this whole delivery replaces."""
    open_ones = Doubtful.objects.filter(list_slug=delivery.list_slug, resolved_at__isnull=True).exclude(list_import=delivery)
    ids = list(open_ones.filter(list_import__area_code__startswith=delivery.area_code).values_list("pk", flat=True))
    changes = {"resolved_at": now, "resolution": "superseded", "resolved_by": delivery.actor, "superseded_by": delivery}
    yield from _update(ids, changes)


def reopen(delivery: ListImport) -> Iterator[BulkFact]:
    """Open again the doubts that an import, now undone, had superseded."""
    ids = list(Doubtful.objects.filter(superseded_by=delivery).values_list("pk", flat=True))
    yield from _update(ids, {"resolved_at": None, "resolution": "", "resolved_by": "", "superseded_by": None})


def close_own(delivery: ListImport, now: datetime, actor: str) -> Iterator[BulkFact]:
    """Close the open doubts of an import that is being undone."""
    ids = list(Doubtful.objects.filter(list_import=delivery, resolved_at__isnull=True).values_list("pk", flat=True))
    yield from _update(ids, {"resolved_at": now, "resolution": "superseded", "resolved_by": actor})


def _update(ids: list[int], changes: dict[str, Any]) -> Iterator[BulkFact]:
    for start in range(0, len(ids), BATCH):
        doubts = Doubtful.objects.filter(pk__in=ids[start : start + BATCH])
        doubts.update(**changes)
        fresh = list(doubts.order_by("pk"))
        digests = digests_now(ref(doubt) for doubt in fresh)
        for doubt in fresh:
            payload = {"list": doubt.list_slug, "resolution": doubt.resolution}
            yield DOUBT_RESOLVED, subject_of(doubt), payload, {str(ref(doubt)): digests[ref(doubt)]}


def subject_of(doubt: Doubtful) -> str:
    """The trace's name for a doubtful row."""
    return f"doubtful:{doubt.uid}"


def waiting(viewer: Viewer, *, list_slug: str = "") -> QuerySet[Doubtful]:
    """Rows waiting for a human that are the viewer's to settle: officer over the delivery's area and over everybody whom a row may mean."""
    return reach.within(viewer, Doubtful.objects.filter(resolved_at__isnull=True, **({"list_slug": list_slug} if list_slug else {})))


def open_doubtful(viewer: Viewer, *, list_slug: str = "") -> QuerySet[Doubtful]:
    """Those rows, oldest delivery first, with their candidates."""
    return (
        waiting(viewer, list_slug=list_slug)
        .select_related("list_import", "organisation", "household")
        .prefetch_related("candidates__resident")
        .order_by("list_import_id", "row")
    )


def note_named(viewer: Viewer, slug: str, people: Iterable[UUID]) -> None:
    """Being on a sensitive list is itself sensitive: whoever is shown with it finds that in their own log. One statement at most."""
    declared, shown = load_lists(Path(settings.LINLI_CITY)).get(slug), sorted(set(people))
    if shown and (declared is None or declared.sensitivity == "sensitive"):
        vault.note_readings(viewer, purposes=PURPOSES, people=dict.fromkeys(shown, frozenset({"list_fact"})))


def resolve_doubtful(viewer: Viewer, *, doubt: UUID | str, resident: UUID | str) -> Doubtful:
    """State that the row speaks of this resident: the row becomes their record. Locks the doubtful row, then the resident."""
    with act(viewer):
        row = _locked(viewer, doubt)
        return _match(viewer, row, resident_of(resident), "matched")


def believe_doubtful(viewer: Viewer, *, doubt: UUID | str) -> Doubtful:
    """State that the row is right: of rows that contradict each other about a household or an organisation, this one is recorded."""
    with act(viewer):
        row = _locked(viewer, doubt)
        subject = row.organisation or row.household
        if subject is None:
            raise LinliError(
                "imports.whose_row",
                zh="这一行没有说明是哪个家庭或单位",
                en="The row doesn't say which household or organisation it speaks of.",
                found=f"row {row.row}: {row.reason}",
                found_zh=f"第 {row.row} 行：`{row.reason}`",
                remedy_zh="说明是哪位居民：linli registers doubtful resolve 编号 --as 居民编号",
                remedy_en="say which resident it speaks of: linli registers doubtful resolve ID --as UID",
            )
        return _match(viewer, row, subject, "matched")


def register_doubtful(viewer: Viewer, *, doubt: UUID | str, identity: str, area_code: str = "") -> Doubtful:
    """State that the row speaks of somebody not registered yet, seen with their identity card: register them and record the row."""
    with act(viewer):
        row = _locked(viewer, doubt)
        home = area_code or row.area_code
        lives = [Lives("registered", home, row.list_import.as_of, source=f"list {row.list_slug}")] if home else []
        person = register_resident(viewer, name=row.name, identity=identity, situations=lives)
        return _match(viewer, row, person, "registered")


def ask_department(viewer: Viewer, *, doubt: UUID | str) -> Doubtful:
    """Have the list's department look into a row; it stays open until somebody resolves it. Asked before: nothing changes."""
    with act(viewer) as a:
        row = _locked(viewer, doubt)
        question, asked = DoubtQuestion.objects.get_or_create(doubtful=row, defaults={"asked_by": viewer.actor, "asked_at": clock.now()})
        if asked:
            payload = {"list": row.list_slug, "reason": row.reason}
            a.record(DEPARTMENT_ASKED, subject=subject_of(row), payload=payload, rows=[question], area=row.list_import.area_code)
        return row


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of one of several doubts: problem is why nothing was done."""

    doubt: UUID
    problem: LinliError | None = None


def handle_many(viewer: Viewer, *, doubts: Sequence[UUID], verb: str) -> list[Handled]:
    """Do one thing to several doubts, each an act of its own: "same" (its only candidate, or whom its key names), "dismiss", "ask"."""
    verbs = {"same": _same, "dismiss": dismiss_doubtful, "ask": ask_department}
    handled = []
    for doubt in doubts:
        try:
            verbs[verb](viewer, doubt=doubt)
            handled.append(Handled(doubt))
        except LinliError as problem:
            handled.append(Handled(doubt, problem))
    return handled


def _same(viewer: Viewer, *, doubt: UUID | str) -> Doubtful:
    candidates = list(
        DoubtfulCandidate.objects.filter(doubtful__in=waiting(viewer).filter(uid=doubt)).values_list("resident__uid", flat=True)[:2]
    )
    if len(candidates) == 1:
        return resolve_doubtful(viewer, doubt=doubt, resident=candidates[0])
    if not candidates:
        return believe_doubtful(viewer, doubt=doubt)
    raise LinliError(
        "imports.which_one",
        zh="有几个人都可能是他，请打开这一行选一个",
        en="Several people fit; open the row and choose.",
        found=str(len(candidates)),
        expected="1",
        remedy_zh="打开这一行",
        remedy_en="open the row",
    )


def dismiss_doubtful(viewer: Viewer, *, doubt: UUID | str) -> Doubtful:
    """State that the row speaks of nobody here, or is wrong."""
    with act(viewer) as a:
        row = _locked(viewer, doubt)
        return _close(a, row, "dismissed", None)


def _match(viewer: Viewer, row: Doubtful, subject: Resident | Household | Organisation, resolution: str) -> Doubtful:
    from linli.registers.acts.records import record_change  # records imports nothing of imports; kept late for start-up time

    if row.reason == "cell_error":
        raise LinliError(
            "imports.unusable_row",
            zh="该行有错误单元格，不能直接采用",
            en="This row has a wrong cell and can't be used as it is.",
            expected="a corrected row",
            expected_zh="更正后的行",
            found=f"row {row.row}: cell_error",
            found_zh=f"第 {row.row} 行：单元格有误",
            remedy_zh="在系统中更正该居民的记录，或请部门更正后重新导入",
            remedy_en="record the person's change by hand, or have the department correct the file",
        )
    with act(viewer) as a:
        record_change(
            viewer,
            subject=subject,
            list_slug=row.list_slug,
            data=row.data,
            valid_from=row.valid_from or row.list_import.as_of,
            valid_to=row.valid_to,
            authority=f"delivery {row.list_import.uid} row {row.row}",
        )
        return _close(a, row, resolution, subject if isinstance(subject, Resident) else None)


def _close(a: Any, row: Doubtful, resolution: str, person: Resident | None) -> Doubtful:
    row.resolved_at, row.resolution, row.resolved_by, row.resolved_as = clock.now(), resolution, a.viewer.actor, person
    row.name, row.birth_date = "", None
    row.save()
    payload = {"list": row.list_slug, "resolution": resolution}
    a.record(DOUBT_RESOLVED, subject=subject_of(row), payload=payload, rows=[row], area=row.list_import.area_code)
    return row


def _locked(viewer: Viewer, uid: UUID | str) -> Doubtful:
    row = Doubtful.objects.select_for_update(of=("self",)).select_related("list_import").filter(uid=uid).first()
    if row is None or row.resolved_at is not None:
        raise LinliError(
            "imports.no_doubt",
            zh="没有这条待核记录，或已处理",
            en="There is no such open doubtful row.",
            expected="the id of an open doubtful row",
            expected_zh="一条待核记录的编号",
            found=str(uid),
            remedy_zh="运行 linli registers doubtful 查看待核记录",
            remedy_en="run `linli registers doubtful` for the open ones",
        )
    viewer.require("officer", area=row.list_import.area_code)
    if not waiting(viewer).filter(pk=row.pk).exists():
        raise refusals.wider_desk(row.row)
    return row


_DOUBTS = """
    SELECT
        s.row, s.reason, s.name, s.birth_date, s.area, s.data, s.valid_from, s.valid_to, s.subject,
        coalesce(array_agg(DISTINCT c.resident ORDER BY c.resident) FILTER (WHERE c.resident IS NOT NULL), '{}')
    FROM import_stage s
    LEFT JOIN (
        SELECT row, subject AS resident FROM import_stage WHERE subject IS NOT NULL
        UNION ALL SELECT row, resident FROM import_candidate
    ) c ON c.row = s.row AND %(of_people)s
    WHERE s.reason = 'cell_error' OR (s.reason IS NOT NULL AND (c.row IS NOT NULL OR s.subject IS NOT NULL))
    GROUP BY s.row
    ORDER BY s.row
"""
